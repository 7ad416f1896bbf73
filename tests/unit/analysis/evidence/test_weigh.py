"""Weighing links: what is refused, what is not enough, what is confirmed, and what is said about it."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kputui.analysis.evidence.align import aligned
from kputui.analysis.evidence.column import Column, Hypothesis
from kputui.analysis.evidence.joint import joint
from kputui.analysis.evidence.search import search
from kputui.analysis.evidence.verdict import Effect, Evidence, Verdict
from kputui.analysis.evidence.weigh import weigh
from kputui.analysis.evidence.what_if import what_if
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

CPI, KPI, OTHER = MetricId("cpi"), MetricId("kpi"), MetricId("other")
MONDAY = date(2024, 1, 1)


def weeks(n: int) -> list[date]:
    """The first `n` Mondays."""
    return [MONDAY + timedelta(weeks=i) for i in range(n)]


def column(metric: MetricId, values: Sequence[float | None] | np.ndarray) -> Column:
    """A metric's weeks."""
    plain = [None if one is None or math.isnan(one) else float(one) for one in values]
    return Column(metric, plain, weeks(len(plain)))


def led(n: int = 104, *, r: float = 0.6, lag: int = 2, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A CPI and a KPI that follows it."""
    rng = np.random.default_rng(seed)
    news = rng.normal(size=n + lag)
    return news[lag:], 100.0 + 10.0 * (r * news[:n] + math.sqrt(1.0 - r * r) * rng.normal(size=n))


def one(x: Sequence[float | None] | np.ndarray, y: Sequence[float | None] | np.ndarray, **declared: object) -> Evidence:
    """The evidence of a single link."""
    given = {"sign": 1, "low": 1, "high": 3, **declared}
    hypothesis = Hypothesis(CPI, KPI, **given)  # type: ignore[arg-type]  # keywords of the tests below
    return weigh([column(CPI, x), column(KPI, y)], [hypothesis], Grain.WEEK)[CPI, KPI]


def test_a_lead_as_declared_is_ready_to_confirm() -> None:
    """A KPI that follows its CPI by two weeks is found at that lag, with odds and an effect in the KPI's unit."""
    found = one(*led())
    assert found.verdict is Verdict.CONFIRMED
    assert found.best is not None
    assert found.best.lag == 2
    assert found.e is not None
    assert found.e > 1000.0
    assert found.effect is not None
    assert found.effect.low < 6.0 < found.effect.high
    assert found.n == 102
    assert len(found.scatter) == 102
    assert "leads" in found.reason
    assert "caus" not in found.reason
    assert found.data_to == MONDAY + timedelta(weeks=104) - timedelta(days=1)
    assert [figure.lag for figure in found.profile] == list(range(13))
    assert [figure.lag for figure in found.profile if figure.is_declared] == [1, 2, 3]


def test_a_lead_the_other_way_contradicts() -> None:
    """The same lead declared with the other sign is contradicted, and its odds are those of the opposite sign."""
    found = one(*led(), sign=-1)
    assert found.verdict is Verdict.CONTRADICTED
    assert found.e_opposite is not None
    assert found.e_opposite > 1000.0
    assert found.best is not None
    assert found.best.lag == 2


def test_moving_in_the_same_week_never_confirms() -> None:
    """A perfect match at lag 0 says that both move together, whether or not later lags are declared too."""
    x, y = led(lag=0, r=0.9)
    for high in (0, 2):
        found = one(x, y, low=0, high=high)
        assert found.verdict is Verdict.TOGETHER
        assert found.best is not None
        assert found.best.lag == 0
        assert found.e is not None
        assert found.e > 1000.0


def test_nothing_there_is_rejected_only_with_enough_data() -> None:
    """Without a lead, many weeks rule out one of interest; few weeks say "not enough data", and how many are needed."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=400), rng.normal(size=400)
    long, short = one(x, y), one(x[:50], y[:50])
    assert long.verdict is Verdict.REJECTED
    assert long.upper is not None
    assert long.upper < 0.3
    assert short.verdict is Verdict.NOT_ENOUGH
    assert short.more_periods is not None
    assert short.more_periods > 0
    assert f"about {short.more_periods} more period" in short.reason


def test_a_larger_effect_of_interest_is_ruled_out_sooner() -> None:
    """Who only cares for strong leads gets a rejection from fewer weeks."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=90), rng.normal(size=90)
    assert one(x, y, smallest_effect=0.2).verdict is Verdict.NOT_ENOUGH
    assert one(x, y, smallest_effect=0.6).verdict is Verdict.REJECTED


def test_half_a_year_confirms_nothing() -> None:
    """Below 30 joint weeks even a perfect lead is not judged, and the missing weeks are told."""
    x, y = led(26, r=0.99)
    found = one(x, y)
    assert found.verdict is Verdict.NOT_ENOUGH
    assert "at least 30" in found.reason
    assert found.more_periods is not None
    assert found.more_periods >= 4
    assert found.best is None


def test_gaps_are_not_filled() -> None:
    """A few missing weeks are left out; more than 15 % and the link is not judged, by name of the metric."""
    x, y = led(120)
    few, many = y.copy(), y.copy()
    few[[10, 40, 90]] = np.nan
    many[20:45] = np.nan
    assert one(x, few).verdict is Verdict.CONFIRMED
    assert 100 < one(x, few).n < 116
    found = one(x, many)
    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.reason.startswith("kpi has no data in 21%")


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (lambda x: x, "same values"),
        (lambda x: 1.0 - x, "complement"),
        (lambda x: 3.0 * x + 2.0, "computed from the other"),
        (lambda x: -7.0 * x, "seen from the other side"),
        (lambda x: x + 0.01 * np.cos(np.arange(len(x))), "computed from the other"),
    ],
)
def test_one_measure_from_two_sides_is_refused(second: object, why: str) -> None:
    """A metric against itself, its complement or a rescaling of it is refused by its data, with the reason."""
    x, _ = led()
    found = one(x, second(x))  # type: ignore[operator]  # a function of the parameters above
    assert found.verdict is Verdict.REFUSED
    assert why in found.reason


