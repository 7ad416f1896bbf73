"""All the evidence behind one link, for the screen that opens on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.analysis.periods import periods_until
from kputui.model.cell import LinkCell
from kputui.model.link import LinkDecision, LinkState
from kputui.session.accountability import is_against_verdict
from kputui.session.history import history
from kputui.session.link_views import EvidenceView, ProfileView
from kputui.session.link_what_if import expected, refused_words, what_if_words
from kputui.session.link_words import (
    VERDICT_TONES,
    effect_words,
    figure,
    more_words,
    odds_words,
    rows_words,
    step_of,
    strength_words,
    verdict_sentence,
)
from kputui.session.rows import link_standing
from kputui.session.views import Fact, Tone
from kputui.session.words import (
    count_words,
    day_words,
    decision_words,
    expect_words,
    lag_words,
    listed,
    metric_words,
    person_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.analysis.evidence.verdict import Evidence, LagFigure, Part
    from kputui.model.ids import MetricId
    from kputui.model.link import Link
    from kputui.session.accountability import LinkStanding
    from kputui.session.figures import Figures
    from kputui.session.link_words import Step


def evidence_view(figures: Figures, cpi: MetricId, kpi: MetricId) -> EvidenceView:
    """What is declared, what the data says and what people decided about the link from `cpi` to `kpi`."""
    workspace = figures.workspace
    link = next((one for one in workspace.links if (one.cpi, one.kpi) == (cpi, kpi)), None)
    evidence = figures.evidence.get((cpi, kpi))
    title = (metric_words(workspace, cpi), metric_words(workspace, kpi))
    hypothesis = hypothesis_words(link) if link is not None else "nobody has declared this link"
    state = state_words(figures, cpi, kpi) if link is not None else "exploratory: it can't be confirmed"
    past = tuple(_history(figures, cpi, kpi))
    if evidence is None:
        return EvidenceView(cpi, kpi, title, hypothesis, state, "the data has not been looked at yet", history=past)
    step = shown_step(figures, cpi)
    sentence = verdict_sentence(workspace, evidence, step, is_declared=link is not None)
    return EvidenceView(
        cpi,
        kpi,
        title,
        hypothesis,
        state,
        sentence,
        VERDICT_TONES[evidence.verdict],
        tuple(_facts(figures, evidence, step)),
        _profile(evidence),
        evidence.scatter,
        _scatter_names(title, evidence),
        tuple(check.text for check in evidence.checks if check.held),
        tuple(check.text for check in evidence.checks if not check.held),
        tuple(_parts(link, evidence)),
        tuple(_what_if(figures, evidence)),
        past,
        sentence if evidence.verdict is Verdict.REFUSED else "",
    )


def hypothesis_words(link: Link) -> str:
    """What was written before looking: sign, lag, mechanism, and the day."""
    words = f"{expect_words(link.expect)}, {lag_words(link.lag)}"
    words += f": {link.mechanism}" if link.mechanism else ""
    day = day_words(link.declared) if link.declared is not None else "an unknown day"
    return f"{words} (declared on {day})"


def state_words(figures: Figures, cpi: MetricId, kpi: MetricId) -> str:
    """Where people left the link: who decided, when, on which ground, and why that no longer holds."""
    standing = link_standing(figures, cpi, kpi)
    decision = standing.decision
    if decision is None:
        return standing.state.value
    words = standing.state.value
    if standing.state is LinkState.EXPIRED:
        words = f"expired: {standing.why}; {decision_words(decision.state, decision.method)}"
    elif decision.state is not LinkState.HYPOTHESIS:
        words = decision_words(decision.state, decision.method)
    if decision.decided_by:
        words += f" by {person_words(decision.decided_by)}"
    if decision.decided_on is not None:
        words += f" on {day_words(decision.decided_on)}"
    return words + _against_words(standing)


def _against_words(standing: LinkStanding) -> str:
    decision = standing.decision
    if decision is None or not is_against_verdict(decision):
        return ""
    return f", while the data said: {decision.evidence['verdict']}"


def shown_step(figures: Figures, cpi: MetricId) -> Step:
    """The change of the CPI in which effects are told."""
    reading = figures.readings.get(cpi)
    series = reading.series if reading is not None else None
    return step_of(figures.workspace.metrics[cpi], series.values if series is not None else ())


def _facts(figures: Figures, evidence: Evidence, step: Step) -> Iterator[Fact]:
    if evidence.p is not None:
        yield Fact("data", text=_data_words(evidence))
        yield from _strengths(figures, evidence, step)
        corrected = f", {p_words(evidence.q)} among the open links" if evidence.q is not None else ""
        yield Fact("odds", text=odds_words(evidence.e))
        yield Fact("p", text=f"{p_words(evidence.p)}{corrected}")
        if evidence.upper is not None:
            smallest = figure(evidence.smallest_effect)
            yield Fact("bound", text=f"{strength_words(evidence.upper)}; {smallest} is the smallest of interest")
    if evidence.more_periods:
        yield Fact("missing", text=more_words(evidence))
    for name, metrics, lead, tone in (
        ("controls", evidence.controls, "", Tone.PLAIN),
        ("alike", evidence.alike, "can't be told apart from ", Tone.CAUTION),
    ):
        if metrics:
            names = listed([metric_words(figures.workspace, metric) for metric in metrics])
            yield Fact(name, text=f"{lead}{names}", tone=tone)


def _strengths(figures: Figures, evidence: Evidence, step: Step) -> Iterator[Fact]:
    if evidence.best is not None:
        yield Fact("strength", text=f"{_strength(evidence.best)} {_at(evidence, evidence.best)}")
    if evidence.total is not None:
        yield Fact("over all lags", text=_strength(evidence.total))
    kpi = figures.workspace.metrics[evidence.kpi]
    for name, effect in (("effect", evidence.effect), ("beside the others", evidence.joint)):
        if effect is not None:
            yield Fact(name, text=effect_words(kpi, effect, evidence.grain, step))


def p_words(p: float) -> str:
    """A p value with two figures; below one in ten thousand it says only that."""
    return "< 0.0001" if p < 0.0001 else figure(p)


def _data_words(evidence: Evidence) -> str:
    words = rows_words(evidence)
    if evidence.data_from is not None and evidence.data_to is not None:
        words += f", {day_words(evidence.data_from)} to {day_words(evidence.data_to)}"
        return words + _lost_words(evidence, evidence.data_from, evidence.data_to)
    return f"{words}, up to {day_words(evidence.data_to)}" if evidence.data_to is not None else words


def _lost_words(evidence: Evidence, first: date, last: date) -> str:
    """Where the other periods of these days are: a lag and taking out the own past need some, others have no value."""
    if evidence.grain is None:
        return ""
    known = len(periods_until(evidence.grain, first, last + timedelta(days=1), (last - first).days + 1))
    lost = known - evidence.n
    if lost <= 0:
        return ""
    return f": {lost} of {_periods(evidence, known)} lost to the lag, to taking out the own past, or without a value"


def _strength(shape: LagFigure) -> str:
    return f"r = {shape.r:.2f} [{shape.low:.2f}, {shape.high:.2f}]"


def _at(evidence: Evidence, shape: LagFigure) -> str:
    unit = str(evidence.grain) if evidence.grain is not None else "period"
    return f"at lag {count_words(shape.lag or 0, unit)}"


def _periods(evidence: Evidence, count: int) -> str:
    return count_words(count, str(evidence.grain) if evidence.grain is not None else "period")


def _profile(evidence: Evidence) -> ProfileView | None:
    shapes = [shape for shape in evidence.profile if shape.lag is not None]
    if not shapes:
        return None
    return ProfileView(
        tuple(shape.lag for shape in shapes if shape.lag is not None),
        tuple(shape.r for shape in shapes),
        tuple(shape.low for shape in shapes),
        tuple(shape.high for shape in shapes),
        tuple(shape.is_declared for shape in shapes),
        f"{evidence.grain}s" if evidence.grain is not None else "periods",
    )


def _scatter_names(title: tuple[str, ...], evidence: Evidence) -> tuple[str, str]:
    lag = evidence.best.lag if evidence.best is not None else None
    later = f", {_periods(evidence, lag)} later" if lag else ""
    return title[0], f"{title[1]}{later}"


def _parts(link: Link | None, evidence: Evidence) -> Iterator[str]:
    """The same test before and after the day on which the link was declared, apart."""
    if link is None:
        return
    if link.declared is None:
        yield "declared on an unknown day: nobody can tell what was seen before (write `declared` in [[links]])"
        return
    for part in evidence.parts:
        yield f"{part.name}: {part_words(part)}"


def part_words(part: Part) -> str:
    """The figures of one part of the data."""
    if part.r is None or part.p is None:
        return f"too little data (n = {part.n})"
    return f"r = {part.r:.2f}, {odds_words(part.e)}, p {p_words(part.p)} (n = {part.n})"


def _what_if(figures: Figures, evidence: Evidence) -> Iterator[str]:
    if refused := refused_words(figures, evidence):
        if evidence.effect is not None:
            yield refused
    elif (found := expected(figures, evidence)) is not None:
        yield what_if_words(figures, found, evidence.grain)


def _history(figures: Figures, cpi: MetricId, kpi: MetricId) -> Iterator[str]:
    """What was decided, newest first, with the verdict of that day."""
    if figures.state is None:
        return
    verdicts = {change.seq: _verdict_then(change.after) for change in figures.state.history(LinkCell(cpi, kpi))}
    for entry in history(figures.workspace, figures.state, [LinkCell(cpi, kpi)]):
        words = f"{day_words(entry.day)} {entry.new}, by {person_words(entry.author)}" if entry.author else entry.new
        words += " (undone)" if entry.is_undone else ""
        said = verdicts.get(entry.seq, "")
        words += f"; the data said: {said}" if said else ""
        yield f"{words}: {entry.reason}" if entry.reason else words


def _verdict_then(value: object) -> str:
    if not isinstance(value, LinkDecision):
        return ""
    evidence = value.evidence
    e = evidence.get("e")
    odds = f", {odds_words(float(e))}" if isinstance(e, int | float) else ""
    return f"{evidence['verdict']}{odds}" if evidence.get("verdict") else ""
