"""Where finished periods are kept."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from kputui.cli.context import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_cache_lies_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME is respected when it is a full path; else it is ~/.cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder(Namespace(no_cache=False)) == tmp_path / "kputui"
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder(Namespace(no_cache=False)) == tmp_path / "home" / ".cache" / "kputui"


def test_no_cache_keeps_nothing() -> None:
    """--no-cache leaves the engine without a folder."""
    assert cache_folder(Namespace(no_cache=True)) is None
