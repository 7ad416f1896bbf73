"""What the test of links says of invented pairs whose truth is known: `python benchmarks/evidence_truths.py`.

Each row is a truth, each column a length in weeks; the figures are per cent of the runs. Each pair is weighed alone,
so nothing but its own e-value holds it back. `--watched` looks at each null pair every week from week 26 to 156.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.align import Aligned
from kputui.analysis.evidence.column import Hypothesis
from kputui.analysis.evidence.compose import verdicts
from kputui.analysis.evidence.verdict import Verdict
from kputui.analysis.evidence.weigh import tests_of
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Pair = tuple[Floats, Floats]

SEASON = 52.0
LEAD_IN = 30


def noise(rng: np.random.Generator, runs: int, n: int, phi: float = 0.0) -> Floats:
    """AR(1) noise of unit innovations, (runs, n), started far enough before."""
    shocks = rng.normal(size=(runs, n + LEAD_IN))
    found = shocks.copy()
    for t in range(1, n + LEAD_IN):
        found[:, t] += phi * found[:, t - 1]
    return found[:, LEAD_IN:]


def independent(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """Two white noises."""
    return noise(rng, runs, n), noise(rng, runs, n)


def autoregressive(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """Two unrelated AR(0.8)."""
    return noise(rng, runs, n, 0.8), noise(rng, runs, n, 0.8)


def walks(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """Two unrelated random walks."""
    return noise(rng, runs, n).cumsum(axis=1), noise(rng, runs, n).cumsum(axis=1)


def trend(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """A shared straight trend of up to 5 sd under AR(0.5)."""
    rise = rng.uniform(1.0, 5.0, size=(runs, 1)) * np.linspace(0.0, 1.0, n)
    return noise(rng, runs, n, 0.5) + rise, noise(rng, runs, n, 0.5) + rise


def season(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """A shared yearly wave of 1.5 sd under AR(0.3)."""
    angle = 2.0 * np.pi * (np.arange(n) / SEASON + rng.uniform(size=(runs, 1)))
    wave = 1.5 * (np.sin(angle) + 0.5 * np.sin(2.0 * angle))
    return noise(rng, runs, n, 0.3) + wave, noise(rng, runs, n, 0.3) + wave


def step(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """A shared level shift of 2.5 sd in the middle half."""
    when = rng.integers(n // 4, 3 * n // 4, size=(runs, 1))
    shift = 2.5 * (np.arange(n) >= when)
    return noise(rng, runs, n) + shift, noise(rng, runs, n) + shift


def led(r: float, lag: int = 2) -> Callable[[np.random.Generator, int, int], Pair]:
    """The KPI follows the CPI's news after `lag` weeks with correlation `r`; both are AR(0.5)."""

    def make(rng: np.random.Generator, runs: int, n: int) -> Pair:
        shocks = rng.normal(size=(runs, n + LEAD_IN + lag))
        own = rng.normal(size=(runs, n + LEAD_IN))
        news = r * shocks[:, : n + LEAD_IN] + np.sqrt(1.0 - r * r) * own
        x, y = shocks[:, lag:].copy(), news
        for t in range(1, n + LEAD_IN):
            x[:, t] += 0.5 * x[:, t - 1]
            y[:, t] += 0.5 * y[:, t - 1]
        return x[:, LEAD_IN:], y[:, LEAD_IN:]

    return make


def reverse(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """The KPI goes before the CPI by 2 weeks, r = 0.5."""
    y, x = led(0.5)(rng, runs, n)
    return x, y


def spread(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """The effect is spread evenly over the lags 1 to 3; the sum's correlation is 0.5."""
    shocks = rng.normal(size=(runs, n + 3))
    total = (shocks[:, 2:-1] + shocks[:, 1:-2] + shocks[:, :-3]) / np.sqrt(3.0)
    return shocks[:, 3:], 0.5 * total + np.sqrt(0.75) * rng.normal(size=(runs, n))


def same_week(rng: np.random.Generator, runs: int, n: int) -> Pair:
    """Both move in the same week, r = 0.7; AR(0.6) both."""
    return led(0.7, 0)(rng, runs, n)


NULLS: dict[str, Callable[[np.random.Generator, int, int], Pair]] = {
    "independent": independent,
    "AR(0.8)": autoregressive,
    "random walks": walks,
    "shared trend": trend,
    "shared season": season,
    "shared step": step,
    "reverse": reverse,
    "same week": same_week,
}
TRUTHS: dict[str, Callable[[np.random.Generator, int, int], Pair]] = {
    **NULLS,
    "r = 0.3": led(0.3),
    "r = 0.5": led(0.5),
    "wrong sign": led(-0.5),
    "spread": spread,
}


def weeks_from_start(n: int) -> tuple[date, ...]:
    """The first days of `n` weeks."""
    return tuple(date(2020, 1, 6) + timedelta(weeks=i) for i in range(n))


def weighed(x: Floats, y: Floats, low: int = 1, high: int = 3, length: float | None = None) -> list[Verdict]:
    """The verdict of each row of `x` against the same row of `y`, each alone in its family."""
    runs, n = x.shape
    names = tuple(MetricId(f"{kind}{i}") for kind in "xy" for i in range(runs))
    starts = weeks_from_start(n)
    held = Aligned(names, np.concatenate([x, y]), starts, {name: row for row, name in enumerate(names)})
    pairs = [Hypothesis(names[i], names[runs + i], 1, low, high) for i in range(runs)]
    return verdicts(tests_of(held, pairs, Grain.WEEK, length))


def table(runs: int, lengths: tuple[int, ...], seed: int) -> None:
    """Print the verdicts of each truth at each length."""
    words = {
        "conf": Verdict.CONFIRMED,
        "lean": Verdict.LEANING,
        "tog": Verdict.TOGETHER,
        "contra": Verdict.CONTRADICTED,
        "rej": Verdict.REJECTED,
        "n.e.": Verdict.NOT_ENOUGH,
    }
    print(f"{'truth':<16}{'weeks':>6}" + "".join(f"{word:>8}" for word in words))
    for name, make in TRUTHS.items():
        for n in lengths:
            rng = np.random.default_rng([seed, n, sum(name.encode())])
            length = SEASON if name == "shared season" else None
            counts = Counter(weighed(*make(rng, runs, n), length=length))
            print(f"{name:<16}{n:>6}" + "".join(f"{100.0 * counts[one] / runs:>8.1f}" for one in words.values()))


def watched(runs: int, seed: int, every: int = 1) -> dict[str, float]:
    """The share of null pairs that are confirmed in any week from 26 to 156."""
    found = {}
    for name in ("independent", "AR(0.8)", "random walks", "shared trend", "shared season", "shared step"):
        rng = np.random.default_rng([seed, sum(name.encode())])
        x, y = NULLS[name](rng, runs, 156)
        ever = np.zeros(runs, dtype=bool)
        for n in range(26, 157, every):
            length = SEASON if name == "shared season" else None
            ever |= np.array([one is Verdict.CONFIRMED for one in weighed(x[:, :n], y[:, :n], length=length)])
        found[name] = 100.0 * float(ever.mean())
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, nargs="+", default=[26, 52, 104, 260])
    parser.add_argument("--watched", action="store_true")
    given = parser.parse_args()
    began = time.process_time()
    if given.watched:
        for name, share in watched(given.runs, given.seed).items():
            print(f"{name:<16} confirmed in any week from 26 to 156: {share:.2f} %")
    else:
        table(given.runs, tuple(given.weeks), given.seed)
    print(f"{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
