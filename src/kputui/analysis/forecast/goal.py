"""The outlook of a goal: its metric's next periods, added up to what they make of the goal by its due date."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.forecast.combination import (
    DRIFT_POINTS,
    NEWEST_POINTS,
    Path,
    chance,
    path_of,
    reach,
    weighted_sums,
)
from kputui.analysis.forecast.outlook import Outlook, Step, verdict_words
from kputui.analysis.pace import rises
from kputui.analysis.periods import periods_until, season_length
from kputui.analysis.plan import context_weight, contexts_of
from kputui.model.goal import GoalKind, GoalState
from kputui.model.metric import Aggregation, Grain, NumberFormat, Simple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.pace import Pace
    from kputui.model.goal import Context, Goal
    from kputui.model.metric import Metric
    from kputui.model.series import Series

MOST_GAPS = 0.15
# More than any forecast reaches: half of the newest points.
_MOST_STEPS = NEWEST_POINTS
_RECENT_ROWS = 8
_FORMATS_OF_SHARES = frozenset(
    {NumberFormat.PERCENT, NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2}
)
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Past:
    """What the forecast is made of: values without gaps, oldest first, and where the next period starts."""

    values: tuple[float, ...]
    next_start: date
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a value can't pass: 0 where nothing was ever below it, 1 for shares."""

    low: float
    high: float

    def band(self, middle: float, reach: float) -> tuple[float, float]:
        """The band of `reach` around `middle` as far as it is possible."""
        return self.kept(middle - reach), self.kept(middle + reach)

    def kept(self, value: float) -> float:
        """The value, or the limit that it is beyond."""
        return min(max(value, self.low), self.high)


