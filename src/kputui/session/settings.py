"""The user's own settings: what the program may read beyond a workspace. No workspace can say so itself."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kputui.engine.remote import EVERY_S, Remote
from kputui.errors import UsageError, did_you_mean
from kputui.model.remote import url_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 64 * 1024
"""A larger file is not read."""

MIN_EVERY_S = 5
_KEYS = ("allow_root", "allow_remote", "remote_every")


@dataclass(frozen=True, slots=True)
class Settings:
    """Further folders and URLs that data may be read from, and after how many seconds URLs are looked at again."""

    roots: tuple[Path, ...] = ()
    remote: tuple[str, ...] = ()
    remote_every_s: float = EVERY_S


def settings_file(environ: Mapping[str, str] | None = None) -> Path | None:
    """Where the settings are: `settings.toml` in kputui's config folder; None for a user without a home."""
    found = os.environ if environ is None else environ
    if (config := found.get("XDG_CONFIG_HOME", "")).startswith("/"):
        return Path(config) / "kputui" / "settings.toml"
    try:
        return Path.home() / ".config" / "kputui" / "settings.toml"
    except RuntimeError:
        return None


def read_settings(path: Path | None = None) -> Settings:
    """The user's settings; those of a user without a file are empty. `path` for tests.

    Raises UsageError for a file that others may change, that is no TOML, or that has an unknown key or a wrong value.
    """
    path = path or settings_file()
    if path is None:
        return Settings()
    try:
        text = _text(path)
        found = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f'"{path}" cannot be read: {error.strerror}', "it is the file of your own settings") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f'"{path}" is not TOML: {error}', 'such as: allow_remote = ["s3://bucket/"]') from error
    for key in found:
        if key not in _KEYS:
            raise UsageError(f'"{path}" has an unknown key "{key}"', did_you_mean(key, _KEYS))
    roots = tuple(Path(one).expanduser() for one in _texts(path, found, "allow_root"))
    if relative := next((one for one in roots if not one.is_absolute()), None):
        raise UsageError(f'"{path}": allow_root has "{relative}"', "write a folder from / on, or from ~")
    remote = checked_prefixes(_texts(path, found, "allow_remote"), f'"{path}": allow_remote')
    every = found.get("remote_every", EVERY_S)
    if isinstance(every, bool) or not isinstance(every, int | float) or not MIN_EVERY_S <= every < float("inf"):
        raise UsageError(f'"{path}": remote_every wants seconds, {MIN_EVERY_S} or more', "such as: remote_every = 60")
    return Settings(tuple(one.resolve() for one in roots), remote, float(every))


def checked_prefixes(prefixes: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The prefixes; raises UsageError for one that is no URL, or that names no bucket or host. `where` they stand."""
    for one in prefixes:
        if fault := url_fault(one):
            raise UsageError(f'{where}: "{one}" {fault}', "name a bucket or a folder: s3://bucket/folder/")
        if any(mark in one for mark in "*?["):
            raise UsageError(f'{where}: "{one}" has a wildcard', "all that lies below a prefix is allowed")
    return prefixes


def remote_files(prefixes: tuple[str, ...], cache: Path | None, every_s: float = EVERY_S) -> Remote | None:
    """The remote files under the prefixes, with copies in `cache`; None when none are allowed."""
    return Remote(prefixes, cache, every_s=every_s) if prefixes else None


def _text(path: Path) -> str:
    """The file's text; raises OSError, ValueError, and UsageError when others may change it."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f'"{path}" is not a regular file', "put a real one there")
        if status.st_uid not in (os.getuid(), 0) or stat.S_IMODE(status.st_mode) & 0o022:
            raise UsageError(f'"{path}" can be changed by others', f"make it yours alone: chmod 600 {path}")
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UsageError(f'"{path}" is larger than {MAX_BYTES} bytes', "settings are a few lines")
    return data.decode("utf-8-sig")


def _texts(path: Path, found: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = found.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UsageError(f'"{path}": {key} wants a list of texts', f'such as: {key} = ["..."]')
    return tuple(value)
