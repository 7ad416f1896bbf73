"""Outlooks of goals: sums, levels, ratios, gates, words."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.analysis.forecast.goal import outlook_of
from kputui.analysis.forecast.outlook import Outlook, share_words, verdict_words
from kputui.analysis.pace import Measured, Pace, judge
from kputui.model.goal import Context, Goal, GoalKind, GoalState
from kputui.model.ids import GoalId, MetricId, SourceId
from kputui.model.metric import Aggregation, Direction, Grain, Metric, MetricKind, NumberFormat, Simple
from kputui.model.series import Series, Span

MONDAY = date(2026, 1, 5)
SUM = Metric(MetricId("m"), MetricKind.KPI, "M", Simple(SourceId("s"), Aggregation.SUM), direction=Direction.INCREASE)
FEWER = replace(SUM, direction=Direction.DECREASE)
MEAN = replace(SUM, definition=Simple(SourceId("s"), Aggregation.AVERAGE), format=NumberFormat.PERCENT1)
YEAR = Goal(GoalId("g"), "G", start=MONDAY, due=date(2026, 12, 27), target=5_100.0, measured_by=SUM.id)


def weekly(values: list[float | None], *, rows: int = 10, start: date = MONDAY) -> Series:
    """Whole weeks from `start` on."""
    starts = tuple(start + timedelta(days=7 * index) for index in range(len(values)))
    ends = tuple(day + timedelta(days=7) for day in starts)
    covers = Span(start, ends[-1] if ends else start)
    return Series(SUM.id, Grain.WEEK, starts, ends, tuple(values), (rows,) * len(values), covers)


def noisy(count: int, seed: int = 1, middle: float = 100.0, sd: float = 8.0) -> list[float | None]:
    """Weeks around a middle."""
    return [float(value) for value in np.random.default_rng(seed).normal(middle, sd, count)]


def evening(weeks: int) -> date:
    """The last day of so many weeks."""
    return MONDAY + timedelta(days=7 * weeks - 1)


def standing(values: list[float | None], goal: Goal = YEAR, metric: Metric = SUM, as_of: date | None = None) -> Pace:
    """The goal's pace at the end of the values, or at `as_of`."""
    known = [value for value in values if value is not None]
    total = {GoalKind.SUM: sum(known), GoalKind.LEVEL: known[-1] if known else 0.0}
    kind = goal.kind or (GoalKind.SUM if metric.definition == SUM.definition else GoalKind.RATIO)
    actual = total.get(kind, sum(known) / max(len(known), 1))
    measured = Measured(as_of or evening(len(values)), actual, rows=10 * len(values))
    return judge(goal, metric, measured)


def outlook(
    values: list[float | None], goal: Goal = YEAR, metric: Metric = SUM, contexts: tuple[Context, ...] = ()
) -> Outlook:
    return outlook_of(goal, metric, standing(values, goal, metric), weekly(values), contexts)


def test_a_sum_adds_the_weeks_that_are_left() -> None:
    """38 weeks of about 100, 13 to come: about 5,100 by the due date, with every week a step on the way."""
    found = outlook(noisy(38))
    assert found.refusal == ""
    assert found.mean == pytest.approx(5_100, rel=0.01)
    assert len(found.steps) == 13
    assert found.steps[-1].end == date(2026, 12, 28)
    assert found.steps[-1].mean == found.mean
    means = [step.mean for step in found.steps]
    assert means == sorted(means)
    assert found.low95 is not None
    assert found.low80 is not None
    assert found.low95 < found.low80 < (found.mean or 0) < (found.high80 or 0) < (found.high95 or 0)


def test_the_probability_is_that_of_the_band() -> None:
    """A target at the band's lower end is met in nine of ten cases, at its upper end in one."""
    found = outlook(noisy(38))
    for target, chance in ((found.low80, 0.9), (found.high80, 0.1), (found.mean, 0.5)):
        assert outlook(noisy(38), replace(YEAR, target=target)).p_met == pytest.approx(chance, abs=1e-6)


