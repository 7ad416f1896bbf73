"""Each rule fires where its words say, and costs the false alarms that the product names."""

from __future__ import annotations

import numpy as np
import pytest

from kputui.analysis.signals import rules


def fired(name: str, rule: str, *scores: float) -> list[int]:
    """The points at which one rule of a set fires."""
    found = next(each for each in rules.SETS[name] if each.name == rule)
    return np.flatnonzero(found.find(np.array(scores))).tolist()


def run_length(chosen: tuple[rules.Rule, ...], seed: int, series: int) -> float:
    """Periods to the first false alarm, on average, from simulated series of 1,200 periods with known limits."""
    random = np.random.default_rng(seed)
    periods, alarms = 0, 0
    for _ in range(series // 2_000):
        scores = random.standard_normal((2_000, 1_200))
        hits = np.zeros(scores.shape, dtype=np.bool_)
        for rule in chosen:
            hits |= rule.find(scores) != 0
        has_alarm = hits.any(axis=1)
        periods += int(np.where(has_alarm, hits.argmax(axis=1) + 1, 1_200).sum())
        alarms += int(has_alarm.sum())
    return periods / alarms


def test_a_point_outside_gives_370_periods_between_false_alarms() -> None:
    """One point outside three sigma: once in 370.4 periods (Champ and Woodall 1987, table 1)."""
    assert run_length(rules.SETS["wheeler"][:1], 1, 8_000) == pytest.approx(370.4, rel=0.03)


@pytest.mark.parametrize(
    ("name", "published"), [("western_electric", 91.75), ("wheeler", 127), ("nhs", 82), ("nelson", 74)]
)
def test_each_set_costs_the_false_alarms_that_are_shown(name: str, published: float) -> None:
    """Who chooses a set of rules sees its true price: within 3 per cent, on values that only vary by chance."""
    assert rules.RUN_LENGTHS[name] == published
    assert run_length(rules.SETS[name], 2, 10_000) == pytest.approx(published, rel=0.03)


def test_every_set_has_a_price() -> None:
    """No set can be chosen without knowing how often it cries wolf."""
    assert set(rules.RUN_LENGTHS) == set(rules.SETS)


def test_eight_in_a_row_fire_and_seven_do_not() -> None:
    """Wheeler's run rule needs eight points on one side."""
    assert fired("wheeler", "run", *[0.5] * 7, -0.5) == []
    assert fired("wheeler", "run", *[0.5] * 8, -0.5) == [7]
    assert fired("wheeler", "run", *[-0.5] * 9) == [7, 8]


def test_a_point_on_the_centre_breaks_a_run() -> None:
    """A value exactly on the centre is on neither side."""
    assert fired("wheeler", "run", *[0.5] * 4, 0.0, *[0.5] * 7) == []


def test_the_limit_itself_is_not_outside() -> None:
    """A value exactly on a natural limit is inside."""
    assert fired("wheeler", "outside", 3.0, -3.0, 3.0001, -3.0001) == [2, 3]


def test_three_of_four_nearer_the_limit_must_be_on_one_side() -> None:
    """Three of four beyond 1.5 sigma count only when they lie on the same side of the centre."""
    assert fired("wheeler", "three of four", 1.6, 0.0, 1.6, 1.6) == [3]
    assert fired("wheeler", "three of four", 1.6, -1.6, 1.6, -1.6) == []
    assert fired("wheeler", "three of four", 1.6, 1.6, 1.6, 0.0, 0.0) == [2]


def test_two_of_three_in_the_outer_third() -> None:
    """Two of three beyond two sigma on one side."""
    assert fired("western_electric", "two of three", 2.1, 0.0, 2.1) == [2]
    assert fired("western_electric", "two of three", 2.1, 0.0, 0.0, 2.1) == []


def test_four_of_five_beyond_one_sigma() -> None:
    """Four of five beyond one sigma on one side."""
    assert fired("western_electric", "four of five", 1.1, 1.1, 0.0, 1.1, 1.1) == [4]
    assert fired("western_electric", "four of five", 1.1, 1.1, 0.0, 1.1, -1.1) == []


def test_seven_rising_points_are_a_trend_and_six_are_not() -> None:
    """The NHS trend needs seven points, each higher than the one before; Nelson's needs six."""
    rising = [0.1 * step for step in range(7)]
    assert fired("nhs", "trend", *rising[:6], 0.0) == []
    assert fired("nhs", "trend", *rising) == [6]
    assert fired("nelson", "trend", *rising[:6]) == [5]
    assert fired("nelson", "trend", 0.0, 0.1, 0.2, 0.2, 0.3, 0.4) == []


def test_fourteen_points_up_and_down_in_turn_and_thirteen_not() -> None:
    """Nelson's fourth rule: alternating points."""
    turns = [0.3 * (-1) ** step for step in range(14)]
    assert fired("nelson", "alternating", *turns[:13]) == []
    assert fired("nelson", "alternating", *turns) == [13]


def test_fifteen_points_near_the_centre() -> None:
    """Nelson's seventh rule: too little variation is a signal as well."""
    assert fired("nelson", "near the centre", *[0.5, -0.5] * 7) == []
    assert fired("nelson", "near the centre", *[0.5, -0.5] * 7, 0.5) == [14]


def test_eight_points_that_avoid_the_centre_on_both_sides() -> None:
    """Nelson's eighth rule: eight outside one sigma, on both sides of the centre."""
    assert fired("nelson", "avoids the centre", *[1.2, -1.2] * 4) == [7]
    assert fired("nelson", "avoids the centre", *[1.2] * 8) == []


def test_a_run_that_goes_on_is_one_signal_that_names_its_length() -> None:
    """Eleven points above the centre are one thing to explain, not four."""
    found = [each for each in rules.patterns(np.array([-0.5, *[0.5] * 11]), "wheeler") if each.rule.name == "run"]
    assert [(each.first, each.last, each.words) for each in found] == [(1, 11, "11 in a row above the centre")]


def test_two_points_outside_on_two_sides_are_two_signals() -> None:
    """High and low are told apart even side by side."""
    found = [
        each for each in rules.patterns(np.array([0.0, 3.5, -3.5, -3.2]), "wheeler") if each.rule.name == "outside"
    ]
    words = [(each.first, each.last, each.words) for each in found]
    assert words == [(1, 1, "above the natural limits"), (2, 3, "2 in a row below the natural limits")]
