"""Questions from counts of rows: bunching, denominators, segments, ends of periods, missing rows, definitions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Final

from kputui.analysis.gaming.improvement import MOST_P, improved, move_at, too_few
from kputui.analysis.gaming.question import Answer, Question
from kputui.analysis.tails import incomplete_beta, t_upper

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from datetime import date

    from kputui.analysis.gaming.question import Sample

_LEAST_ROWS: Final = 20
_LEAST_BUNCHED: Final = 0.6
_BUNCHING_P: Final = 0.01
_LEAST_LOSS: Final = 0.1
_MOST_ALONG: Final = 0.25
_LEAST_PAID_BACK: Final = 0.25
_MOST_PAID_BACK: Final = 3.0
_LEAST_ENDS: Final = 6


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

    `past` and `short` count the rows within `width` of the target on its better and on its worse side. Exact
    one-sided binomial test against one half at 1 %, and at least 60 % past, since no distribution is quite
    level around its target. Fewer than 20 rows in both: `refusal`.
    """
    total = short + past
    if total < _LEAST_ROWS:
        return Answer(refusal=f"cannot tell yet (has {total} rows near the target, needs {_LEAST_ROWS})")
    p = float(incomplete_beta(past, short + 1, 0.5)) if past else 1.0
    figures = {"threshold": target, "width": width, "just_past": past, "just_short": short, "p": p}
    if p > _BUNCHING_P or past / total < _LEAST_BUNCHED:
        return Answer(figures=figures)
    text = (
        f"{past} rows lie just past the threshold of {metric.label} and {short} just short of it: "
        "how were they measured?"
    )
    return Answer(Question("G03", metric.metric, text, figures), figures=figures)


def shrinking_denominator(
    metric: Sample, numerators: Sequence[float | None], denominators: Sequence[float | None], since: date
) -> Answer:
    """G04: whether a share improved from `since` on because its denominator moved, and its numerator did not.

    `numerators` and `denominators` have one entry for each of the metric's periods. The denominator moved the way that
    flatters (fewer where a higher share is better, more where a lower one is; one-sided p of at most 0.05), and
    with the denominator as it was less than a quarter of the improvement would be left. A numerator that goes
    along by more than a quarter says that there was less, or more, of everything: nobody was left out.
    """
    refusal = too_few(metric.starts, metric.values, since)
    move, has_improved = improved(metric, since)
    moved = move_at(metric.starts, denominators, since, season=metric.season)
    means = [_before_after(metric.starts, each, since) for each in (numerators, denominators)]
    if refusal or move is None or means[0] is None or means[1] is None or not means[1][0] or not means[1][1]:
        return Answer(refusal=refusal or "cannot tell (the values do not vary)")
    (top_before, top_after), (base_before, base_after) = means[0], means[1]
    seen = top_after / base_after - top_before / base_before
    kept = top_after / base_before - top_before / base_before
    p_base = 1.0 if moved is None else moved.p_worse(is_higher_better=metric.is_higher_better)
    figures = {
        "p_improved": move.p_better(is_higher_better=metric.is_higher_better),
        "p_denominator": p_base,
        "numerator_before": top_before,
        "numerator_after": top_after,
        "denominator_before": base_before,
        "denominator_after": base_after,
        "improvement": seen,
        "improvement_with_old_denominator": kept,
    }
    sign = 1.0 if metric.is_higher_better else -1.0
    if not has_improved or p_base > MOST_P or sign * kept > 0.25 * sign * seen or sign * seen <= 0:
        return Answer(figures=figures)
    grown = base_after / base_before - 1
    if not grown or (top_after / top_before - 1) / grown > _MOST_ALONG:
        return Answer(figures=figures)
    share = abs(grown)
    how = "fewer" if metric.is_higher_better else "more"
    who = "who is no longer counted" if metric.is_higher_better else "who is counted now"
    text = f"{metric.label} improved while {share:.0%} {how} are counted in its denominator: {who}?"
    return Answer(Question("G04", metric.metric, text, figures, since), figures=figures)


def simpson(metric: Sample, before: float, after: float, segments: Sequence[Segment], since: date) -> Answer:
    """G05: whether the total got better from `before` to `after` while most segments (by weight) did not.

    `within` is what the segments' own changes bring at their average weights, `mix` the rest of the change.
    Fewer than 2 segments with weight: `refusal`.
    """
    known = [each for each in segments if each.weight_before > 0 and each.weight_after > 0]
    if len(known) < 2:
        return Answer(refusal="cannot tell (fewer than two segments on both sides)")
    sign = 1.0 if metric.is_higher_better else -1.0
    totals = sum(each.weight_before for each in known), sum(each.weight_after for each in known)
    shares = [(each.weight_before / totals[0] + each.weight_after / totals[1]) / 2 for each in known]
    changes = [each.after - each.before for each in known]
    against = sum(share for share, change in zip(shares, changes, strict=True) if sign * change <= 0)
    within = sum(share * change for share, change in zip(shares, changes, strict=True))
    not_better = sum(sign * change <= 0 for change in changes)
    figures = {
        "before": before,
        "after": after,
        "segments": len(known),
        "segments_not_better": not_better,
        "weight_not_better": against,
        "within": within,
        "mix": after - before - within,
    }
    if sign * (after - before) <= 0 or against <= 0.5:
        return Answer(figures=figures)
    text = f"{metric.label} improved, but {not_better} of its {len(known)} segments did not: did only the mix change?"
    return Answer(Question("G05", metric.metric, text, figures, since), figures=figures)


