"""The board's numbers while they are computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kputui.engine.progress import Progress
from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.session.judges import judged_figures
from kputui.session.numbers import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.session.shop import Shop

    from kputui.model.series import Reading, Series

SOLD = MetricId("sold")


class NewestFirst:
    """An engine that has nothing first, then the newest four periods, each ten higher than before, then all."""

    progress = Progress()

    def __init__(self, before: Reading) -> None:
        assert before.series is not None
        self.before, self.series = before, before.series

    def readings(self, *_: object) -> Iterator[tuple[Reading, ...]]:
        """Three batches."""
        higher = tuple(None if value is None else value + 10 for value in self.series.values)
        whole = replace(self.series, values=higher)
        since = self.series.starts[-4]
        parts = {name: getattr(whole, name)[-4:] for name in ("starts", "ends", "values", "rows")}
        newest = replace(whole, **parts, covers=replace(whole.covers, start=since))
        for series, day in ((None, since), (newest, since), (whole, None)):
            self.progress = Progress(1, 2, day, is_complete=day is None)
            yield (replace(self.before, series=series),)


def seen(shop: Shop, guarded: frozenset[MetricId]) -> tuple[Series, list[Series | None]]:
    """The series before, and what is shown of it batch after batch."""
    base = judged_figures(shop.open())
    engine: Any = NewestFirst(base.readings[SOLD])
    views = read(lambda: engine, Request((SOLD,)), base, guarded, lambda: False)
    return engine.series, [view.readings[SOLD].series for view in views]


def test_older_values_stay_until_they_are_computed_again(shop: Shop) -> None:
    """A file that is touched does not empty the chart: its newest values are new at once, the others follow."""
    before, (first, second, last) = seen(shop, frozenset({SOLD}))
    assert first == before
    assert second is not None
    assert (second.starts, second.ends, second.covers) == (before.starts, before.ends, before.covers)
    assert second.values[:-4] == before.values[:-4]
    assert last is not None
    assert second.values[-4:] == last.values[-4:] != before.values[-4:]


def test_values_of_another_definition_do_not_stay(shop: Shop) -> None:
    """Of a metric that was defined anew only what is computed is shown."""
    _, (first, second, _) = seen(shop, frozenset())
    assert first is None
    assert second is not None
    assert len(second.starts) == 4
