"""Words of what is told about cells and rows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.engine.values import Faults
    from kputui.model.workspace import CsvOptions


def counted_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count} rows"


def wrong_numbers(
    name: str, faults: Faults | None, cells: int | None, where: Callable[[int], str], options: CsvOptions
) -> DataError | None:
    """D14 for cells that are no numbers, of how many (None where that is not known); None for plain words.

    `where` says in words where a row is.
    """
    if faults is None or (faults.count == cells and not any(mark.isdigit() for mark in faults.text)):
        return None
    noun = "a number" if faults.count == 1 and cells is None else "numbers"
    return DataError(
        "D14",
        f"column `{name}`: {_are_not(faults.count, cells)} {noun}, "
        f"the first in {where(faults.row)}: `{shortened(faults.text)}`",
        number_hint(faults.text, options),
    )


def undeclared(name: str, kind: str, faults: Faults, cells: int | None, where: str) -> DataError:
    """D30 for cells that are not what a column is declared to hold."""
    return DataError(
        "D30",
        f"column `{name}` is declared as {kind}, but {_are_not(faults.count, cells)}, "
        f"the first in {where}: `{shortened(faults.text)}`",
        "correct the data or the declaration; words for missing values stand in null_words",
    )


def no_times(name: str, time_format: str, count: int, cells: int, text: str) -> DataError:
    """D15 for a time column of whose cells half or more (`count`) are none, the first of them `text`."""
    if time_format:
        message = f"{'no cell' if count == cells else f'{count} of {cells} cells'} of `{name}` "
        message += f"{'reads' if count == cells else 'do not read'} as `{time_format}`"
    else:
        message = f"the time column `{name}` is not ISO dates or stamps" + (
            "" if count == cells else f" in {count} of {cells} rows"
        )
    hint = 'give the source a time_format, such as time_format = "%d.%m.%Y"'
    return DataError("D15", f"{message}: `{shortened(text)}`", hint)


def _are_not(count: int, cells: int | None) -> str:
    if cells is not None:
        return f"{count} of {cells} cells are not"
    return "1 cell is not" if count == 1 else f"{count} cells are not"


_COMMA, _POINT = "csv = { decimal_comma = true }", 'csv = { thousands = "," }'
_COMMA_HINTS = (
    (r"[+-]?\d{1,3},\d{3}", f"if the comma stands between thousands: {_POINT}; if it is a decimal comma: {_COMMA}"),
    (r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", _POINT),
    (r"[+-]?\d+,\d+|[+-]?\d{1,3}([.'\s]\d{3})+,\d*", _COMMA),
)
"""How a cell may be written with a comma, where none is declared, and what to declare then."""


def number_hint(cell: str, options: CsvOptions) -> str:
    """What to do about a cell that is no number."""
    hint = "write plain numbers, without units or thousands marks"
    if not any(letter.isdigit() for letter in cell):
        hint = f"if `{shortened(cell)}` means missing: csv = {{ null_words = [...] }} with all such words"
    elif cell != cell.strip():
        hint = "write it without the spaces around it"
    elif re.fullmatch(r"[+-]?\d{19,}", cell):
        hint = "it is larger than 64 bits hold; names written in digits are counted, not added up"
    elif not options.thousands and (mark := re.fullmatch(r"[+-]?\d{1,3}(['\s_])\d{3}(\1\d{3})*(\.\d*)?", cell)):
        hint = f"csv = {{ thousands = {json.dumps(mark[1])} }}"
    elif not options.decimal_comma and options.thousands != ",":
        hint = next((told for pattern, told in _COMMA_HINTS if re.fullmatch(pattern, cell)), hint)
    return hint


def shortened(text: str, width: int = 40) -> str:
    """The text, or its beginning and three dots."""
    return text if len(text) <= width else text[: width - 3] + "..."
