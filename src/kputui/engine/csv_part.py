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


def line_of(conversion: Conversion, record: int) -> int | None:
    """The line (from 1) on which a record (from 0) begins; None where only the careful reader can tell."""
    if conversion.is_cleaned:
        return None
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
            if conversion.head_lines:
                raw = next((raw for _, raw, _ in csv_bytes.pieces(reader, conversion.end)), b"")
                _text(conversion, raw, conversion.sections)
            else:
                head = reader.read(0, csv_bytes.HEAD_BYTES)
                open_csv(name, head[: csv_bytes.whole_records(head)], options)
        except DataError as error:
            return error
    message = f"`{name}` has {reader.size} bytes, and is not written plainly enough to be read in parts"
    return DataError("D07", message, "split it, or save it as UTF-8, or as Parquet")


def _text(conversion: Conversion, raw: bytes, before: Sequence[Section]) -> CsvText:
    """Whole records as they stand in a file behind its header and some sections; raises DataError as `open_csv`."""
    name, header, options = conversion.path.name, conversion.layout.header, conversion.options
    lines = conversion.head_lines + sum(section.lines for section in before)
    text = plain_text(name, b"\n" * lines + raw, replace(options, skip_rows=0))
    above = options.delimiter.join(f'"{place}"' for place in range(len(header)))
    found = open_csv(name, above.encode() + text, replace(options, encoding="utf-8", skip_rows=0, comment=""))
    return replace(found, header=header)
