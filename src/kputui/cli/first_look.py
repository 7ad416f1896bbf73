"""A data file looked at for a first workspace: what its columns may be, and the days that it covers."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kputui.cli import exits
from kputui.cli.first_goal import failures_of, workspace_of
from kputui.cli.guess import MAX_METRICS, guess
from kputui.errors import DataError, UsageError
from kputui.model.ids import MetricId, SourceId
from kputui.model.workspace import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from kputui.cli.guess import Guess, GuessedMetric
    from kputui.engine.sample import FileSample
    from kputui.model.series import Span
    from kputui.model.workspace import Workspace

SUFFIXES = (".csv", ".csv.gz", ".parquet")
OLD_AFTER = timedelta(days=14)
"""Data that ended longer ago gets a fixed clock: else the board could only say that it is old."""
_HEAD_BYTES = 65_536
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Look:
    """One data file: its columns, what can be made of those that can be computed, and the days it covers."""

    file: Path
    sample: FileSample
    guess: Guess
    covers: Span

    @property
    def today(self) -> date | None:
        """The last day of data that ended long ago: the clock of its workspace; None for data that goes on."""
        last = self.covers.end - timedelta(days=1)
        return last if last < datetime.now(UTC).date() - OLD_AFTER else None

    def workspace(self, metrics: Sequence[GuessedMetric]) -> Workspace:
        """A workspace of these metrics over the file, to compute them with."""
        return workspace_of(metrics, self._source(), str(self.file.resolve().parent))

    def _source(self) -> Source:
        return _source(self.file, self.sample, self.guess)


def refuse_file(file: Path) -> None:
    """Raises `UsageError` for a file that can be seen to be none of ours before it is read."""
    if not file.exists():
        raise UsageError(f'there is no file "{file}"')
    if not file.is_file():
        raise UsageError(f'"{file}" is not a regular file')
    if not file.name.lower().endswith(SUFFIXES):
        raise UsageError(f'"{file.name}" is of a kind that is not read', f"known kinds: {', '.join(SUFFIXES)}")


def refuse_folder(folder: Path) -> None:
    """Raises `UsageError` for a folder that can't become a workspace."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f'"{folder}" is not a folder')
    if folder.is_dir() and (there := sorted(path.name for path in folder.glob("*.toml"))):
        raise UsageError(f'"{folder}" has TOML files already: {", ".join(there[:5])}', "name another folder")


def look_at(file: Path, most: int = MAX_METRICS) -> Look:
    """The file once columns that cannot be computed are left out; at most `most` metrics are guessed.

    Raises `UsageError` when no column holds dates, `DataError` when the file cannot be read.
    """
    sample, guessed = _first_guess(file, most)
    columns = sample.columns
    while True:
        workspace = workspace_of(guessed.metrics, _source(file, sample, guessed), str(file.resolve().parent))
        failures, covers = failures_of(workspace)
        broken = {metric.column for metric in guessed.metrics if metric.id in failures}
        if not broken - {""}:
            return Look(file, sample, guessed, covers)
        for metric in guessed.metrics:
            if (failure := failures.get(MetricId(metric.id))) is not None:
                exits.say(f'the column "{metric.column}" is left out: {failure.message}', failure.hint)
        columns = tuple(column for column in columns if column.name not in broken)
        guessed = guess(columns, most)


def _source(file: Path, sample: FileSample, guessed: Guess) -> Source:
    time = guessed.time
    return Source(SourceId("data"), file.name, time.name, time_format=time.format, csv=sample.csv)


def _first_guess(file: Path, most: int) -> tuple[FileSample, Guess]:
    """The file's columns and what they may be; when nothing fits, a hint where lines stand above the header."""
    from kputui.engine.sample import describe  # noqa: PLC0415 - polars is imported only where it is needed

    try:
        sample = describe(file)
        return sample, guess(sample.columns, most)
    except (DataError, UsageError) as error:
        title = _title_row(file) if not isinstance(error, DataError) or error.code == "D11" else ""
        if title:
            error.hint = f"are there lines above the header? The first line is: {title}"
        raise


def _title_row(file: Path) -> str:
    """The first line of a CSV file when it does not look like the header of the lines below; else ""."""
    if file.name.lower().endswith(".parquet"):
        return ""
    with gzip.open(file) if file.name.lower().endswith(".gz") else file.open("rb") as opened:
        text = opened.read(_HEAD_BYTES).decode("utf-8-sig", "replace")
    first, *below = [line for line in text.splitlines() if line.strip()][:6] or [""]
    counts = [(first.count(mark), max((line.count(mark) for line in below), default=0)) for mark in ",;\t|"]
    own, theirs = max(counts, key=lambda pair: pair[1])
    is_title = own < theirs or any(mark * 2 in first or first.endswith(mark) for mark in ",;\t|")
    return first[:_SHOWN] if is_title else ""
