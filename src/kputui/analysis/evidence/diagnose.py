"""What fails, in words: the checks beside a link's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.judge import ENOUGH_ODDS
from kputui.analysis.evidence.lags import shifted
from kputui.analysis.evidence.season import season_of
from kputui.analysis.evidence.tails import chi2_upper, f_upper, t_upper
from kputui.analysis.evidence.verdict import Check
from kputui.analysis.evidence.whiten import season_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.figures import Pairs
    from kputui.analysis.evidence.links import LinkNumbers
    from kputui.analysis.evidence.whiten import Recipe, Whitened
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

    Floats = NDArray[np.float64]

LJUNG_BOX_ALPHA = 0.01
_CHUNK = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Diagnoser:
    """Checks the assumptions of each link's test."""

    held: Aligned
    recipes: tuple[Recipe, ...]
    white: Whitened
    pairs: Pairs
    grain: Grain
    season: float | None

    def season_gate(self, place: int) -> tuple[str, int | None] | None:
        """Why a link can't be judged for a season that shows and can't be modelled; None when it can."""
        return None

    def checks(self, links: Sequence[LinkNumbers]) -> list[tuple[Check, ...]]:
        """The checks of each link, in order."""
        return [() for _ in links]

    def scatter(self, place: int, link: LinkNumbers) -> tuple[tuple[float, float], ...]:
        """The whitened (CPI, KPI) pairs at the link's best lag."""
        x, y, rows = self._joint(place, link.best.lag or 0)
        both = rows.astype(bool)
        return tuple(zip(x[both].tolist(), y[both].tolist(), strict=True))

    def _joint(self, place: int, lag: int) -> tuple[Floats, Floats, Floats]:
        first, second = self.pairs.x[place], self.pairs.y[place]
        rows = shifted(self.white.valid[first].astype(float), lag) * self.white.valid[second]
        return shifted(self.white.residuals[first], lag) * rows, self.white.residuals[second] * rows, rows
