"""The rules as data: a code, a level, one line of documentation, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.errors import Place, Problem, Severity
from kputui.model.ownership import Ownership
from kputui.review import findings
from kputui.review.findings import Finding

if TYPE_CHECKING:
    from kputui.model.workspace import Workspace

Find = Callable[["Workspace", Ownership], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the method; `meaning` is its line in the documentation."""

    code: str
    severity: Severity
    meaning: str
    find: Find


RULES: tuple[Rule, ...] = (
    Rule("M01", Severity.WARNING, "a KPI stands under no goal", findings.kpi_without_goal),
    Rule("M02", Severity.WARNING, "nothing measures a goal", findings.goal_without_measure),
    Rule(
        "M03",
        Severity.WARNING,
        "a measured goal lacks a target, a start or a due date",
        findings.goal_without_dates_or_target,
    ),
    Rule(
        "M04",
        Severity.WARNING,
        "a goal's label holds a number or its metric's name, not a result",
        findings.goal_label_with_number,
    ),
    Rule("M05", Severity.WARNING, "a CPI has no link to a KPI", findings.cpi_without_link),
    Rule("M06", Severity.WARNING, "a KPI has neither a guardrail nor a gaming note", findings.kpi_without_guard),
    Rule("M07", Severity.WARNING, "no CPI measures a stage of the journey", findings.stage_without_cpi),
    Rule("M08", Severity.INFO, "a metric supports no goal", findings.metric_without_goal),
)


def run(workspace: Workspace, ownership: Ownership | None = None) -> tuple[Problem, ...]:
    """All findings of all rules, worst first, then in the order of the rules and of the workspace."""
    known = ownership if ownership is not None else Ownership()
    found = [
        Problem(
            rule.code,
            finding.message,
            rule.severity,
            place_of(workspace, finding.path),
            ".".join(finding.path),
            finding.hint,
        )
        for rule in RULES
        for finding in rule.find(workspace, known)
    ]
    return tuple(sorted(found, key=lambda problem: list(Severity).index(problem.severity)))


def place_of(workspace: Workspace, path: tuple[str, ...]) -> Place | None:
    """Where a key is written, or the nearest table around it."""
    while path:
        if (place := workspace.places.get(path)) is not None:
            return place
        path = path[:-1]
    return None
