"""`kputui init` without a file: asks on the terminal, the goal first, and gives what a workspace is written from."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.cli import exits
from kputui.cli.answers import Answers
from kputui.cli.asking import one_of_these, until_it_fits, words_of
from kputui.cli.draft import Draft
from kputui.cli.figures import figure_of, figure_text
from kputui.cli.first_goal import first_goal, goal_days
from kputui.cli.first_look import SUFFIXES, look_at, refuse_file, refuse_folder
from kputui.cli.guess import identifier
from kputui.cli.offered import offered, picked
from kputui.cli.words import day
from kputui.errors import UsageError
from kputui.model.goal import Goal
from kputui.model.ids import GoalId
from kputui.model.metric import ADDITIVE_AGGREGATIONS, Direction, MetricKind
from kputui.model.workspace import Project, Workspace
from kputui.review.known import Known
from kputui.review.wording import figure_in_goal_label
from kputui.session.mine import login

if TYPE_CHECKING:
    from kputui.cli.first_goal import FirstGoal
    from kputui.cli.first_look import Look
    from kputui.cli.guess import GuessedMetric

MOST_OFFERED = 30
"""So many columns are offered as KPI or CPI."""

_GOAL = GoalId("first_goal")


def interview(folder: Path | None, file: Path | None) -> tuple[Path, Draft]:
    """The folder and the contents of a workspace, as somebody at the terminal wants them.

    What the command line names already is not asked. Raises `UsageError` when the answers end early, and what
    `look_at` raises for a file named on the command line.
    """
    exits.tell(
        "A first board. Enter takes what stands in [brackets]; what is left for later is\n"
        "marked TODO in the files. Nothing is written before the last answer."
    )
    exits.tell("\nThe goal: where you want to be, in words")
    answers = Answers(
        goal=words_of("What is better, and for whom, once it is reached?", _no_result),
        why=words_of("Why is that worth the work?"),
        owner=until_it_fits("Who answers for it? A short name", _handle_of(login(), "me"), _handle),
        declared=datetime.now().astimezone().date(),
    )
    exits.tell("\nThe data")
    look = look_at(file, MOST_OFFERED) if file is not None else until_it_fits("Which file?", _newest(), _looked)
    exits.tell(_told(look))
    kpi, goal, answers = _kpi(look, answers)
    cpi, answers = _cpi(look, kpi, answers)
    if folder is None:
        exits.tell("")
        folder = until_it_fits("Where do the files go?", _free_folder(), _folder)
    return folder, Draft(look, (kpi, cpi), goal, answers)


def _kpi(look: Look, answers: Answers) -> tuple[GuessedMetric, FirstGoal, Answers]:
    """The goal's measure, with its target and date."""
    exits.tell("\nThe KPI: the speedometer of the goal")
    metrics = offered(look)
    kpi = until_it_fits(
        "Which one says how fast you get there?",
        metrics[0].column or metrics[0].id,
        lambda typed: picked(typed, metrics, look),
    )
    kpi = replace(_named(kpi, answers.goal, ()), kind=MetricKind.KPI)
    kpi = replace(kpi, direction=_direction("Is more of it better, or less?", kpi))
    by = until_it_fits("By when?", str(goal_days(look.covers.start, _last(look))[1]), lambda typed: _due(typed, look))
    goal = first_goal(look.workspace([kpi]), kpi, look.covers, by)
    goal = replace(goal, target=_target(kpi, goal))
    gaming = words_of("How could one make it look good without serving anyone?")
    return kpi, goal, replace(answers, gaming=gaming)


def _cpi(look: Look, kpi: GuessedMetric, answers: Answers) -> tuple[GuessedMetric, Answers]:
    """What the customer meets, and why it should move the KPI."""
    exits.tell("\nThe CPI: what the customer meets at one point of the journey")
    metrics = offered(look, kpi)
    cpi = until_it_fits(
        "Which one tells it?",
        metrics[0].column or metrics[0].id,
        lambda typed: picked(typed, metrics, look, taken=kpi),
    )
    cpi = replace(_named(cpi, "", (kpi.label,)), kind=MetricKind.CPI)
    return replace(cpi, direction=_direction("Is more of it better for the customer, or less?", cpi)), replace(
        answers,
        stage=words_of("Where in their journey do they meet it?", _no_name),
        need=one_of_these(
            "Is it a frustration, an expectation or an outcome?",
            ("frustration", "expectation", "outcome"),
            "expectation",
        ),
        question=words_of("What do they ask there, in their own words?"),
        discovered=words_of("How do you know: whom did you watch or hear, and when?"),
        mechanism=words_of(f"Why would it move {kpi.label}?"),
        team=words_of("Which team can move it?", _no_name),
    )


