"""Rules about words, in English: they ask, and never block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kputui.analysis.smart import has_metric_in_label, has_number_in_label
from kputui.errors import Severity
from kputui.review.finding import Finding, Rule
from kputui.review.support import kpis_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.goal import Goal
    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace
    from kputui.review.known import Known

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"\b(?:by|until|till|before|in|end of|from|since)\s+(?:{_MONTHS}|christmas|easter|summer|autumn|winter|spring)\b"
    r"|\b(?:this|next|by the end of the|end of the|end of)\s+(?:week|month|quarter|year)\b"
    r"|\b(?:week|month|quarter|year)[- ]end\b",
    re.IGNORECASE,
)
_ACTIVITY = re.compile(
    r"^(?:launch|roll(?:ing)? out|implement|introduce|deploy|migrate|organi[sz]e|conduct|install|hire|set up|"
    r"redesign|rewrite|rebuild|refactor|upgrade|publish|kick off)\b"
    r"|^(?:hold|run|give|attend)\s+(?:\w+\s+){0,3}(?:meetings?|trainings?|workshops?|reviews?|courses?|events?)\b"
    r"|^train\s+(?:all|every|the|our|new|more)?\s*(?:staff|teams?|people|employees|agents|colleagues|managers)\b"
    r"|^(?:finish|complete|start|do)\s+(?:\w+\s+){0,3}(?:project|programme|program|migration|roll-?out|redesign)\b"
    r"|\bworkshops?\b|\broll-?outs?\b|\bkick-?offs?\b",
    re.IGNORECASE,
)
_WEASEL = re.compile(
    r"\b(?:better|best|improv(?:e|es|ed|ing|ement|ements)|enhanc(?:e|es|ed|ing|ement)|optimi[sz](?:e|es|ed|ing|ation)|"
    r"optimal|excellen(?:t|ce)|world[- ]class|best[- ]in[- ]class|state[- ]of[- ]the[- ]art|seamless(?:ly)?|"
    r"efficient(?:ly)?|efficiency|quality|synerg(?:y|ies)|leverag(?:e|es|ed|ing)|innovative)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^(?:increase|improve|reduce|decrease|minimi[sz]e|maximi[sz]e|achieve|ensure)\s+"
    r"(?!(?:in|of|over|since|from|by|rate|rates)\b)\w"
    r"|^(?:raise|grow|lower|cut|reach|keep|boost|get|hit|hold|bring|make|double|halve)\s.*"
    r"\b(?:by|to|below|above|under|over|at least|at most)\s+\d"
    r"|\bby\s+\d+(?:[.,]\d+)?\s*(?:%|percent\b|per cent\b|points\b)",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:nps|csat|net promoter(?: score)?|survey(?: score)?|satisfaction(?: score)?|star ratings?)\b", re.IGNORECASE
)
_OPEN = re.compile(r"\b(?:TODO|FIXME|TBD|XXX)\b")


def figure_in_goal_label(known: Known) -> Iterator[Finding]:
    """Goals whose label holds a number, a date or a metric's name instead of a result."""
    for goal in _worded(known.workspace):
        path = ("goals", goal.id, "label")
        if has_number_in_label(goal):
            yield Finding(
                path,
                f'the goal\'s label "{goal.label}" holds a number',
                "say the result in words and put the number into `target`",
            )
        elif _DATE.search(goal.label):
            yield Finding(
                path,
                f'the goal\'s label "{goal.label}" holds a date',
                "say the result in words and put the date into `due`",
            )
        elif (named := _named(known.workspace, goal)) is not None:
            yield Finding(
                path,
                f'the goal\'s label "{goal.label}" names its metric'
                + ("" if named.id == goal.measured_by else f' "{named.label}"'),
                "say what is better for people when the goal is reached",
            )


def activity_in_goal_label(known: Known) -> Iterator[Finding]:
    """Goals whose label says what is to be done, not what it is good for."""
    for goal in _worded(known.workspace):
        if (found := _ACTIVITY.search(goal.label)) is not None:
            yield Finding(
                ("goals", goal.id, "label"),
                f'"{goal.label}": is this a result or an activity ({_word(found)})?',
            )


