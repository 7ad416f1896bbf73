"""A piece of CSV text, whole records of it, becomes typed columns.

Nearly every piece is as plain as the one before it: one automaton checks the number of its fields, its
quotes and how its numbers and stamps are written, and polars reads the columns as such at once. What does
not pass is read as text, column by column, and what is not plainly CSV is left to the careful reader.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import times, values
from kputui.engine.csv_file import open_csv
from kputui.engine.guard import guarded
from kputui.engine.values import Notation, Shape
from kputui.errors import DataError
from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.model.workspace import CsvOptions

_SAMPLE_BYTES = 16 * 2**10
_MOST_FIELDS = 200
"""A wider file is read as text: the automaton would grow out of its bounds."""

_DIGITS = "(?:0|[1-9][0-9]{0,17})"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
_STRICT: Mapping[Shape, str] = {
    Shape.WHOLE: f"-?{_DIGITS}",
    Shape.NUMBER: rf"-?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?",
    Shape.BOOLEAN: "(?:true|false)",
    Shape.DATE: _DAY,
}
_TYPES: Mapping[Shape, type[pl.DataType]] = {
    Shape.WHOLE: pl.Int64,
    Shape.NUMBER: pl.Float64,
    Shape.BOOLEAN: pl.Boolean,
}
_TIMES = (Shape.DATE, Shape.STAMP, Shape.INSTANT)
_KINDS: Mapping[ColumnKind, Shape] = {
    ColumnKind.TEXT: Shape.TEXT,
    ColumnKind.NUMBER: Shape.NUMBER,
    ColumnKind.BOOLEAN: Shape.BOOLEAN,
    ColumnKind.DATE: Shape.DATE,
    ColumnKind.TIMESTAMP: Shape.STAMP,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV source is laid out: its header (doubled names included), options and time column."""

    header: tuple[str, ...]
    options: CsvOptions
    time: str = ""
    time_format: str = ""
    declared: Mapping[str, ColumnKind] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, int]:
        """The places of the columns whose names stand in the header once."""
        return {name: place for place, name in enumerate(self.header) if self.header.count(name) == 1}


@dataclass(slots=True)
class TimeLook:
    """What the cells of the time column are: how many there are, and how many read as each kind of time.

    `row` and `text` are the first cell (row from 0) that does not read as the column's form. `are_midnights`:
    every cell is a midnight with its zone written; `first` is the first of them.
    """

    cells: int = 0
    fits: dict[Shape, int] = field(default_factory=dict)
    row: int = 0
    text: str = ""
    first: str = ""
    are_midnights: bool = False


@dataclass(slots=True)
class Parsed:
    """Typed columns with the shape of their cells, and the form in which they are held: a shape too.

    `is_line_each`: each record is known to be one line.
    """

    frame: pl.DataFrame
    records: int
    shapes: dict[str, Shape]
    forms: dict[str, Shape]
    look: TimeLook | None = None
    is_line_each: bool = False


def form_of(shape: Shape, kind: ColumnKind | None = None) -> Shape:
    """How cells of a shape are held: names as text, but as numbers where they are declared so."""
    if kind is ColumnKind.TEXT:
        return Shape.TEXT
    if shape is Shape.NAMES:
        return Shape.WHOLE if kind is ColumnKind.NUMBER else Shape.TEXT
    return shape


def dtype_of(form: Shape, kind: ColumnKind | None = None) -> pl.DataType:
    """The type of a column that is held in a form; an empty one has the type that is declared."""
    if form is Shape.EMPTY and kind is not None:
        form = Shape.WHOLE if kind is ColumnKind.NUMBER else _KINDS[kind]
    types: Mapping[Shape, pl.DataType] = {
        Shape.EMPTY: pl.Null(),
        Shape.WHOLE: pl.Int64(),
        Shape.NUMBER: pl.Float64(),
        Shape.BOOLEAN: pl.Boolean(),
        Shape.DATE: pl.Date(),
        Shape.STAMP: pl.Datetime("us"),
        Shape.INSTANT: pl.Datetime("us", "UTC"),
    }
    return types.get(form, pl.String())


def parsed(
    layout: Layout, text: bytes, guesses: Mapping[str, Shape], forced: Mapping[str, Shape] | None = None
) -> Parsed | None:
    """The records of `text` (UTF-8, lines ending in LF, no header); None when they do not fit the header.

    `guesses` are the shapes of the columns in the records before; `forced` are forms that columns must
    have, whatever their cells are: what does not fit is null there.
    """
    if not text.strip():
        empty = dict.fromkeys(layout.columns, Shape.EMPTY)
        frame = pl.DataFrame(schema=dict.fromkeys(empty, pl.Null))
        return Parsed(frame, 0, empty, dict(empty), TimeLook() if layout.time in empty else None)
    try:
        with guarded("D11", "reading CSV"):
            found = None
            if not forced:
                found = _read_typed(layout, text, guesses or _sampled(layout, text))
            return found or _read_text(layout, text, guesses, forced or {})
    except DataError:
        return None