def test_two_straight_lines_are_not_one_measure() -> None:
    """A shared trend alone is neither a refusal nor a lead."""
    rng = np.random.default_rng(8)
    line = np.arange(120.0) * 50.0
    assert one(line + rng.normal(size=120), line + rng.normal(size=120)).verdict in {
        Verdict.NOT_ENOUGH,
        Verdict.REJECTED,
        Verdict.LEANING,
    }


def test_what_can_t_vary_is_not_judged() -> None:
    """A constant, an exact line, an empty metric and a missing one are "not enough data", each with its reason."""
    x, _ = led()
    assert one(x, np.full(104, 5.0)).reason == "kpi never changes"
    assert one(x, np.arange(104.0)).reason.startswith("nothing of kpi is left")
    assert one(x, [None] * 104).reason == "kpi has no data"
    found = weigh([column(CPI, x)], [Hypothesis(CPI, KPI, 1, 1, 3)], Grain.WEEK)[CPI, KPI]
    assert (found.verdict, found.reason) == (Verdict.NOT_ENOUGH, "kpi has no data")
    empty = weigh([Column(CPI, [], []), Column(KPI, [], [])], [Hypothesis(CPI, KPI, 1, 1, 3)], Grain.WEEK)
    assert empty[CPI, KPI].verdict is Verdict.NOT_ENOUGH
    apart = weigh(
        [column(CPI, x), Column(KPI, x.tolist(), [day + timedelta(weeks=200) for day in weeks(104)])],
        [Hypothesis(CPI, KPI, 1, 1, 3)],
        Grain.WEEK,
    )
    assert "no period in common" in apart[CPI, KPI].reason


def test_a_season_too_short_to_tell_is_said() -> None:
    """Two metrics that follow the same wave for a year and a half are not judged before two full years."""
    rng = np.random.default_rng(9)
    wave = 2.0 * np.sin(2.0 * np.pi * np.arange(80) / 52.0)
    columns = [column(CPI, wave + rng.normal(size=80)), column(KPI, wave + rng.normal(size=80))]
    found = weigh(columns, [Hypothesis(CPI, KPI, 1, 1, 3)], Grain.WEEK, season=52.0)[CPI, KPI]
    assert found.verdict is Verdict.NOT_ENOUGH
    assert "season of 52 weeks" in found.reason
    assert found.more_periods == 24
    early = [Column(whole.metric, whole.values[:45], whole.starts[:45]) for whole in columns]
    found = weigh(early, [Hypothesis(CPI, KPI, 1, 1, 3)], Grain.WEEK, season=52.0)[CPI, KPI]
    assert found.verdict is not Verdict.CONFIRMED
    assert "season" in failed(found)
    assert any("45 weeks can't tell a season of 52" in check.text for check in found.checks)


