"""The links as a person sees them: what the filter keeps, and where the cursor stands. No screen is needed for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kputui.session.link_views import LinksView

if TYPE_CHECKING:
    from kputui.model.ids import GoalId, MetricId, TeamId
    from kputui.session.link_views import LinkCellView

READY = "ready to confirm"
ASKS = "has an open decision"
STATES = ("hypothesis", "testing", READY, "confirmed", "refuted", "expired", ASKS)
"""What links can be narrowed to: the states, and those that ask a person for something."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the table is narrowed to: a text, a team, a goal, a state; empty ones keep everything."""

    text: str = ""
    team: TeamId | None = None
    goal: GoalId | None = None
    state: str = ""

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return self != Narrowing()


@dataclass(frozen=True)
class LinkTable:
    """The links in view with a cursor on a CPI and a KPI. Every change gives a new table.

    `across` is the column that up and down try to stay in, whatever cells a row has there.
    """

    view: LinksView = field(default_factory=LinksView)
    narrowing: Narrowing = field(default_factory=Narrowing)
    cpi: MetricId | None = None
    across: MetricId | None = None

    @cached_property
    def kept(self) -> dict[int, dict[int, LinkCellView]]:
        """Row -> column -> the link there, of the rows to show; a CPI without any link keeps its empty row."""
        rows: dict[int, dict[int, LinkCellView]] = {}
        narrowing, view = self.narrowing, self.view
        wanted = narrowing.text.casefold()
        of_team = [narrowing.team is None or narrowing.team in teams for teams in view.teams] or [True] * len(view.rows)
        of_goal = [narrowing.goal is None or narrowing.goal in goals for goals in view.goals]
        of_goal = of_goal or [True] * len(view.columns)
        row_texts, column_texts = self._texts
        for index, cells in enumerate(view.cells):
            if not of_team[index]:
                continue
            has_text = wanted in row_texts[index]
            held = {
                column: cell
                for column, cell in enumerate(cells)
                if cell is not None
                and of_goal[column]
                and _is_in_state(cell, narrowing.state)
                and (has_text or wanted in column_texts[column] or wanted in f"{cell.state} {cell.verdict}")
            }
            is_bare = not any(cells) and has_text and narrowing.goal is None and not narrowing.state
            if held or is_bare:
                rows[index] = held
        return rows

    @cached_property
    def _texts(self) -> tuple[list[str], list[str]]:
        """What a text is looked for in, of each CPI and of each KPI: its name and its teams' or goals' names."""
        view = self.view
        teams, goals = dict(view.team_labels), dict(view.goal_labels)
        row_teams = view.teams or (frozenset(),) * len(view.rows)
        column_goals = view.goals or (frozenset(),) * len(view.columns)
        return (
            [
                " ".join((label, *sorted(teams.get(team, team) for team in held))).casefold()
                for (_, label), held in zip(view.rows, row_teams, strict=True)
            ],
            [
                " ".join((label, *sorted(goals.get(goal, goal) for goal in held))).casefold()
                for (_, label), held in zip(view.columns, column_goals, strict=True)
            ],
        )

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows to show."""
        return tuple(self.kept)

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """The columns to show: all of them, or those that a kept link stands in."""
        if not self.narrowing:
            return tuple(range(len(self.view.columns)))
        return tuple(sorted({column for cells in self.kept.values() for column in cells}))

    @property
    def links(self) -> int:
        """How many links are shown."""
        return sum(map(len, self.kept.values()))

    @cached_property
    def at(self) -> int:
        """The cursor's place among the rows to show; 0 when it is not there."""
        return next((i for i, row in enumerate(self.rows) if self.view.rows[row][0] == self.cpi), 0)

    @cached_property
    def row(self) -> int | None:
        """The row under the cursor."""
        return self.rows[self.at] if self.rows else None

    @cached_property
    def column(self) -> int | None:
        """The column under the cursor: that of the nearest link of its row."""
        cells = self.kept[self.row] if self.row is not None else {}
        wanted = next((i for i, (kpi, _) in enumerate(self.view.columns) if kpi == self.across), 0)
        return min(cells, key=lambda column: (abs(column - wanted), column), default=None)

    @property
    def cell(self) -> LinkCellView | None:
        """The link under the cursor."""
        if self.row is None or self.column is None:
            return None
        return self.kept[self.row][self.column]

    def moved(self, steps: int) -> LinkTable:
        """The cursor `steps` rows down (up when negative), stopping at the ends."""
        if not self.rows:
            return self
        at = min(max(self.at + steps, 0), len(self.rows) - 1)
        return self._moved_to(cpi=self.view.rows[self.rows[at]][0])

    def moved_across(self, steps: int) -> LinkTable:
        """The cursor on the row's next link to the right (left when negative), stopping at the ends."""
        if self.row is None or self.column is None:
            return self
        columns = sorted(self.kept[self.row])
        at = min(max(columns.index(self.column) + steps, 0), len(columns) - 1)
        return self._moved_to(cpi=self.view.rows[self.row][0], across=self.view.columns[columns[at]][0])

    def pointed(self, cpi: MetricId, kpi: MetricId | None = None) -> LinkTable:
        """The cursor on a CPI, and on its link to a KPI."""
        return self._moved_to(cpi=cpi, across=kpi or self.across)

    def _moved_to(self, cpi: MetricId, across: MetricId | None = None) -> LinkTable:
        """Another cursor over the same rows: what was found for the filter is kept."""
        new = LinkTable(self.view, self.narrowing, cpi, across or self.across)
        for name in ("kept", "rows", "columns", "_texts"):
            if name in self.__dict__:
                new.__dict__[name] = self.__dict__[name]
        return new

    def with_view(self, view: LinksView) -> LinkTable:
        """Newer links; cursor and filter stay."""
        return replace(self, view=view)

    def narrowed(self, narrowing: Narrowing) -> LinkTable:
        """Other links left out."""
        return replace(self, narrowing=narrowing)


def _is_in_state(cell: LinkCellView, state: str) -> bool:
    if not state:
        return True
    if state == READY:
        return cell.verdict == READY and cell.state.value not in {"confirmed", "refuted"}
    if state == ASKS:
        return cell.is_exception or cell.state.value == "expired" or _is_in_state(cell, READY)
    return cell.state.value == state
