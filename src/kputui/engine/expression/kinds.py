"""What an expression's value can be."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kind of a value; the value of the enum is the word that people read.

    Whole numbers, floats and decimals are all `NUMBER`: arithmetic is done in double precision.
    `NULL` is the kind of an expression that can only be null.
    """

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    NULL = "null"


def common_kind(left: Kind, right: Kind) -> Kind | None:
    """The kind in which two values can be compared or stand for each other; None if there is none.

    Null fits everything; a date beside a time stamp becomes the time stamp of its midnight.
    """
    if left is right or right is Kind.NULL:
        return left
    if left is Kind.NULL:
        return right
    if {left, right} == {Kind.DATE, Kind.TIMESTAMP}:
        return Kind.TIMESTAMP
    return None
