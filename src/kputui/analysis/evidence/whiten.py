"""Prewhitening: what of a series its own trend, season, steps and past don't tell, by one least-squares fit each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.fit import Fit, least_squares
from kputui.analysis.evidence.steps import MOST_STEPS, STEP_F, strongest_step
from kputui.analysis.tails import f_upper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MOST_LAGS = 3
"""The longest autoregression."""
_SPARE_ROWS = 10
"""So many more rows than coefficients a fit must have."""
_NEGLIGIBLE = 1e-10


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which row of the values to whiten, and what beside its own past: rows of controls, periods of known steps."""

    row: int
    controls: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """The whitened series, one a recipe.

    `residuals` (recipes, n) in the series' own unit, 0 where not `valid`; `parameters` fitted, of which `shared` are
    columns that other series have too (intercept, trend, season, controls, known steps); autoregressive `orders`,
    harmonic pairs `harmonics` of the season (0: none); `steps`: detected steps' periods. `usable`: whether there was
    enough to fit and something was left. `season_p`: how surprising a wave of the season's length beside the fit
    would be without one, for series that span half of a season but not two; 1 where that was not looked at.
    """

    residuals: Floats
    valid: Flags
    parameters: NDArray[np.int64]
    shared: NDArray[np.int64]
    orders: NDArray[np.int64]
    harmonics: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]
    usable: Flags
    season_p: Floats

    def spent(self, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many parameters the fits of `x` and `y` (places of one shape) took together, common columns once."""
        return self.parameters[x] + self.parameters[y] - np.minimum(self.shared[x], self.shared[y])


def harmonics_of(season: float | None, span: int) -> int:
    """How many harmonics of a `season` (in periods) a series over `span` periods is given: none below two seasons."""
    if season is None or span < 2 * season:
        return 0
    most = int(season // 2)
    if season <= 7:
        return most
    return max(1, min(most, 6, span // 26 if season > 12 else span // 16))


def waves_of(season: float | None, span: int) -> int:
    """How many harmonics stand in the design: those of a season, or of a wave that may be one.

    Less than two seasons can't tell a season, but what looks like one must not make two metrics look related.
    """
    modelled = harmonics_of(season, span)
    if modelled or season is None or span < 0.5 * season:
        return modelled
    return min(2, int(season // 2))


def season_columns(season: float, harmonics: int, n: int) -> list[Floats]:
    """Sines and cosines of the first harmonics; at half the season's length the sine is nothing and left out."""
    time = np.arange(n)
    found: list[Floats] = []
    for k in range(1, harmonics + 1):
        angle = 2.0 * np.pi * k * time / season
        found.append(np.cos(angle))
        if abs(2 * k - season) > 1e-9:
            found.append(np.sin(angle))
    return found


def whiten(values: Floats, recipes: Sequence[Recipe], season: float | None = None) -> Whitened:
    """Each recipe's series whitened: intercept, trend, season, steps, controls and AR(p <= 3) with p by BIC.

    `values` (metrics, n), NaN for no data; nothing is interpolated: a row that lacks a value it needs is left out.
    `season`: its length in periods, for series that span two of it.
    """
    n = values.shape[1]
    known = np.isfinite(values)
    scaled, scales = _standardised(values, known)
    series = np.array([recipe.row for recipe in recipes], dtype=np.int64)
    valid = known[series]
    for place, recipe in enumerate(recipes):
        for control in recipe.controls:
            valid[place] &= known[control]
    spans = [_span(row) for row in valid]
    harmonics = tuple(harmonics_of(season, last - first) for first, last in spans)
    batch = _Batch(scaled, series, valid, [], season)
    batch.designs.extend(
        _Design(
            waves_of(season, spans[place][1] - spans[place][0]),
            recipe.controls,
            _sound_steps(recipe.steps, valid[place]),
        )
        for place, recipe in enumerate(recipes)
    )
    shared = np.array([batch.columns(design).shape[1] for design in batch.designs], dtype=np.int64)
    steps = _detected_steps(batch)
    orders = _orders(batch)
    season_p = _season_p(batch, harmonics)
    residuals, rows, parameters, usable = _final(batch, orders, n)
    residuals *= scales[series][:, None]
    usable &= scales[series] > 0.0
    return Whitened(residuals, rows, parameters, shared, orders, harmonics, steps, usable, season_p)


@dataclass(frozen=True, slots=True)
class _Design:
    harmonics: int
    controls: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Batch:
    """The series under way; `scaled` (metrics, n) has 0 for no data, `designs` one a recipe."""

    scaled: Floats
    series: NDArray[np.int64]
    valid: Flags
    designs: list[_Design]
    season: float | None
    made: dict[_Design, Floats] = field(default_factory=dict)

    def columns(self, design: _Design) -> Floats:
        """The design without the series' own past, (n, k)."""
        if design not in self.made:
            self.made[design] = self._made(design)
        return self.made[design]

    def _made(self, design: _Design) -> Floats:
        n = self.scaled.shape[1]
        plain = _Design(design.harmonics, (), ())
        if design != plain:
            found = list(self.columns(plain).T)
        else:
            found = [np.ones(n), np.linspace(-1.0, 1.0, n)]
            found += [] if self.season is None else season_columns(self.season, design.harmonics, n)
        found += [(np.arange(n) >= step).astype(float) for step in design.steps]
        found += [self.scaled[control] for control in design.controls]
        return np.stack(found, axis=1)

    def grouped(self, places: NDArray[np.int64], orders: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], int, int]]:
        """`places` by (columns, order): designs of one shape are fitted at once."""
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place, order in zip(places.tolist(), orders.tolist(), strict=True):
            groups[self.columns(self.designs[place]).shape[1], order].append(place)
        return [(np.array(found), width, order) for (width, order), found in groups.items()]

    def fitted(self, places: NDArray[np.int64], order: int) -> tuple[Fit, Flags]:
        """The least-squares fits of `places` with `order` own lags, and the rows that went in."""
        fixed = np.stack([self.columns(self.designs[place]) for place in places.tolist()])
        values = self.scaled[self.series[places]]
        rows = self.valid[places].copy()
        known = rows.copy()
        lags = np.zeros((*values.shape, order))
        for lag in range(1, order + 1):
            rows[:, lag:] &= known[:, :-lag]
            rows[:, :lag] = False
            lags[:, lag:, lag - 1] = values[:, :-lag]
        design = np.concatenate([fixed, lags], axis=2) * rows[:, :, None]
        return least_squares(design, values * rows), rows


