"""Exploring off the key path: one thread computes the newest wish and drops the one before."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from kputui.session.cuts import Cut
from kputui.tui.messages import CutExplored, SizesFound, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from textual.message import Message

    from kputui.model.ids import MetricId
    from kputui.session.exploring import Explorer


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be computed: a cut of a metric, or with `dimension` the values that it has there.

    `stamp` is the moment of the board's numbers when it was wished.
    """

    metric: MetricId
    cut: Cut = field(default_factory=Cut)
    dimension: str = ""
    stamp: Hashable = field(default=None, compare=False)


class ExploreDesk:
    """Computes wishes in its thread; a newer wish ends the one before at the engine's next interval.

    `post` hands a message to the board from any thread, `log` writes an exception to the log and gives its
    id. The thread is a daemon: leaving the program does not wait for it.
    """

    def __init__(
        self, explorer: Explorer, post: Callable[[Message], object], log: Callable[[BaseException], str]
    ) -> None:
        """The thread starts with the first wish."""
        self._explorer, self._post, self._log = explorer, post, log
        self._changed = threading.Condition()
        self._next: Wish | None = None
        self._wish: Wish | None = None
        self._generation = 0
        self._thread: threading.Thread | None = None

    @property
    def wish(self) -> Wish | None:
        """What is being computed or waits to be."""
        return self._wish

    def want(self, wish: Wish) -> None:
        """Compute this, and no longer what was wished before."""
        with self._changed:
            self._generation += 1
            self._next = self._wish = wish
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="kputui-explore", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def cancel(self) -> None:
        """Compute nothing any more; what comes of the last wish is dropped."""
        with self._changed:
            self._generation += 1
            self._next = self._wish = None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next is not None)
                wish, self._next, generation = self._next, None, self._generation
            if wish is None:
                continue
            is_old = partial(self._is_old, generation)
            try:
                for message in self._answers(wish, is_old):
                    if is_old():
                        break
                    self._post(message)
            except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
                self._post(WorkFailed("exploring the data", self._log(error)))
            with self._changed:
                if generation == self._generation:
                    self._wish = None

    def _is_old(self, generation: int) -> bool:
        return generation != self._generation

    def _answers(self, wish: Wish, is_old: Callable[[], bool]) -> Iterator[Message]:
        if wish.dimension:
            sizes = self._explorer.sizes(wish.metric, wish.dimension, is_old)
            if sizes is not None:
                yield SizesFound(wish, sizes)
            return
        for explored in self._explorer.explore(wish.metric, wish.cut, is_old):
            yield CutExplored(wish, explored)