def test_a_declared_driver_of_both_takes_its_part() -> None:
    """Two metrics that one driver moves, one later than the other, look like a lead until the driver is declared."""
    rng = np.random.default_rng(10)
    driver = rng.normal(size=200)
    x, y = driver + 0.5 * rng.normal(size=200), np.roll(driver, 1) + 0.5 * rng.normal(size=200)
    late = np.roll(driver, 1)
    columns = [column(CPI, x), column(KPI, y), column(OTHER, late)]
    blind = weigh(columns, [Hypothesis(CPI, KPI, 1, 1, 1)], Grain.WEEK)[CPI, KPI]
    told = weigh(columns, [Hypothesis(CPI, KPI, 1, 1, 1, controls=(OTHER,))], Grain.WEEK)[CPI, KPI]
    assert blind.verdict is Verdict.CONFIRMED
    assert told.verdict is not Verdict.CONFIRMED
    assert told.controls == (OTHER,)
    gone = weigh(columns[:2], [Hypothesis(CPI, KPI, 1, 1, 1, controls=(OTHER,))], Grain.WEEK)[CPI, KPI]
    assert gone.reason == "other has no data"


def test_before_and_since_the_declaration_are_apart() -> None:
    """A lead that stopped when it was written down shows in the part before, not in the part since."""
    x, y = led(200, r=0.8)
    y[100:] = 100.0 + 10.0 * np.random.default_rng(11).normal(size=100)
    found = one(x, y, declared=weeks(200)[100])
    before, since = found.parts
    assert (before.name, since.name) == ("before", "since")
    assert before.n + since.n == found.n
    assert before.e is not None
    assert since.e is not None
    assert before.e > 100.0
    assert since.e < 1.0
    fresh = one(x, y, declared=weeks(200)[197])
    assert fresh.parts[1].e is None


def test_all_data_since_the_declaration_gives_the_odds_of_the_whole() -> None:
    """Of a link in the same period that was declared before the data begins, the part since then is the whole test."""
    x, y = led(lag=0)
    found = one(x, y, low=0, high=1, declared=MONDAY - timedelta(days=21))
    assert found.best is not None
    assert found.best.lag == 0
    assert found.parts[0].e is None
    assert found.parts[1].e == pytest.approx(found.best.e)
    assert found.parts[1].p == pytest.approx(found.best.p)


def test_twins_can_t_be_told_apart() -> None:
    """Two CPIs of one KPI that move as one name each other; a third does not."""
    x, y = led()
    rng = np.random.default_rng(12)
    columns = [
        column(CPI, x),
        column(OTHER, x + 0.3 * rng.normal(size=104)),
        column(MetricId("third"), rng.normal(size=104)),
        column(KPI, y),
    ]
    links = [Hypothesis(cpi, KPI, 1, 1, 3) for cpi in (CPI, OTHER, MetricId("third"))]
    found = weigh(columns, links, Grain.WEEK)
    assert found[CPI, KPI].alike == (OTHER,)
    assert found[OTHER, KPI].alike == (CPI,)
    assert found[MetricId("third"), KPI].alike == ()


def failed(found: Evidence) -> set[str]:
    """The names of the checks that did not hold."""
    return {check.name for check in found.checks if not check.held}


def test_the_checks_name_what_fails() -> None:
    """A clean lead fails no check; a shift, a single week, disagreeing halves, a nearer lag, a leading KPI do."""
    x, y = led(200)
    assert failed(one(x, y)) == set()
    assert failed(one(x, y + 60.0 * (np.arange(200) >= 90))) == {"level shift"}
    halved = y.copy()
    halved[100:] = 200.0 - halved[100:]
    assert "halves" in failed(one(x, halved, low=2, high=2))
    assert "window" in failed(one(x, y, low=3, high=4))
    assert "direction" in failed(one(y, x))
    rng = np.random.default_rng(13)
    lonely_x, lonely_y = rng.normal(size=80), rng.normal(size=80)
    lonely_x[30], lonely_y[32] = 9.0, 9.0
    found = one(lonely_x, lonely_y, low=2, high=2)
    assert "one point" in failed(found)
    assert any(str(weeks(80)[32]) in check.text for check in found.checks)


def test_the_last_day_is_the_newest_with_a_value() -> None:
    """The evidence says up to which day its metrics have values, empty weeks at the end left out."""
    x, y = led()
    x[-2:], y[-3:] = np.nan, np.nan
    assert one(x, y).data_to == weeks(len(x))[-2] - timedelta(days=1)


