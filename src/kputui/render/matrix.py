"""The accountability matrix as lines: CPIs down, teams across, one letter where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.frozen import dataclass
from kputui.render import glyphs
from kputui.render.lines import Ink, Line, Span, filled
from kputui.render.safe import cell_width, fit, safe

if TYPE_CHECKING:
    from kputui.session.views import MatrixRowView, MatrixView

_LEGENDS = (
    "A accountable  R responsible  C consulted  I informed  ? open  ! hole  ~ before confirmation",
    "A accountable R responsible C consulted I informed ? open ! hole ~ unconfirmed",
    "A accountable R responsible ? open ! hole ~ unconfirmed",
    "A accountable ? open ! hole ~ unconfirmed",
    "? open ! hole ~ unconfirmed",
)
_LABEL_MIN, _TEAM_MIN, _TEAM_MAX = 14, 3, 14


@dataclass(frozen=True, slots=True)
class Grid:
    """How the matrix is cut to a width: the label's cells, each team's cells, how many teams fit."""

    label: int
    team: int
    shown: int


def grid_for(view: MatrixView, width: int) -> Grid:
    """Columns for `width` cells: team names as long as they fit, then shorter, then fewer teams."""
    count = len(view.teams)
    longest = max((cell_width(safe(row.label)) for row in view.rows), default=_LABEL_MIN)
    if not count:
        return Grid(width, 0, 0)
    widest = max(cell_width(safe(label)) for _, label in view.teams) + 1
    wanted_label = min(longest + 2, max(_LABEL_MIN, width * 44 // 100))
    team = min(widest, _TEAM_MAX, max((width - wanted_label) // count, _TEAM_MIN))
    if team < widest:
        words = [word for _, label in view.teams for word in safe(label).split(" ", 1)]
        team = min(team, max(map(cell_width, words), default=team) + 1)
    shown = min(count, max(0, (width - _LABEL_MIN) // team))
    return Grid(max(width - team * shown, 0), team, shown)


def matrix_head(view: MatrixView, grid: Grid) -> tuple[Line, ...]:
    """The team names: one line, or two (the first word, and what follows it) where one is too narrow."""
    hidden = len(view.teams) - grid.shown
    corners = (f" {hidden} more teams" if hidden else "", "")
    upper: list[Span] = [(fit(corners[0], grid.label), Ink.MUTED)]
    lower: list[Span] = [(fit(corners[1], grid.label), Ink.MUTED)]
    for _, label in view.teams[: grid.shown]:
        first, rest = _two_lines(safe(label), grid.team - 1)
        upper.append((fit(" " + first, grid.team), Ink.MUTED))
        lower.append((fit(" " + rest, grid.team), Ink.MUTED))
    has_rests = any(text.strip() for text, _ in lower)
    return (tuple(upper), tuple(lower)) if has_rests else (tuple(upper),)


def _two_lines(label: str, width: int) -> tuple[str, str]:
    """A name for a narrow column: as a whole if it fits, else broken at the first space."""
    if cell_width(label) <= width:
        return label, ""
    first, _, rest = label.partition(" ")
    return safe(first, width), safe(rest, width)


def matrix_row(row: MatrixRowView, grid: Grid) -> Line:
    """One CPI: its name with what is missing, and a letter a team; `·` where a team has no part."""
    note = "! " if row.is_hole else "~ " if row.is_exception else "  "
    spans: list[Span] = [
        (note, Ink.BAD if row.is_hole else Ink.CAUTION),
        (fit(safe(row.label), max(grid.label - 2, 0)), Ink.PLAIN),
    ]
    spans += [_cell(letters, grid.team) for letters in row.cells[: grid.shown]]
    return tuple(spans)


def matrix_load(view: MatrixView, grid: Grid) -> Line:
    """The last line: how many CPIs each team is accountable for."""
    spans: list[Span] = [(fit("  accountable for", grid.label), Ink.MUTED)]
    spans += [
        (_centred(str(count) if count else glyphs.DOT, grid.team), Ink.MUTED) for count in view.load[: grid.shown]
    ]
    return tuple(spans)


def matrix_legend(width: int) -> Line:
    """What the letters mean, in the longest words that fit."""
    words = next((words for words in _LEGENDS if cell_width(words) <= width), _LEGENDS[-1])
    return filled(((words, Ink.MUTED),), width)


def _cell(letters: str, width: int) -> Span:
    shown = safe(letters) or glyphs.DOT
    ink = Ink.STRONG if "A" in letters else Ink.CAUTION if "?" in letters else Ink.PLAIN if letters else Ink.MUTED
    return _centred(shown, width), ink


def _centred(text: str, width: int) -> str:
    left = max(0, (min(width, 10) - cell_width(text)) // 2)
    return fit(" " * left + text, width)
