"""The figures of all links at once: every lag looked at, the windows' sums, parts of the data."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.lags import Correlations, Shape, correlations, paired, shifted, tested, window_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kputui.analysis.evidence.whiten import Whitened

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]


_FAR_MORE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The links to test as places: `x` and `y` (pairs,) among the whitened series, declared lags `low` to `high`."""

    x: Places
    y: Places
    low: Places
    high: Places


@dataclass(frozen=True, slots=True, eq=False)
class LinkFigures:
    """The figures of all pairs: `lags[l]` at lag l, `ratios[l]` those of the sds.

    `totals`: of the sum of the lags from max(1, low) to high, meaningful where those are two or more. `spent`: rows
    less degrees of freedom.
    """

    lags: Mapping[int, Shape]
    ratios: Mapping[int, Floats]
    totals: Shape
    spent: Places


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """The whitened series in use, each once: CPIs and KPIs with their rows (1.0 or 0.0), and the pairs' places."""

    x: Floats
    x_rows: Floats
    y: Floats
    y_rows: Floats
    row: Places
    column: Places

    def correlated(self, x: Floats, x_rows: Floats, chosen: Places | None = None) -> Correlations:
        """The correlation of each (or each `chosen`) pair, with `x` and `x_rows` in the place of the CPIs'.

        Few pairs among many series are multiplied one by one, else one matrix product has them all.
        """
        row, column = (self.row, self.column) if chosen is None else (self.row[chosen], self.column[chosen])
        if _FAR_MORE * row.size < self.x.shape[0] * self.y.shape[0]:
            return paired(x[row], x_rows[row], self.y[column], self.y_rows[column])
        return correlations(x, x_rows, self.y, self.y_rows).pick(row, column)


def matrices(white: Whitened, pairs: Pairs) -> Matrices:
    """What the correlations of `pairs` are made of."""
    xs, row = np.unique(pairs.x, return_inverse=True)
    ys, column = np.unique(pairs.y, return_inverse=True)
    x_rows, y_rows = white.valid[xs].astype(float), white.valid[ys].astype(float)
    return Matrices(white.residuals[xs], x_rows, white.residuals[ys], y_rows, row, column)


def at_lag(held: Matrices, lag: int) -> Correlations:
    """Each pair's correlation of the CPI `lag` periods before with the KPI."""
    return held.correlated(shifted(held.x, lag), shifted(held.x_rows, lag))


def link_figures(white: Whitened, pairs: Pairs, lags: Sequence[int]) -> LinkFigures:
    """The figures of each pair at each of `lags` (negative: the KPI goes before) and for its window's sum."""
    held = matrices(white, pairs)
    parameters = white.spent(pairs.x, pairs.y)
    shapes: dict[int, Shape] = {}
    ratios: dict[int, Floats] = {}
    for lag in lags:
        found = at_lag(held, lag)
        shapes[lag], ratios[lag] = tested(found, parameters), found.ratio
    return LinkFigures(shapes, ratios, tested(window_correlations(held, pairs), parameters), parameters + 1)


def window_correlations(held: Matrices, pairs: Pairs) -> Correlations:
    """The correlation of the CPI's sum over the lags from 1 on of each declared window with the KPI.

    One matrix product for each distinct window; pairs without two such lags have n = 0.
    """
    size = pairs.x.size
    n, r, ratio = np.zeros(size, dtype=np.int64), np.zeros(size), np.zeros(size)
    windows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, (low, high) in enumerate(zip(pairs.low.tolist(), pairs.high.tolist(), strict=True)):
        if high > max(low, 1):
            windows[max(low, 1), high].append(place)
    for (low, high), found in windows.items():
        places = np.array(found)
        total, rows = window_sum(held.x, held.x_rows, low, high)
        picked = held.correlated(total, rows, places)
        n[places], r[places], ratio[places] = picked.n, picked.r, picked.ratio
    return Correlations(n, r, ratio)


def part_figures(white: Whitened, pairs: Pairs, first: int, last: int, lags: Sequence[int]) -> LinkFigures:
    """The same over the KPI's periods from `first` to before `last` only; the parameters count in proportion."""
    held = matrices(white, pairs)
    inside = np.zeros(white.valid.shape[1])
    inside[first:last] = 1.0
    held = Matrices(held.x, held.x_rows, held.y * inside, held.y_rows * inside, held.row, held.column)
    parameters = white.spent(pairs.x, pairs.y)
    whole = np.maximum(white.valid[pairs.y].sum(axis=1), 1)
    part = white.valid[pairs.y][:, first:last].sum(axis=1)
    spent = np.ceil(parameters * part / whole).astype(np.int64)
    found = {lag: at_lag(held, lag) for lag in lags}
    shapes = {lag: tested(one, spent) for lag, one in found.items()}
    ratios = {lag: one.ratio for lag, one in found.items()}
    return LinkFigures(shapes, ratios, tested(window_correlations(held, pairs), spent), spent + 1)
