"""The lock of a state folder: one writer at a time, freed by the kernel when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from kputui.store.faults import LockedError
from kputui.store.folder import LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.change import Author
    from kputui.store.folder import StateFolder

WAIT_S = 5.0
_STEP_S = 0.005
_MAX_STEP_S = 0.05
_MAX_HOLDER = 200


@contextlib.contextmanager
def locked(folder: StateFolder, author: Author, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock; raises `LockedError` naming the holder when it is not free within `wait_s`, and OSError."""
    handle = _acquired(folder, wait_s)
    try:
        holder = f"{author.login} (uid {author.uid}) pid {os.getpid()}\n"
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder.encode("utf-8", "replace")[:_MAX_HOLDER], 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
        os.close(handle)


def _acquired(folder: StateFolder, wait_s: float) -> int:
    until = time.monotonic() + wait_s
    step_s = _STEP_S
    while True:
        handle = folder.open(LOCK, os.O_RDWR | os.O_CREAT, is_ours=True)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left_s = until - time.monotonic()
            holder = _holder(handle)
            os.close(handle)
            if left_s <= 0:
                raise LockedError("S21", f"state/ is held by {holder}", "try again in a moment") from None
            time.sleep(min(step_s, left_s))
            step_s = min(2 * step_s, _MAX_STEP_S)
        except OSError:
            os.close(handle)
            raise
        else:
            if _is_still_the_lock(folder, handle):
                return handle
            os.close(handle)


def _is_still_the_lock(folder: StateFolder, handle: int) -> bool:
    """Whether the locked file still has the lock's name: somebody may have removed it in between."""
    try:
        named = os.stat(LOCK, dir_fd=folder.handle, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(named, os.fstat(handle))


def _holder(handle: int) -> str:
    with contextlib.suppress(OSError):
        return os.pread(handle, _MAX_HOLDER, 0).decode("utf-8", "replace").strip() or "somebody"
    return "somebody"
