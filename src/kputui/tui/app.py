"""The app: it owns the view and hands it out; workers post, screens show."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from textual.app import App, SuspendNotSupported

from kputui.errors import ExitCode, UsageError
from kputui.model.ownership import Role
from kputui.model.workspace import Display
from kputui.session import bug_log
from kputui.session.board import Board
from kputui.session.words import count_words
from kputui.tui import actions, terminal, theme
from kputui.tui.changing import ChangeDesk
from kputui.tui.charting import ChartDesk, drawn
from kputui.tui.display import ScreenGrid
from kputui.tui.driver import BoardDriver
from kputui.tui.linepane import Look
from kputui.tui.refreshing import Refresher
from kputui.tui.screens.board import BoardScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.driver import Driver
    from textual.screen import Screen

    from kputui.errors import Place
    from kputui.model.cell import Cell
    from kputui.session.views import BoardView
    from kputui.tui.asking import Asking
    from kputui.tui.filing import Filing
    from kputui.tui.messages import ChangeSaved, ChangeStopped, ChartReady, FileWritten, ReadingsReady, WorkFailed
    from kputui.tui.overlays import Overlays
    from kputui.tui.refreshing import LiveBoard


class BoardOptions(Protocol):
    """What the command line says about the board."""

    @property
    def has_colour(self) -> bool:
        """Whether colour is wanted."""
        ...

    @property
    def keys(self) -> Mapping[str, str]:
        """The workspace's `[keys]` table."""
        ...

    @property
    def display(self) -> Display:
        """The project's `display`."""
        ...


@runtime_checkable
class _Themed(Protocol):
    def apply_look(self) -> None: ...


@runtime_checkable
class _Showing(Protocol):
    """A screen of the board's view: it takes newer ones, knows what its keys are about, and can say things."""

    def show(self, view: BoardView) -> None: ...

    def situation(self) -> actions.Situation: ...

    def say(self, notice: str) -> None: ...


