"""A display that writes only the cells that differ from those on the terminal.

Textual sends whole stretches of a line; over a slow line that is most of what a key costs. Here each of
its updates is compared, at the moment of writing, with a grid of what the terminal shows. The hook is
Textual's private display step: the version is pinned, a test holds both displays to the same picture,
and anything unexpected falls back to Textual's own bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style

Cell = tuple[str, str]
"""A character with its marks, and the escape sequence of its style; "" is the right half of a wide one."""
_BLANK: Cell = (" ", "")
_SEEN = frozenset({"4", "7", "9", "21", "51", "52", "53"})
_WORTH_A_JUMP = 5
_WORTH_AN_ERASE = 5


class ScreenGrid:
    """The cells that the terminal shows, as far as this program wrote them."""

    def __init__(self, log: Callable[[BaseException], str], *, is_on: bool = True) -> None:
        """Know nothing: the first update clears the screen and writes all that is not blank.

        When it is not on, Textual writes as it would without.
        """
        self._rows: list[list[Cell]] = []
        self._size = (0, 0)
        self._log = log
        self.is_on = is_on

    def forget(self) -> None:
        """Trust nothing on the terminal any more: after a resume, a resize, a repaint that was asked for."""
        self._size = (0, 0)

    def reduced(self, update: object, size: tuple[int, int]) -> object:
        """The same update, as only the cells that differ; what is no update of cells comes back as it is."""
        if self.is_on and isinstance(update, (LayoutUpdate, ChopsUpdate)):
            return _CellUpdate(self, update, size)
        return update

    def difference(self, update: LayoutUpdate | ChopsUpdate, size: tuple[int, int], console: Console) -> str:
        """The bytes that turn what is on the terminal into what the update shows; remembers the result."""
        colours = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - what Strip.render looks at too
        writer = _Writer(size[0])
        if size != self._size:
            self._size = size
            self._rows = [[_BLANK] * size[0] for _ in range(size[1])]
            writer.clear()
        try:
            for y, start, cells in _stretches(update, colours):
                if 0 <= y < size[1]:
                    row = self._rows[y]
                    writer.row(y, start, cells[: size[0] - start], row)
                    row[start : start + len(cells)] = cells[: size[0] - start]
        except Exception as error:  # noqa: BLE001 - a picture that costs more bytes is better than none
            self._log(error)
            self.is_on = False
            return update.render_segments(console)
        return writer.text()


class _CellUpdate(CompositorUpdate):
    """An update that is compared when it is written, and not before: a batch may swallow it."""

    def __init__(self, grid: ScreenGrid, update: LayoutUpdate | ChopsUpdate, size: tuple[int, int]) -> None:
        self._grid, self._update, self._size = grid, update, size

    def render_segments(self, console: Console) -> str:
        return self._grid.difference(self._update, self._size, console)


def _stretches(update: LayoutUpdate | ChopsUpdate, colours: ColorSystem) -> Iterator[tuple[int, int, list[Cell]]]:
    """(line, column, cells) of everything that an update shows."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, _cells((segment for strip in strips for segment in strip), colours)
        return
    for y, start, end in update.spans:
        for chop_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < end and chop_end > start:
                cells = _cells(strip, colours)
                first = max(start - x, 0)
                if first < len(cells) and not cells[first][0]:
                    first -= 1
                last = min(end, chop_end) - x
                if last < len(cells) and not cells[last][0]:
                    last += 1
                yield y, x + first, cells[first:last]


def _cells(segments: Iterable[Segment], colours: ColorSystem) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        prefix, blank_prefix = _prefixes(style, colours) if style is not None else ("", "")
        for character in text:
            width = 1 if character.isascii() else get_character_cell_size(character)
            if width:
                cells.append((character, blank_prefix if character == " " else prefix))
                cells += [("", prefix)] * (width - 1)
            elif cells:
                at = -1 if cells[-1][0] else -2
                cells[at] = (cells[at][0] + character, cells[at][1])
    return cells


@lru_cache(maxsize=512)
def _prefixes(style: Style, colours: ColorSystem) -> tuple[str, str]:
    """The escape sequence before a style's text, and the one before its blanks (often none)."""
    before, _, _ = style.render("x", color_system=colours).partition("x")
    return before, before if _is_seen(before) else ""


@lru_cache(maxsize=512)
def _is_seen(prefix: str) -> bool:
    """Whether a style shows on a blank: a background, a line under, through or over it, reversal."""
    codes = iter(prefix.removeprefix("\x1b[").removesuffix("m").split(";"))
    for code in codes:
        if code == "38":
            skip = 1 if next(codes, "") == "5" else 3
            for _ in range(skip):
                next(codes, None)
        elif code in _SEEN or (len(code) == 2 and code[0] == "4" and code != "49") or code.startswith("10"):
            return True
    return False


class _Writer:
    """Collects the bytes; knows where the cursor's style is, and moves only where it must."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._parts: list[str] = []
        self._style = ""

    def clear(self) -> None:
        """Begin on an empty screen."""
        self._parts.append("\x1b[m\x1b[2J")

    def row(self, y: int, start: int, new: list[Cell], old: list[Cell]) -> None:
        """Write what differs in one line between `new`, which begins at column `start`, and `old`."""
        is_first = True
        for first, last in _changes(new, old[start : start + len(new)]):
            self._parts.append(f"\x1b[{y + 1};{start + first + 1}H" if is_first else f"\x1b[{start + first + 1}G")
            is_first = False
            end = last
            if start + last == self._width:
                while end > first and new[end - 1] == _BLANK:
                    end -= 1
                if last - end < _WORTH_AN_ERASE:
                    end = last
            for character, style in new[first:end]:
                is_blank = character == " " and not style and not _is_seen(self._style)
                if style != self._style and character and not is_blank:
                    self._switch(style)
                self._parts.append(character)
            if end < last:
                if _is_seen(self._style):
                    self._switch("")
                self._parts.append("\x1b[K")

    def _switch(self, style: str) -> None:
        if not style:
            self._parts.append("\x1b[m" if self._style else "")
        else:
            self._parts.append(f"\x1b[0;{style[2:]}" if self._style else style)
        self._style = style

    def text(self) -> str:
        """All that was collected; the style is put back."""
        self._switch("")
        return "".join(self._parts)


def _changes(new: list[Cell], old: list[Cell]) -> list[tuple[int, int]]:
    """The runs [first, last) in which `new` differs; a short way between two is cheaper written than jumped."""
    runs: list[tuple[int, int]] = []
    for x, cell in enumerate(new):
        if cell == old[x]:
            continue
        first = x - 1 if not cell[0] and x else x
        last = x + 1
        while last < len(new) and not new[last][0]:
            last += 1
        if runs and first - runs[-1][1] < _WORTH_A_JUMP:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs
