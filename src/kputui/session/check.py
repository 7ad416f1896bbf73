"""Checking a workspace: its files, its metrics against the data, and the rules of the method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kputui import review
from kputui.errors import ConfigError, DataError, Problem, Severity
from kputui.model.link import LinkState
from kputui.session.accountability import todos
from kputui.session.engines import engine_for
from kputui.session.open import open_workspace, utc_now
from kputui.session.question_views import WEIGHTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from kputui.analysis.gaming.question import Question
    from kputui.review.known import Known
    from kputui.session.accountability import ToDo
    from kputui.session.figures import Figures
    from kputui.session.judges import Judge
    from kputui.session.open import Opened

EXCEPTION = "R13"
AGAINST = "R14"
_WAYS = {
    "R08": "decide who is: kputui assign {0} TEAM --reason ...",
    "R09": "decide who works on it: kputui assign {0} TEAM --role responsible --reason ...",
    "R10": "assign the role again, or remove it: kputui assign {0} TEAM --remove --reason ...",
    "R11": "add the CPI to the team's `influences`, or assign it to a team that lists it",
    "R12": "decide again: kputui confirm {0} {1} --reason ..., or refute it",
    EXCEPTION: "confirm a link, or keep the exception in mind",
    AGAINST: "look at it again as data comes in: kputui links {0} {1}",
}
"""What to do about each kind of to-do; {0} is the CPI, {1} the KPI."""


def check(
    folder: Path,
    *,
    today: date | None = None,
    now: Callable[[], datetime] = utc_now,
    allowed_roots: tuple[Path, ...] = (),
) -> tuple[Problem, ...]:
    """All problems and findings of a folder, worst first; never raises for what the folder holds."""
    try:
        opened = open_workspace(folder, today=today, now=now, allowed_roots=allowed_roots)
    except ConfigError as error:
        return error.problems
    return check_opened(opened)


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: all problems, worst first; how many metrics have data, and how many serve a goal.

    `tracked` counts among the metrics of `alignment`.
    """

    problems: tuple[Problem, ...]
    alignment: review.Alignment
    tracked: int


def check_opened(opened: Opened) -> tuple[Problem, ...]:
    """All problems and findings of a workspace that was read."""
    return checked(opened).problems


def checked(opened: Opened) -> Checked:
    """What there is to say of a workspace that was read; loads the engine, computes, and looks at the data.

    What the data can't give is told by the engine's problems; the rules that need it are silent then.
    """
    from kputui.session.judges import judged_figures  # noqa: PLC0415 - as above

    engine = engine_for(opened)
    try:
        figures = judged_figures(opened, _judges(opened), engine)
    except DataError:
        figures = None
    problems = worst_first((*findings(opened, figures), *engine.problems(opened.clock.today)))
    return Checked(problems, review.alignment(opened.workspace), _tracked(opened, figures))


def _tracked(opened: Opened, figures: Figures | None) -> int:
    """How many of the metrics that are looked at for themselves have a value in any period."""
    readings = figures.readings if figures is not None else {}
    series = (readings[name].series for name in review.standing_alone(opened.workspace) if name in readings)
    return sum(one is not None and any(value is not None for value in one.values) for one in series)


def _judges(opened: Opened) -> tuple[Judge, ...]:
    """The judges whose answers findings are made of; forecasts and evidence have commands of their own.

    Links are weighed all the same where one is confirmed: the data may hold that against it now.
    """
    from kputui.session.comparing import compared  # noqa: PLC0415 - numpy only where figures are judged
    from kputui.session.questioning import questioned  # noqa: PLC0415 - as above
    from kputui.session.signalling import signalled  # noqa: PLC0415 - as above
    from kputui.session.weighing import weighed  # noqa: PLC0415 - as above

    is_confirmed = any(one.state is LinkState.CONFIRMED for one in opened.ownership.decisions.values())
    return (signalled, *([weighed] if is_confirmed else []), compared, questioned)


def findings(opened: Opened, figures: Figures | None = None) -> tuple[Problem, ...]:
    """Warnings of reading, the rules' findings, what is to be decided, and the questions that the figures raise.

    Without `figures` only what can be said without the data.
    """
    from kputui.review.rules import run  # noqa: PLC0415 - no start pays for the rules

    evidence = figures.evidence if figures is not None else None
    found = todos(opened.workspace, opened.ownership, day=opened.clock.today, evidence=evidence)
    gone = {f"assignments.{todo.metric}." for todo in found if todo.code == "R10"}
    told = [
        problem
        for problem in opened.problems
        if problem.code != "S06" or not any(problem.key.startswith(start) for start in gone)
    ]
    decide = (_problem(opened, todo) for todo in found)
    return worst_first((*told, *_asked(opened, figures), *run(_known(opened, figures)), *decide))


def _known(opened: Opened, figures: Figures | None) -> Known:
    """What the rules may look at."""
    from kputui.review.known import Known  # noqa: PLC0415 - as above

    known = Known(opened.workspace, opened.ownership, opened.clock.today)
    if figures is None:
        return known
    return replace(known, paces=figures.paces, readings=figures.readings, charts=figures.signals)


def _asked(opened: Opened, figures: Figures | None) -> Iterator[Problem]:
    """The questions as findings at their KPIs, the weighty ones first."""
    from kputui.review.rules import severity_of  # noqa: PLC0415 - as above

    if figures is None:
        return
    for asked in figures.questions.values():
        for question in asked:
            own = Severity.WARNING if question.code in WEIGHTY else Severity.INFO
            severity = severity_of(opened.workspace, question.code, own)
            if severity is not None:
                yield _question_problem(opened, question, severity, ("metrics", str(question.metric)))


def _question_problem(opened: Opened, question: Question, severity: Severity, path: tuple[str, ...]) -> Problem:
    since = (("since", question.since.isoformat()),) if question.since is not None else ()
    other = (("other", str(question.other)),) if question.other is not None else ()
    return Problem(
        question.code,
        question.text,
        severity,
        review.place_of(opened.workspace, path),
        ".".join(path),
        figures=(*since, *other, *question.figures.items()),
    )


def _problem(opened: Opened, todo: ToDo) -> Problem:
    """A to-do as a finding at the CPI's definition."""
    path = ("metrics", str(todo.metric))
    severity = Severity.INFO if todo.code in (EXCEPTION, AGAINST) else Severity.WARNING
    place = review.place_of(opened.workspace, path)
    return Problem(
        todo.code, todo.text, severity, place, ".".join(path), _WAYS[todo.code].format(todo.metric, todo.kpi)
    )


def worst_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors, then warnings, then notes; otherwise in the order given."""
    return tuple(sorted(problems, key=lambda problem: list(Severity).index(problem.severity)))


def first_words(problems: Sequence[Problem]) -> str:
    """The first problem in one line, with its file and line."""
    problem = problems[0]
    where = f"{Path(problem.place.file).name}:{problem.place.line} " if problem.place else ""
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{where}{problem.message}{more}"