def outlook_of(
    goal: Goal, metric: Metric, pace: Pace, series: Series | None, contexts: Sequence[Context] = ()
) -> Outlook:
    """The forecast of a goal by its due date, from the whole periods of `series` up to the evening of `pace.as_of`.

    `series` is the goal's metric at its own grain. Nothing later than `pace.as_of` is looked at. Where no
    forecast can be stood for, the answer has a `refusal` in words.
    """
    refusal = _refused_by_the_goal(goal, pace) or _refused_by_the_table(goal, metric.grain)
    if refusal or goal.due is None or pace.as_of is None or pace.actual is None or series is None:
        return Outlook(refusal or "there is no data", due=goal.due, as_of=pace.as_of)
    past = _past(goal, pace.kind, series, pace.as_of, contexts)
    if isinstance(past, str):
        return Outlook(past, due=goal.due, as_of=pace.as_of)
    count = min(len(past.values), NEWEST_POINTS)
    periods = _periods(metric, pace.kind, past.next_start, goal.due + timedelta(days=1))
    path = path_of(past.values, min(len(periods), count // 2), season_length(metric.grain) or 1)
    if path is None:
        why = _refused_by_the_past(count) if periods else "the last period before the due date is over: it decides"
        return Outlook(why, due=goal.due, n=count, as_of=pace.as_of)
    case = _Case(goal, metric, pace, series, contexts, past, path, periods[: len(path.mean)], pace.as_of, pace.actual)
    found = case.outlook()
    if len(periods) <= len(path.mean):
        return found
    return Outlook(
        steps=found.steps,
        due=goal.due,
        words=f"beyond what {count} points support",
        method=found.method,
        n=count,
        season=found.season,
        beyond=True,
        notes=found.notes,
        as_of=pace.as_of,
    )


def season_note(grain: Grain) -> str:
    """That a season is longer than half the data."""
    return f"less than two {'weeks' if grain is Grain.DAY else 'years'} of data: a season cannot be seen in it"


def _periods(metric: Metric, kind: GoalKind, start: date, behind: date) -> tuple[tuple[date, date], ...]:
    """The periods ahead that touch the goal's time; of a level only those that end in it."""
    periods = periods_until(metric.grain, start, behind, _MOST_STEPS)
    return tuple(one for one in periods if kind is not GoalKind.LEVEL or one[1] <= behind)


def _refused_by_the_past(count: int) -> str:
    if count < DRIFT_POINTS:
        return f"a forecast needs {DRIFT_POINTS} whole periods; there are {count}"
    return "the periods so far are alike, or on one line: nothing says how far a forecast may miss"


def _refused_by_the_goal(goal: Goal, pace: Pace) -> str:
    if goal.due is None:
        return "the goal has no due date"
    if pace.state in {GoalState.MET, GoalState.MISSED}:
        return f"the goal is {pace.state.value} already"
    if pace.state is GoalState.NOT_STARTED:
        return "the goal has not started yet"
    if pace.as_of is None or pace.actual is None or not math.isfinite(pace.actual):
        return pace.notes[0] if pace.notes else "there is no data"
    return "the due date is over" if pace.as_of >= goal.due else ""


def _refused_by_the_table(goal: Goal, grain: Grain) -> str:
    """Periods that no table lists can't be foreseen."""
    if grain.calendar is None or goal.due is None or grain.calendar.ends[-1] > goal.due:
        return ""
    return f"the table of the grain {grain} ends on {grain.calendar.ends[-1] - timedelta(days=1)}, before the goal"


def _past(goal: Goal, kind: GoalKind, series: Series, as_of: date, contexts: Sequence[Context]) -> _Past | str:
    """The whole periods up to `as_of`, without gaps, or why they can't be used.

    What adds up is taken per planned day where a slow zone was, and as of a period of mean length where a table
    lists the periods, so that a planned standstill does not pull
    the forecast down; the same weight is put on the slow zones ahead.
    """
    behind = as_of + timedelta(days=1)
    indexes = [index for index in series.whole if series.ends[index] <= behind]
    values = [_value(goal, kind, series, index, contexts) for index in indexes]
    while values and values[0] is None:
        values.pop(0)
        indexes.pop(0)
    if not indexes:
        return f"a forecast needs {DRIFT_POINTS} whole periods; there are 0"
    gaps = sum(value is None for value in values)
    if gaps > MOST_GAPS * len(values):
        return f"{gaps} of {len(values)} periods have no value: too many gaps"
    notes = []
    if gaps:
        notes.append(f"{gaps} of {len(values)} periods have no value and were filled by a straight line")
    known = [place for place, value in enumerate(values) if value is not None]
    filled = np.interp(range(len(values)), known, [value for value in values if value is not None])
    return _Past(tuple(filled.tolist()), series.ends[indexes[-1]], tuple(notes))


def _value(goal: Goal, kind: GoalKind, series: Series, index: int, contexts: Sequence[Context]) -> float | None:
    value = series.values[index]
    if value is None or not math.isfinite(value):
        return None
    if kind is not GoalKind.SUM:
        return value
    start, end = series.starts[index], series.ends[index]
    part = _part(goal, contexts, (start, end), start, end)
    return value / part * _unit(series.grain, (start, end)) if part >= _HALF else None


def _part(goal: Goal, contexts: Sequence[Context], period: tuple[date, date], first: date, behind: date) -> float:
    """The planned weight of the days [first, behind) as a part of the period's days."""
    return context_weight(goal, contexts, first, behind) / (period[1] - period[0]).days


def _unit(grain: Grain, period: tuple[date, date]) -> float:
    """How many periods of mean length make this one's sum comparable: those of a table may differ much in length."""
    return 1.0 if grain.calendar is None else grain.calendar.mean_days / (period[1] - period[0]).days


@dataclass(frozen=True, slots=True)
class _Case:
    """One goal with its metric's next periods."""

    goal: Goal
    metric: Metric
    pace: Pace
    series: Series
    contexts: Sequence[Context]
    past: _Past
    path: Path
    periods: tuple[tuple[date, date], ...]
    as_of: date
    actual: float

    def outlook(self) -> Outlook:
        """The steps, and what they make of the goal at its due date."""
        if self.pace.kind is GoalKind.SUM:
            return self._of_a_sum()
        return self._of_a_level() if self.pace.kind is GoalKind.LEVEL else self._of_a_ratio()

    def _of_a_sum(self) -> Outlook:
        """The actual so far and what the days that are left bring."""
        parts = [
            _part(self.goal, self.contexts, period, *self._days_left(period)) / _unit(self.metric.grain, period)
            if self._is_left(period)
            else 0.0
            for period in self.periods
        ]
        means, sds = weighted_sums(self.path, parts)
        limits = self._limits(self.actual)
        totals = [self.actual + float(mean) for mean in means]
        notes = []
        zones = [zone for zone in contexts_of(self.goal, self.contexts) if not math.isclose(zone.pace_factor, 1.0)]
        if any(zone.end > self.as_of and zone.start <= self._due for zone in zones):
            notes.append("the planned slow zones ahead are taken at their pace factor")
        return self._made(self._steps(totals, sds.tolist(), limits), totals[-1], float(sds[-1]), limits, notes)

    def _of_a_level(self) -> Outlook:
        """The value of the last whole period before the due date."""
        limits = self._limits(0.0)
        means, sds = self.path.mean.tolist(), self.path.sd.tolist()
        return self._made(self._steps(means, sds, limits), means[-1], sds[-1], limits, [])

    def _of_a_ratio(self) -> Outlook:
        """All rows since the start: those at hand, and as many a period as of late."""
        limits = self._limits(0.0)
        steps = self._steps(self.path.mean.tolist(), self.path.sd.tolist(), limits)
        whole = [index for index in self.series.whole if self.series.ends[index] <= self.past.next_start]
        recent = [self.series.rows[index] for index in whole[-_RECENT_ROWS:]]
        each = sum(recent) / len(recent)
        rows = [each * self._days_in(period) / (period[1] - period[0]).days for period in self.periods]
        total = self.pace.rows + sum(rows)
        if total <= 0:
            return replace(self._made(steps, 0.0, 0.0, limits, []), refusal="no rows: nothing weighs the periods")
        means, sds = weighted_sums(self.path, [count / total for count in rows])
        mean = self.actual * self.pace.rows / total + float(means[-1])
        notes = ["as many rows a period ahead as in the last ones"]
        if not _adds_by_rows(self.metric):
            notes.append("periods are weighed by their rows, which for this metric is near, not exact")
        return self._made(steps, mean, float(sds[-1]), limits, notes)

    @property
    def _due(self) -> date:
        return self.goal.due if self.goal.due is not None else self.as_of

    def _days_left(self, period: tuple[date, date]) -> tuple[date, date]:
        """The days [first, behind) of a period behind `as_of` and not behind the due date."""
        return max(period[0], self.as_of + timedelta(days=1)), min(period[1], self._due + timedelta(days=1))

    def _is_left(self, period: tuple[date, date]) -> bool:
        first, behind = self._days_left(period)
        return first < behind

    def _days_in(self, period: tuple[date, date]) -> int:
        first, behind = self._days_left(period)
        return max(0, (behind - first).days)

    def _limits(self, low: float) -> _Limits:
        values = self.past.values
        is_share = self.metric.format in _FORMATS_OF_SHARES and self.pace.kind is not GoalKind.SUM
        return _Limits(low if min(values) >= 0 else -math.inf, 1.0 if is_share and max(values) <= 1.0 else math.inf)

    def _steps(self, means: Sequence[float], sds: Sequence[float], limits: _Limits) -> tuple[Step, ...]:
        at80, at95 = (reach(inside, self.path.freedom) for inside in (0.8, 0.95))
        behind = self._due + timedelta(days=1)
        return tuple(
            Step(
                start,
                min(end, behind),
                limits.kept(mean),
                *limits.band(mean, at80 * sd),
                *limits.band(mean, at95 * sd),
            )
            for (start, end), mean, sd in zip(self.periods, means, sds, strict=True)
        )

    def _made(self, steps: tuple[Step, ...], mean: float, sd: float, limits: _Limits, notes: Sequence[str]) -> Outlook:
        freedom, season = self.path.freedom, season_length(self.metric.grain) or 1
        if self.path.n < 2 * season:
            notes = [*notes, season_note(self.metric.grain)]
        low80, high80 = limits.band(mean, reach(0.8, freedom) * sd)
        low95, high95 = limits.band(mean, reach(0.95, freedom) * sd)
        p_met = self._p_met(mean, sd)
        return Outlook(
            "",
            steps,
            self._due,
            limits.kept(mean),
            low80,
            high80,
            low95,
            high95,
            p_met,
            verdict_words(p_met) if p_met is not None else "",
            self.path.method,
            self.path.n,
            self.path.season,
            notes=(*self.past.notes, *notes),
            as_of=self.as_of,
        )

    def _p_met(self, mean: float, sd: float) -> float | None:
        """The probability that the value at the due date is on the target's good side."""
        target = self.pace.target
        if target is None:
            return None
        is_rising = rises(self.pace.kind, self.metric, self.pace.baseline, target)
        ahead = mean - target if is_rising else target - mean
        if sd > 0:
            return chance(ahead / sd, self.path.freedom)
        return 1.0 if ahead >= 0 else 0.0


def _adds_by_rows(metric: Metric) -> bool:
    """Whether the value of all rows is the mean of the periods' values, weighed by rows."""
    definition = metric.definition
    return isinstance(definition, Simple) and definition.agg is Aggregation.AVERAGE
