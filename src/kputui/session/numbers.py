"""The board's numbers as they are computed: batch after batch, the last good value where there is no new one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.errors import DataError
from kputui.model.series import Failure, Reading
from kputui.session.last_good import or_before_it_shrank, or_last_good, with_older

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kputui.engine.compute import Engine
    from kputui.engine.request import Request
    from kputui.model.ids import MetricId
    from kputui.session.figures import Figures


def read(
    engine_now: Callable[[], Engine],
    request: Request,
    base: Figures,
    guarded: frozenset[MetricId],
    is_cancelled: Callable[[], bool],
) -> Iterator[Figures]:
    """The figures with what has been computed so far; of `guarded` metrics that shrank the values before stay.

    Of those, which are asked as before, older values stay too until they are computed again. When the engine
    cannot start at all, every metric has that failure.
    """
    try:
        engine = engine_now()
    except DataError as error:
        failure = Failure(error.code, error.message, error.hint)
        failed = tuple(Reading(name, failure=failure) for name in request.metrics)
        yield replace(base, readings={**base.readings, **_kept(failed, base, guarded)}, is_computing=True)
        return
    readings = base.readings
    latest: tuple[Reading, ...] = ()
    for batch in engine.readings(request, is_cancelled):
        if batch is not latest:
            is_partial = not engine.progress.is_complete
            latest, readings = batch, {**readings, **_kept(batch, base, guarded, is_partial=is_partial)}
        yield replace(base, readings=readings, is_computing=True, progress=engine.progress)


def _kept(
    batch: tuple[Reading, ...], base: Figures, guarded: frozenset[MetricId], *, is_partial: bool = False
) -> dict[MetricId, Reading]:
    held = base.readings
    kept = {one.metric: or_last_good(one, held.get(one.metric)) for one in batch}
    for name in guarded & kept.keys():
        kept[name] = or_before_it_shrank(kept[name], held.get(name))
        if is_partial:
            kept[name] = with_older(kept[name], held.get(name))
    return kept
