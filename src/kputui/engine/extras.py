"""The edge to optional libraries: whatever they raise becomes a problem of the data. No polars."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told(code: str, message: str) -> Iterator[None]:
    """Turn what a library raises inside into a DataError of this code, with the library's words as the hint.

    Such libraries raise errors of any kind for a damaged file, and a panic of a compiled one is no Exception.
    """
    try:
        yield
    except (DataError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        said = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise DataError(code, message, f"the reader says: {said}") from error


def missing(what: str, extra: str) -> DataError:
    """What to type where the library that a source takes is not installed."""
    return DataError("D32", f"{what}, which takes a library that is not installed", f"pip install 'kputui[{extra}]'")
