"""Words of the evidence: one plain sentence a verdict, odds, effects. A CPI leads a KPI; it is never called a cause."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.link import LinkState
from kputui.model.metric import NumberFormat
from kputui.model.series import LARGEST
from kputui.session.views import Tone
from kputui.session.words import count_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.analysis.evidence.verdict import Effect, Evidence
    from kputui.model.metric import Grain, Metric
    from kputui.model.workspace import Workspace

ENOUGH_ODDS = 20
"""The e-value at which the data is ready for a person to confirm."""
PERCENT = (NumberFormat.PERCENT, NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2)
_MANY_ODDS = 1_000_000
VERDICT_TONES = {
    Verdict.CONFIRMED: Tone.GOOD,
    Verdict.LEANING: Tone.PLAIN,
    Verdict.TOGETHER: Tone.PLAIN,
    Verdict.CONTRADICTED: Tone.BAD,
    Verdict.REJECTED: Tone.MUTED,
    Verdict.NOT_ENOUGH: Tone.MUTED,
    Verdict.REFUSED: Tone.CAUTION,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a metric that people can picture: its `size` in the metric's own unit, and its words."""

    size: float
    words: str


def step_of(metric: Metric, values: Iterable[float | None] = ()) -> Step:
    """One point for a share; else the power of ten below the spread of its values, one unit when none is known."""
    if metric.format in PERCENT:
        return Step(0.01, "one point")
    known = [value for value in values if value is not None and abs(value) < LARGEST]
    size = 1.0
    if len(known) > 1:
        mean = math.fsum(known) / len(known)
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in known) / len(known))
        if spread > 0 and math.isfinite(spread):
            size = 10.0 ** math.floor(math.log10(spread))
    if metric.format is NumberFormat.DURATION:
        return Step(60.0, "one minute") if size < 3600 else Step(3600.0, "one hour")
    number = "one" if size == 1 else figure(size)
    return Step(size, f"{number} {metric.unit}".rstrip())


