"""All declared links weighed at once: from columns and hypotheses to evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kputui.analysis.evidence.column import Column, Hypothesis
    from kputui.analysis.evidence.verdict import Evidence
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


def weigh(
    columns: Sequence[Column],
    hypotheses: Sequence[Hypothesis],
    grain: Grain,
    *,
    season: float | None = None,
    family: Collection[tuple[MetricId, MetricId]] | None = None,
) -> dict[tuple[MetricId, MetricId], Evidence]:
    """The evidence for each hypothesis, by (CPI, KPI).

    `columns`: every metric that a hypothesis names as CPI, KPI or control, at `grain`, whole periods only; a metric
    without a column is "not enough data". `season`: the length of a season in periods (see `season_of`), None for
    none; it is modelled for series that span two seasons. `family`: the open links, over which false discoveries are
    held down; all hypotheses when None. Hypotheses with lags of another grain are to be weighed in another call.

    Refusals by definition (a metric with itself, its part) are the caller's; those by data are made here.
    """
    raise NotImplementedError


def season_of(grain: Grain) -> float | None:
    """How many periods of `grain` the natural season has: 7 days, 365.25 / 7 weeks, 12 months, 4 quarters."""
    raise NotImplementedError


def data_hash(columns: Sequence[Column], until: date | None = None) -> str:
    """A hash of the values (to the day `until`, inclusive, by period start), so that a changed past is noticed.

    `Evidence.data_hash` is that of (CPI, KPI, *controls) up to `Evidence.data_to`. Keep both with a decision; later
    take the hash of the then current columns up to the kept day: another hash means another past.
    """
    raise NotImplementedError
