"""The whole board of one moment, made from the figures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kputui.model.series import Span
from kputui.model.workspace import Incomplete
from kputui.review import alignment
from kputui.session.accountability import todos
from kputui.session.details import Details
from kputui.session.figures import SHRUNK
from kputui.session.matrix import change_marks, matrix_view
from kputui.session.rows import board_rows
from kputui.session.views import BoardView, HeaderView

if TYPE_CHECKING:
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.series import Series
    from kputui.session.accountability import ToDo
    from kputui.session.cuts import Cut
    from kputui.session.exploring import Explored
    from kputui.session.figures import Figures
    from kputui.session.journey import JourneyView
    from kputui.session.views import DetailView


def board_view(figures: Figures, generation: int) -> BoardView:
    """Header, rows, lazily made details, matrix and findings."""
    figures = _as_asked(figures)
    rows = board_rows(figures)
    marks = change_marks(figures)
    asked = _todos(figures)
    words = {metric: [todo.text for todo in found] for metric, found in asked.items()}
    made = BoardView(
        generation,
        header_view(figures),
        rows,
        Details(figures, rows, asked),
        matrix_view(figures, words, marks),
        computed_at=figures.tried_at,
        findings=(*figures.broken, *figures.faults, *figures.findings),
        marks=marks,
        read_only=figures.state.read_only if figures.state is not None else "",
        is_held_back=any(
            reading.is_stale and reading.failure is not None and reading.failure.code == SHRUNK
            for reading in figures.readings.values()
        ),
        journey=partial(_journey, figures) if figures.workspace.stages else None,
        explored=partial(_explored, figures),
    )
    return _with_links(made, figures) if figures.tried_at is not None else made


def _journey(figures: Figures) -> JourneyView:
    from kputui.session.journey import journey_view  # noqa: PLC0415 - only its screen needs it

    return journey_view(figures)


def _explored(
    figures: Figures,
    key: str,
    name: MetricId,
    cut: Cut,
    explored: Explored | None,
    goal: GoalId | None,
    *,
    is_computing: bool,
) -> DetailView:
    from kputui.session.explored_detail import explored_detail  # noqa: PLC0415 - only exploring needs it

    return explored_detail(figures, key, name, cut, explored, goal, is_computing=is_computing)


def _with_links(view: BoardView, figures: Figures) -> BoardView:
    """The view with the grid of links and their evidence: not at the start, which shows neither."""
    from kputui.session.links import EvidenceViews, links_view  # noqa: PLC0415 - as said

    return replace(view, links=links_view(figures), evidence=EvidenceViews(figures))


def _as_asked(figures: Figures) -> Figures:
    """The figures with the running periods shown as the project asks; goals are judged by whole days all the same."""
    asked = figures.workspace.project.incomplete
    if asked is Incomplete.FLAG:
        return figures
    shown = {
        name: replace(reading, series=_shown(reading.series, asked)) if reading.series is not None else reading
        for name, reading in figures.readings.items()
    }
    return replace(figures, readings=shown)


def _shown(series: Series, asked: Incomplete) -> Series:
    """A series without its running periods, or with them as whole ones."""
    if not series.starts:
        return series
    if asked is Incomplete.INCLUDE:
        return replace(series, covers=Span(series.covers.start, max(series.covers.end, series.ends[-1])))
    kept = sum(not series.is_running(index) for index in range(len(series.starts)))
    return replace(
        series,
        starts=series.starts[:kept],
        ends=series.ends[:kept],
        values=series.values[:kept],
        rows=series.rows[:kept],
    )


def _todos(figures: Figures) -> dict[MetricId, list[ToDo]]:
    """What people have to decide, CPI by CPI."""
    found: dict[MetricId, list[ToDo]] = {}
    asked = todos(figures.workspace, figures.ownership, day=figures.clock.today, evidence=figures.evidence)
    for todo in asked:
        found.setdefault(todo.metric, []).append(todo)
    return found


def header_view(figures: Figures) -> HeaderView:
    """The top line. Diagnostics that are only parts of other metrics are not counted."""
    workspace = figures.workspace
    aligned = alignment(workspace)
    return HeaderView(
        workspace.project.name,
        figures.clock.today,
        figures.clock.is_fixed,
        figures.newest_data,
        aligned.supporting,
        aligned.metrics,
        len(figures.broken) + len(figures.faults) + len(figures.findings),
        figures.is_computing,
        figures.banner or _stale_banner(figures),
        _open_signals(figures),
        progress=figures.progress,
        is_stopped=figures.is_stopped,
    )


def _open_signals(figures: Figures) -> int:
    """How many signals ask for an explanation."""
    if not figures.signals:
        return 0
    from kputui.session.explaining import open_signals  # noqa: PLC0415 - no start has signals

    return len(open_signals(figures))


def _stale_banner(figures: Figures) -> str:
    """What made the newest try fail, while older values are on show; "" when all values are of the newest try."""
    stale = [reading for reading in figures.readings.values() if reading.is_stale and reading.failure is not None]
    if not stale:
        return ""
    messages = list(dict.fromkeys(reading.failure.message for reading in stale if reading.failure))
    more = f" and {len(messages) - 1} more" if len(messages) > 1 else ""
    return f"{messages[0]}{more} (showing the last good values)"