def _sampled(layout: Layout, text: bytes) -> Mapping[str, Shape]:
    """Guesses from the first records."""
    head = text[: text.rfind(b"\n", 0, _SAMPLE_BYTES) + 1]
    found = _read_text(layout, head, {}, {}) if head else None
    return found.shapes if found is not None else {}


def _nulls(options: CsvOptions, text: bytes) -> list[str] | None:
    """The words that are no value; what is empty is none anyway, but in quotes it must be named."""
    words = list(dict.fromkeys(("", *options.null_words)))
    return words if len(words) > 1 or b'"' in text else None


def _automaton(layout: Layout, fields: Sequence[str | None]) -> str:
    """A pattern of whole records; a field is any text (None), or strictly something else or a null word."""
    mark = rf"\x{{{ord(layout.options.delimiter):x}}}"
    loose = rf'(?:[^"\n\x00{mark}]*|"(?:[^"\x00]|"")*")'
    words = "".join(f"|{_escaped(word)}" for word in layout.options.null_words if word)
    strict = (loose if one is None else f'(?:{one}|"{one}"{words})?' for one in fields)
    return rf"\A(?:{mark.join(strict)}\n)*\z"


def _escaped(word: str) -> str:
    return "".join(rf"\x{{{ord(mark):x}}}" for mark in word)


def _is_plain(layout: Layout, text: bytes, fields: Sequence[str | None]) -> bool:
    """Whether the text is UTF-8 and nothing but records of such fields."""
    if not 1 < len(fields) <= _MOST_FIELDS or not layout.options.delimiter.isascii():
        return False
    whole = pl.Series([text], dtype=pl.Binary).cast(pl.String)
    return bool(whole.str.contains(_automaton(layout, fields))[0])


def _strict_of(layout: Layout, name: str, guess: Shape | None, sample: str) -> str | None:
    """How a column's cells must be written to be read at once; None for any text."""
    if (name == layout.time and layout.time_format) or layout.declared.get(name) is ColumnKind.TEXT:
        return None
    if guess is Shape.STAMP and re.fullmatch(f"{_DAY}[T ]{_CLOCK}", sample):
        return f"{_DAY}{sample[10]}{_CLOCK}"
    if guess in _TYPES and (name == layout.time or values.Notation.of(layout.options) != values.PLAIN):
        return None
    return _STRICT.get(guess) if guess is not None else None


def _first_cells(layout: Layout, text: bytes) -> list[str]:
    line = text[: text.find(b"\n")].decode(errors="replace")
    row = next(csv.reader([line], delimiter=layout.options.delimiter), [])
    return [*row, *[""] * len(layout.header)]


def _read_typed(layout: Layout, text: bytes, guesses: Mapping[str, Shape]) -> Parsed | None:
    """The records at one go; None when they are not all as guessed."""
    columns = layout.columns
    cells = _first_cells(layout, text)
    strict: list[str | None] = [None] * len(layout.header)
    types: list[type[pl.DataType]] = [pl.String] * len(layout.header)
    for name, place in columns.items():
        guess = guesses.get(name)
        strict[place] = _strict_of(layout, name, guess, cells[place])
        if strict[place] is not None and guess is not None and guess in _TYPES:
            types[place] = _TYPES[guess]
    if not _is_plain(layout, text, strict):
        return None
    try:
        frame = _read(layout, text, types)
    except pl.exceptions.PolarsError:
        return None
    found = Parsed(pl.DataFrame(), frame.height, {}, {}, is_line_each=b'"' not in text)
    made = []
    for name, place in columns.items():
        column, guess = frame.to_series(place).rename(name), guesses.get(name)
        if strict[place] is None or guess is None:
            made.append(_formed(layout, column, guess, None, found))
            continue
        ready = column if column.dtype != pl.String else _fixed(column, cells[place][10:11])
        if ready.null_count() != column.null_count() or (ready.dtype.is_float() and not ready.is_finite().all()):
            return None
        if name == layout.time:
            there = len(ready) - ready.null_count()
            found.look = TimeLook(there, {guess: there} if there else {})
        found.shapes[name] = found.forms[name] = guess
        made.append(ready)
    found.frame = pl.DataFrame(made)
    return found


def _fixed(text: pl.Series, mark: str) -> pl.Series:
    """Dates, or stamps with `mark` between day and time, written in the fixed width that was checked before."""
    if not mark:
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.str.to_datetime(f"%Y-%m-%d{mark}%H:%M:%S", time_unit="us", strict=False)


def _read(layout: Layout, text: bytes, types: Sequence[type[pl.DataType]]) -> pl.DataFrame:
    return pl.read_csv(
        text,
        has_header=False,
        schema={f"{place}": dtype for place, dtype in enumerate(types)},
        separator=layout.options.delimiter,
        null_values=_nulls(layout.options, text),
        raise_if_empty=False,
    )


