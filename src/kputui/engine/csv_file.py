"""CSV bytes become columns of text, strictly: every row has the header's fields, or the reader is told the line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.guard import guarded
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kputui.model.workspace import CsvOptions

_BOM = b"\xef\xbb\xbf"
_MAX_FIELD = 2**30


@dataclass(frozen=True, slots=True)
class CsvText:
    """A CSV file whose structure has been checked.

    `data` has one record a line but for breaks inside quotes, without blank lines; `original` keeps
    the lines as people see them in an editor. `constants` are columns of one value each. Unnamed
    columns are called `column_<n>`, from 1.
    """

    name: str
    data: bytes
    original: bytes
    header: tuple[str, ...]
    records: int
    options: CsvOptions
    constants: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the header, then those that the names of its folders give."""
        return (*self.header, *(name for name in self.constants if name not in self.header))

    def columns(self, wanted: Sequence[str]) -> pl.DataFrame:
        """The wanted columns as text, in the wanted order; null words are null."""
        written = [name for name in wanted if name in self.header]
        frame = self._written(written) if written else pl.DataFrame()
        given = [
            pl.Series(name, [self.constants[name]], dtype=pl.String).new_from_index(0, self.records)
            for name in wanted
            if name not in self.header
        ]
        return pl.DataFrame([*frame, *given]).select(wanted) if given else frame

    def _written(self, wanted: Sequence[str]) -> pl.DataFrame:
        places = [self.header.index(name) for name in wanted]
        with guarded("D11", f"`{self.name}` cannot be read as CSV"):
            frame = pl.read_csv(
                self.data,
                columns=sorted(places),
                separator=self.options.delimiter,
                infer_schema=False,
                null_values=list(dict.fromkeys(("", *self.options.null_words))),
                raise_if_empty=False,
            )
        if frame.height != self.records:
            raise DataError("D11", f"`{self.name}`: {self.records} rows were counted, but {frame.height} were read")
        frame.columns = [self.header[place] for place in sorted(places)]
        return frame.select(wanted)

    def line_of(self, record: int) -> int:
        """The line (from 1) on which a record (from 0, the header not counted) begins."""
        return line_of_row(self.original, self.options.delimiter, record + 1)


def line_of_row(text: bytes, delimiter: str, place: int) -> int:
    """The line (from 1) on which a row that is not blank (from 0) begins."""
    before, found = 1, 0
    for row, line in _rows(text, delimiter):
        if row:
            if found == place:
                return before
            found += 1
        before = line + 1
    return before


def open_csv(name: str, data: bytes, options: CsvOptions, above: int = 0) -> CsvText:
    """Check a CSV file's encoding and structure. Lines are told as if there were `above` more of them at the top.

    Raises DataError D09 without a header, D10 when it is not UTF-8, D11 with the first line whose
    fields do not fit the header or whose quotes do not close.
    """
    text = plain_text(name, data, options, above)
    if not text.strip():
        raise DataError("D09", f"`{name}` is empty: no rows")
    header = _header(name, text, options.delimiter)
    delimiter = options.delimiter.encode()
    unquoted = _without_quoted(name, text, delimiter, options.delimiter, above) if b'"' in text else text
    lines = _lines(unquoted)
    fields = lines.str.count_matches(options.delimiter, literal=True) + 1
    blank = (lines.str.strip_chars() == "") & (fields == 1)
    if len(header) > 1:
        wrong = (fields != len(header)) & ~blank
        if wrong.any():
            raise _ragged(name, text, options.delimiter, len(header), int(wrong.sum()), above)
    records = int((~blank).sum()) - 1
    return CsvText(name, _without_blank(text, blank, options.delimiter), text, header, records, options)


def plain_text(name: str, data: bytes, options: CsvOptions, above: int = 0) -> bytes:
    """UTF-8 bytes without byte order marks, lines ending in LF; lines that are not to be read are blank.

    Raises DataError D10, which tells lines as if there were `above` more of them at the top.
    """
    if options.encoding.lower().replace("_", "-") not in {"utf-8", "utf8"}:
        data = _decoded(name, data, options.encoding, above)
    data = _checked(name, data, above)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _without_unread(data, options) if options.skip_rows or options.comment else data


def _decoded(name: str, data: bytes, encoding: str, above: int) -> bytes:
    """Bytes in another encoding as UTF-8; raises D10."""
    try:
        return data.decode(encoding).encode()
    except (UnicodeError, LookupError) as error:
        at = ""
        if isinstance(error, UnicodeDecodeError):
            lines = data[: error.start].decode(encoding, errors="replace").count("\n")
            at = f": byte 0x{data[error.start]:02x} in line {above + lines + 1}"
        raise DataError("D10", f"`{name}` is not {encoding} text{at}", "name the encoding that it is in") from error


def _without_unread(data: bytes, options: CsvOptions) -> bytes:
    """Lines above the header and lines of comment made blank, so that the others keep their numbers."""
    lines = data.split(b"\n")
    skipped = min(options.skip_rows, len(lines))
    lines[:skipped] = [b""] * skipped
    if options.comment:
        mark = options.comment.encode()
        lines = [b"" if line.startswith(mark) else line for line in lines]
    return b"\n".join(lines)


