"""Pace: where a goal stands against its plan, what it needs, what it makes, and whether that is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.plan import evening, plan_of, planned_weight
from kputui.analysis.rates import RECENT_DAYS, Rates, rates
from kputui.analysis.reach import is_out_of_reach, reachable_until
from kputui.model.goal import GoalKind, GoalState, PlanKind
from kputui.model.metric import ADDITIVE_AGGREGATIONS, Direction, Simple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.plan import Plan
    from kputui.analysis.season_curve import Curve
    from kputui.model.goal import Context, Goal
    from kputui.model.ids import GoalId
    from kputui.model.metric import Metric
    from kputui.model.series import Span

AT_RISK_INDEX = 0.9
WEEK = 7.0
# Only the noise of float arithmetic is forgiven, never a rounded figure (METHODS 2).
NOISE = 1e-12
TOO_EARLY_NOTE = "no whole period since the goal's start yet"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a goal up to the evening of `as_of`.

    `actual`: the sum since the start, the newest whole period's level, or the ratio over all rows since
    the start. `recent`: the measure over the `recent_days` days up to `as_of` (for levels: the change
    over about them). `history`: whole periods, oldest first. `baseline` overrides a goal that has none.
    `rows`: of a sum or ratio, what `actual` was made of. `curve`: the season of a seasonal plan.
    """

    as_of: date | None
    actual: float | None
    recent: float | None = None
    recent_days: int = RECENT_DAYS
    history: Sequence[tuple[Span, float]] = ()
    baseline: float | None = None
    rows: int = 0
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """A goal's pace at the evening of `as_of`; None where a figure has no meaning.

    `pace_index`: (actual - baseline) / (expected - baseline), 1 = on plan; with `is_burn` the share of
    an allowance used against the share due, so more than 1 is too fast. `required_rate_per_day` and
    `pace_per_day` are per planned day (slow zones weigh less), `required_per_week` and `pace_per_week`
    per seven calendar days. `last_28_days`: per week for sums and levels, the ratio itself for ratios.
    `median_rate` and `best_rate` have the unit of `required_rate_per_day`. `reachable_until`: the last
    evening up to which the pace so far may go on and the best rate ever still reaches the target.
    `state` is None when the goal has no plan to be judged by. `rows`: of a sum or ratio, what `actual` was made of.
    `burn_of_28_days`: a held share's `burn` over the last 28 days. `needed_from_here`: of a ratio, what the rest of
    the plan needs, when it brings as many rows for its weight. `curve`: the season that a seasonal plan follows.
    """

    goal: GoalId
    kind: GoalKind
    plan: PlanKind
    as_of: date | None = None
    state: GoalState | None = GoalState.NO_DATA
    actual: float | None = None
    baseline: float | None = None
    target: float | None = None
    expected: float | None = None
    share: float | None = None
    pace_index: float | None = None
    is_burn: bool = False
    is_behind: bool = False
    progress: float | None = None
    required_rate_per_day: float | None = None
    required_per_week: float | None = None
    pace_per_day: float | None = None
    pace_per_week: float | None = None
    last_28_days: float | None = None
    projection: float | None = None
    median_rate: float | None = None
    best_rate: float | None = None
    is_out_of_reach: bool = False
    reachable_until: date | None = None
    days_elapsed: int | None = None
    days_total: int | None = None
    days_left: int | None = None
    notes: tuple[str, ...] = ()
    rows: int = 0
    burn_of_28_days: float | None = None
    needed_from_here: float | None = None
    curve: Curve | None = None

    @property
    def is_on_pace(self) -> bool:
        """Whether the goal is measured and not behind its plan by any amount."""
        return self.pace_index is not None and not self.is_behind

    @property
    def left_per_week(self) -> float | None:
        """`required_per_week` while something is left to do, or to use; None once it is reached or used up."""
        if self.required_per_week is None or self.target is None:
            return None
        way = self.target - (self.baseline or 0.0)
        return self.required_per_week if self.required_per_week * way > 0 else None


