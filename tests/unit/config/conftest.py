"""Folders of TOML files for the tests of workspace reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kputui.config import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kputui.config import Loaded


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files below a folder: `write("text")` makes `kputui.toml`, `write(a="..", b="..")` one each."""

    def write_files(text: str | None = None, **files: str) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir(exist_ok=True)
        if text is not None:
            files["kputui"] = text
        for name, content in files.items():
            (folder / f"{name}.toml").write_bytes(content.encode())
        return folder

    return write_files


@pytest.fixture
def load_text(write: Callable[..., Path]) -> Callable[..., Loaded]:
    """Read a workspace made of the given texts."""

    def load_files(text: str | None = None, **files: str) -> Loaded:
        return read(write(text, **files))

    return load_files
