"""The expression language's problem codes, one line of meaning each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E01": "a character that is not part of the expression language",
        "E02": "the expression breaks off, or a word or sign stands where it can't",
        "E03": "a text or a quoted name is opened and never closed",
        "E04": "a number, date or time stamp that can't be one",
        "E05": "an expression longer than 2,000 characters",
        "E06": "an expression nested deeper than 60 levels",
        "E07": "a column that the source does not have",
        "E08": "a function that the expression language does not have",
        "E09": "a function with too few or too many arguments",
        "E10": "types that don't fit together",
        "E11": "a filter that is not true or false for a row",
        "E12": "an aggregate function inside a row's expression",
        "E13": "SQL that is left out on purpose: subqueries, windows, comments, statements",
        "E14": "a column name that fits two columns which differ only in upper and lower case",
        "E15": "an empty expression",
        "E16": "an argument that must be written out: a pattern, a number of digits",
    }
)
"""Code -> what it means."""
