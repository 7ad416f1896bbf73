"""The folder state/: opened once, and every file in it by its name there, never through a link."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kputui.store.faults import FORBIDDEN, SPECIAL, StoreError

if TYPE_CHECKING:
    from types import TracebackType

STATE_FOLDER = "state"
SNAPSHOT = "accountability.toml"
JOURNAL = "journal.jsonl"
LOCK = ".lock"
FOLDER_MODE = 0o2770
FILE_MODE = 0o660
MAX_BYTES = 256 * 1024 * 1024
_TEMP = ".kputui-"
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Stamp = tuple[int, int, int, int]


class StateFolder:
    """An open state/ folder of a workspace; a context manager.

    Names are looked up in the open folder itself, so that nobody redirects a write by exchanging it.
    """

    def __init__(self, handle: int, path: Path) -> None:
        """Take an open handle of the folder at `path`."""
        self.handle = handle
        self.path = path

    def __enter__(self) -> Self:
        """Use the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the folder."""
        os.close(self.handle)

    def shown(self, name: str) -> str:
        """A file's path, for messages."""
        return str(self.path / name)

    def open(self, name: str, flags: int, *, is_ours: bool = False) -> int:
        """A handle of a regular file of the folder; OSError(ELOOP) for anything special.

        `is_ours`: refuse also a file that has a second name elsewhere, and give a new file its mode.
        """
        handle = os.open(name, flags | _SAFE, FILE_MODE, dir_fd=self.handle)
        try:
            _check(handle, name, is_ours=is_ours)
        except OSError:
            os.close(handle)
            raise
        return handle

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None when it is missing; raises OSError, also for special files and above `MAX_BYTES`."""
        try:
            handle = self.open(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise OSError(errno.EFBIG, f"larger than {MAX_BYTES >> 20} MiB", name)
        return content

    def write_temp(self, purpose: str, content: bytes) -> str:
        """A new file with `content` on disk; its name. On any error it is gone again."""
        name = f"{_TEMP}{purpose}.{os.getpid()}.tmp"
        try:
            handle = self.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, is_ours=True)
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError:
            self.remove(name)
            raise
        return name

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; what had that name is replaced at once."""
        os.rename(old, new, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Remove a file if it can be removed."""
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self.handle)

    def sync(self) -> None:
        """Put the names on disk."""
        os.fsync(self.handle)

    def names(self) -> list[str]:
        """The names in the folder, sorted."""
        return sorted(os.listdir(self.handle))  # noqa: PTH208 - an open folder has no path to iterate

    def stale_temps(self) -> list[str]:
        """Half-written files of programs that were killed; under the lock nobody is writing one."""
        return [name for name in self.names() if name.startswith(_TEMP) and name.endswith(".tmp")]

    def set_aside(self, name: str, word: str) -> str:
        """Rename a file to a new name that says what it is, such as `accountability.edited-1.toml`; the new name."""
        aside = self.free_name(name, word)
        self.rename(name, aside)
        return aside

    def free_name(self, name: str, word: str) -> str:
        """A name beside `name` that is not taken yet."""
        stem, dot, ending = name.partition(".")
        taken = set(self.names())
        number = 1
        while (aside := f"{stem}.{word}-{number}{dot}{ending}") in taken:
            number += 1
        return aside

    def refusal(self) -> tuple[str, str, str] | None:
        """Why nothing may be written here: code, reason and hint; None when it may.

        Everybody may write nowhere above state/: a sticky folder such as /tmp is fine above, not as state/ itself.
        """
        if os.fstat(self.handle).st_mode & stat.S_IWOTH:
            return "S20", "everybody may write to state/", f"chmod o-w {self.path}"
        if (open_to_all := _open_to_all(self.path.parent)) is not None:
            return "S20", f"everybody may exchange what lies in {open_to_all}", f"chmod o-w {open_to_all}"
        return None

    def lacks_permission(self) -> str:
        """In words what permission to write is missing here; empty when none is."""
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=self.handle):
            return "no write permission on state/"
        for name in (JOURNAL, LOCK):
            is_there = os.access(name, os.F_OK, dir_fd=self.handle)
            if is_there and not os.access(name, os.W_OK, dir_fd=self.handle):
                return f"no write permission on state/{name}"
        return ""


def open_folder(workspace: Path, *, create: bool = False) -> StateFolder | None:
    """The open state/ of a workspace folder; None when there is none, unless it is to be created.

    Raises OSError: ELOOP when a link stands there, else as the system says.
    """
    root = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if create:
            _create(root, workspace)
        try:
            status = os.stat(STATE_FOLDER, dir_fd=root, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, "state/ is a link", STATE_FOLDER)
        if not stat.S_ISDIR(status.st_mode):
            if create:
                raise OSError(errno.ENOTDIR, "state is not a folder", STATE_FOLDER)
            return None
        handle = os.open(STATE_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    finally:
        os.close(root)
    return StateFolder(handle, workspace / STATE_FOLDER)


def creation_refusal(workspace: Path) -> tuple[str, str, str] | None:
    """Why no state/ may be made in a workspace's folder: code, reason and hint; None when it may."""
    if (open_to_all := _open_to_all(workspace)) is not None:
        return "S20", f"everybody may exchange what lies in {open_to_all}", f"chmod o-w {open_to_all}"
    if not os.access(workspace, os.W_OK | os.X_OK):
        return "S17", "no write permission on the workspace's folder", "ask for it"
    return None


def stamp(folder: Path) -> tuple[Stamp | None, Stamp | None] | None:
    """A cheap fingerprint of journal and snapshot that changes when either does; None while there is neither."""
    found = tuple(_stamp_of(Path(folder) / STATE_FOLDER / name) for name in (JOURNAL, SNAPSHOT))
    return (found[0], found[1]) if any(found) else None


def _check(handle: int, name: str, *, is_ours: bool) -> None:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or (is_ours and status.st_nlink > 1):
        raise OSError(errno.ELOOP, "not a regular file of its own", name)
    if is_ours and status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != FILE_MODE:
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, FILE_MODE)


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


def _create(root: int, workspace: Path) -> None:
    try:
        os.stat(STATE_FOLDER, dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        pass
    else:
        return
    if (refusal := creation_refusal(workspace)) is not None:
        raise StoreError(*refusal)
    try:
        os.mkdir(STATE_FOLDER, FOLDER_MODE & 0o777, dir_fd=root)
    except FileExistsError:
        return
    handle = os.open(STATE_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    try:
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, FOLDER_MODE)
        os.fsync(root)
    finally:
        os.close(handle)


def _open_to_all(path: Path) -> Path | None:
    """The first folder from `path` upwards in which everybody may exchange what is not theirs."""
    real = Path(os.path.realpath(path))
    for above in (real, *real.parents):
        mode = above.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            return above
    return None


def words_of(error: OSError) -> str:
    """An error of the system in a few words."""
    if error.errno in SPECIAL:
        return "it is not a regular file"
    if error.errno in FORBIDDEN:
        return "permission denied"
    return (error.strerror or type(error).__name__).lower()
