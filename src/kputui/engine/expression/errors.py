"""The one error of the expression language: what is wrong, what to do, and where in the text."""

from __future__ import annotations

from kputui.errors import DataError


class ExpressionError(DataError):
    """An expression that can't be read, or that does not fit its source.

    `start` and `end` are 0-based character offsets in the expression's text, end exclusive; a code of
    `codes.CODES` is in `code`.
    """

    def __init__(self, code: str, message: str, hint: str = "", *, start: int, end: int) -> None:
        """Keep the span beside code, message and hint."""
        super().__init__(code, message, hint)
        self.start = start
        self.end = end
