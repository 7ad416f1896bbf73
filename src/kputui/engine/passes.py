"""Planned runs computed interval after interval, newest first; what several of them read is read once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from kputui.engine.sharing import Sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from kputui.engine.library import Library
    from kputui.engine.run import Run
    from kputui.engine.source import OpenSource
    from kputui.engine.states import Finished
    from kputui.engine.step import Step
    from kputui.model.ids import SourceId


_AT_ONCE = 2
"""So many runs' rows are grouped side by side; polars itself takes all cores for much of it."""


class Reached(Enum):
    """How far runs have come: some rows further, far enough for showing what is finished, or to the end."""

    SOME_ROWS = "some rows"
    A_BATCH = "a batch"
    THE_END = "the end"


def compute(
    runs: Sequence[Run],
    library: Library,
    is_cancelled: Callable[[], bool] = lambda: False,
    at_done: Callable[[Run], None] = lambda _: None,
) -> Generator[Reached, None, None]:
    """Compute the runs; yields after each round of intervals, `THE_END` last.

    A batch is reached with the newest interval, then each time the rows done have doubled. What was
    computed is kept for later runs once the caller asks on after `THE_END`, who first has the library
    verified. Stops without a word when cancelled: the flag is asked before every interval. `at_done` is called with
    each run as soon as nothing is left of it, while others may still be computed; not with one that begins so.
    """
    for run in runs:
        run.begin()
    outer, library.sharing = library.sharing, Sharing(_read_by_several(runs))
    try:
        with ThreadPoolExecutor(_AT_ONCE, "kputui-engine") as pool:
            yield from _rounds(runs, pool, is_cancelled, at_done)
    finally:
        library.sharing = outer
    if all(run.is_done for run in runs):
        yield Reached.THE_END
    elif not library.verify():
        return
    unchanged: dict[SourceId, bool] = {}

    def is_unchanged(opened: OpenSource) -> bool:
        if opened.source.id not in unchanged:
            unchanged[opened.source.id] = opened.is_unchanged()
        return unchanged[opened.source.id]

    for run in runs:
        run.end(is_unchanged)


def _rounds(
    runs: Sequence[Run], pool: Executor, is_cancelled: Callable[[], bool], at_done: Callable[[Run], None]
) -> Iterator[Reached]:
    shown = 0
    while not all(run.is_done for run in runs):
        for source in dict.fromkeys(name for run in runs for name, queue in run.queues.items() if queue):
            if is_cancelled():
                return
            for run in _step(runs, source, pool):
                if run.is_done:
                    at_done(run)
        done = sum(run.progress.rows_done for run in runs)
        if not all(run.is_done for run in runs):
            is_enough = done >= 2 * shown
            shown = done if is_enough else shown
            yield Reached.A_BATCH if is_enough else Reached.SOME_ROWS


def _step(runs: Sequence[Run], source: SourceId, pool: Executor) -> Iterator[Run]:
    """Compute the newest interval of a source that any run has left, in all runs that have it; gives each when done.

    All read the rows to the same day, the longest stretch first, so that they are read once. While what one of
    them found is grouped, the next one's rows are made ready: much of either takes a single core.
    """

    def start_of(run: Run) -> int:
        return run.queues[source][0].start

    waiting = [run for run in runs if run.queues.get(source)]
    newest = max((run.queues[source][0] for run in waiting), key=lambda interval: (interval.end, interval.start))
    together = sorted((run for run in waiting if run.queues[source][0].end == newest.end), key=start_of)
    read_end = max(run.queues[source][0].read_end for run in together)
    if len(together) == 1:
        if (step := together[0].start(source, read_end)) is not None:
            together[0].finish(step, partial(step.compute, pool.map))
        yield together[0]
        return
    computing: dict[Future[Finished], tuple[Run, Step]] = {}
    finished: list[Run] = []
    for run in together:
        if (step := run.start(source, read_end)) is not None:
            computing[pool.submit(step.compute)] = run, step
        yield from finished  # only now that the next one is computed meanwhile
        finished = [_finish_first(computing)] if len(computing) == _AT_ONCE else []  # each holds its rows
    yield from finished
    while computing:
        yield _finish_first(computing)


def _finish_first(computing: dict[Future[Finished], tuple[Run, Step]]) -> Run:
    """Take what the first that is done has found."""
    done, _ = wait(computing, return_when=FIRST_COMPLETED)
    found = done.pop()
    run, step = computing.pop(found)
    run.finish(step, found.result)
    return run


def _read_by_several(runs: Sequence[Run]) -> dict[SourceId, frozenset[str]]:
    """The columns that all runs together read, of the sources that several of them read."""
    reading = Counter(source for run in runs for source, queue in run.queues.items() if queue)
    return {
        source: frozenset(column for run in runs if run.queues.get(source) for column in run.works[source].columns())
        for source, count in reading.items()
        if count > 1
    }
