"""Which periods a table or a series has, and on which days its values are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.engine.periods import day_of
from kputui.engine.reach import firm
from kputui.model.series import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.definition import Value
    from kputui.engine.run import Run
    from kputui.model.ids import SourceId
    from kputui.model.metric import Grain


def starts_of(run: Run, sources: Sequence[SourceId], grain: Grain, *, is_on_spine: bool = False) -> list[int]:
    """The periods that are finished, from the sources' first to their last, without holes.

    `is_on_spine`: also periods asked for before and after the data.
    """
    spans = [span for source in sources if (span := run.span(source)) is not None]
    if not spans:
        return []
    first, last = min(low for low, _ in spans), max(high for _, high in spans)
    if is_on_spine:
        start, end = run.window.start, run.window.end
        first = first if start is None else min(first, start)
        last = last if end is None else max(last, end - 1 if run.window.last is None else min(end - 1, run.window.last))
    bound = run.bound(sources)
    if bound is None:
        return run.window.starts(run.periods, grain, first, last)
    return [start for start in run.window.starts(run.periods, grain, max(first, bound), last) if start >= bound]


def covers_of(run: Run, value: Value, sources: Sequence[SourceId]) -> Span:
    """The whole days that all the sources span: a day of time stamps is whole once a later day has one.

    A value that looks over time is whole only where the days that it looks at are.
    """
    starts, ends = [], []
    for source in sources:
        span = run.span(source)
        if span is None:
            continue
        facts = run.library.opened(source).facts()
        is_open = not facts.is_dated and span[1] == facts.last_day
        starts.append(span[0])
        end = span[1] + (0 if is_open else 1)
        ends.append(end if run.window.over is None else min(end, run.window.over + 1))
    first, end = firm(value, max(starts, default=0), min(ends, default=0), run.periods)
    return Span(day_of(first), day_of(end))
