"""Opening a source: which files it has, whether they may be read, and what is in them."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from kputui.engine import files, values
from kputui.engine.conversions import Conversions, suffix_of
from kputui.engine.converted_source import ConvertedSource, CsvFile
from kputui.engine.csv_file import open_csv
from kputui.engine.packed import unpacked
from kputui.engine.parquet_file import open_parquet
from kputui.engine.source import OpenSource
from kputui.engine.text_source import TextSource
from kputui.engine.times import Zones, check_zone
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kputui.engine.csv_file import CsvText
    from kputui.engine.listing import DataFile, Listing
    from kputui.engine.parquet_file import ParquetFile
    from kputui.model.workspace import Source


_HIVE = re.compile(r"^([A-Za-z_]\w*)=(.*)$")
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def open_source(
    source: Source,
    listing: Listing,
    local_zone: str,
    known: Mapping[files.FileStamp, ParquetFile] = MappingProxyType({}),
    conversions: Conversions | None = None,
    just_opened: Mapping[files.FileStamp, ParquetFile] = MappingProxyType({}),
) -> OpenSource:
    """Open a source's files, as they were listed: content, structure and row counts are checked.

    `known` are files of this very source that were looked at before in the same state: they are not read again.
    `just_opened` are files that were opened a moment ago; of those that were opened in part only the moment counts.
    `conversions` are CSV files that are converted already, or will be.
    Raises DataError with a D code.
    """
    zones = zones_of(source, local_zone)
    check_zone(zones.local)
    check_zone(zones.naive)
    suffixes = {files.suffix_of(one.path.name) for one in listing.files}
    if len(suffixes) > 1 and ".parquet" in suffixes:
        raise DataError("D17", f"`{source.path}` mixes Parquet and CSV files", "give each kind its own source")
    if listing.is_csv:
        return _csv_source(source, zones, listing, conversions or Conversions(), known)
    opened = OpenSource(source, zones, listing.fingerprint)
    is_large = opened.is_large
    for one in listing.files:
        before = known.get(one.stamp)
        early = just_opened.get(one.stamp)
        table = _known_before(before, one) or (None if early is None or early.is_excerpt else early)
        if table is None:
            table = open_parquet(one.path, one.stamp, one.part)
        if early is not None:
            table.read_ns = min(table.read_ns, early.read_ns)
            opened.read_ns = min(opened.read_ns, table.read_ns)
        if is_large:
            table.shed()
        opened.tables.append(table)
    add_folders(opened, [one.folders for one in listing.files])
    return opened


def zones_of(source: Source, local_zone: str) -> Zones:
    """The zone in which the days of a source begin, and that of its naive stamps."""
    return Zones(local_zone, source.source_timezone or local_zone)


def _csv_source(
    source: Source,
    zones: Zones,
    listing: Listing,
    conversions: Conversions,
    known: Mapping[files.FileStamp, ParquetFile],
) -> OpenSource:
    """CSV files, converted; as text where one of them can't be."""
    converted = []
    for one in listing.files:
        found = conversions.of(one, source)
        if found is None:
            return text_source(source, zones, listing)
        converted.append(CsvFile(found, folder_values(one.folders)))
    return ConvertedSource(
        source,
        zones,
        listing.fingerprint,
        csv_files=tuple(converted),
        reread=lambda: text_source(source, zones, listing),
        known=known,
    )


def text_source(source: Source, zones: Zones, listing: Listing) -> TextSource:
    """CSV files as text; raises DataError D02-D11."""
    texts = [replace(_open_text(one.path, source), constants=folder_values(one.folders)) for one in listing.files]
    return TextSource(source, zones, listing.fingerprint, texts=texts)


def _known_before(before: ParquetFile | None, now: DataFile) -> ParquetFile | None:
    """What was learnt of the file in the same state, none of its rows in memory."""
    if before is None:
        return None
    table = before.again()
    table.part = now.part
    return table


def add_folders(opened: OpenSource, folders: Sequence[tuple[str, ...]]) -> None:
    """Folders called `name=value` give their files, in order, a column."""
    found = [folder_values(one) for one in folders]
    names = dict.fromkeys(name for given in found for name in given)
    typed = {name: values.typed(pl.Series(name, [one.get(name) for one in found], dtype=pl.String)) for name in names}
    for place, (table, given) in enumerate(zip(opened.tables, found, strict=True)):
        if given:
            table.add_constants(typed[name][place : place + 1] for name in given)


def folder_values(parts: tuple[str, ...]) -> dict[str, str | None]:
    """The columns that the names of a file's folders give."""
    pairs = (match for part in parts if (match := _HIVE.match(part)))
    return {match[1]: None if match[2] == _HIVE_NULL else unquote(match[2]) for match in pairs}


def _open_text(path: Path, source: Source) -> CsvText:
    data = files.read_stable(path, files.MAX_CSV_BYTES)
    suffix = suffix_of(path, source)
    files.check_content(path.name, suffix, data[:4096], data[-4:])
    if suffix != ".csv":
        data = unpacked(path.name, suffix, data)
        files.check_content(path.name, ".csv", data[:4096], data[-4:])
    return open_csv(path.name, data, source.csv)
