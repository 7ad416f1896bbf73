"""The engine's benchmark itself: a small run of benchmarks/compute.py, which compares every value with DuckDB's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "compute.py"


def test_the_benchmarks_thirty_metrics_equal_duckdbs(tmp_path: Path) -> None:
    """Thirty metrics over a hundred files, broken down and not, have DuckDB's values to the last digit that counts."""
    words = ["--rows", "3000", "--rounds", "1", "--figures", "cold", "--layouts", "months", "--data", str(tmp_path)]
    done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0.003 M, 100 months" in done.stdout
