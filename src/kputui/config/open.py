"""Reading a workspace: find its folder, read it whole, notice that it changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.config.decode import capped, decode
from kputui.config.merge import merge
from kputui.config.read import read_folder, toml_names
from kputui.config.tables import TABLES
from kputui.errors import ConfigError, Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.model.workspace import Workspace

MAIN_FILE = "kputui.toml"
DEFAULT_FOLDER = "config"

Stamp = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What reading a folder gave: the workspace, or None when a problem is an error; all problems."""

    workspace: Workspace | None
    problems: tuple[Problem, ...]


def read(folder: Path, *, allowed_roots: tuple[Path, ...] = (), remote: tuple[str, ...] = ()) -> Loaded:
    """Read all `*.toml` files of a workspace's folder. Never raises for what the folder holds.

    `allowed_roots` are further folders that data paths and linked files may lie in; only the user's
    own settings or a flag may name them. `remote` are the URLs under which data may lie, named likewise.
    """
    folder = Path(folder)
    refusal = _folder_problem(folder)
    if refusal is not None:
        return Loaded(None, (refusal,))
    real = Path(os.path.realpath(folder))
    roots = (real, *(Path(os.path.realpath(root)) for root in allowed_roots))
    problems: list[Problem] = []
    try:
        documents = list(read_folder(folder, roots, problems))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return Loaded(None, (Problem("C01", f"the folder {folder} cannot be listed: {reason}"),))
    is_complete = not problems
    tree = merge(documents, {table.name: table.layout for table in TABLES}, problems)
    files = [document.file for document in documents]
    workspace, found = decode(tree, real, roots, files, is_complete=is_complete, remote=remote)
    if is_complete and not tree.data.get("goals"):
        place = Place(files[0], 1) if files else None
        hint = "write [goals.<name>]; `kputui init` makes a workspace, `kputui demo` shows one"
        problems.append(Problem("C02", f"no goals in {folder}", place=place, hint=hint))
    problems = capped([*problems, *found])
    has_error = any(problem.severity is Severity.ERROR for problem in problems)
    return Loaded(None if has_error else workspace, tuple(problems))


def load(folder: Path, *, allowed_roots: tuple[Path, ...] = ()) -> Workspace:
    """The workspace of a folder. Raises `ConfigError` with all problems when one is an error."""
    loaded = read(folder, allowed_roots=allowed_roots)
    if loaded.workspace is None:
        raise ConfigError(loaded.problems)
    return loaded.workspace


def find_folder(start: Path) -> Path | None:
    """The workspace that belongs to a working folder: its `config`, else upwards one with `kputui.toml`."""
    start = Path(start)
    default = start / DEFAULT_FOLDER
    if _has_file(default / MAIN_FILE):
        return default
    absolute = Path(os.path.abspath(start))  # noqa: PTH100 - the folder as the user reached it, links not followed
    for folder in (absolute, *absolute.parents):
        if _has_file(folder / MAIN_FILE):
            return start if folder == absolute else folder
    try:
        return default if toml_names(default) else None
    except OSError:
        return None


def stamp(folder: Path, files: Iterable[str] = ()) -> Stamp:
    """A cheap fingerprint of the folder's files that changes when one of them does; empty when unlistable.

    Of the workspace's `files` those that are no TOML, such as tables of periods, belong to it too.
    """
    try:
        names = toml_names(Path(folder))
    except OSError:
        return ()
    entries = []
    for name in (*names, *(file for file in files if not file.endswith(".toml"))):
        try:
            status = os.stat(Path(folder) / name)  # noqa: PTH116 - follows the same call for all systems
        except OSError:
            continue
        entries.append((name, status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns))
    return tuple(entries)


def _has_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _folder_problem(folder: Path) -> Problem | None:
    hint = "`kputui init DIR --from FILE` makes a workspace, `kputui demo` shows one"
    try:
        if folder.is_dir():
            return None
        exists = folder.exists()
    except (OSError, ValueError):
        return Problem("C01", "the folder's name cannot be used", hint=hint)
    reason = f"{folder} is not a folder" if exists else f"no folder {folder}"
    return Problem("C01", reason, hint=hint)
