"""Questions from two series side by side: a KPI and its outcome, a KPI and its guardrail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kputui.analysis.change.points import change_points
from kputui.analysis.gaming.improvement import LEAST_AFTER, MOST_P, drift, improved, move_at, too_few
from kputui.analysis.gaming.question import Answer, Question

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.gaming.improvement import Move
    from kputui.analysis.gaming.question import Sample

LEAST_AFTER_DIVERGING: Final = 12
_LEAST_RECENT: Final = 12


def diverging(kpi: Sample, outcome: Sample, since: date, *, lag: int = 0) -> Answer:
    """G01: whether the KPI improved from `since` on while the outcome is worse than the KPI implies.

    `outcome` is what the KPI stands for (at the same grain; periods are matched by their first day), following
    the KPI `lag` periods later. Both tests are one-sided at 5 %; that the outcome did not improve "significantly"
    is no criterion, because that would suspect honest teams. Fewer than 12 joint points after `since`: `refusal`.
    """
    starts, values, implied = _joint(kpi, outcome, lag)
    joined = [None if given is None else value for value, given in zip(values, implied, strict=True)]
    refusal = too_few(kpi.starts, kpi.values, since) or too_few(starts, joined, since, LEAST_AFTER_DIVERGING)
    if refusal:
        return Answer(refusal=refusal)
    rose, has_improved = improved(kpi, since)
    sign = 1.0 if kpi.is_higher_better is outcome.is_higher_better else -1.0
    given = [0.0 if value is None else sign * value for value in implied]
    left = move_at(starts, joined, since, season=outcome.season, given=given)
    if rose is None or left is None:
        return Answer(refusal="cannot tell (the values do not vary)")
    p_outcome = left.p_worse(is_higher_better=outcome.is_higher_better)
    figures = {
        "kpi_step": rose.step,
        "kpi_p": rose.p_better(is_higher_better=kpi.is_higher_better),
        "outcome_step_given_kpi": left.step,
        "outcome_p": p_outcome,
        "points_before": left.before,
        "points_after": left.after,
        "lag": lag,
    }
    if not has_improved or p_outcome > MOST_P:
        return Answer(figures=figures)
    way = "lower" if outcome.is_higher_better else "higher"
    text = (
        f"{kpi.label} improved, and {outcome.label} is {way} than that implies: "
        f"does {kpi.label} still measure what it stands for?"
    )
    return Answer(Question("G01", kpi.metric, text, figures, since, outcome.metric), figures=figures)


def guardrail(kpi: Sample, guard: Sample, since: date | None = None) -> Answer:
    """G02: whether the guardrail got worse while its KPI improved, from `since` on or lately (None).

    With None, both trends over the last third of the joint periods (12 at least) count, or the two steps at the
    KPI's newest shift for the better. All tests are one-sided at 5 % and heed autocorrelation.
    """
    starts, watched, moved = _joint(kpi, guard, 0)
    if since is not None:
        refusal = too_few(starts, moved, since) or too_few(starts, watched, since)
        return Answer(refusal=refusal) if refusal else _worsened(kpi, guard, since)
    known = [i for i, value in enumerate(moved) if value is not None and watched[i] is not None]
    if len(known) < _LEAST_RECENT:
        return Answer(refusal=f"cannot tell yet (has {len(known)} joint points, needs {_LEAST_RECENT})")
    first = known[-max(_LEAST_RECENT, len(known) // 3)]
    recent = _asked(kpi, guard, starts[first], drift(moved[first:]), drift(watched[first:]), "trend")
    if recent.question is not None:
        return recent
    shifts = change_points(kpi.starts, kpi.values, season=kpi.season)
    better = [shift.day for shift in shifts if (shift.step > 0) is kpi.is_higher_better]
    if better and not too_few(starts, watched, better[-1], LEAST_AFTER):
        return _worsened(kpi, guard, better[-1])
    return recent


def _worsened(kpi: Sample, guard: Sample, since: date) -> Answer:
    step_of_guard = move_at(guard.starts, guard.values, since, season=guard.season)
    return _asked(kpi, guard, since, improved(kpi, since)[0], step_of_guard, "step")


def _asked(kpi: Sample, guard: Sample, since: date, rose: Move | None, worse: Move | None, shape: str) -> Answer:
    if rose is None or worse is None:
        return Answer(refusal="cannot tell (the values do not vary)")
    p_kpi = rose.p_better(is_higher_better=kpi.is_higher_better)
    p_guardrail = worse.p_worse(is_higher_better=guard.is_higher_better)
    figures: dict[str, float | int | str] = {
        "shape": shape,
        f"kpi_{shape}": rose.step,
        "kpi_p": p_kpi,
        f"guardrail_{shape}": worse.step,
        "guardrail_p": p_guardrail,
        "points": worse.before + worse.after,
    }
    if max(p_kpi, p_guardrail) > MOST_P:
        return Answer(figures=figures)
    text = f"{guard.label} got worse while {kpi.label} improved: what pays for the improvement?"
    question = Question("G02", kpi.metric, text, figures, since, guard.metric, is_guardrail=True)
    return Answer(question, figures=figures)


def _joint(
    kpi: Sample, other: Sample, lag: int
) -> tuple[tuple[date, ...], tuple[float | None, ...], tuple[float | None, ...]]:
    """The KPI's first days at which its effect begins, the other's values `lag` periods later, and the KPI's."""
    place = {start: i for i, start in enumerate(other.starts)}
    rows = []
    for start, value in zip(kpi.starts, kpi.values, strict=True):
        at = place.get(start)
        if at is not None and at + lag < len(other.starts):
            rows.append((start, other.values[at + lag], value))
    starts, later, values = zip(*rows, strict=True) if rows else ((), (), ())
    return tuple(starts), tuple(later), tuple(values)