def kind_of(goal: Goal, metric: Metric) -> GoalKind:
    """The goal's kind: as written, else by its metric (additive: sum; with a baseline: level; else ratio)."""
    if goal.kind is not None:
        return goal.kind
    if metric.direction is Direction.MAINTAIN:
        return GoalKind.MAINTAIN
    if goal.baseline is not None:
        return GoalKind.LEVEL
    if isinstance(metric.definition, Simple) and metric.definition.agg in ADDITIVE_AGGREGATIONS:
        return GoalKind.SUM
    return GoalKind.RATIO


def progress(actual: float, baseline: float, target: float) -> float | None:
    """The way done from baseline to target, also downwards; over 1 and under 0 are shown as they are."""
    return (actual - baseline) / (target - baseline) if target != baseline else None


def is_worse(actual: float, asked: float, *, is_rising: bool) -> bool:
    """Whether `actual` falls short of `asked`; rounding never turns a miss into a hit."""
    if math.isclose(actual, asked, rel_tol=NOISE, abs_tol=0.0):
        return False
    return actual < asked if is_rising else actual > asked


def judge(
    goal: Goal, metric: Metric, measured: Measured, *, contexts: Sequence[Context] = (), last_day: date | None = None
) -> Pace:
    """The goal's pace, from what was measured of it.

    `last_day` is the last day that counts as over; before the goal's start the goal is "not started".
    """
    kind = kind_of(goal, metric)
    as_of, target = measured.as_of, goal.target
    today = last_day if last_day is not None else as_of
    if goal.start is not None and today is not None and today < goal.start:
        return Pace(goal.id, kind, goal.plan, as_of, GoalState.NOT_STARTED, target=target)
    if measured.actual is None or as_of is None:
        return Pace(goal.id, kind, goal.plan, as_of, GoalState.NO_DATA, target=target)
    if goal.start is not None and as_of < goal.start:
        return Pace(goal.id, kind, goal.plan, as_of, GoalState.NO_DATA, target=target, notes=(TOO_EARLY_NOTE,))
    baseline = _baseline(goal, kind, measured)
    plan = plan_of(goal, contexts, baseline, measured.curve)
    if plan is None or target is None:
        missing = "target" if target is None else "start and due date"
        note = f"no pace: the goal has no {missing}"
        return Pace(goal.id, kind, goal.plan, as_of, None, measured.actual, baseline, target, notes=(note,))
    if kind in {GoalKind.SUM, GoalKind.LEVEL} and baseline is not None:
        case = _Case(goal, metric, kind, measured, contexts, plan, target, baseline, as_of, measured.actual)
        return case.on_the_way()
    return _held(_Case(goal, metric, kind, measured, contexts, plan, target, 0.0, as_of, measured.actual))


def rises(kind: GoalKind, metric: Metric, baseline: float | None, target: float) -> bool:
    """Whether more of the measure is better: a level's way says so itself, else the metric's direction."""
    if kind is GoalKind.LEVEL and baseline is not None and target != baseline:
        return target > baseline
    return metric.direction is not Direction.DECREASE


def _baseline(goal: Goal, kind: GoalKind, measured: Measured) -> float | None:
    if kind is GoalKind.SUM:
        return goal.baseline or 0.0
    return goal.baseline if goal.baseline is not None else measured.baseline