def test_an_allowance_is_met_below_its_target() -> None:
    """Fewer is better: what makes a target likely upwards makes the same allowance unlikely."""
    up = outlook(noisy(38), replace(YEAR, target=5_150.0)).p_met
    down = outlook(noisy(38), replace(YEAR, target=5_150.0), FEWER).p_met
    assert up is not None
    assert down == pytest.approx(1 - up)


def test_a_started_week_counts_with_the_days_that_are_left() -> None:
    """On Wednesday evening four sevenths of the week are still to come."""
    values = noisy(38)
    pace = standing([*values, 40.0], as_of=evening(38) + timedelta(days=3))
    found = outlook_of(YEAR, SUM, pace, weekly(values))
    assert found.steps[0].start == evening(38) + timedelta(days=1)
    assert found.steps[0].mean == pytest.approx((pace.actual or 0) + 100 * 4 / 7, abs=4)


def test_a_due_date_inside_a_week_takes_its_part() -> None:
    """A goal that ends on a Tuesday gets two sevenths of the last week."""
    whole, part = outlook(noisy(38)), outlook(noisy(38), replace(YEAR, due=date(2026, 12, 22)))
    assert whole.mean is not None
    assert part.mean is not None
    assert whole.mean - part.mean == pytest.approx(100 * 5 / 7, abs=4)
    assert part.steps[-1].end == date(2026, 12, 23)


def test_nothing_behind_the_day_is_looked_at() -> None:
    """Weeks that come later, however wild, change nothing in what was said on the day."""
    values = noisy(38)
    pace = standing(values)
    later = weekly([*values, 9_999.0, 5.0, None])
    assert outlook_of(YEAR, SUM, pace, later) == outlook_of(YEAR, SUM, pace, weekly(values))


def test_a_planned_slow_zone_ahead_is_taken_at_its_factor() -> None:
    """Two weeks at half weight bring half of theirs, and the forecast says so."""
    zone = Context(date(2026, 11, 2), date(2026, 11, 15), "move", 0.5)
    plain, slowed = outlook(noisy(38)), outlook(noisy(38), contexts=(zone,))
    assert plain.mean is not None
    assert slowed.mean is not None
    assert plain.mean - slowed.mean == pytest.approx(100, abs=5)
    assert "the planned slow zones ahead are taken at their pace factor" in slowed.notes


def test_a_planned_slow_zone_behind_does_not_pull_down() -> None:
    """Weeks that brought half as planned do not make the future look half as good."""
    values = noisy(38)
    halved = [value / 2 if 34 <= week < 38 and value else value for week, value in enumerate(values)]
    zone = Context(MONDAY + timedelta(days=34 * 7), evening(38), "move", 0.5)
    first = outlook(halved, contexts=(zone,)).steps[0]
    assert first.mean - sum(value or 0 for value in halved) == pytest.approx(100, abs=6)


def test_a_level_is_the_last_whole_week_before_the_due_date() -> None:
    """A level due on a Wednesday is that of the week that ended on Sunday."""
    goal = replace(YEAR, kind=GoalKind.LEVEL, baseline=80.0, target=95.0, due=date(2026, 11, 11))
    found = outlook(noisy(38), goal)
    assert found.steps[-1].end == date(2026, 11, 9)
    assert found.mean == pytest.approx(100, abs=4)
    assert (found.p_met or 0) > 0.5


def test_a_level_on_its_way_down_is_met_below_its_target() -> None:
    """From 140 down to 110: about 100 a week makes it likely, whatever the metric's direction says."""
    goal = replace(YEAR, kind=GoalKind.LEVEL, baseline=140.0, target=115.0, due=date(2026, 11, 11))
    assert (outlook(noisy(38), goal).p_met or 0) > 0.9


def test_a_level_whose_last_week_is_over_is_decided() -> None:
    """Two days before the due date no week ends any more: nothing is left to forecast."""
    goal = replace(YEAR, kind=GoalKind.LEVEL, baseline=80.0, target=95.0, due=evening(38) + timedelta(days=3))
    assert outlook(noisy(38), goal).refusal == "the last period before the due date is over: it decides"


