"""Opening a source: which files it has, whether they may be read, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.csv_file import open_csv
from kputui.engine.packed import unpack_gzip, unpack_zstd
from kputui.engine.parquet_file import open_parquet
from kputui.engine.source import OpenSource
from kputui.engine.times import Zones, check_zone
from kputui.errors import DataError
from kputui.model.workspace import Compression

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.engine.csv_file import CsvText
    from kputui.model.workspace import Source


def open_source(source: Source, folder: str, local_zone: str, allowed_roots: tuple[Path, ...] = ()) -> OpenSource:
    """Open a source's files: paths, safety, content, structure and row counts are checked.

    Raises DataError with a D code.
    """
    zones = Zones(local_zone, source.source_timezone or local_zone)
    check_zone(zones.local)
    check_zone(zones.naive)
    paths = files.resolve(source, folder, allowed_roots)
    opened = OpenSource(source, zones, files.Fingerprint(()))
    stamps = []
    suffixes = {files.suffix_of(path.name) for path in paths}
    if len(suffixes) > 1 and ".parquet" in suffixes:
        raise DataError("D17", f"`{source.path}` mixes Parquet and CSV files", "give each kind its own source")
    for path in paths:
        try:
            stamps.append(files.stamp_of(path))
        except OSError as error:
            raise files.system_error(str(path), error) from error
        if files.suffix_of(path.name) == ".parquet":
            opened.tables.append(open_parquet(path, stamps[-1].size))
        else:
            opened.texts.append(_open_text(path, source))
    opened.fingerprint = files.Fingerprint(tuple(stamps))
    return opened


def _open_text(path: Path, source: Source) -> CsvText:
    data = files.read_stable(path, files.MAX_CSV_BYTES)
    suffix = files.suffix_of(path.name)
    if suffix == ".csv" and source.compression is not None:
        suffix = ".csv.gz" if source.compression is Compression.GZIP else ".csv.zst"
    files.check_content(path.name, suffix, data[:4096], data[-4:])
    if suffix != ".csv":
        data = unpack_gzip(path.name, data) if suffix == ".csv.gz" else unpack_zstd(path.name, data)
        files.check_content(path.name, ".csv", data[:4096], data[-4:])
    return open_csv(path.name, data, source.csv)
