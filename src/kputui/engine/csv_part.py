"""Parts of a converted CSV file as text, their lines numbered as in the whole file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.engine import csv_bytes
from kputui.engine.csv_file import line_of_row, open_csv, plain_text
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.csv_bytes import Reader
    from kputui.engine.csv_conversion import Conversion
    from kputui.engine.csv_file import CsvText
    from kputui.engine.csv_section import Section


def text_of(conversion: Conversion, section: Section) -> CsvText:
    """A section as text; raises DataError."""
    with conversion.reader() as reader:
        raw = reader.read(section.start, section.end)
    sections = conversion.all_sections
    return _text(conversion, raw, sections[: sections.index(section)])


def line_of(conversion: Conversion, record: int) -> int:
    """The line (from 1) on which a record (from 0) begins; raises DataError."""
    if conversion.is_cleaned:
        return open_csv(conversion.path.name, conversion.unpacked()[0], conversion.layout.options).line_of(record)
    line = conversion.head_lines + 1
    for section in conversion.all_sections:
        if record < section.records:
            with conversion.reader() as reader:
                raw = reader.read(section.start, section.end)
            options = conversion.options
            text = plain_text(conversion.path.name, raw, replace(options, skip_rows=0))
            return line + line_of_row(text, options.delimiter, record) - 1
        record -= section.records
        line += section.lines
    return line


def check_lines(conversion: Conversion, raw: bytes) -> None:
    """Raise DataError D11 when the bytes behind the last section are lines that do not fit the header."""
    try:
        _text(conversion, raw, conversion.sections)
    except DataError as error:
        if error.code == "D11":
            raise


def fault_behind(conversion: Conversion, reader: Reader) -> DataError:
    """Why what stands behind the last section can't be converted, where the whole file can't be asked."""
    name, options = conversion.path.name, conversion.options
    if csv_bytes.is_utf8(options) or csv_bytes.is_ascii_based(options.encoding):
        try:
            if not conversion.head_lines:
                head = reader.read(0, csv_bytes.HEAD_BYTES)
                open_csv(name, head[: csv_bytes.whole_records(head)] or head, options)
            elif (piece := next(csv_bytes.pieces(reader, conversion.end), None)) is not None:
                _text(conversion, piece[1], conversion.sections)
            else:
                line = _lines(conversion, conversion.sections) + 1
                return DataError("D11", f"`{name}` line {line}: a quoted field does not close", 'write a quote as ""')
        except DataError as error:
            return error
    message = f"`{name}` has {reader.size} bytes, and is not written plainly enough to be read in parts"
    return DataError("D07", message, "split it, or save it as UTF-8, or as Parquet")


def _lines(conversion: Conversion, sections: Sequence[Section]) -> int:
    """How many lines the header and the first sections have."""
    return conversion.head_lines + sum(section.lines for section in sections)


def _text(conversion: Conversion, raw: bytes, before: Sequence[Section]) -> CsvText:
    """Whole records as they stand in a file behind its header and some sections; raises DataError as `open_csv`."""
    name, header, options = conversion.path.name, conversion.layout.header, conversion.options
    lines = _lines(conversion, before)
    text = plain_text(name, raw, replace(options, skip_rows=0), lines)
    head = options.delimiter.join(f'"{place}"' for place in range(len(header))).encode()
    plain = replace(options, encoding="utf-8", skip_rows=0, comment="")
    return replace(open_csv(name, head + b"\n" + text, plain, lines - 1), header=header)
