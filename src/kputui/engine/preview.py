"""The first answer of all: the newest quarter of large sources, before anything else of their files is read."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from kputui.engine.passes import Reached, compute
from kputui.engine.periods import FIRST_DAY, Periods, number_of, unit_grain
from kputui.engine.preload import sources_read
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kputui.engine.library import Library
    from kputui.engine.request import Request
    from kputui.engine.run import Run
    from kputui.model.metric import Grain
    from kputui.model.workspace import Workspace


def begun(
    requests: Sequence[Request],
    grains: Sequence[Grain],
    workspace: Workspace,
    library: Library,
    plan: Callable[[], Sequence[Run]],
    is_cancelled: Callable[[], bool],
) -> Sequence[Run]:
    """Runs that have computed their newest intervals of the sources' newest rows; none where that saves nothing.

    Until the library's glimpses are ended it knows nothing of the older rows of large sources. `plan` makes
    the runs. What goes wrong shows again when all is read, and is told then.
    """
    sources = sources_read(workspace, [metric for request in requests for metric in request.metrics])
    periods, unit, last = Periods.of(workspace.project), unit_grain(grains), requests[0].last_day

    def since(day: int) -> int:
        return periods.newest_start(day if last is None else min(day, number_of(last)), unit)

    try:
        if not library.glimpse(sources, since):
            return ()
        runs = plan()
        with closing(compute(runs, library, is_cancelled)) as rounds:
            for reached in rounds:
                if reached is Reached.THE_END or not any(_is_open(run, library) for run in runs):
                    break
    except (DataError, ValueError, OverflowError):  # days that a footer tells may be none that a calendar has
        return ()
    is_found = any(run.firsts for run in runs) and all(_is_inside(run, library) for run in runs)
    return runs if is_found else ()


def _is_open(run: Run, library: Library) -> bool:
    return any(queue and library.known_since(source) > FIRST_DAY for source, queue in run.queues.items())


def _is_inside(run: Run, library: Library) -> bool:
    """Whether of every large source some of the days asked were computed, all of whose rows are known."""
    return all(run.firsts.get(source) for source in run.works if library.known_since(source) > FIRST_DAY)
