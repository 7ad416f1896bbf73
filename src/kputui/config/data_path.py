"""The shape of a data path: local, relative to the workspace, and staying inside it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kputui.config.shapes import Schema, wrong_type
from kputui.model.remote import how_to_allow, is_allowed, is_url, url_fault

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor

MAX_CHARACTERS = 1_024

_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class DataPath:
    """A file, a glob or a folder of files; relative paths start at the workspace's folder."""

    words: str = "path or glob: `.parquet`, `.csv`, `.csv.gz`, `.csv.zst`; a table's folder"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The path as written, once it is known to stay within the roots (links are followed later)."""
        if not isinstance(value, str):
            return wrong_type(value, "a path as text", at)
        fault = _fault(value) or (_remote_fault(value, at) if is_url(value) else _leaves(value, at))
        return at.refuse(*fault) if fault else value

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}


def _fault(path: str) -> tuple[str, str, str] | None:
    """What is wrong with the letters of a path: code, message, hint."""
    if not path.strip():
        return "C27", "is empty", ""
    if len(path) > MAX_CHARACTERS:
        return "C25", f"has {len(path)} characters; at most {MAX_CHARACTERS}", ""
    if _CONTROL.search(path):
        return "C25", "has a control character in it", ""
    if path.startswith("~") or "$" in path:
        sign = "~" if path.startswith("~") else "$"
        return "C25", f'"{sign}" is not expanded in a path', "write the path relative to the workspace"
    return None


def _remote_fault(url: str, at: Cursor) -> tuple[str, str, str] | None:
    """The fault of a URL: no workspace can give leave to open one."""
    if fault := url_fault(url):
        return "C24", fault, "copy the data below the workspace"
    if not is_allowed(url, at.decoding.remote):
        return "C24", "is a remote place, which is read only with your leave", how_to_allow(url)
    return None


def _leaves(path: str, at: Cursor) -> tuple[str, str, str] | None:
    """The fault of a path that leads outside the roots, judged by its letters alone."""
    roots = at.decoding.roots
    # Lexical on purpose: a link may be replaced at any time, so the engine follows links when it opens.
    target = Path(os.path.normpath(at.decoding.folder / path))
    if not _DRIVE.match(path) and any(target.is_relative_to(root) for root in roots):
        return None
    return "C23", "leads outside the workspace", "only data below the workspace, or below an allowed root, is read"
