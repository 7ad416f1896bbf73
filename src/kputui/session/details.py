"""Details by row, made when first looked at: a board of 300 metrics must not build 300 of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.review import unsupporting
from kputui.session.goal_detail import goal_detail
from kputui.session.views import DetailView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.model.ids import MetricId
    from kputui.session.accountability import ToDo
    from kputui.session.figures import Figures
    from kputui.session.views import RowView

_SAID_ELSEWHERE = frozenset({"R12", "R13"})
"""What the lines of the links and of the owner say already."""


class Details(Mapping[str, DetailView]):
    """The detail of each row by the row's key; a detail is made at the first look and kept."""

    def __init__(self, figures: Figures, rows: Sequence[RowView], todos: Mapping[MetricId, Sequence[ToDo]]) -> None:
        """Keep the figures; nothing is made yet. `todos`: what people have to decide about a CPI."""
        self._figures = figures
        self._todos = todos
        self._rows = {row.key: row for row in rows}
        self._made: dict[str, DetailView] = {}

    def __getitem__(self, key: str) -> DetailView:
        """The detail of the row of that key; raises KeyError for an unknown key."""
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._contained(self._rows[key])
        return made

    def __iter__(self) -> Iterator[str]:
        """The keys in the rows' order."""
        return iter(self._rows)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def _contained(self, row: RowView) -> DetailView:
        """A row's detail; a bug costs this detail, and not the board: the log has its traceback."""
        try:
            return self._make(row)
        except Exception as error:  # noqa: BLE001 - it is made while the screen is painted
            from kputui.session import bug_log  # noqa: PLC0415 - only a bug pays for it

            word = bug_log.note(error)
            told = f"this can't be shown: a bug in kputui, error {word} ({type(error).__name__})"
            return DetailView(row.key, (row.label,), notes=(told, f"its traceback is in {bug_log.log_path()}"))

    def _make(self, row: RowView) -> DetailView:
        workspace = self._figures.workspace
        if row.metric is not None:
            from kputui.session.metric_detail import metric_detail  # noqa: PLC0415 - a start shows a goal first

            detail = metric_detail(self._figures, row.key, workspace.metrics[row.metric], row.goal)
            asked = (todo for todo in self._todos.get(row.metric, ()) if todo.code not in _SAID_ELSEWHERE)
            return replace(detail, todos=tuple(todo.text for todo in asked))
        if row.goal is not None:
            return goal_detail(self._figures, row.key, workspace.goals[row.goal])
        names = tuple(metric.label or metric.id for metric in unsupporting(workspace))
        hint = "name a goal in `goals`, use them as guardrails, or drop them"
        return DetailView(row.key, (row.label,), notes=(*names, hint))
