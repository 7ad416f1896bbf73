"""The checks beside a link's verdict: which assumptions of the test held, and what those that failed mean."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.judge import ALPHA, ENOUGH_ODDS
from kputui.analysis.evidence.lags import shifted
from kputui.analysis.evidence.season import season_of
from kputui.analysis.evidence.verdict import Check
from kputui.analysis.tails import chi2_upper, t_upper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.figures import Pairs
    from kputui.analysis.evidence.links import LinkNumbers
    from kputui.analysis.evidence.whiten import Recipe, Whitened
    from kputui.model.metric import Grain

    Floats = NDArray[np.float64]

LJUNG_BOX_ALPHA = 0.01
_FEWEST_IN_HALF = 10
_CARRIED = 0.6
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class _Single:
    """Of one link at one lag: the halves' correlations, and the weakest r that leaving out one period gives."""

    halves: tuple[float, float]
    without: float
    p_without: float
    period: int


@dataclass(frozen=True, slots=True, eq=False)
class Diagnoser:
    """Checks the assumptions of each link's test."""

    held: Aligned
    recipes: tuple[Recipe, ...]
    white: Whitened
    pairs: Pairs
    grain: Grain
    season: float | None
    _own_past: dict[int, tuple[float, bool]] = field(default_factory=dict)

    def season_gate(self, place: int) -> tuple[str, int | None] | None:
        """Why a link can't be judged for a season that both follow and that is too long to be taken out.

        Over less than one season a wave is not called one: it is taken out, and the check says so.
        """
        sides = (int(self.pairs.x[place]), int(self.pairs.y[place]))
        if self.season is None or any(self.white.season_p[side] > ALPHA for side in sides):
            return None
        span = max(self._span(side) for side in sides)
        if span < self.season:
            return None
        needed = math.ceil(2.0 * self.season)
        reason = (
            f"both follow a season of {self.season:.0f} {self.grain}s, and that takes {needed} {self.grain}s to tell"
        )
        return f"{reason}; {span} so far, {needed - span} more", needed - span

    def checks(self, links: Sequence[LinkNumbers], lags: Sequence[int]) -> list[tuple[Check, ...]]:
        """The checks of each link, in order, for the lag of each that the verdict shows."""
        singles = self._singles(lags)
        found = []
        for place, (link, lag) in enumerate(zip(links, lags, strict=True)):
            made = [*self._past(place, link), *self._levels(place, link), self._season(place)]
            made += [_point(link, lag, singles[place], self._named(singles[place].period)), _halves(singles[place])]
            made += [_window(link, lag), _direction(link)]
            found.append(tuple(made))
        return found

    def scatter(self, place: int, lag: int) -> tuple[tuple[float, float], ...]:
        """The whitened (CPI, KPI) pairs of a link at `lag`."""
        x, y, rows = self._joint(np.array([place]), lag)
        both = rows[0] > 0.0
        return tuple(zip(x[0, both].tolist(), y[0, both].tolist(), strict=True))

    def _joint(self, places: NDArray[np.int64], lag: int) -> tuple[Floats, Floats, Floats]:
        first, second = self.pairs.x[places], self.pairs.y[places]
        rows = shifted(self.white.valid[first].astype(float), lag) * self.white.valid[second]
        return shifted(self.white.residuals[first], lag) * rows, self.white.residuals[second] * rows, rows

    def _named(self, period: int) -> str:
        return f"the {self.grain} of {self.held.starts[period].isoformat()}"

    def _span(self, side: int) -> int:
        known = np.flatnonzero(np.isfinite(self.held.values[self.recipes[side].row]))
        return int(known[-1] - known[0]) + 1 if known.size else 0

    def _singles(self, lags: Sequence[int]) -> list[_Single]:
        """Halves and single points of each link, in chunks of one lag."""
        by_lag: dict[int, list[int]] = defaultdict(list)
        for place, lag in enumerate(lags):
            by_lag[lag].append(place)
        found: dict[int, _Single] = {}
        for lag, places in by_lag.items():
            for start in range(0, len(places), _CHUNK):
                chunk = places[start : start + _CHUNK]
                spent = self.white.spent(self.pairs.x[chunk], self.pairs.y[chunk])
                found.update(zip(chunk, _single(*self._joint(np.array(chunk), lag), spent), strict=True))
        return [found[place] for place in range(len(lags))]

    def _past(self, place: int, link: LinkNumbers) -> list[Check]:
        """Whether the whitened values are free of their own past."""
        told = []
        for metric, side in self._sides(place, link):
            p, _ = self._tested_past(side)
            held = p >= LJUNG_BOX_ALPHA
            text = "does not follow its own past any more" if held else "still follows its own past after whitening"
            told.append(Check("own past", held, f"{metric} {text} (Ljung-Box p = {p:.3f}, limit {LJUNG_BOX_ALPHA:g})"))
        return told

    def _tested_past(self, side: int) -> tuple[float, bool]:
        if side not in self._own_past:
            values, rows = self.white.residuals[side], self.white.valid[side]
            season = season_of(self.grain)
            lag = None if season is None else round(season)
            self._own_past[side] = (ljung_box(values, rows, int(self.white.orders[side])), _repeats(values, rows, lag))
        return self._own_past[side]

    def _levels(self, place: int, link: LinkNumbers) -> list[Check]:
        """Whether no level shift had to be taken out."""
        told = []
        for metric, side in self._sides(place, link):
            steps = self.white.steps[side]
            if steps:
                days = ", ".join(self.held.starts[step].isoformat() for step in steps)
                told.append(Check("level shift", held=False, text=f"a level shift of {metric} was taken out: {days}"))
        return told or [Check("level shift", held=True, text="no level shift in either")]

    def _season(self, place: int) -> Check:
        """Whether a season was taken out, or is not there."""
        sides = (int(self.pairs.x[place]), int(self.pairs.y[place]))
        natural = season_of(self.grain)
        if natural is None:
            return Check("season", held=True, text=f"{self.grain}s have no season")
        if all(self.white.harmonics[side] for side in sides):
            return Check("season", held=True, text=f"a season of {natural:.0f} {self.grain}s was taken out of both")
        if self.season is None:
            if all(self._tested_past(side)[1] for side in sides):
                return Check("season", held=False, text=f"both repeat every {natural:.0f} {self.grain}s")
            return Check("season", held=True, text=f"no season of {natural:.0f} {self.grain}s shows in both")
        span = min(self._span(side) for side in sides)
        text = f"{span} {self.grain}s can't tell a season of {natural:.0f}: two full ones are needed"
        if 2 * span >= natural:
            text += "; a smooth wave was taken out instead"
        return Check("season", held=False, text=text)

    def _sides(self, place: int, link: LinkNumbers) -> tuple[tuple[str, int], tuple[str, int]]:
        one = link.hypothesis
        return (one.cpi, int(self.pairs.x[place])), (one.kpi, int(self.pairs.y[place]))


