"""The board: names at once, numbers when the engine has them, and again when a file has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING

from kputui import config, store
from kputui.engine.listing import fingerprints, look
from kputui.errors import ConfigError, DataError
from kputui.review import parts_deep
from kputui.session.board_view import board_view
from kputui.session.check import findings, first_words, worst_first
from kputui.session.clock import clock_of
from kputui.session.engines import engine_for
from kputui.session.figures import Figures, sources_of
from kputui.session.judges import Memo
from kputui.session.numbers import read
from kputui.session.open import Opened, open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.engine.compute import Engine
    from kputui.engine.files import Fingerprint
    from kputui.errors import Problem
    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.model.goal import Goal
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.workspace import Workspace
    from kputui.session.clock import Clock
    from kputui.session.views import BoardView

LAST_GOOD = "(showing the last good version)"


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The state of everything that the board shows, from stat alone."""

    config: object
    state: object
    data: Mapping[SourceId, Fingerprint]
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Key:
    """What a metric's values depend on: `asked`, all that people define, the day, and the files' state."""

    asked: tuple[object, ...]
    clock: Clock
    files: tuple[object, ...]


def _never() -> bool:
    return False


class Board:
    """Keeps a workspace's figures and makes views of them.

    `refresh` runs in a worker, one at a time; `first` and `poll` are cheap and may run anywhere. What the
    program's own files hold is taken over under a lock of its own, so that a save in another worker does
    not wait for a refresh.
    """

    def __init__(self, opened: Opened) -> None:
        """Take a workspace that was read; nothing is computed yet."""
        self._opened = opened
        self._generation = 0
        self._lock = Lock()
        self._state_lock = RLock()
        self._own: set[int] = set()
        self._marks: dict[Cell, Change] = {}
        self._figures = Figures(
            opened.workspace, opened.ownership, opened.clock, findings=opened.problems, state=opened.state
        )
        self._shown = self._figures
        self._computed: dict[MetricId, _Key] = {}
        self._engine: Engine | None = None
        self._memo = Memo()
        self._engine_problems: tuple[Problem, ...] | None = None
        self._looked_at: _Stamp | None = None
        self._seen = self._stamp()
        self._pending: _Stamp | None = None

    @property
    def opened(self) -> Opened:
        """The workspace on show, as it was last read without errors."""
        return self._opened

    @property
    def workspace(self) -> Workspace:
        """The workspace on show."""
        return self._opened.workspace

    @property
    def figures(self) -> Figures:
        """The figures on show."""
        return self._shown

    @property
    def evidence(self) -> Mapping[tuple[MetricId, MetricId], Evidence]:
        """What the data on show says of the links, by (CPI, KPI); empty before it was looked at."""
        return self._shown.evidence

    def first(self) -> BoardView:
        """The names at once: no data is read and polars is not loaded."""
        return self._view(replace(self._figures, is_computing=True))

    def view(self) -> BoardView:
        """What is on show, with the ownership of now: after a save, without computing anything."""
        with self._state_lock:  # what is on show is read under the lock: the refresh may be showing newer numbers
            return self._view(self._shown)

    def stopped(self) -> BoardView:
        """What is on show after a cancel, marked so: older periods and judgements may be missing."""
        with self._state_lock:
            return self._view(replace(self._shown, is_computing=False, is_stopped=True))

    def adopt(self, seq: int | None) -> None:
        """Read the program's own files again after a save of ours that wrote change `seq` (None: nothing)."""
        with self._state_lock:
            if seq is not None:
                self._own.add(seq)
            self._read_state()

    def catch_up(self) -> None:
        """Read the program's own files again when they changed since the last time."""
        with self._state_lock:
            if store.stamp(Path(self._opened.folder)) != self._seen.state:
                self._read_state()

    def forget_marks(self, cell: Cell | None = None) -> None:
        """The person has seen the change of a cell by somebody else, or all of them."""
        with self._state_lock:
            if cell is None:
                self._marks.clear()
            else:
                self._marks.pop(cell, None)

    @property
    def is_settling(self) -> bool:
        """Whether the last poll saw a change that the next one may find settled."""
        return self._pending is not None

    def poll(self) -> bool:
        """Whether a data file, the config, the state or the day has changed and then stayed for one poll.

        Stat only. The first poll that sees a change waits for the next, so that a file that is still
        being written has settled; the program's own files are replaced whole and need no waiting.
        """
        found = self._stamp()
        if found == self._seen:
            self._pending = None
            return False
        is_settled = found == self._pending or replace(found, state=self._seen.state) == self._seen
        self._pending = found
        return is_settled

    def reload(self) -> tuple[Problem, ...]:
        """Read the config and `state/` again when they changed; the problems that made it fail, if any.

        A config that is broken now leaves the last good workspace on show, with a banner saying where.
        """
        with self._state_lock:
            opened, found = self._opened, self._stamp()
            self._seen = replace(self._seen, config=found.config, state=found.state, clock=found.clock)
            try:
                fresh = open_workspace(
                    opened.folder,
                    today=opened.asked_today,
                    now=opened.now,
                    allowed_roots=opened.allowed_roots,
                    is_repairing=False,
                    cache=opened.cache,
                    remote=opened.remote,
                )
            except ConfigError as error:
                self._opened = replace(opened, clock=self._clock())
                self._read_state()
                banner = f"{first_words(error.problems)} {LAST_GOOD}"
                self._figures = replace(self._figures, banner=banner, broken=error.problems, clock=self._opened.clock)
                return error.problems
            self._note_changes(opened.state, fresh.state)
            self._opened = fresh
            if fresh.workspace != opened.workspace:
                self._engine = self._engine_problems = None
            self._figures = self._kept(self._figures, fresh)
        return ()

    def _read_state(self) -> None:
        """Take over what the program's own files hold now. Under the state's lock."""
        opened = self._opened
        self._seen = replace(self._seen, state=store.stamp(Path(opened.folder)))
        state = store.open_known(opened.folder, opened.workspace, is_repairing=False)
        self._note_changes(opened.state, state)
        self._opened = replace(opened, state=state)

    def _note_changes(self, old: store.State, new: store.State) -> None:
        """Mark the cells that somebody else changed between two readings. Under the state's lock."""
        for cell, seq in new.ownership.revisions.items():
            if seq == old.ownership.revision(cell) or seq in self._own:
                continue
            if (change := new.journal.change(seq)) is not None:
                self._marks[cell] = change

    def refresh(self, is_cancelled: Callable[[], bool] = _never, *, is_forced: bool = False) -> Iterator[BoardView]:
        """Compute what has changed since the last time, and give views as numbers arrive; the last is complete.

        Reads the config again when it changed. A source that lost more than a fifth of its rows since the
        values on show keeps those values, marked as old: half a CSV is a valid CSV. `is_forced` computes
        everything and takes what it finds. After a cancel no further view comes, and what was not
        finished is computed the next time.
        """
        with self._lock:
            look(self._opened.workspace, self._opened.allowed_roots, self._opened.remote)
            found = self._stamp()
            if (found.config, found.state, found.clock) != (self._seen.config, self._seen.state, self._seen.clock):
                self.reload()
                found = replace(self._stamp(), config=self._seen.config, state=self._seen.state)
            self._seen, self._pending = found, None
            yield from self._compute(found, is_cancelled, is_forced=is_forced)

    def _compute(self, stamp: _Stamp, is_cancelled: Callable[[], bool], *, is_forced: bool) -> Iterator[BoardView]:
        wanted = {name: self._key(name, stamp) for name in self.workspace.metrics}
        held = self._figures.readings
        stale = tuple(
            name for name, key in wanted.items() if is_forced or name not in held or self._computed.get(name) != key
        )
        base = replace(self._figures, tried_at=self._opened.now(), ownership=self._opened.ownership, faults=())
        if stale:
            yield self._view(replace(base, is_computing=True))
            guarded = frozenset() if is_forced else frozenset(n for n in stale if self._is_asked_as_before(n, wanted))
            request = self._opened.clock.request(stale)
            for now in read(self._engine_now, request, base, guarded, is_cancelled):
                if is_cancelled():
                    return
                yield self._view(now)
                base = replace(base, readings=now.readings)
        if is_cancelled():
            return
        base = self._judged(base, stale)
        for judged in self._judgements(base, is_cancelled):
            base = judged
            if is_cancelled():
                return
            yield self._view(replace(base, is_computing=True))
        if not self._is_looked_through(stamp):
            yield self._view(replace(base, is_computing=True))
            if is_cancelled():
                return
        state = self._opened.state
        base = replace(base, ownership=state.ownership, state=state)
        self._figures = replace(base, findings=self._findings(stamp, base))
        self._computed |= {name: wanted[name] for name in stale}
        yield self._view(self._figures)

    def _judged(self, figures: Figures, stale: tuple[MetricId, ...]) -> Figures:
        """The figures with the paces of the goals whose measure or dates have changed."""
        from kputui.session.judging import judge_goals  # noqa: PLC0415 - only the worker judges

        goals = [goal for goal in self.workspace.goals.values() if goal.measured_by is not None]
        changed = [goal for goal in goals if goal.measured_by in stale or goal.id not in figures.paces]
        changed = [goal for goal in changed if not self._keeps_pace(figures, goal)]
        if not changed:
            return figures
        judged = judge_goals(self._engine_now(), self.workspace, figures.readings, self._opened.clock.last_day, changed)
        return replace(
            figures,
            paces={**figures.paces, **judged.paces},
            cumulated={**figures.cumulated, **judged.cumulated},
        )

    def _judgements(self, figures: Figures, is_cancelled: Callable[[], bool]) -> Iterator[Figures]:
        """The figures after each judge that changed them; numpy is loaded here."""
        from kputui.session.judges import Work, contained, stages  # noqa: PLC0415 - only the worker judges

        try:
            work = Work(self._engine_now(), self._memo, is_cancelled)
        except DataError:
            return
        for judge in stages():
            judged = contained(judge, figures, work)
            if judged is not figures:
                figures = judged
                yield figures

    @staticmethod
    def _keeps_pace(figures: Figures, goal: Goal) -> bool:
        """Whether the goal's measure is a last good value: its pace stays as it was with that value."""
        reading = figures.readings.get(goal.measured_by) if goal.measured_by else None
        return reading is not None and reading.is_stale and goal.id in figures.paces

    def _is_asked_as_before(self, name: MetricId, wanted: Mapping[MetricId, _Key]) -> bool:
        """Whether nothing that people define changed since the metric was computed."""
        before, now = self._computed.get(name), wanted[name]
        return before is not None and before.asked == now.asked

    def _is_looked_through(self, stamp: _Stamp) -> bool:
        """Whether the data of this state was looked through already, for problems and broken promises."""
        before = self._looked_at
        if before is None or self._engine_problems is None:
            return False
        return (before.data, before.clock) == (stamp.data, stamp.clock)

    def _findings(self, stamp: _Stamp, figures: Figures) -> tuple[Problem, ...]:
        if self._engine_problems is None or not self._is_looked_through(stamp):
            self._engine_problems = self._engine_now().problems(stamp.clock.today)
            self._looked_at = stamp
        return worst_first((*findings(self._opened, figures), *self._engine_problems))

    def _engine_now(self) -> Engine:
        """The engine for the workspace on show; polars is loaded here."""
        if self._engine is None:
            self._engine = engine_for(self._opened)
        return self._engine

    def _key(self, name: MetricId, stamp: _Stamp) -> _Key:
        """What a metric's values depend on: its definition, its sources and their files, the calendar, the day."""
        workspace = self.workspace
        metrics = tuple(workspace.metrics[part] for part in sorted(parts_deep(workspace, name)))
        sources = sorted(sources_of(workspace, name))
        defined = tuple(workspace.sources.get(source) for source in sources)
        files = tuple(stamp.data.get(source) for source in sources)
        project = workspace.project
        calendar = (project.timezone, project.week_start, project.fiscal_year_start)
        return _Key((metrics, defined, calendar), self._opened.clock, files)

    def _kept(self, figures: Figures, opened: Opened) -> Figures:
        """The figures for a workspace read anew: what still exists keeps its values until they are computed again."""
        old, new = figures.workspace, opened.workspace
        same = {name for name, metric in new.metrics.items() if old.metrics.get(name) == metric}
        declared = {(link.cpi, link.kpi): link for link in old.links}
        tested = {pair for link in new.links if declared.get(pair := (link.cpi, link.kpi)) == link}
        is_calm = old.contexts == new.contexts
        goals = {
            name
            for name, goal in new.goals.items()
            if is_calm and old.goals.get(name) == goal and goal.measured_by in same
        }
        return replace(
            figures,
            workspace=new,
            ownership=opened.ownership,
            state=opened.state,
            clock=opened.clock,
            readings={name: reading for name, reading in figures.readings.items() if name in same},
            paces={name: pace for name, pace in figures.paces.items() if name in goals},
            cumulated={name: series for name, series in figures.cumulated.items() if name in goals},
            signals={name: chart for name, chart in figures.signals.items() if name in same},
            outlooks={name: outlook for name, outlook in figures.outlooks.items() if name in goals},
            evidence={
                pair: found for pair, found in figures.evidence.items() if pair in tested and same.issuperset(pair)
            },
            changes={name: changes for name, changes in figures.changes.items() if name in same},
            questions={name: asked for name, asked in figures.questions.items() if name in same},
            findings=findings(opened),
            banner="",
            broken=(),
        )

    def _clock(self) -> Clock:
        return clock_of(self.workspace.project, self._opened.asked_today, self._opened.now())

    def _stamp(self) -> _Stamp:
        opened, folder = self._opened, Path(self._opened.folder)
        data = dict(fingerprints(opened.workspace, opened.allowed_roots, opened.remote))
        return _Stamp(config.stamp(folder, opened.workspace.files), store.stamp(folder), data, self._clock())

    def _view(self, figures: Figures) -> BoardView:
        """The figures with the state and the marks of this moment: a save may have come in between."""
        with self._state_lock:
            opened = self._opened
            marks = {cell: change for cell, change in self._marks.items() if change.seq not in self._own}
            now = replace(figures, ownership=opened.ownership, state=opened.state, marks=marks)
            if figures.state is not opened.state:
                now = replace(now, findings=worst_first((*findings(opened, now), *(self._engine_problems or ()))))
            self._generation += 1
            self._shown = now
            return board_view(now, self._generation)