@dataclass(frozen=True, slots=True)
class _Case:
    """One goal with everything needed to judge it."""

    goal: Goal
    metric: Metric
    kind: GoalKind
    measured: Measured
    contexts: Sequence[Context]
    plan: Plan
    target: float
    baseline: float
    as_of: date
    actual: float

    @property
    def is_allowance(self) -> bool:
        """A sum whose target lies on its worse side, such as a number of complaints: an allowance that burns."""
        is_worse_side = self.target < self.baseline if self.is_rising else self.target >= self.baseline
        return self.kind is GoalKind.SUM and is_worse_side

    @property
    def is_rising(self) -> bool:
        """Whether more of the measure is better."""
        return rises(self.kind, self.metric, self.baseline, self.target)

    @property
    def days(self) -> tuple[int, int, int]:
        """Days elapsed, in all, and left, calendar days, `as_of` counting as over."""
        total = int(self.plan.end - self.plan.start)
        elapsed = min(total, max(0, evening(self.as_of) - int(self.plan.start)))
        return elapsed, total, total - elapsed

    def rates(self) -> Rates:
        """The rates of the history, for this goal's kind."""
        history, curve = self.measured.history, self.measured.curve
        return rates(self.goal, self.kind, self.contexts, history, is_rising=self.is_rising, curve=curve)

    def on_the_way(self) -> Pace:
        """The pace of a sum or level on its way from baseline to target."""
        share = self.plan.share(evening(self.as_of))
        due_now = self.baseline + (self.target - self.baseline) * share
        done, asked = self.actual - self.baseline, due_now - self.baseline
        behind = is_worse(self.actual, due_now, is_rising=self.is_rising)
        elapsed, total, left = self.days
        remaining = self.target - self.actual
        weight_done = self.plan.weight(self.plan.start, evening(self.as_of))
        weight_left = self.plan.weight(evening(self.as_of), self.plan.end)
        needed = remaining / weight_left if weight_left > 0 else None
        made = done / weight_done if weight_done > 0 else None
        reached = self.rates()
        index = done / asked if asked != 0 else None
        is_lost = is_out_of_reach(needed, reached.best, is_rising=self.is_rising)
        return Pace(
            self.goal.id,
            self.kind,
            self.goal.plan,
            self.as_of,
            self._state(index, is_behind=behind, is_lost=is_lost),
            self.actual,
            self.baseline,
            self.target,
            expected=due_now,
            share=share,
            pace_index=index,
            is_burn=self.is_allowance,
            is_behind=behind,
            progress=progress(self.actual, self.baseline, self.target),
            required_rate_per_day=needed,
            required_per_week=remaining / left * WEEK if left > 0 else None,
            pace_per_day=made,
            pace_per_week=done / elapsed * WEEK if elapsed > 0 else None,
            last_28_days=self._recent_per_week(),
            projection=self.baseline + done / share if share > 0 else None,
            median_rate=reached.median,
            best_rate=reached.best,
            is_out_of_reach=is_lost,
            reachable_until=self._reachable_until(made, reached),
            days_elapsed=elapsed,
            days_total=total,
            days_left=left,
            notes=self.plan.notes,
            rows=self.measured.rows,
            curve=self.measured.curve,
        )

    def _recent_per_week(self) -> float | None:
        recent, days = self.measured.recent, self.measured.recent_days
        return None if recent is None or days <= 0 else recent / days * WEEK

    def _reachable_until(self, made: float | None, reached: Rates) -> date | None:
        if made is None or reached.best is None or self.goal.due is None or self.as_of >= self.goal.due:
            return None

        def weight(first: date, behind: date) -> float:
            return planned_weight(self.goal, self.contexts, first, behind, self.measured.curve)

        return reachable_until(
            self.as_of, self.goal.due, self.target - self.actual, made, reached.best, weight, is_rising=self.is_rising
        )

    def _state(self, index: float | None, *, is_behind: bool, is_lost: bool) -> GoalState:
        is_short = self.actual < self.target if self.is_rising else self.actual > self.target
        if self.is_allowance and is_short:
            return GoalState.MISSED
        if self.kind is GoalKind.SUM and not self.is_allowance and not is_short:
            return GoalState.MET
        if self.goal.due is not None and self.as_of >= self.goal.due:
            return GoalState.MISSED if is_short else GoalState.MET
        return _running_state(index, is_burn=self.is_allowance, is_behind=is_behind, is_lost=is_lost)


def _running_state(index: float | None, *, is_burn: bool, is_behind: bool, is_lost: bool) -> GoalState:
    if not is_behind:
        return GoalState.ON_TRACK
    is_near = index is not None and (index <= 1 / AT_RISK_INDEX if is_burn else index >= AT_RISK_INDEX)
    return GoalState.AT_RISK if is_near and not is_lost else GoalState.OFF_TRACK


