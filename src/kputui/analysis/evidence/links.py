"""The figures of each link as plain values: its lags, its window's sum, its two strands of evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.analysis.evidence.judge import Strand, combined, mixed
from kputui.analysis.evidence.multiple import benjamini_hochberg
from kputui.analysis.evidence.verdict import LagFigure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kputui.analysis.evidence.column import Hypothesis
    from kputui.analysis.evidence.figures import LinkFigures
    from kputui.analysis.evidence.lags import Shape
    from kputui.model.ids import MetricId


@dataclass(frozen=True, slots=True)
class LinkNumbers:
    """One link's figures: `profile` by lag, `total` over the lags from 1 on, `best` the strongest declared lag.

    `before` is the strand of the lags from 1 on, `together` that of lag 0; None where not declared.
    """

    hypothesis: Hypothesis
    profile: Mapping[int, LagFigure]
    total: LagFigure | None
    best: LagFigure
    before: Strand | None
    together: Strand | None

    @property
    def declared(self) -> list[LagFigure]:
        """The figures of the declared lags."""
        return [self.profile[lag] for lag in range(self.hypothesis.low, self.hypothesis.high + 1)]

    def upper(self) -> float:
        """The largest 95 % upper bound in the declared direction, over the declared lags and the sum."""
        shapes = [*self.declared, *([] if self.total is None else [self.total])]
        sign = self.hypothesis.sign
        return max(shape.high if sign > 0 else -shape.low for shape in shapes)


def link_numbers(hypotheses: Sequence[Hypothesis], figures: LinkFigures) -> list[LinkNumbers]:
    """The figures of each hypothesis, in order."""
    signs = [one.sign for one in hypotheses]
    by_lag = {
        lag: _plain(shape, lag, signs, [one.low <= lag <= one.high for one in hypotheses])
        for lag, shape in figures.lags.items()
    }
    totals = _plain(figures.totals, None, signs, [True] * len(hypotheses))
    found = []
    for place, one in enumerate(hypotheses):
        profile = {lag: column[place] for lag, column in by_lag.items()}
        total = totals[place] if one.high > max(one.low, 1) else None
        lags = range(one.low, one.high + 1)
        best = max((profile[lag] for lag in lags), key=lambda figure, sign=one.sign: sign * figure.r)  # type: ignore[misc]
        before = [profile[lag] for lag in lags if lag > 0]
        together = profile[0] if one.low == 0 else None
        found.append(
            LinkNumbers(
                one,
                profile,
                total,
                best,
                _strand(before, total) if before else None,
                _strand([together], None) if together is not None else None,
            )
        )
    return found


def _strand(singles: list[LagFigure], total: LagFigure | None) -> Strand:
    return Strand(
        combined([one.p for one in singles], None if total is None else total.p),
        mixed([one.e for one in singles], None if total is None else total.e),
        mixed([one.e_opposite for one in singles], None if total is None else total.e_opposite),
    )


def _plain(shape: Shape, lag: int | None, signs: list[int], is_declared: list[bool]) -> list[LagFigure]:
    """The arrays' figures for each link, turned to its declared sign."""
    columns = (shape.n, shape.r, shape.low, shape.high, shape.t, shape.df)
    plain = [column.tolist() for column in columns]
    odds = [column.tolist() for column in (shape.p, shape.p_against, shape.e, shape.e_against)]
    found = []
    for sign, inside, *rest in zip(signs, is_declared, *plain, *odds, strict=True):
        n, r, low, high, t, df, p, p_against, e, e_against = rest
        if sign < 0:
            p, e, e_against = p_against, e_against, e
        found.append(LagFigure(lag, n, r, low, high, t, int(df), p, e, e_against, inside))
    return found


def with_q(
    links: Sequence[LinkNumbers],
    is_tested: Sequence[bool],
    family: Collection[tuple[MetricId, MetricId]] | None,
) -> list[LinkNumbers]:
    """The links with the q of each strand over the family's tested links (None outside it)."""
    inside = [
        place
        for place, (link, tested) in enumerate(zip(links, is_tested, strict=True))
        if tested and (family is None or (link.hypothesis.cpi, link.hypothesis.kpi) in family)
    ]
    found = list(links)
    for name in ("before", "together"):
        strands = [(place, strand) for place in inside if (strand := getattr(links[place], name)) is not None]
        q = benjamini_hochberg([strand.p for _, strand in strands]).tolist()
        for (place, strand), one in zip(strands, q, strict=True):
            changed = {name: replace(strand, q=one)}
            found[place] = replace(found[place], **changed)
    return found
