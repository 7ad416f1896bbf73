"""Rules that need the figures: silent until the data was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.signals.reading import Assurance, Firmness
from kputui.analysis.targets import is_small_sample
from kputui.errors import Severity
from kputui.model.goal import GoalState
from kputui.model.metric import MetricKind, NumberFormat
from kputui.review.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.model.goal import Goal
    from kputui.model.metric import Metric
    from kputui.review.known import Known

_TWO_HOURS = 7200
_DONE = frozenset({GoalState.MET, GoalState.NOT_STARTED})
_STEERED = frozenset({MetricKind.KPI, MetricKind.CPI})
_SETTLED = frozenset({Firmness.LIMITS, Firmness.FIRM})


def overdue(known: Known) -> Iterator[Finding]:
    """Goals whose time is over and that were not met, as long as they stand in the workspace.

    A goal that nothing measures is overdue by its date alone; a goal above others is told by them.
    """
    parents = {goal.parent for goal in known.workspace.goals.values()}
    for goal in known.workspace.goals.values():
        if goal.due is None or known.today is None or goal.due >= known.today:
            continue
        pace = known.paces.get(goal.id)
        if goal.measured_by is None:
            if goal.id not in parents:
                yield _overdue(goal, known.today, "and nothing says whether it was met")
        elif pace is not None and pace.state not in _DONE:
            yield _overdue(goal, known.today, "and was not met" if pace.state is GoalState.MISSED else "and still open")


def _overdue(goal: Goal, today: date, words: str) -> Finding:
    days = (today - goal.due).days if goal.due else 0
    return Finding(
        ("goals", goal.id, "due"),
        f'the goal "{goal.label}" was due {goal.due}, {days} day{"" if days == 1 else "s"} ago, {words}',
        figures=(("days_overdue", days),),
    )


def beyond_the_best(known: Known) -> Iterator[Finding]:
    """Running goals that from now on need more than the history has ever reached."""
    for goal in known.workspace.goals.values():
        pace = known.paces.get(goal.id)
        is_running = pace is not None and pace.state not in {GoalState.MET, GoalState.MISSED} and pace.days_left
        if pace is None or not is_running or not pace.is_out_of_reach or pace.best_rate is None:
            continue
        asked = (pace.required_rate_per_day, pace.needed_from_here, pace.target)
        needed = next((one for one in asked if one is not None), None)
        if needed is None:
            continue
        measured = known.workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        is_rate = pace.required_rate_per_day is not None
        said, best = (_written(measured, one, is_rate=is_rate) for one in (needed, pace.best_rate))
        words = ("leaves", "the least that was ever used") if pace.is_burn else ("needs", "the best ever reached")
        yield Finding(
            ("goals", goal.id, "target"),
            f'the goal "{goal.label}" {words[0]} {said} from now on; {words[1]} is {best}',
            figures=(("needed", needed), ("best_rate", pace.best_rate), ("days_left", pace.days_left or 0)),
        )


def target_outside_limits(known: Known) -> Iterator[Finding]:
    """KPIs and CPIs whose target lies beyond what their process brings as it is.

    Provisional limits, and targets that are always met, are not reported.
    """
    for metric in known.workspace.metrics.values():
        chart = known.charts.get(metric.id)
        target = metric.target_on(known.today) if known.today else None
        if chart is None or target is None or metric.kind not in _STEERED or chart.firmness not in _SETTLED:
            continue
        if chart.assurance is not Assurance.CONSISTENT_FAIL or not chart.limits:
            continue
        lower, upper = chart.limits[-1].lower[-1], chart.limits[-1].upper[-1]
        limits = tuple((name, bound) for name, bound in (("lower", lower), ("upper", upper)) if bound is not None)
        yield Finding(
            ("metrics", metric.id, "targets"),
            f'the target {_in_format(metric, target)} of "{metric.label}" lies '
            f"{_barred(metric, target, lower, upper)}: as things are done now, no period reaches it",
            figures=(("target", target), *limits, ("n", chart.n)),
        )


def _barred(metric: Metric, target: float, lower: float | None, upper: float | None) -> str:
    """Beyond which natural limit a target lies."""
    if upper is not None and target > upper:
        return f"above its upper natural limit {_in_format(metric, upper)}"
    if lower is not None and target < lower:
        return f"below its lower natural limit {_in_format(metric, lower)}"
    return "outside its natural limits"


def sample_too_small(known: Known) -> Iterator[Finding]:
    """Metrics whose newest whole period has fewer rows than they ask for."""
    for metric in known.workspace.metrics.values():
        reading = known.readings.get(metric.id)
        series = reading.series if reading else None
        newest = series.newest_whole if series else None
        if series is None or newest is None or not is_small_sample(metric, series.rows[newest]):
            continue
        rows = series.rows[newest]
        yield Finding(
            ("metrics", metric.id, "min_sample"),
            f'the newest whole {series.grain} of "{metric.label}" has {rows} row{"" if rows == 1 else "s"}, '
            f"{metric.min_sample} are wanted: it is not judged",
            figures=(("rows", rows), ("min_sample", metric.min_sample)),
        )


def _written(metric: Metric | None, value: float, *, is_rate: bool) -> str:
    """A figure of a metric as the board writes it: a share in percent, a daily rate by the week with its unit."""
    if not is_rate:
        is_share = metric is not None and metric.format.value.startswith("percent")
        return f"{_said(100 * value)} %" if is_share else _said(value)
    unit = f" {metric.unit}" if metric is not None and metric.unit else ""
    return f"{_said(7 * value)}{unit} a week"


def _in_format(metric: Metric, value: float) -> str:
    """A value of a metric with the decimals and the unit of its format."""
    decimals = metric.format.value[-1:]
    if metric.format is NumberFormat.DURATION:
        return f"{_said(value / 60)} min" if abs(value) < _TWO_HOURS else f"{_said(value / 3600)} h"
    is_share = metric.format.value.startswith("percent")
    number, unit = (100 * value, "%") if is_share else (value, metric.unit)
    words = f"{number:,.{decimals}f}".replace(",", " ") if decimals.isdecimal() else _said(number)
    return f"{words} {unit}".rstrip()


def _said(value: float) -> str:
    """A figure in four digits, or all of its whole digits."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}".replace(",", " ")


RULES: tuple[Rule, ...] = (
    Rule(
        "M18",
        Severity.WARNING,
        "a goal is overdue and open",
        "close it: say what was learned, and set the next goal with its own dates",
        overdue,
    ),
    Rule(
        "M19",
        Severity.INFO,
        "a goal needs more than was ever reached",
        "change what is done, the target, or the date; more of the same will not do",
        beyond_the_best,
    ),
    Rule(
        "M30",
        Severity.INFO,
        "a target lies outside the natural limits of its metric",
        "the process has to change, or the target; pressing people for it invites other ways",
        target_outside_limits,
    ),
    Rule(
        "M31",
        Severity.INFO,
        "the newest whole period has too few rows to be judged",
        "choose a longer `grain`, or a smaller `min_sample` on purpose",
        sample_too_small,
    ),
)
