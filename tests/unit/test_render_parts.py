"""Small charts of a breakdown, side by side."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kputui.model.metric import Grain
from kputui.render.parts import PANEL_HEIGHT, panel_lines
from kputui.render.safe import cell_width
from kputui.session.cut_views import PartsView, PartView
from kputui.session.views import Quantity

_STARTS = tuple(date(2024, 1, 1) + timedelta(weeks=week) for week in range(12))


@pytest.mark.parametrize("width", range(52, 140, 3))
@pytest.mark.parametrize("count", [2, 3, 5])
def test_small_charts_are_drawn_whole(width: int, count: int) -> None:
    """However wide the pane, each small chart has room to its last cell: nothing is cut."""
    parts = tuple(
        PartView(f"part {number}", Quantity(50.0), tuple(float(week * number % 7) for week in range(12)), 100)
        for number in range(count)
    )
    view = PartsView("team", "May", Grain.WEEK, _STARTS, None, 0, parts, count)
    lines = ["".join(text for text, _ in line) for line in panel_lines(view, width, 4 * PANEL_HEIGHT + 1)]
    assert all(cell_width(line) == width and "…" not in line for line in lines)
    assert all(f"part {number}" in "".join(lines) for number in range(count))
