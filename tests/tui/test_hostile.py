"""Names from files are shown letter for letter, whatever they hold, and the grid stays whole."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.fake_links import evidence_view, links_view
from tests.tui.screen_text import is_grid_intact, lines_of, settle

from kputui.errors import Place, Problem
from kputui.session.views import BoardView, Fact, LineView, MarkView
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.ids import MetricId
    from kputui.session.link_views import EvidenceView, LinksView

NAMES = {
    "markup": "[red]x",
    "closing tag": "a[/]b",
    "action": "[@click=app.bell]x[/]",
    "escape": "a\x1b[2J\x1b]0;title\x07b",
    "c1": "a\x9b2Jb\x84",
    "c0": "a\x00\r\x0b\x7fb",
    "right to left": "abc\u202edef\u2066\u200b\ufeff",
    "cjk": "漢字" * 30,
    "joined emoji": "👩\u200d👩\u200d👧\u200d👦 👍🏽 ⚠\ufe0f 🇩🇪",
    "marks": "e" + "\u0301" * 60,
    "long": "x" * 10_000,
    "many lines": "line\n" * 500,
    "surrogate": "a\ud800b",
    "empty": "",
}


ALL = tuple(NAMES.values())
KEYS = [
    "down",
    "down",
    "tab",
    "tab",
    "tab",
    "o",
    "escape",
    "enter",
    "escape",
    "6",
    "end",
    "escape",
    "4",
    "v",
    "escape",
    "down",
    "enter",
    "end",
    "escape",
    "escape",
    "ctrl+p",
]


def hostile(names: tuple[str, ...]) -> BoardView:
    """The airports with a name of `names`, taking turns, everywhere that a file could put one."""
    view = view_of(1)
    turn = itertools.cycle(names)
    details = {}
    for key, detail in view.details.items():
        chart = detail.chart
        if chart is not None:
            lines = (LineView(next(turn), chart.lines[0].values),)
            marks = tuple(MarkView(mark.start, mark.end, next(turn)) for mark in chart.marks)
            chart = replace(chart, unit=next(turn), lines=lines, marks=marks)
        facts = (Fact(next(turn), text=next(turn)), *detail.facts)
        details[key] = replace(
            detail,
            title=(next(turn), next(turn)),
            headline=facts,
            facts=facts,
            links=(next(turn),),
            owner=next(turn),
            notes=(next(turn),),
            provenance=facts,
            chart=chart,
        )
    matrix_rows = tuple(
        replace(row, label=next(turn), cells=(next(turn),) * len(view.matrix.teams)) for row in view.matrix.rows
    )
    links, evidence = hostile_links(turn)
    place = Place(next(turn), 1, 1, next(turn))
    return replace(
        view,
        header=replace(view.header, project=next(turn), banner=next(turn)),
        rows=tuple(replace(row, label=next(turn), state=next(turn)) for row in view.rows),
        details=details,
        matrix=replace(view.matrix, teams=tuple((id_, next(turn)) for id_, _ in view.matrix.teams), rows=matrix_rows),
        notices=(next(turn),),
        links=links,
        evidence=evidence,
        findings=tuple(Problem("M01", name, place=place, key=name, hint=name) for name in names),
    )


def hostile_links(turn: Iterator[str]) -> tuple[LinksView, dict[tuple[MetricId, MetricId], EvidenceView]]:
    """The airports' links and their evidence with the names of `turn`."""
    view = links_view()
    cells = tuple(
        tuple(cell and replace(cell, verdict=next(turn), missing=next(turn)) for cell in row) for row in view.cells
    )
    links = replace(
        view,
        columns=tuple((id_, next(turn)) for id_, _ in view.columns),
        rows=tuple((id_, next(turn)) for id_, _ in view.rows),
        cells=cells,
        team_labels=tuple((id_, next(turn)) for id_, _ in view.team_labels),
        goal_labels=tuple((id_, next(turn)) for id_, _ in view.goal_labels),
    )
    sound = evidence_view()
    assert sound.profile is not None
    evidence = replace(
        sound,
        title=(next(turn), next(turn)),
        hypothesis=next(turn),
        state=next(turn),
        sentence=next(turn),
        facts=(Fact(next(turn), text=next(turn)), *sound.facts),
        profile=replace(sound.profile, unit=next(turn)),
        scatter_names=(next(turn), next(turn)),
        held=(next(turn),),
        failed=(next(turn),),
        parts=(next(turn),),
        what_if=(next(turn),),
        history=(next(turn),),
    )
    return links, {(cell.cpi, cell.kpi): evidence for row in cells for cell in row if cell is not None}


@pytest.mark.parametrize("first", range(0, len(ALL), 3))
@pytest.mark.parametrize("size", [(140, 40), (60, 20)])
async def test_no_name_acts_on_the_screen(first: int, size: tuple[int, int]) -> None:
    """On every screen names are text: no control character, no markup obeyed, no line of another width."""
    app = BoardApp(FakeBoard(hostile(ALL[first:] + ALL[:first])))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause(0.05 * (key == "enter"))
            text = "\n".join(lines_of(app))
            bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn"}} - {"\n"}
            assert not bad
            assert is_grid_intact(app, size[0])


async def test_markup_is_shown_letter_for_letter() -> None:
    """Brackets in a name are brackets on the screen."""
    app = BoardApp(FakeBoard(hostile((NAMES["action"],))))
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert "[@click=app.bell]x[/]" in "\n".join(lines_of(app))