def test_a_ratio_is_of_all_rows() -> None:
    """38 weeks at 50 % and 13 more cannot be far from 50 %, whatever a single week does."""
    found = outlook(noisy(38, middle=0.5, sd=0.05), metric=MEAN, goal=replace(YEAR, target=0.5))
    assert found.mean == pytest.approx(0.5, abs=0.02)
    week, year = found.steps[-1], found
    assert (year.high80 or 0) - (year.low80 or 0) < (week.high80 - week.low80) / 3
    assert found.notes == (
        "as many rows a period ahead as in the last ones",
        "less than two years of data: a season cannot be seen in it",
    )


def test_two_years_of_weeks_can_show_a_season() -> None:
    """With 38 weeks the forecast says that it knows of no season; with 110 it has looked for one."""
    goal = replace(YEAR, start=MONDAY + timedelta(days=72 * 7), due=MONDAY + timedelta(days=123 * 7 - 1), target=9e9)
    values = noisy(110)
    pace = standing(values[72:], goal, as_of=evening(110))
    assert not any("season" in note for note in outlook_of(goal, SUM, pace, weekly(values)).notes)


def test_shares_stay_shares() -> None:
    """No band promises 104 % or less than nothing."""
    high = [min(value or 0.0, 1.0) for value in noisy(38, middle=0.98, sd=0.01)]
    found = outlook([*high], metric=MEAN, goal=replace(YEAR, target=0.9))
    assert max(step.high95 for step in found.steps) <= 1.0
    calls = outlook(noisy(38, middle=3, sd=0.5), replace(YEAR, target=1.0, kind=GoalKind.RATIO))
    assert min(step.low95 for step in calls.steps) >= 0.0


def test_a_median_says_that_it_is_near() -> None:
    """The median of all rows is not made of the weeks' medians: the forecast says so."""
    metric = replace(MEAN, definition=Simple(SourceId("s"), Aggregation.MEDIAN))
    found = outlook(noisy(38, middle=0.5, sd=0.05), metric=metric, goal=replace(YEAR, target=0.5))
    assert any("near, not exact" in note for note in found.notes)


def test_a_held_level_is_forecast_as_the_whole_time() -> None:
    """What is to be held counts over all rows from the start to the due date."""
    goal = replace(YEAR, target=0.45, kind=GoalKind.MAINTAIN)
    found = outlook(noisy(38, middle=0.5, sd=0.05), metric=MEAN, goal=goal)
    assert (found.p_met or 0) > 0.97


def test_too_far_a_due_date_is_beyond_the_points() -> None:
    """25 weeks support 12 more; of the due date in 26 nothing is said, but the fan is there as far as it goes."""
    found = outlook(noisy(25))
    assert found.beyond
    assert found.words == "beyond what 25 points support"
    assert len(found.steps) == 12
    assert (found.mean, found.low80, found.p_met) == (None, None, None)


def test_a_long_past_does_not_reach_any_distance() -> None:
    """Of eleven years of weeks the newest ten speak, and they support five years, not nine."""
    goal = replace(YEAR, start=MONDAY + timedelta(days=560 * 7), due=MONDAY + timedelta(days=1_040 * 7), target=9e9)
    values = noisy(575)
    found = outlook_of(goal, SUM, standing(values[560:], goal, as_of=evening(575)), weekly(values))
    assert found.words == "beyond what 520 points support"
    assert len(found.steps) == 260


@pytest.mark.parametrize(
    ("values", "goal", "words"),
    [
        (noisy(7), YEAR, "a forecast needs 8 whole periods; there are 7"),
        ([], YEAR, "a forecast needs 8 whole periods; there are 0"),
        ([100.0] * 38, YEAR, "the periods so far are alike"),
        ([100.0, None] * 19, YEAR, "19 of 38 periods have no value: too many gaps"),
        (noisy(38), replace(YEAR, target=1_000.0), "the goal is met already"),
        (noisy(38), replace(YEAR, due=None), "the goal has no due date"),
    ],
)
def test_no_forecast_says_why(values: list[float | None], goal: Goal, words: str) -> None:
    """Where no forecast can be stood for, there are words and no figure."""
    found = outlook_of(goal, SUM, standing(values, goal, as_of=evening(max(len(values), 1))), weekly(values))
    assert found.refusal.startswith(words)
    assert (found.mean, found.p_met, found.steps) == (None, None, ())


