"""The periods of a custom grain: read from a CSV file, or from a list of days, and held against each other."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from kputui.config.read import FileRefusedError, read_bytes
from kputui.config.shapes import FIRST_YEAR, LAST_YEAR
from kputui.config.wording import shown
from kputui.errors import did_you_mean
from kputui.model.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.config.cursor import Cursor

MAX_BYTES = 1024 * 1024
MAX_PERIODS = 20_000
MAX_DAYS = 731
"""A longer period is taken for a row that is missing; what it holds is read at once."""

MAX_LABEL = 60
_MOST_FAULTS = 20
_HINT = "the path of a table of periods names one CSV file, with a header and one row a period"
_DAY_LENGTH = 10
_MIDNIGHTS = ("", "00:00", "00:00:00")


@dataclass(frozen=True, slots=True)
class PeriodColumns:
    """Where a CSV file has the periods: the columns of their first days, last days and names; "" for none."""

    path: str
    start: str
    end: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Period:
    """One period; `end` is the day after its last, None where the next period's start ends it."""

    start: date
    end: date | None
    label: str
    where: str


class _RefusedError(Exception):
    """What is wrong with a table of periods; the code and the words."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def listed(starts: Sequence[date], at: Cursor) -> Calendar | None:
    """The periods from each of these days to the next; None after the problem has been noted."""
    periods = [_Period(start, None, "", f"the period of {start}") for start in starts]
    return _noted(periods, at)


def read_periods(columns: PeriodColumns, at: Cursor) -> Calendar | None:
    """The periods of a CSV file with a header; None after every problem with it has been noted at the cursor."""
    text = _text(columns.path, at)
    if text is None:
        return None
    periods: list[_Period] = []
    faults: list[_RefusedError] = []
    try:
        for found in _rows(text, columns):
            if isinstance(found, _Period):
                periods.append(found)
            else:
                faults.append(found)
                if len(faults) == _MOST_FAULTS:
                    break
    except _RefusedError as error:
        faults = [error]
    except csv.Error as error:
        faults = [_RefusedError("C30", f"{columns.path} is not CSV: {error}")]
    for fault in faults:
        at.refuse(fault.code, fault.message, fault.hint)
    return None if faults else _noted(sorted(periods, key=lambda period: period.start), at)


def _text(path: str, at: Cursor) -> str | None:
    """The file's text, which from then on belongs to the workspace; None after the problem has been noted."""
    file = at.decoding.folder / path
    if file.suffix.lower() != ".csv":
        at.refuse("C30", f"{path} is not a .csv file", _HINT)
        return None
    if not os.path.lexists(file):
        at.refuse("C03", f"{path} is not there", _HINT)
        return None
    try:
        text = read_bytes(file, str(file), at.decoding.roots, MAX_BYTES).decode("utf-8-sig")
    except FileRefusedError as error:
        problem = error.problems[0]
        at.refuse(problem.code, problem.message, _HINT)
        return None
    except UnicodeDecodeError:
        at.refuse("C05", f"{path} is not UTF-8", "save it as UTF-8")
        return None
    at.decoding.files.append(str(file))
    return text


def _rows(text: str, columns: PeriodColumns) -> Iterator[_Period | _RefusedError]:
    """Each row as a period, or what is wrong with it; raises `_RefusedError` for the header."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    places = [_place(name, header, columns.path) if name else None for name in (columns.start, columns.end)]
    label = _place(columns.label, header, columns.path) if columns.label else None
    for count, row in enumerate(row for row in reader if any(cell.strip() for cell in row)):
        if count >= MAX_PERIODS:
            raise _RefusedError("C04", f"{columns.path} has more than {MAX_PERIODS} periods")
        where = f"{columns.path} line {reader.line_num}"
        try:
            start, end = (None if place is None else _day(row, place, header, where) for place in places)
            name = _name(row, label, where) if label is not None else ""
        except _RefusedError as error:
            yield error
            continue
        assert start is not None  # noqa: S101 - the first column is always named
        yield _Period(start, None if end is None else end + timedelta(days=1), name, where)


def _place(name: str, header: Sequence[str], path: str) -> int:
    if name not in header:
        hint = did_you_mean(name, header) or f"its columns: {', '.join(header[:8])}; they are parted by commas"
        raise _RefusedError("C30", f"{path} has no column {shown(name)}", hint)
    if header.count(name) > 1:
        raise _RefusedError("C30", f"{path} has two columns {shown(name)}")
    return header.index(name)


def _cell(row: Sequence[str], place: int, where: str) -> str:
    if place >= len(row):
        raise _RefusedError("C30", f"{where} has {len(row)} cells, fewer than the header")
    return row[place].strip()


def _name(row: Sequence[str], place: int, where: str) -> str:
    text = _cell(row, place, where)
    if len(text) > MAX_LABEL or not text.isprintable():
        raise _RefusedError(
            "C27", f"{where}: the label is longer than {MAX_LABEL} characters, or has control characters"
        )
    return text


def _day(row: Sequence[str], place: int, header: Sequence[str], where: str) -> date:
    text = _cell(row, place, where)
    rest = text[_DAY_LENGTH:].strip(" T")
    try:
        day = date.fromisoformat(text[:_DAY_LENGTH])
    except ValueError:
        day = None
    if day is None or rest not in _MIDNIGHTS:
        hint = "a day is written 2026-12-31"
        raise _RefusedError("C30", f"{where}: {shown(text)} in {shown(header[place])} is not a day", hint)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _RefusedError("C16", f"{where}: {day} is out of range; wants a year from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _noted(periods: Sequence[_Period], at: Cursor) -> Calendar | None:
    """The periods, in order of their starts, as a calendar, each held against the next."""
    faults = []
    found: list[tuple[date, date, str]] = []
    for period, following in pairwise((*periods, None)):
        assert period is not None  # noqa: S101 - only the last of all is None
        end = period.end or (following.start if following is not None else None)
        if end is None:
            continue  # the last start ends the period before it
        fault = _fault(period, end, following)
        faults += [fault] if fault else []
        found.append((period.start, end, period.label))
    if not found:
        faults.append(
            _RefusedError("C30", "has no period", "the last start only ends the period before it: two make one")
        )
    for fault in faults[:_MOST_FAULTS]:
        at.refuse(fault.code, fault.message, fault.hint)
    if faults:
        return None
    labels = tuple(label for _, _, label in found)
    return Calendar(
        tuple(start for start, _, _ in found), tuple(end for _, end, _ in found), labels if any(labels) else ()
    )


def _fault(period: _Period, end: date, following: _Period | None) -> _RefusedError | None:
    if following is not None and following.start == period.start:
        return _RefusedError("C31", f"{following.where}: a period that starts on {period.start} is there twice")
    if end <= period.start:
        return _RefusedError("C31", f"{period.where}: ends on {end - timedelta(days=1)}, before it starts")
    if following is not None and end > following.start:
        return _RefusedError(
            "C31", f"{following.where}: starts on {following.start}, before the period of {period.start} is over"
        )
    if (end - period.start).days > MAX_DAYS:
        days = (end - period.start).days
        return _RefusedError("C31", f"{period.where}: {days} days long; at most {MAX_DAYS}", "is a row missing?")
    return None