def weasel_word_in_goal_label(known: Known) -> Iterator[Finding]:
    """Goals whose label holds a word that can never be found untrue."""
    for goal in _worded(known.workspace):
        if (found := _WEASEL.search(goal.label)) is not None:
            yield Finding(
                ("goals", goal.id, "label"),
                f'"{goal.label}": who would notice, and by what ({_word(found)})?',
            )


def metric_labelled_as_goal(known: Known) -> Iterator[Finding]:
    """Metrics whose label asks for something instead of naming what is measured."""
    for metric in known.workspace.metrics.values():
        if _WISH.search(metric.label) and not _OPEN.search(metric.label):
            yield Finding(
                ("metrics", metric.id, "label"), f'"{metric.label}" is a goal with a metric in it: is it both?'
            )


def measured_by_opinion(known: Known) -> Iterator[Finding]:
    """Goals measured by what people answer when they are asked."""
    for goal in known.workspace.goals.values():
        metric = known.workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        if metric is None:
            continue
        found = _OPINION.search(metric.label) or _OPINION.search(metric.id.replace("_", " "))
        if found is not None:
            yield Finding(
                ("goals", goal.id, "measured_by"),
                f'the goal "{goal.label}" is measured by an opinion, "{metric.label}": can it be talked up?',
            )


def text_left_open(known: Known) -> Iterator[Finding]:
    """Texts that still say TODO."""
    for path, text in _texts(known.workspace):
        if (found := _OPEN.search(text)) is not None:
            yield Finding(path, f"the text still says {found.group()}")


def _worded(workspace: Workspace) -> Iterator[Goal]:
    """The goals whose label a person has written to the end."""
    return (goal for goal in workspace.goals.values() if not _OPEN.search(goal.label))


def _named(workspace: Workspace, goal: Goal) -> Metric | None:
    """The metric that the goal's label names: its measure, or a KPI of two words or more under it."""
    measure = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
    if has_metric_in_label(goal, measure):
        return measure
    several = (metric for metric in kpis_of(workspace, goal.id) if " " in metric.label.strip())
    return next((metric for metric in several if has_metric_in_label(goal, metric)), None)


def _word(found: re.Match[str]) -> str:
    return f'"{found.group().strip().lower()}"'


def _texts(workspace: Workspace) -> Iterator[tuple[tuple[str, ...], str]]:
    for goal in workspace.goals.values():
        for key in ("label", "why"):
            yield ("goals", goal.id, key), getattr(goal, key)
    for metric in workspace.metrics.values():
        for key in ("label", "description", "question", "discovered", "gaming"):
            yield ("metrics", metric.id, key), getattr(metric, key)
    for index, stage in enumerate(workspace.stages.values()):
        for key in ("label", "outcome"):
            yield ("journey", str(index), key), getattr(stage, key)
    for index, link in enumerate(workspace.links):
        yield ("links", str(index), "mechanism"), link.mechanism
    for team in workspace.teams.values():
        yield ("teams", team.id, "label"), team.label


RULES: tuple[Rule, ...] = (
    Rule(
        "M04",
        Severity.WARNING,
        "a goal's label holds a number, a date or its metric's name, not a result",
        "say the result in words; figures, dates and metrics have keys of their own",
        figure_in_goal_label,
    ),
    Rule(
        "M20",
        Severity.INFO,
        "a goal is measured by an opinion",
        "measure what people do, and keep the survey as one KPI among others",
        measured_by_opinion,
    ),
    Rule(
        "M21",
        Severity.INFO,
        "a goal's label names an activity",
        "say what is different for customers once it is done",
        activity_in_goal_label,
    ),
    Rule(
        "M22",
        Severity.INFO,
        "a goal's label holds a word that can never be found untrue",
        "say what one would see",
        weasel_word_in_goal_label,
    ),
    Rule(
        "M23",
        Severity.INFO,
        "a metric is labelled as a goal",
        "let the metric's label name what is measured, and give a goal the target",
        metric_labelled_as_goal,
    ),
    Rule(
        "M24",
        Severity.INFO,
        "a text still says TODO",
        "write what is meant, or take the line out",
        text_left_open,
    ),
)