def end_of_period_spike(metric: Sample, period_ends: Sequence[date]) -> Answer:
    """G06: whether daily values are high in the last days of each period and low in the first days after (pay-back).

    `metric` holds days; `period_ends`: the last day of each week, month or quarter that is settled. The last and first
    day count for weeks, three days for months, five for longer; days are held against the other days of
    their weekday (not for weeks). Both one-sided t-tests over the ends at 5 %, and between a quarter
    and three times of it is paid back. Fewer than 6 ends within the data: `refusal`.
    """
    sign = 1.0 if metric.is_higher_better else -1.0
    by_day = {s.toordinal(): sign * v for s, v in zip(metric.starts, metric.values, strict=True) if v is not None}
    ends = sorted(end.toordinal() for end in period_ends)
    length = median([after - before for before, after in pairwise(ends)]) if len(ends) > 1 else 0
    width = 1 if length <= 14 else 3 if length <= 45 else 5
    last = [[end - i for i in range(width)] for end in ends]
    first = [[end + 1 + i for i in range(width)] for end in ends]
    usable = [at for at in range(len(ends)) if all(day in by_day for day in (*last[at], *first[at]))]
    if len(usable) < _LEAST_ENDS:
        return Answer(refusal=f"cannot tell yet (has {len(usable)} ends of periods, needs {_LEAST_ENDS})")
    usual = _usual(by_day, {day for days in (*last, *first) for day in days}, has_weekdays=length > 14)
    highs = [fmean(by_day[day] - usual(day) for day in last[at]) for at in usable]
    lows = [fmean(by_day[day] - usual(day) for day in first[at]) for at in usable]
    high, low = fmean(highs), fmean(lows)
    figures = {
        "ends": len(usable),
        "days": width,
        "last_days": sign * high,
        "first_days": sign * low,
        "p_high": _p_above_zero(highs),
        "p_paid_back": _p_above_zero([-each for each in lows]),
    }
    if (
        max(figures["p_high"], figures["p_paid_back"]) > MOST_P
        or not _LEAST_PAID_BACK <= -low / high <= _MOST_PAID_BACK
    ):
        return Answer(figures=figures)
    text = f"{metric.label} rises at the end of each period and is missing right after: is work only moved?"
    return Answer(Question("G06", metric.metric, text, figures), figures=figures)


def rows_missing(metric: Sample, rows: Sequence[int], since: date) -> Answer:
    """G07: whether rows went missing from `since`, where the improvement starts.

    `rows` has the number of rows behind each of the metric's periods. A tenth at least is gone, with one-sided p of
    at most 0.05 for both.
    """
    refusal = too_few(metric.starts, metric.values, since)
    move, has_improved = improved(metric, since)
    counts = _before_after(metric.starts, rows, since)
    fell = move_at(metric.starts, [float(count) for count in rows], since, season=metric.season)
    if refusal or move is None or counts is None or not counts[0]:
        return Answer(refusal=refusal or "cannot tell (the values do not vary)")
    lost = 1 - counts[1] / counts[0]
    figures = {
        "p_improved": move.p_better(is_higher_better=metric.is_higher_better),
        "rows_before": counts[0],
        "rows_after": counts[1],
        "p_rows": 1.0 if fell is None else fell.p_fall,
    }
    if not has_improved or lost < _LEAST_LOSS or figures["p_rows"] > MOST_P:
        return Answer(figures=figures)
    text = f"{lost:.0%} of the rows are missing from where {metric.label} starts to improve: is the data complete?"
    return Answer(Question("G07", metric.metric, text, figures, since), figures=figures)


def definition_changed(metric: Sample, changed_on: Sequence[date], since: date) -> Answer:
    """G08: whether a definition or target change lies within two periods of `since`, where the improvement starts."""
    refusal = too_few(metric.starts, metric.values, since)
    move, has_improved = improved(metric, since)
    if refusal or move is None:
        return Answer(refusal=refusal or "cannot tell (the values do not vary)")
    at = sum(start < since for start in metric.starts)
    near = metric.starts[max(0, at - 2)], metric.starts[min(len(metric.starts) - 1, at + 2)]
    changes = [day for day in changed_on if near[0] <= day <= near[1]]
    figures = {"p_improved": move.p_better(is_higher_better=metric.is_higher_better), "step": move.step}
    if not has_improved or not changes:
        return Answer(figures=figures)
    named: dict[str, float | int | str] = {**figures, "changed_on": changes[-1].isoformat()}
    text = (
        f"The definition behind {metric.label} changed where it starts to improve: which of the two moved the figure?"
    )
    return Answer(Question("G08", metric.metric, text, named, since), figures=named)


def _before_after(starts: Sequence[date], values: Sequence[float | None], since: date) -> tuple[float, float] | None:
    """The plain averages before `since` and from it on; None when a side has no values."""
    rows = [(start, value) for start, value in zip(starts, values, strict=True) if value is not None]
    before, after = [v for start, v in rows if start < since], [v for start, v in rows if start >= since]
    return (fmean(before), fmean(after)) if before and after else None


def _usual(by_day: Mapping[int, float], near: Container[int], *, has_weekdays: bool) -> Callable[[int], float]:
    """The median of the days that are not near an end, of the same weekday if those matter."""
    groups: dict[int, list[float]] = {}
    for day, value in by_day.items():
        if day not in near:
            groups.setdefault(day % 7 if has_weekdays else 0, []).append(value)
    medians = {group: median(values) for group, values in groups.items()}
    overall = median(medians.values()) if medians else 0.0
    return lambda day: medians.get(day % 7 if has_weekdays else 0, overall)


def _p_above_zero(values: Sequence[float]) -> float:
    """One-sided p of a t-test of the mean against 0."""
    error = stdev(values) / len(values) ** 0.5
    if not error:
        return 0.0 if fmean(values) > 0 else 1.0
    return float(t_upper(fmean(values) / error, len(values) - 1))