def ljung_box(values: Floats, rows: NDArray[np.bool_], order: int) -> float:
    """The p of Ljung & Box (1978, Biometrika 65) on whitened values of an AR(`order`); gaps (not `rows`) count as 0."""
    n = int(rows.sum())
    reach = min(10, n // 5)
    total = float((values * values).sum())
    if reach <= order or total <= 0.0:
        return 1.0
    squares = [float((values[lag:] * values[:-lag]).sum() / total) ** 2 / (n - lag) for lag in range(1, reach + 1)]
    return chi2_upper(n * (n + 2.0) * sum(squares), reach - order)


def _repeats(values: Floats, rows: NDArray[np.bool_], lag: int | None) -> bool:
    """Whether the values resemble those `lag` periods before more than chance explains (p < .01)."""
    n = int(rows.sum())
    total = float((values * values).sum())
    if lag is None or lag >= n or total <= 0.0:
        return False
    return float((values[lag:] * values[:-lag]).sum()) / total > 2.326 / math.sqrt(n)


def _single(x: Floats, y: Floats, rows: Floats, spent: NDArray[np.int64]) -> list[_Single]:
    """Halves and leave-one-out of each row of the joint values (0 where not in `rows`)."""
    counted = np.cumsum(rows, axis=1)
    early = rows * (counted <= counted[:, -1:] / 2.0)
    first, second = _r(x * early, y * early, early), _r(x * (rows - early), y * (rows - early), rows - early)
    n = rows.sum(axis=1, keepdims=True)
    sums = [part.sum(axis=1, keepdims=True) - part for part in (x, y, x * x, y * y, x * y)]
    without = _r_of(np.maximum(n - rows, 1.0), *sums)
    whole = _r(x, y, rows)[:, None]
    towards = np.where(rows > 0.0, np.sign(whole) * without, np.inf)
    period = np.argmin(towards, axis=1)
    weakest = towards[np.arange(len(period)), period]
    weakest = np.where(np.isfinite(weakest), weakest, 0.0)
    df = np.maximum(n[:, 0] - spent - 2.0, 2.0)
    p = t_upper(weakest * np.sqrt(df / np.maximum(1.0 - weakest * weakest, 1e-12)), df)
    few = np.minimum(early.sum(axis=1), (rows - early).sum(axis=1)) < _FEWEST_IN_HALF
    first, second = np.where(few, 0.0, first), np.where(few, 0.0, second)
    return [
        _Single((a, b), r, q, at)
        for a, b, r, q, at in zip(
            first.tolist(), second.tolist(), weakest.tolist(), p.tolist(), period.tolist(), strict=True
        )
    ]


def _r(x: Floats, y: Floats, rows: Floats) -> Floats:
    sums = [part.sum(axis=1) for part in (x, y, x * x, y * y, x * y)]
    return _r_of(np.maximum(rows.sum(axis=1), 1.0), *sums)


def _r_of(n: Floats, sum_x: Floats, sum_y: Floats, xx: Floats, yy: Floats, xy: Floats) -> Floats:
    xx, yy, xy = xx - sum_x * sum_x / n, yy - sum_y * sum_y / n, xy - sum_x * sum_y / n
    varied = (xx > 0.0) & (yy > 0.0)
    return np.clip(np.where(varied, xy / np.sqrt(np.where(varied, xx * yy, 1.0)), 0.0), -1.0, 1.0)


def _point(link: LinkNumbers, lag: int, single: _Single, period: str) -> Check:
    """Whether no single period carries the correlation."""
    figure = link.profile[lag]
    size = abs(figure.r)
    p = min(figure.p, 1.0 - figure.p)
    if p <= ALPHA and single.p_without > ALPHA and single.without < _CARRIED * size:
        left = math.copysign(1.0, figure.r) * single.without
        return Check(
            "one point", held=False, text=f"one point carries it: without {period} r is {left:.2f}, not {figure.r:.2f}"
        )
    return Check("one point", held=True, text="no single period carries it")


def _halves(single: _Single) -> Check:
    """Whether both halves of the data agree in sign."""
    first, second = single.halves
    both = f"r = {first:.2f} in the first half, {second:.2f} in the second"
    if first * second < 0.0:
        return Check("halves", held=False, text=f"the halves disagree in sign: {both}")
    return Check(
        "halves", held=True, text=f"the halves agree in sign: {both}" if first * second else "too short to be halved"
    )


def _window(link: LinkNumbers, lag: int) -> Check:
    """Whether the correlation is not stronger just outside the declared window."""
    one, shown = link.hypothesis, link.profile[lag]
    sign = 1.0 if shown.r >= 0.0 else -1.0
    for outside in (one.low - 1, one.high + 1):
        beside = link.profile.get(outside)
        if outside < 0 or beside is None:
            continue
        if sign * beside.r > sign * shown.r and min(beside.p, 1.0 - beside.p) <= ALPHA:
            text = f"just outside the declared window it is stronger: r = {beside.r:.2f} at lag {outside}"
            return Check("window", held=False, text=text)
    return Check("window", held=True, text="it is not stronger just outside the declared window")


def _direction(link: LinkNumbers) -> Check:
    """Whether the KPI does not go before the CPI."""
    back = [figure for lag, figure in link.profile.items() if lag < 0]
    if back and sum(0.5 * (figure.e + figure.e_opposite) for figure in back) / len(back) >= ENOUGH_ODDS:
        strongest = max(back, key=lambda figure: abs(figure.r))
        lead = -(strongest.lag or 0)
        return Check("direction", held=False, text=f"the KPI also goes before the CPI: r = {strongest.r:.2f} at {lead}")
    return Check("direction", held=True, text="the KPI does not go before the CPI")
