"""Tokens of written values -> nodes: numbers, null and booleans, dates and time stamps."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from kputui.engine.expression import tree
from kputui.engine.expression.errors import ExpressionError

if TYPE_CHECKING:
    from kputui.engine.expression.lexer import Token

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")


def iso_date(text: str) -> date | None:
    """The date that `text` writes as 2013-01-31, else None."""
    if _ISO_DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def iso_timestamp(text: str) -> datetime | None:
    """The wall-clock time that `text` writes as 2013-01-31 12:30[:15[.5]] or 2013-01-31, else None."""
    day = iso_date(text)
    if day is not None:
        return datetime(day.year, day.month, day.day)
    if _ISO_STAMP.fullmatch(text) is None:
        return None
    whole, _, fraction = text.partition(".")
    try:
        stamp = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return stamp.replace(microsecond=int(fraction.ljust(6, "0"))) if fraction else stamp


def constant_of(token: Token) -> tree.Node:
    """The node of the word null, true or false."""
    word = token.value.lower()
    if word == "null":
        return tree.Null(token.start, token.end)
    return tree.Boolean(token.start, token.end, word == "true")


def number_of(token: Token) -> tree.Node:
    """The node of a number; ExpressionError E04 when no double is that large."""
    value = float(token.value)
    if not math.isfinite(value):
        raise ExpressionError("E04", "the number is too large", start=token.start, end=token.end)
    return tree.Number(token.start, token.end, value)


def dated_of(word: str, name: Token, text: Token) -> tree.Node:
    """The node of `date '...'` or `timestamp '...'`; ExpressionError E04 when the calendar has none such."""
    if word == "date":
        day = iso_date(text.value)
        if day is not None:
            return tree.Date(name.start, text.end, day)
        hint = "as in date '2013-01-31'"
        raise ExpressionError("E04", "this is no date of the calendar", hint, start=text.start, end=text.end)
    stamp = iso_timestamp(text.value)
    if stamp is not None:
        return tree.Timestamp(name.start, text.end, stamp)
    hint = "as in timestamp '2013-01-31 12:30:00'"
    raise ExpressionError("E04", "this is no time of the calendar", hint, start=text.start, end=text.end)