def _held(case: _Case) -> Pace:
    """The pace of a value that is to be had over all rows (ratio) or to be held (maintain)."""
    is_burn, index = _held_index(case)
    behind = is_worse(case.actual, case.target, is_rising=case.is_rising)
    elapsed, total, left = case.days
    reached = case.rates()
    needed = _needed_from_here(case)
    is_lost = is_out_of_reach(case.target if needed is None else needed, reached.best, is_rising=case.is_rising)
    if case.goal.due is not None and case.as_of >= case.goal.due:
        is_short = case.actual < case.target if case.is_rising else case.actual > case.target
        state = GoalState.MISSED if is_short else GoalState.MET
    elif case.kind is GoalKind.MAINTAIN:
        state = _burn_state(case, is_behind=behind)
    else:
        state = _running_state(index, is_burn=is_burn, is_behind=behind, is_lost=is_lost)
    return Pace(
        case.goal.id,
        case.kind,
        case.goal.plan,
        case.as_of,
        state,
        case.actual,
        case.goal.baseline,
        case.target,
        expected=case.target,
        share=case.plan.share(evening(case.as_of)),
        pace_index=index,
        is_burn=is_burn,
        is_behind=behind,
        last_28_days=case.measured.recent,
        projection=case.actual,
        median_rate=reached.median,
        best_rate=reached.best,
        is_out_of_reach=is_lost and behind,
        days_elapsed=elapsed,
        days_total=total,
        days_left=left,
        notes=case.plan.notes,
        rows=case.measured.rows,
        burn_of_28_days=_recent_burn(case),
        needed_from_here=needed,
    )


def _needed_from_here(case: _Case) -> float | None:
    """What the rest of a ratio's time needs for the whole to reach the target; None for others, and at the end."""
    done = case.plan.weight(case.plan.start, evening(case.as_of))
    left = case.plan.weight(evening(case.as_of), case.plan.end)
    if case.kind is not GoalKind.RATIO or left <= 0:
        return None
    return case.target + (case.target - case.actual) * done / left


def burn(actual: float, target: float, *, is_rising: bool) -> float | None:
    """The bad share so far over the allowed share (METHODS 2); `actual` and `target` are shares.

    When more is better the bad share is 1 - actual, else it is the value itself. None when nothing bad
    is allowed, or when the figures are no shares.
    """
    if not (0.0 <= actual <= 1.0 and 0.0 <= target <= 1.0):
        return None
    bad, allowed = (1.0 - actual, 1.0 - target) if is_rising else (actual, target)
    return bad / allowed if allowed > 0 else None


def _held_index(case: _Case) -> tuple[bool, float | None]:
    if case.kind is GoalKind.MAINTAIN:
        used = burn(case.actual, case.target, is_rising=case.is_rising)
        if used is not None:
            return True, used
    # Of a target of 0 or below, a larger part would say the opposite.
    return not case.is_rising, case.actual / case.target if case.target > 0 else None


def _recent_burn(case: _Case) -> float | None:
    recent = case.measured.recent
    if case.kind is not GoalKind.MAINTAIN or recent is None:
        return None
    return burn(recent, case.target, is_rising=case.is_rising)


def _burn_state(case: _Case, *, is_behind: bool) -> GoalState:
    """A held level is alarmed when it burns too fast since the start and over the last 28 days as well.

    The long window says that it matters, the short one that it goes on: an old incident alone is at risk, no
    alarm. Source: multiwindow burn-rate alerts, The Site Reliability Workbook (2018), chapter 5.
    """
    recent = case.measured.recent
    is_recent_behind = recent is None or is_worse(recent, case.target, is_rising=case.is_rising)
    if not is_behind:
        return GoalState.ON_TRACK
    return GoalState.OFF_TRACK if is_recent_behind else GoalState.AT_RISK
