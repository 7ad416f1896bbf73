"""Rules about CPIs, the journey that they stand on, and the teams that can move them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.model.link import LinkState
from kputui.model.metric import MetricKind
from kputui.review.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace
    from kputui.review.known import Known

_ASKED = re.compile(
    r"\b(?:survey(?:s|ed)?|questionnaires?|polls?|nps|csat|feedback forms?|star ratings?)\b", re.IGNORECASE
)
_SEEN = re.compile(
    r"interview|watch|observ|shadow|ride[- ]?along|usability|diar(?:y|ies)|focus group|ethnograph|visit|"
    r"debrief|letter|complaint|ticket|\bcalls?\b|heard|listen|\blogs?\b|\bdata\b|\busage\b|\buse\b|queue|counted|"
    r"recording|workshop|journey map|session|mystery|field",
    re.IGNORECASE,
)


def without_link(known: Known) -> Iterator[Finding]:
    """CPIs that no link ties to a KPI."""
    linked = {link.cpi for link in known.workspace.links}
    for metric in _cpis(known.workspace):
        if metric.id not in linked:
            yield Finding(("metrics", metric.id), f'the CPI "{metric.label}" has no link to a KPI')


def only_refuted_links(known: Known) -> Iterator[Finding]:
    """CPIs whose every link was refuted: nothing says any more what they are good for."""
    decisions = known.ownership.decisions
    for metric in _cpis(known.workspace):
        states = [
            decision.state if (decision := decisions.get((link.cpi, link.kpi))) is not None else None
            for link in known.workspace.links
            if link.cpi == metric.id
        ]
        if states and all(state is LinkState.REFUTED for state in states):
            yield Finding(("metrics", metric.id), f'every link of the CPI "{metric.label}" was refuted')


def stage_without_cpi(known: Known) -> Iterator[Finding]:
    """Stages of the journey at which nothing is measured."""
    covered = {metric.stage for metric in _cpis(known.workspace)}
    for index, stage in enumerate(known.workspace.stages.values()):
        if stage.id not in covered:
            yield Finding(
                ("journey", str(index)), f'no CPI measures the stage "{stage.label}"', about=("journey", stage.id)
            )


def without_stage(known: Known) -> Iterator[Finding]:
    """CPIs that stand at no point of the journey."""
    for metric in _cpis(known.workspace):
        if metric.stage is None:
            yield Finding(("metrics", metric.id), f'the CPI "{metric.label}" stands at no stage of the journey')


def without_need(known: Known) -> Iterator[Finding]:
    """CPIs that do not say whether they measure a frustration, an expectation or an outcome."""
    for metric in _cpis(known.workspace):
        if metric.need is None:
            yield Finding(
                ("metrics", metric.id),
                f'the CPI "{metric.label}" does not say which need of the customer it measures',
            )


def without_question(known: Known) -> Iterator[Finding]:
    """CPIs without the customer's question that they answer."""
    for metric in _cpis(known.workspace):
        if not metric.question.strip():
            yield Finding(("metrics", metric.id), f'the CPI "{metric.label}" answers no question of a customer')


def without_discovery(known: Known) -> Iterator[Finding]:
    """CPIs that do not say how they were found."""
    for metric in _cpis(known.workspace):
        if not metric.discovered.strip():
            yield Finding(("metrics", metric.id), f'the CPI "{metric.label}" does not say how it was found')


def found_by_survey_alone(known: Known) -> Iterator[Finding]:
    """CPIs that only a survey has brought up: it answers no question that nobody thought of."""
    for metric in _cpis(known.workspace):
        if _ASKED.search(metric.discovered) and not _SEEN.search(metric.discovered):
            yield Finding(
                ("metrics", metric.id, "discovered"),
                f'the CPI "{metric.label}" was found by asking alone: what would customers not have been asked?',
            )


def percentage_without_sample(known: Known) -> Iterator[Finding]:
    """CPIs in per cent that would be judged by a handful of rows."""
    for metric in _cpis(known.workspace):
        if metric.format.value.startswith("percent") and metric.min_sample == 0:
            yield Finding(
                ("metrics", metric.id),
                f'the CPI "{metric.label}" is a percentage of any number of rows: three of four are 75 % as well',
            )


def team_without_influence(known: Known) -> Iterator[Finding]:
    """Teams that can move nothing, and so can answer for nothing."""
    for team in known.workspace.teams.values():
        if not team.influences:
            yield Finding(("teams", team.id), f'the team "{team.label}" influences no metric')


def nobody_can_move(known: Known) -> Iterator[Finding]:
    """CPIs that no team lists as one that it can move; silent in a workspace without teams."""
    workspace = known.workspace
    moved = {name for team in workspace.teams.values() for name in team.influences}
    for metric in _cpis(workspace):
        if workspace.teams and metric.id not in moved:
            yield Finding(("metrics", metric.id), f'no team can move the CPI "{metric.label}"')


def _cpis(workspace: Workspace) -> Iterator[Metric]:
    return (metric for metric in workspace.metrics.values() if metric.kind is MetricKind.CPI)


RULES: tuple[Rule, ...] = (
    Rule(
        "M05",
        Severity.WARNING,
        "a CPI has no link to a KPI",
        "write down in [[links]] which KPI it should move, which way, after how long, and why",
        without_link,
    ),
    Rule(
        "M07",
        Severity.WARNING,
        "no CPI measures a stage of the journey",
        "what do customers meet there? give a CPI this `stage`",
        stage_without_cpi,
    ),
    Rule(
        "M32",
        Severity.INFO,
        "a percentage CPI takes any number of rows",
        "say in `min_sample` of how many rows a period is judged",
        percentage_without_sample,
    ),
    Rule(
        "M33",
        Severity.WARNING,
        "a CPI stands at no stage of the journey",
        "name in `stage` where the customer meets it",
        without_stage,
    ),
    Rule(
        "M34",
        Severity.WARNING,
        "a CPI names no need of the customer",
        'write need = "frustration", "expectation" or "outcome"',
        without_need,
    ),
    Rule(
        "M35",
        Severity.INFO,
        "a CPI has no question",
        "write in `question` what the customer asks at this point, in the customer's words",
        without_question,
    ),
    Rule(
        "M36",
        Severity.INFO,
        "a CPI does not say how it was found",
        "write in `discovered` who saw or heard it, where and when",
        without_discovery,
    ),
    Rule(
        "M37",
        Severity.INFO,
        "a CPI was found by a survey alone",
        "watch people, listen to calls, read what the data says they did; then note that in `discovered`",
        found_by_survey_alone,
    ),
    Rule(
        "M41",
        Severity.INFO,
        "a team influences no metric",
        "list in `influences` what it can move",
        team_without_influence,
    ),
    Rule(
        "M42",
        Severity.WARNING,
        "no team can move a CPI",
        "add it to a team's `influences`; else nobody can be held accountable for it",
        nobody_can_move,
    ),
    Rule(
        "M43",
        Severity.INFO,
        "every link of a CPI was refuted",
        "declare another link, or make it a diagnostic",
        only_refuted_links,
    ),
)