def figure(value: float, digits: int = 2) -> str:
    """A number with about `digits` figures, never with an exponent."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = _places(value, digits)
    text = _fixed(value, places)
    return text.rstrip("0").rstrip(".") if places else text


def change_words(metric: Metric, change: float) -> str:
    """A change of a metric with its direction: `0.41 points less`, `120 h more`."""
    scaled, unit = _scaled(metric, change)
    return " ".join(part for part in (figure(abs(scaled)), unit, "less" if change < 0 else "more") if part)


def moved_words(metric: Metric, change: float, fall: str = "falls", rise: str = "rises") -> str:
    """A change of a metric as something that it does: `falls by 2 points`."""
    scaled, unit = _scaled(metric, change)
    return f"{fall if change < 0 else rise} by {figure(abs(scaled))} {unit}".rstrip()


def _scaled(metric: Metric, change: float) -> tuple[float, str]:
    if metric.format in PERCENT:
        return change * 100, "point" if figure(abs(change * 100)) == "1" else "points"
    if metric.format is NumberFormat.DURATION:
        return (change / 60, "min") if abs(change) < 7200 else (change / 3600, "h")
    return change, metric.unit


def interval_words(metric: Metric, low: float, high: float) -> str:
    """A change's interval in the metric's unit: `[0.3, 0.5]` where both ends go one way, else `[0.3 less, 0.1 more]`.

    Both ends have as many decimals as the larger needs for two figures.
    """
    widest = max(abs(low), abs(high))
    scale = _scaled(metric, widest)[0] / widest if widest else 1.0
    first, last = sorted((low * scale, high * scale))
    places = _places(widest * scale)
    if first < 0 < last:
        return f"[{_fixed(-first, places)} less, {_fixed(last, places)} more]"
    near, far = sorted((abs(first), abs(last)))
    return f"[{_fixed(near, places)}, {_fixed(far, places)}]"


def _places(value: float, digits: int = 2) -> int:
    if value == 0 or not math.isfinite(value):
        return 0
    return min(12, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def _fixed(value: float, places: int) -> str:
    return f"{value:,.{places}f}".replace(",", " ")


def later_words(lag: int, grain: Grain | None) -> str:
    """`in the same week`, `one week later`, `3 weeks later`."""
    unit = str(grain) if grain is not None else "period"
    if lag == 0:
        return f"in the same {unit}"
    return f"one {unit} later" if lag == 1 else f"{count_words(lag, unit)} later"


def odds_words(e: float | None) -> str:
    """An e-value as odds that never say more than it does: `34 : 1 against luck`, `3.2 : 1 for luck`."""
    if e is None:
        return ""
    if e >= _MANY_ODDS:
        return "more than a million : 1 against luck"
    if e >= 1:
        odds = math.floor(e) if e >= 10 else math.floor(e * 10) / 10
        return f"{figure(odds, 7)} : 1 against luck"
    if e <= 1 / _MANY_ODDS:
        return "more than a million : 1 for luck"
    return f"{figure(1 / e)} : 1 for luck"


def short_odds(e: float | None) -> str:
    """An e-value as odds in few signs, for a column: `34 : 1` against luck, `3.2 : 1 for luck`."""
    if e is None:
        return ""
    if e >= _MANY_ODDS or e <= 1 / _MANY_ODDS:
        return "> 1e6 : 1" if e > 1 else "> 1e6 : 1 for luck"
    return odds_words(e).removesuffix(" against luck")


def effect_words(kpi: Metric, effect: Effect, grain: Grain | None, step: Step) -> str:
    """`one point more goes with 0.41 points less [0.3, 0.5] one week later`."""
    expected, low, high = (slope * step.size for slope in (effect.slope, effect.low, effect.high))
    interval = interval_words(kpi, low, high)
    return f"{step.words} more goes with {change_words(kpi, expected)} {interval} {later_words(effect.lag, grain)}"


def rows_words(evidence: Evidence) -> str:
    """How much data a verdict stands on: `n = 48 weeks`."""
    unit = str(evidence.grain) if evidence.grain is not None else "period"
    return f"n = {count_words(evidence.n, unit)}"


def verdict_sentence(
    workspace: Workspace, evidence: Evidence, step: Step | None = None, *, is_declared: bool = True
) -> str:
    """What the data says about a link, in one sentence for a stand-up that a statistician would sign.

    Of a pair that nobody declared it tells only what was seen: sign and lag were chosen by looking.
    """
    metrics = workspace.metrics
    cpi, kpi = (metric_words(workspace, name) for name in (evidence.cpi, evidence.kpi))
    rows, odds = rows_words(evidence), odds_words(evidence.e)
    effect = ""
    if evidence.effect is not None and evidence.cpi in metrics and evidence.kpi in metrics:
        first = metrics[evidence.cpi]
        shown = step if step is not None else step_of(first)
        effect = f": {effect_words(metrics[evidence.kpi], evidence.effect, evidence.grain, shown)}"
    if not is_declared and evidence.verdict is Verdict.LEANING:
        return f"exploratory, the strongest of all lags and both signs: {cpi} and {kpi}{effect} ({rows})"
    when = later_words(0, evidence.grain)
    same = effect.removesuffix(f" {when}")
    if evidence.best is not None and evidence.best.lag == 0:
        leaning = f"{cpi} and {kpi} may move together {when}{same}"
        opposite = f"{cpi} and {kpi} move the other way together than declared, {when}{same}"
    else:
        leaning = f"{cpi} may lead {kpi}{effect}"
        opposite = f"{cpi} leads {kpi} the other way than declared{effect}"
    sentences = {
        Verdict.CONFIRMED: f"{cpi} leads {kpi}{effect}; {odds} ({rows})",
        Verdict.LEANING: f"{leaning}; {odds}, and {ENOUGH_ODDS} : 1 is asked ({rows})",
        Verdict.TOGETHER: f"{cpi} and {kpi} move together {when}, direction unknown{same}; {odds} ({rows})",
        Verdict.CONTRADICTED: f"{opposite}; {odds_words(evidence.e_opposite)} ({rows})",
        Verdict.REJECTED: f"{cpi} does not lead {kpi} by an amount that matters: {_bound_words(evidence)} ({rows})",
        Verdict.NOT_ENOUGH: f"not enough data to say whether {cpi} leads {kpi}: {_wait_words(evidence)}",
        Verdict.REFUSED: f"{cpi} and {kpi} can't be tested against each other: {evidence.reason}",
    }
    return sentences[evidence.verdict]


def brief_words(evidence: Evidence) -> str:
    """The verdict with its figures in a few words: `ready to confirm, r = -0.42 one day later, 34 : 1 against luck`."""
    if evidence.p is None or evidence.best is None:
        return f"{evidence.verdict} ({missing_words(evidence, LinkState.HYPOTHESIS)})"
    is_opposite = evidence.verdict is Verdict.CONTRADICTED
    odds = odds_words(evidence.e_opposite if is_opposite else evidence.e)
    return (
        f"{evidence.verdict}, r = {evidence.best.r:.2f} {later_words(evidence.best.lag or 0, evidence.grain)}, {odds}"
    )


def _wait_words(evidence: Evidence) -> str:
    """What is missing: the reason of a gate, or the odds so far and about how much longer it takes."""
    if evidence.p is None:
        return evidence.reason
    more = f"; {more_words(evidence)}" if evidence.more_periods else ""
    return f"{odds_words(evidence.e)}{more} ({rows_words(evidence)})"


def more_words(evidence: Evidence) -> str:
    """`about 20 more weeks`; "" when nobody can say."""
    more = evidence.more_periods
    if not more:
        return ""
    unit = str(evidence.grain) if evidence.grain is not None else "period"
    return f"about {more} more {unit}{'' if more == 1 else 's'}"


def _bound_words(evidence: Evidence) -> str:
    if evidence.upper is None:
        return "the strength is below the smallest of interest"
    smallest = figure(evidence.smallest_effect)
    return f"{strength_words(evidence.upper)}, and {smallest} is the smallest of interest"


def strength_words(upper: float) -> str:
    """The upper end of a strength's interval in words."""
    return f"with 95 % certainty not stronger than {max(upper, 0.0):.2f}"


def missing_words(evidence: Evidence | None, state: LinkState) -> str:
    """What stands between a link and a confirmation with evidence, in a few words; "" when nothing does."""
    if evidence is None:
        return "not looked at yet"
    words = {
        Verdict.CONFIRMED: "" if state is LinkState.CONFIRMED else "a person's decision",
        Verdict.LEANING: more_words(evidence) or f"{short_odds(evidence.e)} of {ENOUGH_ODDS} : 1",
        Verdict.TOGETHER: "which goes first",
        Verdict.CONTRADICTED: "the other sign",
        Verdict.REJECTED: "an effect that matters",
        Verdict.NOT_ENOUGH: more_words(evidence) if evidence.p is not None else _gate_words(evidence),
        Verdict.REFUSED: "another measure",
    }
    return words[evidence.verdict]


def _gate_words(evidence: Evidence) -> str:
    """What keeps a link from being tested at all: too few periods, or too many without data."""
    unit = str(evidence.grain) if evidence.grain is not None else "period"
    if evidence.gaps is not None:
        return f"gaps {100 * evidence.gaps:.0f} %"
    if evidence.more_periods:
        return f"needs {evidence.n + evidence.more_periods} {unit}s, has {evidence.n}"
    return evidence.reason
