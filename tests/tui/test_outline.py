"""Folding, filtering and moving, without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from kputui.session.views import RowKind, RowView
from kputui.tui.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = (
    RowView("g", RowKind.GOAL, 0, "Top goal", has_children=True),
    RowView("g/k", RowKind.KPI, 1, "Repeat customers", parent="g", has_children=True),
    RowView("g/k/c", RowKind.CPI, 2, "Late deliveries", parent="g/k", state="hypothesis"),
    RowView("h", RowKind.HEADING, 0, "1 metric supports no goal"),
    RowView("h/d", RowKind.DIAGNOSTIC, 1, "Newsletter opens", parent="h"),
)
START = Outline().with_rows(ROWS)


def keys(outline: Outline) -> list[str]:
    return [row.key for row in outline.visible]


def test_the_cursor_starts_on_the_first_row() -> None:
    """A board that was just opened has a selection."""
    assert START.cursor == "g"


def test_folding_hides_everything_below_however_deep() -> None:
    """A folded goal hides its KPIs and their CPIs."""
    assert keys(START.toggled()) == ["g", "h", "h/d"]
    assert keys(START.toggled().toggled()) == keys(START)


def test_left_folds_and_then_goes_up() -> None:
    """`h` on an open row folds it; on a leaf it goes to what the leaf hangs under."""
    at_leaf = START.at("g/k/c")
    assert at_leaf.to_the_left().cursor == "g/k"
    assert at_leaf.to_the_left().to_the_left().folded == {"g/k"}


def test_right_unfolds_and_then_goes_down() -> None:
    """`l` on a folded row opens it; on an open one it goes to the first child."""
    folded = START.toggled()
    assert folded.to_the_right().folded == frozenset()
    assert folded.to_the_right().to_the_right().cursor == "g/k"


def test_the_cursor_never_rests_on_a_heading() -> None:
    """Headings are passed over in both directions."""
    assert START.at("g/k/c").moved(1).cursor == "h/d"
    assert START.at("h/d").moved(-1).cursor == "g/k/c"


def test_the_filter_finds_labels_and_states_and_keeps_their_goals() -> None:
    """What matches is shown with everything it hangs under, also when that is folded."""
    assert keys(START.toggled().filtered("LATE")) == ["g", "g/k", "g/k/c"]
    assert START.filtered("late").cursor == "g/k/c"
    assert keys(START.filtered("hypothesis")) == ["g", "g/k", "g/k/c"]
    assert START.filtered("nothing like it").row is None


def test_filter_words_may_stand_apart() -> None:
    """Who types two words of a name finds it, whatever stands between them and in whichever order."""
    assert keys(START.filtered("deliveries LATE")) == ["g", "g/k", "g/k/c"]
    assert START.filtered("late opens").row is None


def test_a_row_that_is_gone_leaves_the_cursor_near() -> None:
    """When a refresh takes the selected row away, the cursor stays at its place."""
    assert START.at("g/k/c").with_rows((*ROWS[:2], *ROWS[3:])).cursor == "h/d"
    assert START.with_rows(()).row is None


@given(st.lists(st.sampled_from("updlrft"), max_size=30))
def test_any_walk_keeps_the_cursor_on_a_visible_row(steps: list[str]) -> None:
    """However one moves, folds and filters, the cursor stands on a row that is seen."""
    ways: dict[str, Callable[[Outline], Outline]] = {
        "u": lambda o: o.moved(-1),
        "d": lambda o: o.moved(1),
        "l": Outline.to_the_left,
        "r": Outline.to_the_right,
        "f": lambda o: o.filtered("e"),
        "t": Outline.toggled,
        "p": lambda o: o.filtered(""),
    }
    outline = START
    for step in steps:
        outline = ways[step](outline)
        assert outline.row is None or outline.row in outline.visible
