"""The rows of the exported tables: raw values, names as files write them beside the labels that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.metric import MetricKind
from kputui.model.ownership import Role
from kputui.session.alike import goal_names
from kputui.session.explaining import shown_limits, signals_of
from kputui.session.goal_tree import in_tree_order, state_of
from kputui.session.rows import is_met, link_standing
from kputui.session.words import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kputui.model.goal import Goal
    from kputui.model.link import Link
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.history import Entry

Row = dict[str, object]
Rows = tuple[tuple[str, ...], list[Row]]
_PACE = (
    "actual",
    "target",
    "expected",
    "pace_index",
    "is_burn",
    "left_per_week",
    "pace_per_week",
    "last_28_days",
    "projection",
    "days_left",
    "as_of",
)
_OUTLOOK = ("p_met", "mean", "low80", "high80", "low95", "high95")
CHANGES = ("seq", "at", "day", "login", "subject", "old", "new", "reason", "is_override", "undoes", "is_undone")


def _made(names: tuple[str, ...], rows: Iterator[Row]) -> Rows:
    return names, list(rows)


def goals(figures: Figures) -> Rows:
    """A goal a row, parents first: dates, state, pace and forecast."""
    names = ("goal", "label", "parent", "owner", "start", "due", "metric", "unit", "state", *_PACE)
    forecast = tuple(name if name == "p_met" else f"forecast_{name}" for name in _OUTLOOK)
    labels = goal_names(figures.workspace)
    order = in_tree_order(tuple(figures.workspace.goals.values()))
    return _made((*names, *forecast), (_goal(figures, goal, labels[goal.id]) for goal, _ in order))


def _goal(figures: Figures, goal: Goal, label: str) -> Row:
    pace, outlook = figures.paces.get(goal.id), figures.outlooks.get(goal.id)
    state = state_of(figures.workspace, figures.paces, goal.id)
    metric = figures.workspace.metrics.get(goal.measured_by) if goal.measured_by else None
    is_known = outlook is not None and not outlook.refusal
    return {
        "goal": str(goal.id),
        "label": label,
        "parent": _text(goal.parent),
        "owner": _text(goal.owner),
        "start": goal.start,
        "due": goal.due,
        "metric": _text(goal.measured_by),
        "unit": (metric.unit or None) if metric is not None else None,
        "state": state.value if state is not None else None,
        **{name: getattr(pace, name) if pace is not None else None for name in _PACE},
        **{
            name if name == "p_met" else f"forecast_{name}": getattr(outlook, name) if is_known else None
            for name in _OUTLOOK
        },
    }


def metrics(figures: Figures) -> Rows:
    """A metric a row: the newest whole period with its target, limits and variation."""
    names = ("metric", "label", "kind", "grain", "unit", "goals", "period", "value", "target", "is_met")
    rest = ("lower_limit", "upper_limit", "variation", "assurance", "failure_code", "failure")
    return _made((*names, *rest), (_metric(figures, metric) for metric in figures.workspace.metrics.values()))


def _metric(figures: Figures, metric: Metric) -> Row:
    reading, chart = figures.readings.get(metric.id), figures.signals.get(metric.id)
    series = reading.series if reading is not None else None
    newest = series.newest_whole if series is not None else None
    failure = reading.failure if reading is not None else None
    lower, upper = shown_limits(figures, metric, chart) if chart is not None else (None, None)
    day = series.ends[newest] if series is not None and newest is not None else None
    return {
        "metric": str(metric.id),
        "label": metric_words(figures.workspace, metric.id),
        "kind": metric.kind.value,
        "grain": metric.grain.value,
        "unit": metric.unit or None,
        "goals": " ".join(metric.goals),
        "period": series.starts[newest] if series is not None and newest is not None else None,
        "value": series.values[newest] if series is not None and newest is not None else None,
        "target": metric.target_on(type(day).fromordinal(day.toordinal() - 1)) if day is not None else None,
        "is_met": is_met(figures, metric),
        "lower_limit": lower,
        "upper_limit": upper,
        "variation": chart.variation.value if chart is not None and not chart.refusal else None,
        "assurance": chart.assurance.value if chart is not None and chart.assurance is not None else None,
        "failure_code": failure.code if failure is not None else None,
        "failure": failure.message if failure is not None else None,
    }


def signals(figures: Figures) -> Rows:
    """A signal a row, metric by metric, the newest first."""
    names = ("metric", "label", "since", "period", "value", "rule", "text", "is_new", "explanation", "by", "on")
    return _made(
        names,
        (
            {
                "metric": str(metric.id),
                "label": metric_words(figures.workspace, metric.id),
                "since": view.since,
                "period": view.start,
                "value": view.value.value,
                "rule": view.rule,
                "text": view.text,
                "is_new": view.is_new,
                "explanation": view.explanation or None,
                "by": view.by or None,
                "on": view.on,
            }
            for metric in figures.workspace.metrics.values()
            for view in signals_of(figures, metric)
        ),
    )


def links(figures: Figures) -> Rows:
    """A declared link a row: what was expected, what people decided, and the figures behind the verdict."""
    names = ("cpi", "cpi_label", "kpi", "kpi_label", "expect", "lag_low", "lag_high", "lag_unit", "mechanism")
    rest = ("state", "method", "decided_by", "decided_on", "verdict", "reason", "n", "lag", "r", "r_low", "r_high")
    return _made(
        (*names, *rest, "p", "q", "e"),
        (_link(figures, link) for link in figures.workspace.links),
    )


def _link(figures: Figures, link: Link) -> Row:
    evidence, standing = figures.evidence.get((link.cpi, link.kpi)), link_standing(figures, link.cpi, link.kpi)
    best, decision = evidence.best if evidence is not None else None, standing.decision
    return {
        "cpi": str(link.cpi),
        "cpi_label": metric_words(figures.workspace, link.cpi),
        "kpi": str(link.kpi),
        "kpi_label": metric_words(figures.workspace, link.kpi),
        "expect": link.expect.value,
        "lag_low": link.lag.low,
        "lag_high": link.lag.high,
        "lag_unit": link.lag.unit,
        "mechanism": link.mechanism,
        "state": standing.state.value,
        "method": (decision.method or None) if decision is not None else None,
        "decided_by": (decision.decided_by or None) if decision is not None else None,
        "decided_on": decision.decided_on if decision is not None else None,
        "verdict": evidence.verdict.value if evidence is not None else None,
        "reason": evidence.reason if evidence is not None else None,
        "n": evidence.n if evidence is not None else None,
        "lag": best.lag if best is not None else None,
        "r": best.r if best is not None else None,
        "r_low": best.low if best is not None else None,
        "r_high": best.high if best is not None else None,
        "p": evidence.p if evidence is not None else None,
        "q": evidence.q if evidence is not None else None,
        "e": evidence.e if evidence is not None else None,
    }


def accountability(figures: Figures) -> Rows:
    """A holder of a role a row, CPI by CPI; a CPI that nobody is accountable for has a row that says so."""
    names = ("cpi", "label", "role", "team", "team_label", "person", "since")
    return _made(names, _holders(figures))


def _holders(figures: Figures) -> Iterator[Row]:
    for metric in figures.workspace.metrics.values():
        if metric.kind is not MetricKind.CPI:
            continue
        assignment = figures.ownership.assignments.get(metric.id)
        head: Row = {"cpi": str(metric.id), "label": metric_words(figures.workspace, metric.id)}
        nobody = {"role": Role.ACCOUNTABLE.value, "team": None, "team_label": None, "person": None, "since": None}
        if assignment is None or assignment.accountable is None:
            yield head | nobody
        if assignment is None:
            continue
        held = [(Role.ACCOUNTABLE, one) for one in [assignment.accountable] if one is not None]
        for role in (Role.RESPONSIBLE, Role.CONSULTED, Role.INFORMED):
            held += [(role, one) for one in getattr(assignment, role.value)]
        for role, holder in held:
            team = figures.workspace.teams.get(holder.team)
            yield head | {
                "role": role.value,
                "team": str(holder.team),
                "team_label": team.label if team is not None else None,
                "person": _text(holder.person),
                "since": assignment.since if role is Role.ACCOUNTABLE else None,
            }


def findings(figures: Figures) -> Rows:
    """A finding a row, the worst first."""
    names = ("code", "severity", "about", "message", "hint")
    return _made(
        names,
        (
            {
                "code": problem.code,
                "severity": problem.severity.value,
                "about": problem.key,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in figures.findings
        ),
    )


def change(entry: Entry) -> Row:
    """A change of the journal, newest first."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "day": entry.day,
        "login": None if entry.is_start else entry.author,
        "subject": entry.subject,
        "old": entry.old,
        "new": entry.new,
        "reason": entry.reason,
        "is_override": entry.is_override,
        "undoes": entry.undoes,
        "is_undone": entry.is_undone,
    }


def limits_by_period(
    figures: Figures, metric: Metric
) -> Mapping[date, tuple[float | None, float | None, float | None]]:
    """Lower limit, mean and upper limit by the first day of each whole period that has them."""
    chart = figures.signals.get(metric.id)
    found: dict[date, tuple[float | None, float | None, float | None]] = {}
    if chart is None:
        return found
    for limits in chart.limits:
        drawn = zip(limits.lower, limits.centre, limits.upper, strict=True)
        found |= {chart.starts[number]: values for number, values in enumerate(drawn, limits.first)}
    return found


def _text(name: str | None) -> str | None:
    return str(name) if name is not None else None
