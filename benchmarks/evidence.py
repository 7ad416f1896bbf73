"""How long all links of a large board take, beside statsmodels pair by pair: `python benchmarks/evidence.py`.

200 CPIs x 50 KPIs at lags 0 to 12 over 260 weeks, CPU seconds of this process: the test itself (whitening,
all lags' correlations, p, e-values, q), the search for hints, and `weigh` with the evidence of each of the 10,000
declared links as objects (profile, checks, parts; without the scatter, which only an opened link needs).
"""

from __future__ import annotations

import argparse
import time
import warnings
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.column import Column, Hypothesis
from kputui.analysis.evidence.figures import Pairs, link_figures
from kputui.analysis.evidence.multiple import benjamini_hochberg
from kputui.analysis.evidence.search import search
from kputui.analysis.evidence.weigh import weigh
from kputui.analysis.evidence.whiten import Recipe, whiten
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEASON = 365.25 / 7.0
LAGS = 13


def series(rng: np.random.Generator, count: int, n: int) -> Floats:
    """AR(0.6) noise on a trend and a season, (count, n)."""
    found = rng.normal(size=(count, n))
    for t in range(1, n):
        found[:, t] += 0.6 * found[:, t - 1]
    wave = np.sin(2.0 * np.pi * np.arange(n) / SEASON)
    return found + rng.normal(size=(count, 1)) * wave + rng.normal(size=(count, 1)) * np.linspace(0.0, 3.0, n)


def seconds(job: Callable[[], object], times: int) -> float:
    """The median CPU time of `job`."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        job()
        taken.append(time.process_time() - began)
    return sorted(taken)[len(taken) // 2]


def tested(values: Floats, cpis: int) -> Floats:
    """The test of all pairs: whitening, figures at all lags, and q for each pair's strongest lag."""
    size = values.shape[0] - cpis
    white = whiten(values, [Recipe(row) for row in range(values.shape[0])], SEASON)
    x, y = (part.ravel() for part in np.meshgrid(np.arange(cpis), cpis + np.arange(size), indexing="ij"))
    figures = link_figures(white, Pairs(x, y, np.zeros_like(x), np.full_like(x, LAGS - 1)), range(LAGS))
    p = np.minimum(1.0, np.stack([shape.p for shape in figures.lags.values()]).min(axis=0) * LAGS)
    return benjamini_hochberg(p)


def granger_seconds(values: Floats, cpis: int, sample: int) -> float:
    """CPU seconds of statsmodels' pairwise Granger tests for one pair at 13 lags, the mean of a sample."""
    from statsmodels.tsa.stattools import grangercausalitytests  # noqa: PLC0415 - its import is not timed

    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(sample):
            grangercausalitytests(np.stack([values[cpis + i % 50], values[i]], axis=1), maxlag=LAGS)
    return (time.process_time() - began) / sample


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpis", type=int, default=200)
    parser.add_argument("--kpis", type=int, default=50)
    parser.add_argument("--weeks", type=int, default=260)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    values = series(np.random.default_rng(1), given.cpis + given.kpis, given.weeks)
    names = [MetricId(f"m{i}") for i in range(given.cpis + given.kpis)]
    starts = [date(2020, 1, 6) + timedelta(weeks=i) for i in range(given.weeks)]
    columns = [Column(name, row, starts) for name, row in zip(names, values.tolist(), strict=True)]
    cpis, kpis = names[: given.cpis], names[given.cpis :]
    links = [Hypothesis(cpi, kpi, 1, 0, LAGS - 1) for cpi in cpis for kpi in kpis]
    pairs = len(links)
    print(f"{given.cpis} CPIs x {given.kpis} KPIs x {LAGS} lags, {given.weeks} weeks: {pairs:,} pairs")
    test = seconds(lambda: tested(values, given.cpis), given.times)
    print(f"the test                   {test:8.2f} s of CPU")
    hints = seconds(lambda: search(columns, cpis, kpis, Grain.WEEK, max_lag=LAGS - 1, season=SEASON), given.times)
    print(f"search                     {hints:8.2f} s")
    whole = seconds(lambda: weigh(columns, links, Grain.WEEK, season=SEASON, scatter_of=()), 1)
    print(f"weigh, {pairs:,} links      {whole:8.2f} s")
    few = seconds(lambda: weigh(columns, links[:: pairs // 30], Grain.WEEK, season=SEASON), given.times)
    print(f"weigh, a board of 30 links {few:8.2f} s")
    one = granger_seconds(values, given.cpis, given.sample)
    print(f"statsmodels, pair by pair  {one * pairs:8.0f} s (from {given.sample} pairs of {one * 1000:.1f} ms)")
    print(f"ratio to the test          {one * pairs / test:8.0f} x")


if __name__ == "__main__":
    main()
