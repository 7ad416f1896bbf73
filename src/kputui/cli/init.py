"""`kputui init`: a commented workspace, guessed from the columns of one data file."""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.cli import exits, out
from kputui.cli.draft import Draft, files_of
from kputui.cli.first_goal import failures_of, first_goal, workspace_of
from kputui.cli.guess import guess
from kputui.cli.new_folder import new_folder
from kputui.errors import DataError, ExitCode, UsageError
from kputui.model.ids import MetricId, SourceId
from kputui.model.workspace import Source

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from kputui.cli.context import OpenBoard
    from kputui.cli.guess import Guess
    from kputui.engine.sample import FileSample

SUFFIXES = (".csv", ".csv.gz", ".parquet")
_HEAD_BYTES = 65_536
_SHOWN = 60
OLD_AFTER = timedelta(days=14)
"""Data that ended longer ago gets a fixed clock: else the board could only say that it is old."""


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Write the workspace and say what to do next.

    Raises `UsageError` when something is in the way or no column holds dates, `DataError` when the file
    cannot be read.
    """
    folder, file = Path(options.dir).expanduser(), options.from_.expanduser()
    _refuse(folder, file)
    inside = file.resolve().is_relative_to(folder.resolve())
    data_path = file.resolve().relative_to(folder.resolve()).as_posix() if inside else f"data/{_plain(file.name)}"
    texts = files_of(_draft(file, data_path))
    _write(folder, texts, None if inside else (file, data_path))
    out.text(
        f"The workspace is in {folder}: {', '.join(texts)}"
        + ("" if inside else f", {data_path}")
        + f"\n\n  kputui {folder}             opens the board\n  kputui -w {folder} check    lists what to decide next"
        "\n\nWhat only people can know is marked TODO in the files; they are yours to change."
    )
    return ExitCode.OK


def _refuse(folder: Path, file: Path) -> None:
    """Raises `UsageError` for what can be seen to go wrong before any work is done."""
    if not file.exists():
        raise UsageError(f'there is no file "{file}"')
    if not file.is_file():
        raise UsageError(f'"{file}" is not a regular file')
    if not file.name.lower().endswith(SUFFIXES):
        raise UsageError(f'"{file.name}" is of a kind that is not read', f"known kinds: {', '.join(SUFFIXES)}")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f'"{folder}" is not a folder')
    if folder.is_dir() and (there := sorted(path.name for path in folder.glob("*.toml"))):
        raise UsageError(f'"{folder}" has TOML files already: {", ".join(there[:5])}', "name another folder")


def _draft(file: Path, data_path: str) -> Draft:
    """The workspace's contents, once columns that cannot be computed are left out."""
    sample, guessed = _first_guess(file)
    columns = sample.columns
    while True:
        source = Source(SourceId("data"), file.name, guessed.time.name, time_format=guessed.time.format, csv=sample.csv)
        workspace = workspace_of(guessed, source, str(file.resolve().parent))
        failures, covers = failures_of(workspace)
        broken = {metric.column for metric in guessed.metrics if metric.id in failures}
        if not broken - {""}:
            break
        for metric in guessed.metrics:
            if (failure := failures.get(MetricId(metric.id))) is not None:
                exits.say(f'the column "{metric.column}" is left out: {failure.message}', failure.hint)
        columns = tuple(column for column in columns if column.name not in broken)
        guessed = guess(columns)
    goal = first_goal(workspace, guessed.kpi, covers)
    is_old = goal.last < datetime.now(UTC).date() - OLD_AFTER
    return Draft(_title(file), data_path, file.name, guessed, goal, goal.last if is_old else None, sample.csv)


def _first_guess(file: Path) -> tuple[FileSample, Guess]:
    """The file's columns and what they may be; when nothing fits, a hint where lines stand above the header."""
    from kputui.engine.sample import describe  # noqa: PLC0415 - polars is imported only where it is needed

    try:
        sample = describe(file)
        return sample, guess(sample.columns)
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


def _title(file: Path) -> str:
    """The data file's name as a title: `nord-shop.csv` -> `Nord shop`."""
    words = " ".join(file.name.split(".")[0].replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:60] if words.isprintable() and words else "My workspace"


def _plain(name: str) -> str:
    """A file's name without what a data path would expand or refuse."""
    return "".join(character if character.isalnum() or character in "._- " else "_" for character in name).strip()


def _write(folder: Path, texts: Mapping[str, str], copied: tuple[Path, str] | None) -> None:
    """Write all files or none; raises `UsageError` when something is in the way or the disk says no."""
    try:
        with new_folder(folder.resolve()) as half:
            for name, text in texts.items():
                (half / name).write_text(text, encoding="utf-8")
            if copied is not None:
                file, data_path = copied
                (half / data_path).parent.mkdir()
                shutil.copyfile(file, half / data_path)
    except FileExistsError as error:
        raise UsageError(f'"{error.filename}" exists already', "nothing was written; name another folder") from error
    except OSError as error:
        raise UsageError(f'cannot write "{folder}": {error.strerror or error}', "nothing was written") from error
