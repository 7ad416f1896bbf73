"""Words of what is told about cells and rows."""

from __future__ import annotations

import re


def counted_rows(count: int) -> str:
    """A number of rows in words."""
    return "1 row" if count == 1 else f"{count} rows"


def number_hint(cell: str, *, decimal_comma: bool) -> str:
    """What to do about a cell that is no number."""
    if re.fullmatch(r"[+-]?\d+,\d+", cell) and not decimal_comma:
        return "a decimal comma: csv = { decimal_comma = true }; a thousands comma: write plain numbers"
    if any(mark.isdigit() for mark in cell):
        return "write plain numbers, without units or thousands marks"
    return f"if `{shortened(cell)}` means missing: csv = {{ null_words = [...] }} with all such words"


def shortened(text: str, width: int = 40) -> str:
    """The text, or its beginning and three dots."""
    return text if len(text) <= width else text[: width - 3] + "..."
