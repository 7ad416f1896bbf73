"""What every command needs first: which folder, which day, colour or not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui import config
from kputui.cli import out
from kputui.errors import UsageError
from kputui.model.workspace import Display
from kputui.session.open import open_workspace
from kputui.session.settings import checked_prefixes, read_settings, remote_files

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from kputui.session.board import Board
    from kputui.session.open import Opened

    OpenBoard = Callable[[Board, "BoardOptions"], int]

WELCOME = """\
kputui: goals first, the KPIs under them, the CPIs behind those, and who is accountable.

There is no workspace here yet. Two ways to start:

  kputui demo    three airports, one real year, in ./kputui-demo
  kputui init    a first board of your own data: it asks for the goal, the KPI and a CPI

Then `kputui DIR` opens the board, and `kputui --help` lists the rest."""


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """What the command line and the workspace say about the board; `user` is whose board `mine` shows."""

    has_colour: bool
    keys: Mapping[str, str]
    user: str = ""
    display: Display = Display.DIFF


def board_options(options: Namespace, opened: Opened) -> BoardOptions:
    """Colour unless somebody said no, and the workspace's own keys and display."""
    workspace = opened.workspace
    return BoardOptions(
        not is_colour_refused(options), workspace.keys, options.as_ or "", display=workspace.project.display
    )


def folder_of(options: Namespace) -> Path:
    """The workspace's folder that the command line means; raises `UsageError` when there is none."""
    folder = find_folder(options)
    if folder is None:
        raise UsageError(
            "there is no workspace here",
            "name one with -w DIR, or make one: kputui demo, or kputui init",
        )
    return folder


def find_folder(options: Namespace) -> Path | None:
    """The named folder, else ./config or the folder of the nearest kputui.toml upwards, else None.

    A named folder that keeps its workspace in `config/` means that one. Raises `UsageError` for a
    named folder that is missing.
    """
    named: Path | None = options.workspace
    positional = getattr(options, "dir", None)
    if named is not None and positional is not None:
        raise UsageError(f'two folders are named: "{named}" and "{positional}"', "leave one of them out")
    if named is None and positional is not None:
        named = Path(positional)
    if named is None:
        return config.find_folder(Path.cwd())
    named = named.expanduser()
    if not named.exists():
        raise UsageError(f'there is no folder "{named}"', "kputui demo and kputui init make one")
    if not named.is_dir():
        raise UsageError(f'"{named}" is not a folder', f'its folder is "{named.parent}"')
    inner = named / "config"
    if not (named / "kputui.toml").exists() and (inner / "kputui.toml").exists():
        return inner
    return named


def opened(options: Namespace) -> Opened:
    """The workspace, read and ready; raises `ConfigError` with all its problems."""
    settings, cache = read_settings(), cache_folder(options)
    roots = (*settings.roots, *(root.expanduser().resolve() for root in options.allow_root or ()))
    prefixes = checked_prefixes(tuple(options.allow_remote or ()), "--allow-remote")
    remote = remote_files((*settings.remote, *prefixes), cache, settings.remote_every_s)
    return open_workspace(folder_of(options), today=options.today, allowed_roots=roots, cache=cache, remote=remote)


def cache_folder(options: Namespace) -> Path | None:
    """Where finished periods are kept, for this user alone; None when nothing is to be kept or there is no home."""
    if options.no_cache:
        return None
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named / "kputui"
    try:
        return Path.home() / ".cache" / "kputui"
    except RuntimeError:
        return None


def is_coloured(options: Namespace) -> bool:
    """Whether reports use colour: on a terminal, when nobody said no."""
    return out.is_terminal() and not is_colour_refused(options)


def is_colour_refused(options: Namespace) -> bool:
    """Whether --no-color, NO_COLOR or a terminal without colours says no."""
    return bool(options.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb")
