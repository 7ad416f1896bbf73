"""A new folder of files that appears whole or not at all."""

from __future__ import annotations

import errno
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; what it holds at the end becomes `target`, or is added to it when it exists.

    Nothing that exists is replaced. Raises `FileExistsError` when something is in the way, and leaves
    nothing of a folder that could not be filled.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.parent / f".{target.name}-{secrets.token_hex(4)}"
    half.mkdir()
    try:
        yield half
        if target.exists():
            _add(half, target)
        else:
            half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _add(half: Path, target: Path) -> None:
    files = [path.relative_to(half) for path in sorted(half.rglob("*")) if path.is_file()]
    for file in files:
        if (target / file).exists():
            raise FileExistsError(errno.EEXIST, "it exists already", str(target / file))
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        with (half / file).open("rb") as content, (target / file).open("xb") as copy:
            shutil.copyfileobj(content, copy)
