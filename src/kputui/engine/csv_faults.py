"""Which cells of a column are wrong in CSV files too large to be read whole: found section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.engine import values
from kputui.engine.csv_part import text_of
from kputui.engine.values import Faults, Shape
from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    import polars as pl

    from kputui.engine.converted_source import CsvFile
    from kputui.engine.csv_section import Section
    from kputui.engine.values import Notation

_TIMES = (Shape.STAMP, Shape.INSTANT)


def wrong_cells(
    files: Sequence[CsvFile], name: str, kind: ColumnKind, fit: Collection[Shape], notation: Notation
) -> tuple[Faults | None, int | None]:
    """The cells that are not of a kind, and how many cells there are, None where some sections hold only such.

    Sections of a shape in `fit` may be of the kind; where times are of two kinds, those of fewer rows are wrong.
    """
    if kind is not ColumnKind.TIMESTAMP:
        return _found(files, name, (Shape.EMPTY, *fit), lambda text: values.declared(text, kind, notation)[1])
    sections = list(_shaped(files, name))
    rows = {shape: sum(section.records for _, section, own in sections if own is shape) for shape in _TIMES}
    most = max(_TIMES, key=lambda shape: rows[shape])
    read = values.iso_stamps if most is Shape.STAMP else values.iso_instants

    def find(text: pl.Series) -> Faults | None:
        return values.first_faults(text, read(text).is_null() & text.is_not_null())

    return _found(files, name, (Shape.EMPTY, most), find)


def _shaped(files: Sequence[CsvFile], name: str) -> Iterator[tuple[CsvFile, Section, Shape | None]]:
    """All sections in order with the shape of a column; None where the name of a folder gives the cell."""
    for file in files:
        for section in file.conversion.all_sections:
            yield file, section, section.shapes.get(name)


def _found(
    files: Sequence[CsvFile], name: str, fit: Collection[Shape], find: Callable[[pl.Series], Faults | None]
) -> tuple[Faults | None, int | None]:
    """The wrong cells of all sections whose shape does not fit; the first one's row counts over all files."""
    before = count = cells = 0
    first: tuple[int, str] | None = None
    is_all = True
    for file, section, shape in _shaped(files, name):
        if shape in fit:
            is_all &= shape is Shape.EMPTY
        else:
            text = _cells(file, section, name)
            cells += len(text) - text.null_count()
            if (faults := find(text)) is not None:
                count += faults.count
                first = first or (before + faults.row, faults.text)
        before += section.records
    return (None if first is None else Faults(count, *first)), (cells if is_all else None)


def _cells(file: CsvFile, section: Section, name: str) -> pl.Series:
    if name in file.conversion.layout.header:
        return text_of(file.conversion, section).columns([name]).to_series()
    return file.cell(name).new_from_index(0, section.records)
