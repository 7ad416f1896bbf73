"""Where the panes stand, for every size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kputui.tui.arrangement import Box, Pane, arrange


@given(st.integers(0, 300), st.integers(0, 100), st.integers(0, 60), st.sampled_from(Pane))
def test_panes_fill_the_screen_and_never_overlap(width: int, height: int, rows: int, active: Pane) -> None:
    """At any size every cell belongs to at most one part, and on a usable size to exactly one."""
    place = arrange(width, height, rows, active)
    boxes = [b for b in (place.header, place.goals, place.detail, place.matrix, place.footer) if b is not None]
    cells = [(x, y) for box in boxes for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)]
    assert len(cells) == len(set(cells))
    if place.is_too_small:
        assert boxes == [Box(0, 0, max(width, 1), 1)]
    else:
        assert len(cells) == width * height
        assert getattr(place, active) is not None


def test_all_three_at_120x40_and_two_at_80x24() -> None:
    """As the design draws it."""
    large, small = arrange(120, 40, 9, Pane.GOALS), arrange(80, 24, 9, Pane.GOALS)
    assert None not in {large.goals, large.detail, large.matrix}
    assert None not in {small.goals, small.detail}
    assert small.matrix is None
