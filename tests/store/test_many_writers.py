"""Eight leads at once and twenty kills: the short run of benchmarks/store_kill.py, whose own few lines judge."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "store_kill.py"


def test_nothing_acknowledged_is_lost_by_crowds_or_kills(tmp_path: Path) -> None:
    """8 x 10 assignments on six cells and 20 SIGKILLs: no acknowledged change lost, none torn, conflicts named."""
    words = ["--writers", "8", "--changes", "10", "--kills", "20", "--folder", str(tmp_path)]
    done = subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    crowd, kills = done.stdout.splitlines()
    counts = re.search(r": (\d+) acknowledged, (\d+) conflicts named, (\d+) were so already, 0 faults", crowd)
    assert counts is not None
    assert sum(int(count) for count in counts.groups()) == 8 * 10
    assert int(counts[1]) >= 8
    assert re.search(r"^20 kills: \d+ acknowledged, 0 faults", kills)