def _checked(name: str, data: bytes, above: int) -> bytes:
    """UTF-8 bytes without byte order marks; raises D10 for anything else."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or _looks_utf16(data):
        raise DataError(
            "D10", f"`{name}` is UTF-16 text, not UTF-8", "save it as UTF-8, or name it: csv = { encoding = 'utf-16' }"
        )
    while data.startswith(_BOM):
        data = data[len(_BOM) :]
    if (at := data.find(b"\0")) >= 0:
        line = above + data.count(b"\n", 0, at) + 1
        raise DataError("D10", f"`{name}` line {line} has a NUL byte", "save it as UTF-8 text")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = above + data.count(b"\n", 0, error.start) + 1
        place = error.start - data.rfind(b"\n", 0, error.start)
        raise DataError(
            "D10",
            f"`{name}` line {line} is not UTF-8 text (byte 0x{data[error.start]:02x}, number {place} of the line)",
            "save it as UTF-8, or name it: csv = { encoding = 'cp1252' }",
        ) from error
    return data


def _looks_utf16(data: bytes) -> bool:
    head = data[:400]
    return len(head) >= 4 and head.count(b"\0") * 3 > len(head)


def _rows(text: bytes, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The records with the line on which each ends; raises csv.Error on quotes out of place."""
    csv.field_size_limit(_MAX_FIELD)
    with io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="\n") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for row in reader:
            is_blank = len(row) <= 1 and not "".join(row).strip()
            yield ([] if is_blank else row), reader.line_num


def header_rows(text: bytes, options: CsvOptions) -> tuple[tuple[str, ...], int] | None:
    """The header in the first lines of a file, and the line that it ends on; None when its quotes are out of place.

    `text` is UTF-8 with lines ending in LF. Lines to skip, of comment and blank ones are passed over.
    """
    text = _without_unread(text, options) if options.skip_rows or options.comment else text
    try:
        first = next(((row, line) for row, line in _rows(text, options.delimiter) if row), None)
    except (csv.Error, UnicodeDecodeError):
        return None
    return None if first is None else (_named(first[0]), first[1])


def _header(name: str, text: bytes, delimiter: str) -> tuple[str, ...]:
    try:
        first = next((row for row, _ in _rows(text, delimiter) if row), [])
    except csv.Error as error:
        raise DataError("D11", f"`{name}`: quotes out of place in the header", str(error)) from error
    return _named(first)


def _named(header: Sequence[str]) -> tuple[str, ...]:
    return tuple(column or f"column_{number}" for number, column in enumerate(header, start=1))


def _without_quoted(name: str, text: bytes, delimiter: bytes, shown: str, above: int) -> bytes:
    """The text with each quoted field emptied; D11 when a quote neither opens nor closes a field."""
    mark = re.escape(delimiter)
    field = re.compile(rb"(?:\A|(?<=\n)|(?<=" + mark + rb'))"(?:[^"]++|"")*+"(?=' + mark + rb"|\n|\Z)")
    emptied = field.sub(b"q", text)
    if b'"' not in emptied:
        return emptied
    line = above + 1
    try:
        for _, ended in _rows(text, shown):
            line = above + ended + 1
    except csv.Error:
        raise DataError("D11", f"`{name}` line {line}: a quoted field does not close", 'write a quote as ""') from None
    at = emptied.index(b'"')
    line = above + emptied.count(b"\n", 0, at) + 1
    raise DataError("D11", f"`{name}` near line {line}: a quote inside a field", 'write "a ""word"" inside"')


def _lines(text: bytes) -> pl.Series:
    """The text's lines, one a row, without the last line's end."""
    absent = next(mark for mark in b"\x1f\x1e\x1d\x1c\x01\x02\x03\x04\x05\x06\x07\x0e\x0f" if mark not in text)
    frame = pl.read_csv(
        text, has_header=False, separator=chr(absent), quote_char=None, infer_schema=False, empty_string_is_null=False
    )
    return frame.to_series().fill_null("")


def _without_blank(text: bytes, blank: pl.Series, delimiter: str) -> bytes:
    if not blank.any():
        return text
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows(row for row, _ in _rows(text, delimiter) if row)
    return kept.getvalue().encode()


def _ragged(name: str, text: bytes, delimiter: str, width: int, count: int, above: int) -> DataError:
    """The first line whose number of fields is not the header's."""
    before = above + 1
    for row, line in _rows(text, delimiter):
        if row and len(row) != width:
            more = f", and {count - 1} more lines do not fit" if count > 1 else ""
            return DataError(
                "D11",
                f"`{name}` line {before}: {len(row)} field{'' if len(row) == 1 else 's'}, the header has {width}{more}",
                "quote fields that hold the delimiter; fill missing fields",
            )
        before = above + line + 1
    return DataError("D11", f"`{name}`: {count} lines do not fit the header's {width} fields")
