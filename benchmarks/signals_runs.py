"""What charts, shifts, comparisons and questions cost and promise, by simulation: `python benchmarks/signals_runs.py`.

Prints run lengths between false alarms, false signals among dependent values with and without the guard, false and
found shifts and steps, and how often honest and gaming teams are asked. Takes about two minutes.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.change.points import change_points
from kputui.analysis.change.step import step_change
from kputui.analysis.gaming.question import Sample
from kputui.analysis.gaming.series import diverging
from kputui.analysis.signals.chart import process_chart
from kputui.analysis.signals.limits import xmr
from kputui.analysis.signals.rules import RUN_LENGTHS, SETS, patterns
from kputui.model.ids import MetricId

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kputui.analysis.signals.rules import Rule

    Values = NDArray[np.float64]

SERIES = 200
RANDOM = np.random.default_rng(2026)
DAYS = tuple(date(2017, 9, 1) + timedelta(days=day) for day in range(3_000))
WEEKS = tuple(date(2020, 1, 6) + timedelta(days=7 * week) for week in range(200))


def autoregressive(phi: float, n: int, series: int) -> Values:
    """AR(1) series (series, n) with variance 1."""
    steps = RANDOM.standard_normal((series, n + 80))
    values = np.zeros_like(steps)
    for at in range(1, n + 80):
        values[:, at] = phi * values[:, at - 1] + steps[:, at] * np.sqrt(1 - phi**2)
    return values[:, 80:]


def run_length(rules: tuple[Rule, ...], series: int = 20_000, length: int = 1_200) -> float:
    """Periods to the first false alarm on average, limits known."""
    periods = alarms = 0
    for _ in range(series // 2_000):
        scores = RANDOM.standard_normal((2_000, length))
        hits = np.any([rule.find(scores) != 0 for rule in rules], axis=0)
        has_alarm = hits.any(axis=1)
        periods += int(np.where(has_alarm, hits.argmax(axis=1) + 1, length).sum())
        alarms += int(has_alarm.sum())
    return periods / alarms


def share(judge: Callable[[Values], bool], series: Values) -> str:
    """Per cent of the series that `judge` says yes to, and the milliseconds a series."""
    began = time.process_time()
    hits = sum(judge(values) for values in series)
    return f"{100 * hits / len(series):5.1f} % {1000 * (time.process_time() - began) / len(series):6.1f} ms"


def has_plain_signal(values: Values) -> bool:
    """Whether an XmR chart without the guard shows a signal anywhere."""
    limits = xmr(values)
    return limits is not None and bool(patterns((values - limits.centre) / limits.sigma, "wheeler"))


def has_signal(values: Values) -> bool:
    """Whether the chart shows a signal anywhere."""
    chart = process_chart(WEEKS[: len(values)], values.tolist())
    return any(signal.rule != "range" for signal in chart.signals)


def alerts(values: Values) -> bool:
    """Whether the newest period alerts."""
    return bool(process_chart(WEEKS[: len(values)], values.tolist()).new)


def has_shift(values: Values) -> bool:
    """Whether a shift is found that nobody named."""
    return bool(change_points(WEEKS[: len(values)], values.tolist()))


def has_shift_of_days(values: Values) -> bool:
    """Whether a shift is found in a long daily history."""
    return bool(change_points(DAYS[: len(values)], values.tolist(), season=7))


def has_step(values: Values) -> bool:
    """Whether a step is shown two thirds into the series."""
    return step_change(WEEKS[: len(values)], values.tolist(), WEEKS[2 * len(values) // 3]).is_shown


def asked(phi: float, strength: float, rise: float, faked: float) -> str:
    """Per cent of the teams that are asked whether the KPI still means the same (52 + 26 weeks, lag 2)."""
    n, lag, hits = 78, 2, 0
    after = np.arange(n) >= 52
    for _ in range(SERIES):
        truth, noise = autoregressive(phi, n + lag, 1)[0], autoregressive(phi, n, 1)[0]
        truth[52 + lag :] += rise
        outcome = strength * truth[:n] + np.sqrt(1 - strength**2) * noise
        seen = truth[lag:] + faked * after
        kpi, other = (Sample(MetricId("m"), "M", WEEKS[:n], tuple(each.tolist())) for each in (seen, outcome))
        hits += diverging(kpi, other, WEEKS[52], lag=lag).question is not None
    return f"{100 * hits / SERIES:5.1f} %"


def main() -> None:
    """Print the tables."""
    print("rules             simulated  shown")
    for name, rules in SETS.items():
        print(f"{name:17} {run_length(rules):9.1f} {RUN_LENGTHS[name]:6}")
    print(
        "\n  n  phi  plain: any       guarded: any     newest alerts    shift: false     2 sd found       step: false"
    )
    for n in (24, 52, 104):
        for phi in (0.0, 0.3, 0.6, 0.9):
            series = autoregressive(phi, n, SERIES)
            shifted = series + 2 * (np.arange(n) >= n // 2)
            judged = (has_plain_signal, has_signal, alerts, has_shift)
            cells = [share(judge, series) for judge in judged] + [share(has_shift, shifted), share(has_step, series)]
            print(f"{n:3} {phi:4}  " + " ".join(cells))
    print("\ndaily, n = 3000: phi  shift: false     the same by the year  1 sd found       2 sd of 70 days found")
    year = np.sin(2 * np.pi * np.arange(len(DAYS)) / 365.25)
    for phi in (0.0, 0.6, 0.9, 0.97):
        series = autoregressive(phi, len(DAYS), SERIES)
        half, young = (np.arange(len(DAYS)) >= at for at in (len(DAYS) // 2, len(DAYS) - 70))
        kinds = (series, series + year, series + half, series + 2 * young)
        print(f"{phi:21}  " + " ".join(share(has_shift_of_days, each) for each in kinds))
    print("\nphi    r  honest  no change  gaming  half gamed")
    for phi in (0.0, 0.5, 0.9):
        for strength in (0.5, 0.7):
            cells = [asked(phi, strength, *case) for case in ((2, 0), (0, 0), (0, 2), (1, 1))]
            print(f"{phi:3} {strength:4} " + "   ".join(cells))


if __name__ == "__main__":
    main()