def _standardised(values: Floats, known: Flags) -> tuple[Floats, Floats]:
    """The series with mean 0 and sd 1 (0 where unknown), and their sds (0 for a constant)."""
    counts = np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, values, 0.0)
    means = filled.sum(axis=1) / counts
    centred = np.where(known, values - means[:, None], 0.0)
    scales = np.sqrt((centred * centred).sum(axis=1) / counts)
    flat = scales <= _NEGLIGIBLE * np.maximum(np.abs(means), 1e-300)
    scales = np.where(flat, 0.0, scales)
    return centred / np.where(flat, 1.0, scales)[:, None], scales


def _span(valid: Flags) -> tuple[int, int]:
    places = np.flatnonzero(valid)
    return (int(places[0]), int(places[-1]) + 1) if places.size else (0, 0)


def _sound_steps(steps: tuple[int, ...], valid: Flags) -> tuple[int, ...]:
    """The known steps that leave rows on both sides and between each other."""
    kept: list[int] = []
    start = 0
    for step in sorted(set(steps)):
        if valid[start:step].sum() > MOST_LAGS and valid[step:].sum() > MOST_LAGS:
            kept.append(step)
            start = step
    return tuple(kept)


def _fittable(batch: _Batch, order: int) -> NDArray[np.int64]:
    """The places with enough rows for their design and `order` own lags, and with any variation."""
    rows = batch.valid.copy()
    for lag in range(1, order + 1):
        rows[:, lag:] &= batch.valid[:, :-lag]
        rows[:, :lag] = False
    widths = np.array([batch.columns(design).shape[1] for design in batch.designs], dtype=np.int64)
    varied = np.abs(batch.scaled[batch.series]).max(axis=1, initial=0.0) > 0.0
    return np.flatnonzero((rows.sum(axis=1) >= widths + order + _SPARE_ROWS) & varied)


