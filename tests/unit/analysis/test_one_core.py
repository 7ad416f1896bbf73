"""The judging of a board leaves the other cores to others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import os
import kputui.analysis.change.points
import numpy
square = numpy.ones((400, 400))
numpy.linalg.lstsq(square @ square, square, rcond=None)
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted where Linux tells them")
def test_linear_algebra_runs_on_one_core() -> None:
    """However many cores there are, what numpy solves here starts no thread beside the one that asks."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "1"
