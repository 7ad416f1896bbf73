"""All rules in the order of their codes, and what they find in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.errors import Problem, Severity
from kputui.model.lint import Level
from kputui.review import cpis, data, goals, kpis, links, wording
from kputui.review.support import place_of

if TYPE_CHECKING:
    from kputui.model.workspace import Workspace
    from kputui.review.finding import Finding, Rule
    from kputui.review.known import Known

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*goals.RULES, *wording.RULES, *kpis.RULES, *cpis.RULES, *links.RULES, *data.RULES),
        key=lambda rule: rule.code,
    )
)

_SEVERITIES = {Level.NOTE: Severity.INFO, Level.WARNING: Severity.WARNING, Level.ERROR: Severity.ERROR}


def run(known: Known) -> tuple[Problem, ...]:
    """All findings of all rules, worst first, then in the order of the rules and of the workspace."""
    found: list[Problem] = []
    for rule in RULES:
        severity = severity_of(known.workspace, rule.code, rule.severity)
        if severity is not None:
            found += [
                _problem(known.workspace, rule, finding, severity)
                for finding in rule.find(known)
                if not _is_ignored(known.workspace, rule, finding)
            ]
    return tuple(sorted(found, key=lambda problem: list(Severity).index(problem.severity)))


def severity_of(workspace: Workspace, code: str, own: Severity) -> Severity | None:
    """The level of a code in this workspace, `own` where it sets none; None when it is switched off."""
    level = workspace.lint.levels.get(code)
    return own if level is None else _SEVERITIES.get(level)


def _problem(workspace: Workspace, rule: Rule, finding: Finding, severity: Severity) -> Problem:
    return Problem(
        rule.code,
        finding.message,
        severity,
        place_of(workspace, finding.path),
        ".".join(finding.path),
        finding.hint or rule.remedy,
        figures=finding.figures,
    )


def _is_ignored(workspace: Workspace, rule: Rule, finding: Finding) -> bool:
    lint = workspace.lint
    return lint.is_ignored(rule.code, finding.path) or (
        finding.about is not None and lint.is_ignored(rule.code, finding.about)
    )
