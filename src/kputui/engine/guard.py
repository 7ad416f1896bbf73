"""The edge to polars: its refusals and panics become problems of the data."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def guarded(code: str, message: str, todo: str = "") -> Iterator[None]:
    """Turn what polars raises inside into a DataError of this code; `message` says on what it failed.

    With `todo`, which says what to do, the message is all our own and polars' words stand in the hint.
    A panic derives from BaseException and would end a worker without a word; it is always D22.
    """
    try:
        yield
    except pl.exceptions.PanicException as error:
        raise DataError("D22", f"the data engine failed: {message}: {_first_line(error)}") from error
    except (pl.exceptions.PolarsError, MemoryError, OSError, UnicodeDecodeError, OverflowError) as error:
        if todo:
            raise DataError(code, message, f"{todo} (the reader says: {_first_line(error)})") from error
        raise DataError(code, f"{message}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]
