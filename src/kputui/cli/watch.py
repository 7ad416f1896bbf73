"""`kputui watch`: a line when a goal turns, a signal appears, a guardrail gets worse or data gets old; no screen."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Protocol, Self
from zoneinfo import ZoneInfo

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.notification import BELL, notification
from kputui.render.safe import safe
from kputui.session.board import Board
from kputui.session.watch import look, start_words
from kputui.session.watch_memory import WatchMemory

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from kputui.cli.context import OpenBoard
    from kputui.session.watch import News

SETTLE_S = 1.0
"""A file that has changed is looked at again after this time, so that nobody is still writing it."""
_MOST_NOTIFICATIONS = 5
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Waiting(Protocol):
    """What passes the time between two looks."""

    @property
    def is_over(self) -> bool:
        """Whether somebody asked the watch to end."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether somebody asked the watch to end meanwhile."""
        ...


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Watch until SIGTERM (0) or Ctrl-C (130); with --once one look: 0 nothing new, 1 news, 5 data unreadable.

    A watch whose reader has left (`| head`) ends with its next news.
    """
    opened = context.opened(options)
    board, memory = Board(opened), WatchMemory(opened.folder)
    teller, is_unheard = Teller(board, options), out.is_nowhere()
    with Alarm() as alarm:

        def tell(news: Sequence[News]) -> None:
            teller.tell(news)
            alarm.is_over = alarm.is_over or (out.is_nowhere() and not is_unheard)

        return rounds(board, memory, tell, alarm, every_s=options.every, is_once=options.once)


def rounds(
    board: Board,
    memory: WatchMemory,
    tell: Callable[[Sequence[News]], None],
    waiting: Waiting,
    *,
    every_s: float,
    is_once: bool,
) -> ExitCode:
    """Look, tell what is new, wait, and look again when a file, the config or the day has changed.

    What is told is remembered after it was told: a watch that is killed in between tells it twice, never not at all.
    """
    is_due = True
    while True:
        if is_due:
            for _ in board.refresh(lambda: waiting.is_over):
                pass
            if waiting.is_over:
                return ExitCode.OK
            answer = _look(board, memory, tell)
            if is_once:
                return answer
        if waiting.wait(every_s):
            return ExitCode.OK
        is_due = board.poll() or (not waiting.wait(SETTLE_S) and board.poll())
        if waiting.is_over:
            return ExitCode.OK


def _look(board: Board, memory: WatchMemory, tell: Callable[[Sequence[News]], None]) -> ExitCode:
    figures = board.figures
    with memory.turn():
        before = memory.read()
        found = look(figures, before)
        if before is None:
            exits.say(f"watching {figures.workspace.project.name} from here: {start_words(figures)}")
        if found.news:
            tell(found.news)
        memory.write(found.told)
    if any(reading.failure is not None for reading in figures.readings.values()):
        return ExitCode.DATA
    return ExitCode.FINDINGS if found.news else ExitCode.OK


class Teller:
    """Prints news as lines or as JSON, and rings or notifies where that was asked for and there is a terminal."""

    def __init__(self, board: Board, options: Namespace) -> None:
        """Keep whose news these are and how they are wanted."""
        self._board, self._options = board, options

    def tell(self, news: Sequence[News]) -> None:
        """A line each, goals first."""
        project = self._board.workspace.project
        now = self._board.opened.now().astimezone(ZoneInfo(project.timezone))
        for one in news:
            if self._options.format == "json":
                record = {"at": now.isoformat(), "project": project.name, "kind": one.kind, "key": one.key}
                line = json.dumps({**record, "text": one.text, "is_worse": one.is_worse}, ensure_ascii=False)
                out.data((line + "\n").encode("utf-8", "replace"))
            else:
                out.text(safe(f"{now:%Y-%m-%d %H:%M}  {project.name}  {one.kind}: {one.text}"))
        if not out.is_terminal():
            return
        if self._options.bell:
            out.signal_terminal(BELL)
        if self._options.notify:
            for one in news[:_MOST_NOTIFICATIONS]:
                out.signal_terminal(notification(project.name, one.text, os.environ))


class Alarm:
    """Sleeps without waking up in between, until the time is over or SIGTERM or SIGHUP arrives."""

    def __init__(self) -> None:
        """Nobody has asked for an end."""
        self.is_over = False

    def __enter__(self) -> Self:
        """Take the signals."""
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._end) for number in _ENDING}
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether somebody asked for an end."""
        end = time.monotonic() + seconds
        while not self.is_over and (left := end - time.monotonic()) > 0:
            if select.select([self._reader], [], [], left)[0]:
                os.read(self._reader, 1_024)
        return self.is_over

    def _end(self, _number: int, _frame: object) -> None:
        self.is_over = True