_PAGES = ("help", "check", "source", "open", "history", "mine", "links", "journey", "standup")
_CHANGES = ("reassign", "confirm", "explain", "note", "snooze", "hold", "undo", "remove")
_QUESTIONS = (*_CHANGES, *(f"set_{role.value}" for role in Role))
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class BoardApp(App[int], inherit_bindings=False):
    """The board on a terminal. Everything it knows comes from `board`, by way of views."""

    TITLE = "kputui"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    CSS: ClassVar[str] = "Screen { background: $background; layers: default; } FormScreen { background: transparent; }"

    def __init__(
        self,
        board: LiveBoard,
        *,
        keys: Mapping[str, str] | None = None,
        has_colour: bool = True,
        is_ascii: bool = False,
        display: Display = Display.DIFF,
        driver_class: type[Driver] | None = None,
    ) -> None:
        """Ask the board for its first view, names only."""
        super().__init__(driver_class=driver_class or BoardDriver, ansi_color=True)
        self.register_theme(theme.TEXTUAL)
        self.set_reactive(App.theme, theme.TERMINAL)
        self._palette_name = theme.TERMINAL
        self.animation_level = "none"
        self.has_colour = has_colour and not self.no_color
        self.is_ascii = is_ascii
        self.look = self._look_of(theme.TERMINAL)
        self.crash_id = ""
        self.exit_signal = 0
        self._back_stop = terminal.BackStop()
        self._keys = actions.key_map(keys or {})
        self._board = board
        self._refresher = Refresher(board, self.post_message, bug_log.note)
        self._desk = ChartDesk(drawn, self.post_message, bug_log.note)
        self._grid = ScreenGrid(bug_log.note, is_on=display is Display.DIFF)
        self._view = board.first()
        self._is_reading_again = False
        self.board_screen = BoardScreen(self._keys, self._desk, self._current_look, self.act, self._saw)

    def _look_of(self, name: str) -> Look:
        return Look(theme.palette(name, has_colour=self.has_colour), is_ascii=self.is_ascii)

    def _current_look(self) -> Look:
        return self.look

    def get_default_screen(self) -> Screen[None]:
        """The board is the first screen, so that nothing else is ever painted."""
        return self.board_screen

    def on_mount(self) -> None:
        """Show the names; start computing once they are on the screen."""
        self.board_screen.show(self._view)
        for notice in (*self._keys.notices, *self._view.notices)[:1]:
            self.board_screen.say(notice)
        self.app_resume_signal.subscribe(self, lambda _: self._repaint())
        loop = asyncio.get_running_loop()
        if not self.is_headless:
            for number in _SIGNALS:
                loop.add_signal_handler(number, self._told_to_go, number)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """Start what waits for the first paint."""
        if not self.is_headless:
            gc.freeze()  # what the start made lives to the end: looking through it for garbage would hold up a key
        self._refresher.start()

    def _display(self, screen: Screen[object], renderable: object) -> None:
        """Write an update as the cells that differ. Overrides Textual's display step, which is private."""
        super()._display(screen, self._grid.reduced(renderable, self.size))  # type: ignore[arg-type]  # Rich's alias hides updates

    # --- facts from the workers

    def on_readings_ready(self, message: ReadingsReady) -> None:
        """Show a newer view; one that was overtaken is dropped."""
        self._show_newer(message.view)

    def _show_newer(self, view: BoardView) -> None:
        if view.generation >= self._view.generation:
            news = [mark for mark in view.marks if mark not in self._view.marks]
            self._view = view
            for screen in self.screen_stack:
                if isinstance(screen, _Showing):
                    screen.show(view)
            if self._is_reading_again and not view.header.is_computing:
                self._is_reading_again = False
                self._say(f"the files are read again: {count_words(len(view.findings), 'finding')}")
            if news:
                more = f", and {len(news) - 1} more" if len(news) > 1 else ""
                self._say(f"* {news[0].text}{more}")

    @property
    def _showing(self) -> _Showing:
        """The uppermost screen that shows the board's view; forms and pages may stand over it."""
        return next((one for one in reversed(self.screen_stack) if isinstance(one, _Showing)), self.board_screen)

    def _say(self, notice: str) -> None:
        self._showing.say(notice)

    def _situation(self) -> actions.Situation:
        return self._showing.situation()

    def _saw(self, cells: tuple[Cell, ...]) -> None:
        if self._asking is not None:
            self._asking.seen(cells)

    def on_chart_ready(self, message: ChartReady) -> None:
        """Show a chart that is still wanted."""
        self.board_screen.chart_drawn(message.key)
        if self.screen is not self.board_screen:
            self.on_page_changed()

    def on_change_saved(self, message: ChangeSaved) -> None:
        """Only now is the change shown, and said."""
        self._show_newer(message.view)
        if self._asking is not None:
            self._asking.saved(message)

    def on_change_stopped(self, message: ChangeStopped) -> None:
        """Show what is there now, and why nothing was changed."""
        self._show_newer(message.view)
        if self._asking is not None:
            self._asking.stopped(message)

    def on_page_changed(self) -> None:
        """Show the page again."""
        if isinstance(self.screen, _Themed):
            self.screen.apply_look()

    def on_work_failed(self, message: WorkFailed) -> None:
        """Say it, and go on with what is on the screen."""
        self._say(
            f"! {message.what} failed (error {message.error_id}); what you see is from before. "
            f"Log: {bug_log.log_path()}"
        )

    # --- actions that are not of the board alone

    def act(self, action: actions.Action) -> None:
        """Carry out an action."""
        doers: dict[str, Callable[[], None]] = {
            **{id_: partial(self._open_page, id_) for id_ in _PAGES},
            **{id_: partial(self._ask, id_) for id_ in _QUESTIONS},
            **{id_: partial(self._file, id_) for id_ in ("report", "export", "screenshot")},
            **{id_: partial(self._explore, id_) for id_ in ("grain", "break_down", "only")},
            "stop": self._refresher.cancel,
            "again": self._refresher.go_on,
            "accept": self._accept,
            "palette": self._open_palette,
            "theme": self._next_theme,
            "repaint": self._repaint,
            "suspend": self.action_suspend_process,
            "quit": self._quit,
        }
        if (doer := doers.get(action.id)) is not None:
            doer()

    def _accept(self) -> None:
        self._refresher.accept()
        self._say("reading all data again, to take what is there")

    def _quit(self) -> None:
        self._leave(0)

    def _leave(self, exit_code: int) -> None:
        if isinstance(self._driver, BoardDriver):
            self._driver.is_leaving = True
        self._refresher.stop()
        self.exit(exit_code, return_code=exit_code)

    def _open_page(self, action_id: str) -> None:
        self._overlays.open_page(action_id)

    def _open_palette(self) -> None:
        self._overlays.open_palette()

    @cached_property
    def _overlays(self) -> Overlays:
        from kputui.tui.overlays import Overlays  # noqa: PLC0415 - not needed to start
        from kputui.tui.private import PrivateBoard  # noqa: PLC0415 - not needed to start
        from kputui.tui.screens.cover import Controls  # noqa: PLC0415 - not needed to start

        board = self._board if isinstance(self._board, Board) else None
        return Overlays(
            self.push_screen,
            Controls(self._keys, self._current_look, self.act),
            self.board_screen,
            self._situation,
            board,
            partial(PrivateBoard, self.post_message, bug_log.note),
            self._desk.get,
            self._edit,
        )

    @cached_property
    def _asking(self) -> Asking | None:
        """Who asks about changes; None for a board that cannot be changed."""
        from kputui.tui.asking import Asking  # noqa: PLC0415 - not needed to start

        if not isinstance(self._board, Board):
            return None
        desk = ChangeDesk(self._board, self.post_message, bug_log.note)
        return Asking(self._board, desk, self.push_screen, self._current_look, self._say)

    def _ask(self, action_id: str) -> None:
        if self._asking is None:
            self._say("this board cannot be changed")
        else:
            self._asking.act(action_id, self._situation())

    def _explore(self, action_id: str) -> None:
        from kputui.tui.exploring import explore  # noqa: PLC0415 - not needed to start

        if isinstance(self._board, Board):
            explore(self.board_screen, self._board, action_id, self._current_look)

    def _edit(self, place: Place) -> None:
        """Open the person's editor at a place, and read the files again once it is closed."""
        from kputui.tui import editor  # noqa: PLC0415 - not needed to start

        folder = self._board.opened.folder if isinstance(self._board, Board) else "."
        try:
            command = editor.editor_command(editor.spot_of(place, Path(folder)), os.environ)
        except UsageError as error:
            self._say(error.message)
            return
        try:
            with self.suspend():
                trouble = editor.run_editor(command)
        except SuspendNotSupported:
            self._say("this terminal cannot be lent to an editor")
            return
        self._say(trouble or "reading the files again ...")
        self._is_reading_again = not trouble
        self._refresher.read_again()

    def _next_theme(self) -> None:
        at = theme.NAMES.index(self._palette_name)
        self._palette_name = theme.NAMES[(at + 1) % len(theme.NAMES)]
        self.look = self._look_of(self._palette_name)
        for screen in self.screen_stack:
            if isinstance(screen, _Themed):
                screen.apply_look()
        self._say(f"theme: {theme.WORDS[self._palette_name]}")

    def _repaint(self) -> None:
        """Send every cell again."""
        self._grid.forget()
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            screen.refresh()

    @cached_property
    def _filing(self) -> Filing:
        from kputui.tui.filing import Filing  # noqa: PLC0415 - not needed to start

        board = self._board if isinstance(self._board, Board) else None
        return Filing(board, self.push_screen, self._current_look, self._say, self.post_message, bug_log.note)

    def _file(self, action_id: str) -> None:
        from kputui.tui.picture import picture  # noqa: PLC0415 - not needed to start

        self._filing.act(action_id, self._situation(), lambda: picture(self))

    def on_file_written(self, message: FileWritten) -> None:
        """Say where it is, or why it is not."""
        self._say(message.text)

    # --- leaving

    def _told_to_go(self, number: signal.Signals) -> None:
        self._back_stop.arm(128 + number)
        self.exit_signal = number
        self._leave(128 + number)

    def _fatal_error(self) -> None:
        """Leave after an error that nobody expected: the log gets the places, the screen no locals.

        Overrides Textual's, which prints a traceback with local variables, data included.
        """
        error = self._exception or sys.exc_info()[1] or RuntimeError("unknown")
        self.crash_id = bug_log.note(error)
        self._refresher.stop()
        self._back_stop.arm(ExitCode.BUG)
        self._close_messages_no_wait()


def run(board: LiveBoard, *, options: BoardOptions | None = None) -> int:
    """Open the board on this process's terminal and give the exit code once it is closed.

    0 after `q`, 70 after a crash (a sentence, the error's id and the log's path are on stderr), 128 +
    the signal's number after SIGTERM or SIGHUP, 2 where there is no terminal to open it on.
    """
    if reason := terminal.why_no_board():
        sys.stderr.write(f"kputui: {reason}\n")
        return ExitCode.USAGE
    if (options is not None and not options.has_colour) or not terminal.has_colour():
        os.environ["NO_COLOR"] = "1"
    with terminal.stray_output_to_log():
        app = BoardApp(
            board,
            keys=options.keys if options is not None else None,
            is_ascii=not terminal.is_utf8(),
            display=options.display if options is not None else Display.DIFF,
        )
        result = app.run(mouse=not terminal.is_remote())
    if app.crash_id:
        sys.stderr.write(
            f"kputui: something went wrong that should not (error {app.crash_id}).\n"
            f"The board is closed, nothing was changed. The log has the place: {bug_log.log_path()}\n"
        )
        return ExitCode.BUG
    return app.return_code or result or 0
