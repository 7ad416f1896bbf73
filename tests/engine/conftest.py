"""The bench for tests of the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty workspace in a folder of its own."""
    return Bench(tmp_path)
