"""Measuring in rounds: each side in a fresh process, the sides in turn, medians of the rounds."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Figures = dict[str, float]
HERE = Path(__file__).parent


def _own_environment() -> dict[str, str]:
    """The environment without what importing polars here has set: each side sets up its own allocator."""
    return {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}


def child(script: str, *words: str | Path) -> Figures:
    """What a script of this folder prints as JSON; its errors are shown, and stop the benchmark."""
    done = subprocess.run(
        [sys.executable, HERE / script, *words], capture_output=True, text=True, check=False, env=_own_environment()
    )
    if done.returncode:
        raise SystemExit(f"{script} {' '.join(map(str, words))}\n{done.stderr}{done.stdout}")
    found: Figures = json.loads(done.stdout)
    return found


@dataclass
class Rounds:
    """The figures of some rounds by side; ratios are taken within a round, as the machine's speed drifts."""

    taken: dict[str, list[Figures]] = field(default_factory=dict)

    def add(self, side: str, figures: Figures) -> None:
        """One more round of a side."""
        self.taken.setdefault(side, []).append(figures)

    def median(self, side: str, figure: str) -> float:
        """The median of a figure."""
        return statistics.median(one[figure] for one in self.taken[side])

    def ratio(self, side: str, other: str, figure: str, other_figure: str = "") -> float:
        """The median over the rounds of a side's figure over another's."""
        pairs = zip(self.taken[side], self.taken[other], strict=True)
        return statistics.median(one[figure] / two[other_figure or figure] for one, two in pairs)

    def spread(self, side: str, other: str, figure: str) -> tuple[float, float]:
        """The least and the largest ratio of any round."""
        found = [one[figure] / two[figure] for one, two in zip(self.taken[side], self.taken[other], strict=True)]
        return min(found), max(found)


def cheaper(trials: Mapping[str, Figures], sides: Sequence[str]) -> str:
    """Of some ways to do the same, the one that took less CPU."""
    return min(sides, key=lambda side: trials[side]["cpu"])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print("\n| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def machine() -> str:
    """The machine in a few words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return f"{cores} cores, Python {sys.version.split()[0]}, load at the start {load:.1f}"