def _detected_steps(batch: _Batch) -> tuple[tuple[int, ...], ...]:
    """Steps found in each series, up to three; the designs take them up."""
    found: list[list[int]] = [[] for _ in batch.designs]
    places = _fittable(batch, MOST_LAGS)
    for _ in range(MOST_STEPS):
        again: list[int] = []
        for group, width, order in batch.grouped(places, np.full(places.size, MOST_LAGS)):
            fit, rows = batch.fitted(group, order)
            best, f = strongest_step(fit, rows, width + order)
            for place, step, strength in zip(group.tolist(), best.tolist(), f.tolist(), strict=True):
                if strength > STEP_F and step not in batch.designs[place].steps:
                    old = batch.designs[place]
                    batch.designs[place] = _Design(old.harmonics, old.controls, (*old.steps, step))
                    found[place].append(step)
                    again.append(place)
        places = np.intersect1d(np.array(again, dtype=np.int64), _fittable(batch, MOST_LAGS))
        if not places.size:
            break
    return tuple(tuple(sorted(steps)) for steps in found)


def _orders(batch: _Batch) -> NDArray[np.int64]:
    """The autoregressive order of each series by BIC, all orders on the same rows.

    One QR with the longest lags last: leaving the last ones out adds their turned values back to the residuals.
    """
    orders = np.zeros(len(batch.designs), dtype=np.int64)
    places = _fittable(batch, MOST_LAGS)
    for group, width, order in batch.grouped(places, np.full(places.size, MOST_LAGS)):
        fit, rows = batch.fitted(group, order)
        values = batch.scaled[batch.series[group]] * rows
        own = np.einsum("bnk,bn->bk", fit.basis[:, :, width:], values) ** 2
        left_out = np.concatenate([np.cumsum(own[:, ::-1], axis=1)[:, ::-1], np.zeros((len(group), 1))], axis=1)
        rss = np.maximum(fit.rss[:, None] + left_out, 1e-300)
        m = rows.sum(axis=1)[:, None]
        bic = m * np.log(rss / m) + np.log(m) * (width + np.arange(order + 1))[None, :]
        orders[group] = np.argmin(bic, axis=1)
    return orders


def _season_p(batch: _Batch, harmonics: Sequence[int]) -> Floats:
    """The F test of the waves of a season that is too long to be modelled, beside AR(3), trend and steps."""
    found = np.ones(len(batch.designs))
    season = batch.season
    if season is None:
        return found
    waves = {place: one.harmonics for place, one in enumerate(batch.designs) if one.harmonics and not harmonics[place]}
    flat = replace(batch, designs=[replace(one, harmonics=0) for one in batch.designs])
    fittable = set(_fittable(batch, MOST_LAGS).tolist())
    for count in set(waves.values()):
        columns = np.stack(season_columns(season, count, batch.scaled.shape[1]), axis=1)
        places = np.array([place for place, one in waves.items() if one == count and place in fittable], dtype=np.int64)
        for group, width, order in flat.grouped(places, np.full(places.size, MOST_LAGS)):
            fit, rows = flat.fitted(group, order)
            found[group] = _gain_p(fit, columns[None] * rows[:, :, None], rows.sum(axis=1) - width - order)
    return found


def _gain_p(fit: Fit, more: Floats, df: NDArray[np.int64]) -> Floats:
    """The p of the F test of `more` columns (batch, n, k) beside a `fit` with `df` degrees of freedom left."""
    k = more.shape[2]
    inside = more - fit.basis @ (np.swapaxes(fit.basis, 1, 2) @ more)
    rss = least_squares(inside, fit.residuals).rss
    f = (fit.rss - rss) / k / np.maximum(rss / (df - k), 1e-300)
    return f_upper(np.maximum(f, 0.0), float(k), df - k)


def _final(batch: _Batch, orders: NDArray[np.int64], n: int) -> tuple[Floats, Flags, NDArray[np.int64], Flags]:
    """Residuals, rows, parameters, and whether anything could be fitted."""
    size = len(batch.designs)
    residuals = np.zeros((size, n))
    rows = np.zeros((size, n), dtype=bool)
    parameters = np.zeros(size, dtype=np.int64)
    usable = np.zeros(size, dtype=bool)
    fittable = np.intersect1d(_fittable(batch, 0), np.arange(size))
    for group, width, order in batch.grouped(fittable, orders[fittable]):
        fit, used = batch.fitted(group, order)
        residuals[group] = fit.residuals
        rows[group] = used
        parameters[group] = width + order
        usable[group] = fit.rss > _NEGLIGIBLE * used.sum(axis=1)
    return residuals, rows, parameters, usable
