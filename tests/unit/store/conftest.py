"""A workspace folder on a real disk, two leads, and what its state folder holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kputui.model.change import Author

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = """\
[assignments.late_share]
accountable = "shop/ines"
responsible = ["shop"]
since = 2026-01-05

[links."late_share->returns"]
state = "confirmed"
decided_by = "mia"
decided_on = 2026-01-04
method = "e-value"
evidence = { n = 104, lag = "1 week" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose state is a snapshot by hand, without a journal, as a checkout brings it."""
    state = tmp_path / "shop" / "state"
    state.mkdir(parents=True, mode=0o770)
    (state / "accountability.toml").write_text(START)
    return tmp_path / "shop"


@pytest.fixture
def anna() -> Author:
    """A lead."""
    return Author("anna", 1004, "board")


@pytest.fixture
def tom() -> Author:
    """Another lead."""
    return Author("tom", 1005, "board")


@pytest.fixture
def held(folder: Path) -> Callable[[], dict[str, bytes]]:
    """What the state folder holds now, by name, the lock left out."""

    def read() -> dict[str, bytes]:
        files = sorted((folder / "state").iterdir())
        return {path.name: path.read_bytes() for path in files if path.name != ".lock"}

    return read
