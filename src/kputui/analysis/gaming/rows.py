"""Questions from counts of rows: bunching, denominators, segments, ends of periods, missing rows, definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.gaming.question import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.gaming.question import Sample


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a total, before and after: its values, and its weights (what the values were divided by)."""

    name: str
    before: float
    after: float
    weight_before: float
    weight_after: float


def bunching(metric: Sample, target: float, short: int, past: int, *, width: float) -> Answer:
    """G03: whether many more rows lie just past `target` than just short of it.

    `past` and `short` count the rows within `width` of the target on its better and on its worse side; exact
    one-sided binomial test against 1/2 at 1 %; fewer than 20 rows in both: `refusal`.
    """
    return Answer(refusal="not computed")


def shrinking_denominator(
    metric: Sample, numerators: Sequence[float | None], denominators: Sequence[float | None], since: date
) -> Answer:
    """G04: whether a share improved from `since` on while its denominator shrank and its numerator did not improve.

    `numerators` and `denominators` have one entry for each of the metric's periods.
    """
    return Answer(refusal="not computed")


def simpson(metric: Sample, before: float, after: float, segments: Sequence[Segment], since: date) -> Answer:
    """G05: whether the total got better from `before` to `after` while most segments (by weight) did not."""
    return Answer(refusal="not computed")


def end_of_period_spike(metric: Sample, period_ends: Sequence[date]) -> Answer:
    """G06: whether daily values are high in the last days of each period and low in the first days after (pay-back).

    `metric` holds days; `period_ends`: the last day of each week, month or quarter that is settled; fewer than 6
    ends within the data: `refusal`.
    """
    return Answer(refusal="not computed")


def rows_missing(metric: Sample, rows: Sequence[int], since: date) -> Answer:
    """G07: whether rows went missing from `since`, where the improvement starts.

    `rows` has the number of rows behind each of the metric's periods.
    """
    return Answer(refusal="not computed")


def definition_changed(metric: Sample, changed_on: Sequence[date], since: date) -> Answer:
    """G08: whether a definition or target change lies within two periods of `since`, where the improvement starts."""
    return Answer(refusal="not computed")
