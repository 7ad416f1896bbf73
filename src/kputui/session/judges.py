"""Judges: the stages that turn readings into judgements, one after the other, each with a memory of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from kputui.errors import Problem, Severity
from kputui.session.engines import engine_for

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kputui.engine.compute import Engine
    from kputui.model.ids import MetricId
    from kputui.model.series import Reading
    from kputui.session.figures import Figures
    from kputui.session.open import Opened

T = TypeVar("T")


@dataclass(slots=True)
class Memo:
    """What was judged before, by subject: the same inputs give the same answer without computing it again."""

    _held: dict[Hashable, tuple[object, object]] = field(default_factory=dict)

    def found(self, subject: Hashable, inputs: object) -> object | None:
        """The answer held for `subject` when it was made from equal `inputs`, else None."""
        held = self._held.get(subject)
        return held[1] if held is not None and held[0] == inputs else None

    def keep(self, subject: Hashable, inputs: object, answer: object) -> None:
        """Hold an answer that was made together with others."""
        self._held[subject] = (inputs, answer)

    def kept(self, subject: Hashable, inputs: object, make: Callable[[], T]) -> T:
        """The answer held for `subject` when it was made from equal `inputs`, else a new one."""
        held = self._held.get(subject)
        if held is not None and held[0] == inputs:
            return held[1]  # type: ignore[return-value]  # the subject fixes the type
        made = make()
        self._held[subject] = (inputs, made)
        return made


@dataclass(frozen=True, slots=True)
class Work:
    """What a judge may use: the engine for further values, its memory, and whether to stop."""

    engine: Engine
    memo: Memo
    is_cancelled: Callable[[], bool]


def stages() -> tuple[Callable[[Figures, Work], Figures], ...]:
    """The judges in order; numpy and what they compute with are loaded here, in the worker."""
    from kputui.session.comparing import compared  # noqa: PLC0415 - nothing of this before the first paint
    from kputui.session.forecasting import forecast  # noqa: PLC0415 - as above
    from kputui.session.questioning import questioned  # noqa: PLC0415 - as above
    from kputui.session.signalling import signalled  # noqa: PLC0415 - as above
    from kputui.session.weighing import weighed  # noqa: PLC0415 - as above

    return (signalled, forecast, weighed, compared, questioned)


def contained(judge: Judge, figures: Figures, work: Work) -> Figures:
    """The figures after one judge; an error in it costs its own judgements alone, and is told as a finding.

    A person at the board keeps the numbers and all else that was judged; the log has the traceback.
    """
    try:
        return judge(figures, work)
    except Exception as error:  # noqa: BLE001 - a judge runs at the worker's edge: the others go on
        from kputui.session import bug_log  # noqa: PLC0415 - only a bug pays for it

        word = bug_log.note(error)
        fault = Problem(
            "R22",
            f"a part of the judgements is missing: a bug in kputui, error {word} ({type(error).__name__})",
            Severity.ERROR,
            hint=f"its traceback is in {bug_log.log_path()}; it holds no values of your data",
        )
        return replace(figures, faults=(*figures.faults, fault))


def _never() -> bool:
    return False


Judge = Callable[["Figures", Work], "Figures"]


def judged_figures(opened: Opened, judges: tuple[Judge, ...] | None = None, engine: Engine | None = None) -> Figures:
    """All figures of a workspace at once, for the commands: readings, paces, then the judges (all when None).

    `engine` is one of this workspace that the caller has already; raises DataError when none can be made.
    """
    from kputui.session.figures import Figures  # noqa: PLC0415 - as above
    from kputui.session.judging import judge_goals  # noqa: PLC0415 - as above

    workspace = opened.workspace
    engine = engine or engine_for(opened)
    readings: dict[MetricId, Reading] = {}
    for batch in engine.readings(opened.clock.request(tuple(workspace.metrics))):
        readings |= {reading.metric: reading for reading in batch}
    judged = judge_goals(engine, workspace, readings, opened.clock.last_day)
    figures = Figures(
        workspace,
        opened.ownership,
        opened.clock,
        readings=readings,
        paces=judged.paces,
        cumulated=judged.cumulated,
        state=opened.state,
        tried_at=opened.now(),
    )
    work = Work(engine, Memo(), _never)
    for judge in stages() if judges is None else judges:
        figures = judge(figures, work)
    return figures