def _read_text(layout: Layout, text: bytes, guesses: Mapping[str, Shape], forced: Mapping[str, Shape]) -> Parsed:
    """The records as text first; raises DataError when they do not fit the header."""
    columns = layout.columns
    if _is_plain(layout, text, [None] * len(layout.header)):
        frame = _read(layout, text, [pl.String] * len(layout.header))
        records = frame.height
        frame = pl.DataFrame([frame.to_series(place).rename(name) for name, place in columns.items()])
    else:
        line = io.StringIO()
        csv.writer(line, delimiter=layout.options.delimiter, lineterminator="\n").writerow(layout.header)
        plain = replace(layout.options, encoding="utf-8", skip_rows=0, comment="")
        careful = open_csv("piece", line.getvalue().encode() + text, plain)
        if careful.header != layout.header:
            raise DataError("D11", "the header does not read as it was written")
        frame, records = careful.columns(list(columns)), careful.records
    found = Parsed(pl.DataFrame(), records, {}, {})
    made = [_formed(layout, column, guesses.get(column.name), forced.get(column.name), found) for column in frame]
    found.frame = pl.DataFrame(made)
    return found


def _formed(layout: Layout, text: pl.Series, guess: Shape | None, forced: Shape | None, into: Parsed) -> pl.Series:
    """A column of text in its form; its shape and form are noted."""
    if text.name == layout.time:
        made, into.look = time_look(text, layout.time_format, guess, forced)
        shape = form = _shape_of_type(made.dtype)
    elif (guess is Shape.TEXT and forced is None) or layout.declared.get(text.name) is ColumnKind.TEXT:
        shape, form, made = Shape.TEXT, Shape.TEXT, text
    else:
        notation, kind = Notation.of(layout.options), layout.declared.get(text.name)
        shape, made = values.shaped(text, notation, guess)
        form = form_of(shape, kind) if forced is None else forced
        if form is Shape.TEXT and shape is not Shape.EMPTY:
            made = text
        elif form is Shape.WHOLE and shape is Shape.NAMES:
            made = values.numbers(text, notation)
        elif form is Shape.NUMBER and shape is Shape.NAMES:
            made = values.numbers(text, notation).cast(pl.Float64)
        elif shape is Shape.EMPTY:
            form = Shape.EMPTY
        elif form is not shape:
            made = made.cast(pl.Float64)  # numbers among which are whole ones
    into.shapes[text.name], into.forms[text.name] = shape, form
    return made


def _shape_of_type(dtype: pl.DataType) -> Shape:
    if isinstance(dtype, pl.Datetime):
        return Shape.STAMP if dtype.time_zone is None else Shape.INSTANT
    return Shape.EMPTY if dtype == pl.Null else Shape.DATE


def time_look(
    text: pl.Series, time_format: str, guess: Shape | None, forced: Shape | None
) -> tuple[pl.Series, TimeLook]:
    """The time column read by its format, or as the kind of time that most cells are (or as forced).

    Raises DataError D15 for a format that can't be used.
    """
    look = TimeLook(cells=len(text) - text.null_count())
    if not look.cells:
        return pl.Series(text.name, [None] * len(text), dtype=pl.Null), look
    if time_format:
        made = times.by_format(text, time_format)
        look.fits = {_shape_of_type(made.dtype): len(made) - made.null_count()}
    else:
        made = _best_time(text, guess, forced, look)
    wrong = values.first_faults(text, made.is_null() & text.is_not_null())
    if wrong is not None:
        look.row, look.text = wrong.row, wrong.text
    if made.dtype != pl.Date:
        present = text.drop_nulls()
        look.first = present[0]
        look.are_midnights = times.are_shifted_midnights(present.head(1)) and times.are_shifted_midnights(present)
    return made, look


def _best_time(text: pl.Series, guess: Shape | None, forced: Shape | None, look: TimeLook) -> pl.Series:
    attempts = {Shape.DATE: values.iso_dates, Shape.STAMP: values.iso_stamps, Shape.INSTANT: values.iso_instants}
    order = sorted(attempts, key=lambda shape: (shape is not forced, shape is not guess))
    tried: dict[Shape, pl.Series] = {}
    sample = text.drop_nulls().head(64)
    for shape in order:
        if attempts[shape](sample).null_count():
            continue
        tried[shape] = attempts[shape](text)
        if tried[shape].null_count() == text.null_count():
            look.fits = {shape: look.cells}
            if forced is None or shape is forced:
                return tried[shape]
    for shape in _TIMES:
        made = tried[shape] if shape in tried else attempts[shape](text)
        tried[shape] = made
        look.fits[shape] = len(made) - made.null_count()
    return tried[forced] if forced is not None else tried[max(_TIMES, key=lambda shape: look.fits[shape])]
