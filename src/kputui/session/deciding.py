"""Decisions about links together with what the data said: what is recorded, and what a person is told first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.link import LinkState
from kputui.session.accountability import BY_EVIDENCE, hypothesis_of
from kputui.session.definitions import definition_hash
from kputui.session.link_words import verdict_sentence
from kputui.session.words import JUDGEMENT

if TYPE_CHECKING:
    from kputui.analysis.evidence.verdict import Evidence
    from kputui.model.change import Decide
    from kputui.model.ids import MetricId
    from kputui.model.link import Link
    from kputui.model.workspace import Workspace

_GROUNDS = {
    LinkState.CONFIRMED: (Verdict.CONFIRMED,),
    LinkState.REFUTED: (Verdict.REJECTED, Verdict.CONTRADICTED),
}
"""The verdicts that a decision follows; one with another verdict is a person's own judgement."""


def is_by_evidence(state: LinkState, evidence: Evidence | None) -> bool:
    """Whether a decision follows what the data says."""
    return evidence is not None and evidence.verdict in _GROUNDS.get(state, ())


def with_grounds(workspace: Workspace, command: Decide, evidence: Evidence | None) -> Decide:
    """The decision with the definitions that were judged and, where the data was looked at, what it said.

    A decision that carries its grounds already keeps them.
    """
    if not command.cpi_hash and not command.kpi_hash:
        command = replace(
            command,
            cpi_hash=definition_hash(workspace, command.cpi),
            kpi_hash=definition_hash(workspace, command.kpi),
        )
    link = link_of(workspace, command.cpi, command.kpi)
    if evidence is None or link is None or command.evidence or command.state not in _GROUNDS:
        return command
    method = BY_EVIDENCE if is_by_evidence(command.state, evidence) else JUDGEMENT
    return replace(command, method=method, evidence=recorded(link, evidence))


def link_of(workspace: Workspace, cpi: MetricId, kpi: MetricId) -> Link | None:
    """The declared link between two metrics."""
    return next((link for link in workspace.links if (link.cpi, link.kpi) == (cpi, kpi)), None)


def recorded(link: Link, evidence: Evidence) -> dict[str, object]:
    """The figures of the evidence that a decision keeps, in plain values; what is not known is left out.

    `r`, `low` and `high` are those of the lag that the verdict rests on, `effect` in KPI units per CPI unit.
    `data_hash` is of both metrics' values from `data_from` to `data_to`; `hypothesis` is what was declared.
    """
    best, effect = evidence.best, evidence.effect
    found: dict[str, object | None] = {
        "verdict": evidence.verdict.value,
        "hypothesis": hypothesis_of(link),
        "n": evidence.n,
        "grain": evidence.grain.value if evidence.grain is not None else None,
        "lag": best.lag if best is not None else None,
        "r": _rounded(best.r if best is not None else None),
        "low": _rounded(best.low if best is not None else None),
        "high": _rounded(best.high if best is not None else None),
        "effect": _rounded(effect.slope if effect is not None else None),
        "effect_low": _rounded(effect.low if effect is not None else None),
        "effect_high": _rounded(effect.high if effect is not None else None),
        "p": _rounded(evidence.p),
        "q": _rounded(evidence.q),
        "e": _rounded(evidence.e),
        "data_from": evidence.data_from.isoformat() if evidence.data_from is not None else None,
        "data_to": evidence.data_to.isoformat() if evidence.data_to is not None else None,
        "data_hash": evidence.data_hash or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    """Six figures: a journal's line has room for no more than people can use."""
    return None if value is None else float(f"{value:.6g}")


def warning_words(state: LinkState, evidence: Evidence | None) -> str:
    """What a decision will be called, and that one against the verdict stays on the list of exceptions."""
    if state not in _GROUNDS:
        return "the link becomes a hypothesis again"
    if evidence is None:
        return "recorded as your judgement, not as tested: the data has not been looked at"
    if is_by_evidence(state, evidence):
        return "recorded as decided on the evidence, with its figures"
    if state is LinkState.CONFIRMED:
        return f"the data says: {evidence.verdict}; recorded as your judgement, an exception until it is ready"
    return f"the data says: {evidence.verdict}; recorded as your judgement"


def told_words(workspace: Workspace, evidence: Evidence | None) -> str:
    """What the data says of a link, for whoever is about to decide; "" when it has not been looked at."""
    return verdict_sentence(workspace, evidence) if evidence is not None else ""