def _no_result(label: str) -> str:
    """What is wrong with a goal's label: the rule of `check` that makes it a warning."""
    goal = Goal(_GOAL, label)
    found = next(figure_in_goal_label(Known(Workspace("", Project(), goals={_GOAL: goal}))), None)
    return f"{found.message}\n     {found.hint}" if found is not None else ""


def _no_name(text: str) -> str:
    """What is wrong with words that a name in the files is made of."""
    return "" if any(letter.isascii() for letter in _plain(text)) else "letters from a to z in it, please"


def _plain(text: str) -> str:
    spelled = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in spelled if letter.isalpha() and letter.isascii())


def _handle(typed: str) -> str:
    found = _handle_of(typed)
    if not found:
        raise UsageError("a short name with letters from a to z, please", "such as a login: ines")
    return found


def _handle_of(text: str, otherwise: str = "") -> str:
    return identifier(text) if _plain(text) else otherwise


def _looked(typed: str) -> Look:
    if not typed:
        raise UsageError("a file is needed", f"of {', '.join(SUFFIXES)}")
    file = Path(typed.strip("'\"")).expanduser()
    refuse_file(file)
    return look_at(file, MOST_OFFERED)


def _newest() -> str:
    """The data file beside us that was changed last; "" without one."""
    here = (path for folder in (".", "data") for path in Path(folder).glob("*") if path.is_file())
    fitting = [path for path in here if path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")]
    return str(max(fitting, key=lambda path: path.stat().st_mtime, default=""))


def _told(look: Look) -> str:
    """What was found in the file, a line each."""
    time = look.guess.time
    rows = f"{look.sample.rows:,}".replace(",", " ")
    lines = [f'{rows} rows, {look.covers.start} to {_last(look)} by the column "{time.name}"']
    if time.is_ambiguous:
        lines.append(f"read as {time.format}: day and month may be the other way round")
    if look.today is not None:
        lines.append("the data ended then, so the board stands on that evening")
    return "\n".join(f"     {line}" for line in lines)


def _last(look: Look) -> date:
    return date.fromordinal(look.covers.end.toordinal() - 1)


def _named(metric: GuessedMetric, goal: str, taken: tuple[str, ...]) -> GuessedMetric:
    """The metric with the label that people call it by: neither the goal's words nor another's label."""

    def wrong(label: str) -> str:
        if label in taken:
            return "the KPI is called so"
        return "that is in the goal's words; name what is counted" if label.casefold() in goal.casefold() else ""

    default = metric.label
    label = until_it_fits("What do people call it?", default, lambda typed: _fitting(typed, wrong(typed)))
    return replace(metric, label=label[:100])


def _fitting(text: str, wrong: str) -> str:
    if wrong:
        raise UsageError(wrong)
    return text


def _direction(question: str, metric: GuessedMetric) -> Direction:
    default = "less" if metric.direction is Direction.DECREASE else "more"
    return Direction.INCREASE if one_of_these(question, ("more", "less"), default) == "more" else Direction.DECREASE


def _due(typed: str, look: Look) -> date:
    due = day(typed)
    clock = look.today or datetime.now().astimezone().date()
    if due <= max(clock, look.covers.start):
        raise UsageError(f"the board stands on {clock}", "name a later day")
    return due


def _target(kpi: GuessedMetric, goal: FirstGoal) -> float:
    """The target that people want; a level's is on the better side of where it stood."""
    sign = 1 if kpi.direction is Direction.INCREASE else -1

    def read(typed: str) -> float:
        target = figure_of(typed, is_share=kpi.is_share)
        if goal.baseline and sign * (target - goal.baseline) <= 0:
            raise UsageError(f"that is no improvement on {figure_text(goal.baseline, is_share=kpi.is_share)}")
        return target

    if kpi.agg in ADDITIVE_AGGREGATIONS:
        what = "Which total is to be reached" if sign > 0 else "Which total is not to be passed"
        question = f"{what}, {goal.start} to {goal.due}?"
    else:
        stood = figure_text(goal.baseline or 0.0, is_share=kpi.is_share)
        question = f"Which value is to be reached? At first it was {stood}"
    return until_it_fits(question, figure_text(goal.target, is_share=kpi.is_share), read)


def _free_folder() -> str:
    return next(name for name in ("config", "board", *(f"board{n}" for n in range(2, 999))) if not Path(name).exists())


def _folder(typed: str) -> Path:
    folder = Path(typed).expanduser()
    refuse_folder(folder)
    return folder
