"""The matrix at its largest: 200 CPIs by 40 teams stay in sight, and only what is seen is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle

from kputui.model.ids import MetricId, TeamId
from kputui.render.matrix import matrix_row
from kputui.session.views import BoardView, MatrixRowView, MatrixView
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    import pytest

CPIS, TEAMS = 200, 40


def large_view() -> BoardView:
    teams = tuple((TeamId(f"t{index}"), f"Team number {index}") for index in range(TEAMS))
    rows = tuple(
        MatrixRowView(
            MetricId(f"m{index}"),
            f"What passengers feel {index}",
            "hypothesis",
            tuple("ARCI"[(index + team) % 4] if (index * 7 + team) % 5 == 0 else "" for team in range(TEAMS)),
        )
        for index in range(CPIS)
    )
    load = tuple(sum(row.cells[team] == "A" for row in rows) for team in range(TEAMS))
    return replace(view_of(1), matrix=MatrixView(teams, rows, load))


async def test_headers_and_names_stay_while_scrolling_both_ways() -> None:
    """At 80x24, far down and far right, the teams' headings and the CPI's name are there, and where one is."""
    app = BoardApp(FakeBoard(large_view()))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3", "home", *["pagedown"] * 5, *["right"] * 25)
        assert_frame(app, "matrix_large_80x24")
        text = lines_of(app)
        assert any("What passengers feel" in line and "[" in line for line in text)
        assert "←" in text[2]
        assert "→" in text[2]
        assert is_grid_intact(app, 80)
        await pilot.press("end", *["right"] * 20)
        text = lines_of(app)
        assert any("feel 199" in line for line in text)
        assert "200/200" in text[1]
        assert "→" not in text[2]


async def test_only_visible_cells_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key makes no more rows than the screen has, and none has more letters than columns that are shown."""
    made: list[int] = []

    def counted(*arguments: object, **more: object) -> object:
        made.append(len(arguments[1]))  # type: ignore[arg-type]  # the letters of one row
        return matrix_row(*arguments, **more)  # type: ignore[arg-type]  # handed on as it came

    app = BoardApp(FakeBoard(large_view()))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3", "home")
        monkeypatch.setattr("kputui.tui.panes.matrix.matrix_row", counted)
        await pilot.press("right")
        assert 0 < len(made) <= 24
        assert max(made) <= 12