def test_links_fitted_together_share_the_effect() -> None:
    """Two CPIs that both lead get the effects they were made with; one that only copies the other gets little."""
    rng = np.random.default_rng(14)
    a, b = rng.normal(size=302), rng.normal(size=302)
    copy = a + 0.5 * rng.normal(size=302)
    y = np.zeros(302)
    y[2:] = 3.0 * a[:-2] + 2.0 * b[1:-1] + rng.normal(size=300)
    names = [MetricId(name) for name in ("a", "b", "copy")]
    columns = [*(column(name, values) for name, values in zip(names, (a, b, copy), strict=True)), column(KPI, y)]
    links = [(Hypothesis(name, KPI, 1, lag, lag), lag) for name, lag in zip(names, (2, 1, 2), strict=True)]
    effects = joint(columns, links, Grain.WEEK)
    assert effects[names[0]].low < 3.0 < effects[names[0]].high
    assert effects[names[1]].low < 2.0 < effects[names[1]].high
    assert effects[names[2]].low < 0.0 < effects[names[2]].high
    assert joint(columns, links[:1], Grain.WEEK) == {}


def test_the_search_gives_hints_corrected_for_itself() -> None:
    """Of many pairs the one that is real comes first; declared pairs and twins are left out, and luck is not found."""
    x, y = led(150)
    rng = np.random.default_rng(15)
    noise = [MetricId(f"n{i}") for i in range(12)]
    columns = [column(CPI, x), column(KPI, y), column(OTHER, -x)]
    columns += [column(name, rng.normal(size=150)) for name in noise]
    hints = search(columns, [CPI, *noise], [KPI, OTHER, *noise[:3]], Grain.WEEK, declared={(noise[0], KPI)})
    assert (hints[0].cpi, hints[0].kpi, hints[0].lag) == (CPI, KPI, 2)
    assert hints[0].q < 0.001
    assert all(hint.q > 0.05 for hint in hints[1:])
    pairs = {(hint.cpi, hint.kpi) for hint in hints}
    assert (noise[0], KPI) not in pairs
    assert (CPI, OTHER) not in pairs
    assert all(hint.p <= hint.q for hint in hints)
    assert search(columns, [], [KPI], Grain.WEEK) == ()


def test_what_if_speaks_in_the_kpi_s_unit_and_of_the_gap() -> None:
    """A change of the CPI gives a range of the KPI, lower end first, and its share of what is missing to the goal."""
    effect = Effect(-2.0, -3.0, -1.0, 2)
    found = what_if(effect, -5.0, gap=40.0)
    assert (found.expected, found.low, found.high, found.lag) == (10.0, 5.0, 15.0, 2)
    assert (found.share, found.share_low, found.share_high) == (0.25, 0.125, 0.375)
    assert what_if(effect, 1.0).share is None
    down = what_if(effect, -5.0, gap=-40.0)
    assert (down.share, down.share_low, down.share_high) == (-0.25, -0.375, -0.125)


@pytest.mark.parametrize(
    ("grain", "starts", "places"),
    [
        (Grain.DAY, [date(2024, 2, 28), date(2024, 3, 1)], [0, 2]),
        (Grain.WEEK, [date(2024, 12, 23), date(2025, 1, 6)], [0, 2]),
        (Grain.MONTH, [date(2024, 11, 1), date(2025, 2, 1)], [0, 3]),
        (Grain.QUARTER, [date(2024, 2, 1), date(2025, 2, 1)], [0, 4]),
        (Grain.YEAR, [date(2020, 4, 1), date(2023, 4, 1)], [0, 3]),
    ],
)
def test_columns_stand_on_one_calendar(grain: Grain, starts: list[date], places: list[int]) -> None:
    """A period that no row names is a gap at its own place, at every grain and in fiscal years too."""
    held = aligned([Column(CPI, [1.0, 2.0], starts), Column(KPI, [math.inf], starts[:1])], grain)
    assert len(held.starts) == places[-1] + 1
    assert [held.starts[place] for place in places] == starts
    assert held.values[0, places].tolist() == [1.0, 2.0]
    assert np.isfinite(held.values).sum() == 2
    assert held.place(starts[1]) == places[1]
    assert held.place(starts[1] + timedelta(days=900)) == len(held.starts)


def test_results_are_read_without_numpy() -> None:
    """Screens and records can read verdicts, columns and what-ifs where numpy has not been loaded."""
    code = (
        "import sys; import kputui.analysis.evidence.verdict, kputui.analysis.evidence.column, "
        "kputui.analysis.evidence.what_if, kputui.analysis.evidence.judge, kputui.analysis.evidence.season; "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