def test_a_goal_that_has_not_begun_has_no_forecast() -> None:
    """Next year's goal waits for next year."""
    pace = Pace(YEAR.id, GoalKind.SUM, YEAR.plan, state=GoalState.NOT_STARTED)
    assert outlook_of(YEAR, SUM, pace, weekly(noisy(38))).refusal == "the goal has not started yet"


def test_few_gaps_are_filled_and_told() -> None:
    """Two missing weeks of 38 do not stop the forecast, and are not hidden."""
    values = noisy(38)
    values[10] = values[20] = None
    found = outlook(values)
    assert found.mean is not None
    assert found.notes[0] == "2 of 38 periods have no value and were filled by a straight line"


def test_a_goal_without_a_target_has_a_band_and_no_probability() -> None:
    """Where it leads can be said; whether that is enough cannot."""
    found = outlook(noisy(38), replace(YEAR, target=None))
    assert found.mean is not None
    assert (found.p_met, found.words) == (None, "")


@pytest.mark.parametrize(
    ("probability", "share", "words"),
    [
        (1.0, "> 97 %", "likely to be met"),
        (0.972, "> 97 %", "likely to be met"),
        (0.97, "97 %", "likely to be met"),
        (0.91, "91 %", "likely to be met"),
        (0.90, "90 %", "leaning to be met"),
        (0.78, "78 %", "leaning to be met"),
        (0.65, "65 %", "leaning to be met"),
        (0.64, "64 %", "open"),
        (0.36, "36 %", "open"),
        (0.35, "35 %", "leaning to miss"),
        (0.10, "10 %", "leaning to miss"),
        (0.09, "9 %", "likely missed"),
        (0.0, "< 3 %", "likely missed"),
    ],
)
def test_figure_and_word_agree(probability: float, share: str, words: str) -> None:
    """The word always fits the figure that stands beside it, and nothing is surer than 97 %."""
    assert (share_words(probability), verdict_words(probability)) == (share, words)


hostile = st.one_of(st.none(), st.floats(), st.floats(-1e3, 1e3), st.sampled_from([0.0, 1.0, 1e300, -1e300]))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(hostile, max_size=40), st.sampled_from(GoalKind), st.sampled_from([SUM, FEWER, MEAN]), st.floats(-1e9, 1e9)
)
def test_any_series_gives_an_outlook(values: list[float | None], kind: GoalKind, metric: Metric, target: float) -> None:
    """Gaps, infinities, huge and negative values: an outlook of finite figures or a refusal, never a crash."""
    goal = replace(YEAR, kind=kind, baseline=0.0, target=target)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    pace = standing(list(finite), goal, metric, evening(max(len(values), 1)))
    if pace.actual is not None and not math.isfinite(pace.actual):
        return
    found = outlook_of(goal, metric, pace, weekly(values))
    for figure in (found.mean, found.low80, found.high80, found.low95, found.high95, found.p_met):
        assert figure is None or math.isfinite(figure)
    assert found.refusal or found.mean is not None or found.beyond
    assert found.p_met is None or 0.0 <= found.p_met <= 1.0


def test_probabilities_come_true() -> None:
    """Of simulated goals that get 65-90 % about that many are met, of those below 35 % few."""
    rng = np.random.default_rng(7)
    said, came = [], []
    for _ in range(250):
        carried = rng.choice([0.0, 0.5, 0.9])
        value, values = 0.0, []
        for shock in rng.normal(0, 8, 51):
            value = carried * value + shock
            values.append(100 + value)
        goal = replace(YEAR, target=float(rng.normal(5_100, 250)))
        found = outlook(list(values[:38]), goal)
        if found.p_met is not None:
            said.append(found.p_met)
            came.append(sum(values) >= (goal.target or 0))
    chances, met = np.array(said), np.array(came)
    leaning, unlikely = (chances > 0.65) & (chances <= 0.9), chances < 0.35
    assert leaning.sum() > 15
    assert 0.6 <= met[leaning].mean() <= 0.97
    assert met[unlikely].mean() <= 0.3
    assert met[chances > 0.9].mean() >= 0.9
