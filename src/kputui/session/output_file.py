"""Files that people ask for: written whole or not at all, and never over what the workspace lives on."""

from __future__ import annotations

import fnmatch
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.engine.files import resolve
from kputui.errors import DataError, UsageError

if TYPE_CHECKING:
    from kputui.model.workspace import Source, Workspace


def write_output(path: Path, content: bytes, workspace: Workspace | None) -> None:
    """Write `content` to `path` by way of a temporary file beside it.

    Raises `UsageError` for a path that is a file of the workspace (its TOML, its data, its state), that
    is no regular file, or that cannot be written; what was there before is then as it was.
    """
    if reason := refusal(path, workspace):
        raise UsageError(reason, "name another file to write")
    try:
        write_whole(path.resolve(), content)
    except OSError as error:
        raise UsageError(f'cannot write "{path}": {error.strerror or error}') from error


def refusal(path: Path, workspace: Workspace | None) -> str:
    """Why a file is not written there, in words; "" when it may be. The folder is not tried."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        return f'"{path}" is not a regular file'
    reason = _is_precious(target, workspace) if workspace is not None else None
    return f'"{path}" is {reason}: kputui never writes over it' if reason is not None else ""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it; on an error the old file is as it was.

    Raises `OSError`.
    """
    half = path.parent / f".{path.name[:100]}-{secrets.token_hex(4)}"
    try:
        with half.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _is_precious(target: Path, workspace: Workspace) -> str | None:
    """What the target is to the workspace, or None when it is nothing of it."""
    folder = Path(workspace.folder)
    if target.parent == folder.resolve() and target.suffix == ".toml":
        return "part of the workspace"
    if target.is_relative_to((folder / "state").resolve()):
        return "in the workspace's state folder"
    if any(_is_data(target, source, workspace.folder) for source in workspace.sources.values()):
        return "data of the workspace"
    return None


def _is_data(target: Path, source: Source, folder: str) -> bool:
    """Whether the target is one of the source's files (by any name), or would be taken for one."""
    pattern = os.path.join(os.path.realpath(folder), source.path)  # noqa: PTH118 - a pattern, not a path
    if fnmatch.fnmatch(str(target), os.path.normpath(pattern)):
        return True
    try:
        files = [Path(one.path) for one in resolve(source, folder, (Path("/"),))]
    except DataError:
        return False
    return any(_is_same(target, file) for file in files)


def _is_same(target: Path, file: Path) -> bool:
    try:
        return target.samefile(file)
    except OSError:
        return False
