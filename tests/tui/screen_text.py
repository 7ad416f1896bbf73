"""The screen as text, and a terminal small enough to check what is written to the real one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, get_character_cell_size

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot

FRAMES = Path(__file__).parent / "frames"
_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")


def lines_of(app: App[Any]) -> list[str]:
    """What the screen shows, a text a line."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def is_grid_intact(app: App[Any], width: int) -> bool:
    """Whether every line takes exactly the terminal's width."""
    return all(cell_len(line) == width for line in lines_of(app))


async def settle(pilot: Pilot[Any], seconds: float = 0.0) -> None:
    """Wait until the numbers are there and the chart has followed; with `seconds`, just as long."""
    await pilot.pause(seconds or 0.02)
    app = pilot.app
    for _ in range(0 if seconds else 300):
        screen = app.board_screen  # type: ignore[attr-defined]  # every app here is a BoardApp
        is_chart_due = screen.detail._rest is not None or screen._desk.is_busy
        if screen.view.generation > 0 and not is_chart_due:
            break
        await pilot.pause(0.01)
    await pilot.pause()


def assert_frame(app: App[Any], name: str) -> None:
    """The screen equals the frame in tests/tui/frames; with KPUTUI_WRITE_FRAMES=1 the frame is written."""
    path = FRAMES / f"{name}.txt"
    shown = "\n".join(line.rstrip() for line in lines_of(app)) + "\n"
    if os.environ.get("KPUTUI_WRITE_FRAMES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


class TinyTerminal:
    """Understands just the sequences that the board's display writes."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.rows = [[" "] * width for _ in range(height)]
        self.x = self.y = 0

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return ["".join(row) for row in self.rows]

    def write(self, data: str) -> None:
        """Show what is written."""
        at = 0
        while at < len(data):
            if match := _SEQUENCE.match(data, at):
                self._obey(match[1], match[2])
                at = match.end()
            else:
                assert data[at] != "\x1b", repr(data[at : at + 20])
                self._put(data[at])
                at += 1

    def _obey(self, parameters: str, command: str) -> None:
        numbers = [int(part or 1) for part in parameters.split(";")] if parameters else [1]
        if command == "H":
            self.y, self.x = numbers[0] - 1, (numbers[1] if len(numbers) > 1 else 1) - 1
        elif command == "G":
            self.x = numbers[0] - 1
        elif command == "K":
            self.rows[self.y][self.x :] = [" "] * (self.width - self.x)
        elif command == "J":
            self.rows = [[" "] * self.width for _ in self.rows]
        else:
            assert command == "m", command

    def _put(self, character: str) -> None:
        if character == "\n":
            self.y, self.x = self.y + 1, 0
            return
        cells = get_character_cell_size(character)
        if not cells:
            self.rows[self.y][self.x - 1] += character
            return
        self.rows[self.y][self.x] = character
        if cells == 2:
            self.rows[self.y][self.x + 1] = ""
        self.x += cells
