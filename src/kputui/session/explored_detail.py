"""The detail of an explored metric: its values as cut, what was not judged, its parts, and where they came from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.session.charts import CHART_PERIODS, edges
from kputui.session.cut_views import PartsView, PartView
from kputui.session.cuts import Cut, cut_words, value_words
from kputui.session.metric_detail import change_facts, metric_detail
from kputui.session.provenance_facts import provenance_facts
from kputui.session.views import ChartView, Fact, Quantity, Tone
from kputui.session.words import count_words, period_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Metric
    from kputui.model.series import Series
    from kputui.session.exploring import Explored, Part
    from kputui.session.figures import Figures
    from kputui.session.views import DetailView


def explored_detail(
    figures: Figures,
    key: str,
    name: MetricId,
    cut: Cut,
    explored: Explored | None,
    goal: GoalId | None = None,
    *,
    is_computing: bool = False,
) -> DetailView:
    """A row's detail as a cut shows it; `explored` is what is known so far, perhaps nothing.

    A cut by grain or to some rows carries no target, limits, pace or signal: those hold for the metric
    as it is defined. A breakdown alone keeps them for the whole and judges no part.
    """
    metric = figures.workspace.metrics[name]
    whole = metric_detail(figures, key, metric, goal)
    words = cut_words(cut)
    share = None if explored is None else explored.share
    far = "..." if share is None else f"{int(100 * share)} %,"
    running = (Fact("", text=f"computing {far} Esc stops it", tone=Tone.MUTED),) if is_computing else ()
    if explored is None:
        stopped = () if is_computing else (Fact("", text="stopped before there was a value", tone=Tone.MUTED),)
        empty = replace(whole, headline=running or stopped, chart=None, facts=(), provenance=())
        return replace(empty, cut=words, signals=(), effects=(), links=(), changes=(), notes=())
    reading = explored.reading
    series = reading.series
    if reading.failure is not None or series is None:
        said = reading.failure.message if reading.failure is not None else "no data"
        tone = Tone.BAD if reading.failure is not None else Tone.PLAIN
        headline = running or (Fact("", text=said, tone=tone),)
        hint = (reading.failure.hint,) if reading.failure is not None and reading.failure.hint else ()
        bare = replace(whole, headline=headline, chart=None, facts=(), provenance=(), signals=(), effects=())
        return replace(bare, cut=words, links=(), changes=(), notes=hint)
    facts = tuple(provenance_facts(figures, reading, cut.condition))
    provenance = (Fact("cut", text=words), *facts, *_part_rows(explored))
    notes = (*_notes(figures, metric, explored), *reading.notes)
    parts = _parts_view(metric, explored) if explored.parts else None
    if cut.is_whole:
        return replace(
            whole,
            cut=words,
            headline=(*whole.headline, *running),
            chart=whole.chart if parts is None else None,
            parts=parts,
            provenance=provenance,
            notes=(*notes, *whole.notes),
        )
    return replace(
        whole,
        cut=words,
        headline=(*_headline(metric, series), *running),
        chart=None if parts is not None else _chart(metric, series),
        parts=parts,
        facts=(),
        links=(),
        changes=(),
        signals=(),
        effects=(),
        notes=notes,
        provenance=provenance,
    )


def _notes(figures: Figures, metric: Metric, explored: Explored) -> Iterator[str]:
    cut = explored.cut
    if not cut.is_whole:
        yield f"not judged: target, limits, pace and signals are about each {metric.grain} over all rows"
    elif cut.by:
        yield "the parts are not judged: target, limits and signals are about the whole"
    if explored.note:
        yield explored.note
    if any(part.merged for part in explored.parts):
        yield "the rest is computed from its own rows, not from the other parts"
    if figures.is_computing:
        yield "the board is computing as well; its numbers may be newer in a moment"


def _headline(metric: Metric, series: Series) -> Iterator[Fact]:
    newest = series.newest_whole
    if newest is None:
        yield Fact("", text="no whole period")
    else:
        value = Quantity(series.values[newest], metric.format, metric.unit)
        yield Fact(period_words(series.grain, series.starts[newest]), value)
        yield from change_facts(metric, series, newest)
    last = len(series.starts) - 1
    if last >= 0 and series.is_running(last):
        name = f"{period_words(series.grain, series.starts[last])}, running"
        yield Fact(name, Quantity(series.values[last], metric.format, metric.unit), tone=Tone.MUTED)


def _chart(metric: Metric, series: Series) -> ChartView | None:
    """The values alone."""
    if not series.starts:
        return None
    first = max(0, len(series.starts) - CHART_PERIODS)
    running, cut = edges(series, first)
    return ChartView(
        series.grain, series.starts[first:], series.values[first:], running, cut, format=metric.format, unit=metric.unit
    )


def _parts_view(metric: Metric, explored: Explored) -> PartsView:
    series = explored.parts[0].series
    first = max(0, len(series.starts) - CHART_PERIODS)
    running, cut = edges(series, first)
    newest = series.newest_whole
    return PartsView(
        explored.cut.by,
        period_words(series.grain, series.starts[newest]) if newest is not None else "no whole period",
        series.grain,
        series.starts[first:],
        running,
        cut,
        tuple(_part_view(metric, part, series.starts[first:]) for part in explored.parts),
        explored.values,
        explored.ranked_by,
    )


def _part_view(metric: Metric, part: Part, starts: tuple[object, ...]) -> PartView:
    """A part over the periods of the first one: the rest may begin or end elsewhere."""
    series = part.series
    known = dict(zip(series.starts, series.values, strict=True))
    newest = series.newest_whole
    value = series.values[newest] if newest is not None else None
    values = tuple(known.get(start) for start in starts)  # type: ignore[call-overload]  # the starts are days
    return PartView(
        part_words(part), Quantity(value, metric.format, metric.unit), values, sum(series.rows), part.merged > 0
    )


def part_words(part: Part) -> str:
    """The value's words, or `the rest (12 values)`."""
    return f"the rest ({count_words(part.merged, 'value')})" if part.merged else value_words(part.value)


def _part_rows(explored: Explored) -> Iterator[Fact]:
    """The rows that each part was made of."""
    for part in explored.parts:
        rows = count_words(sum(part.series.rows), "row")
        yield Fact(f"{explored.cut.by} = {part_words(part)}" if not part.merged else part_words(part), text=rows)
