"""Whether two sides gave the same values: counts exactly, everything else to 1e-9 of its size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from thirty_metrics import measures

if TYPE_CHECKING:
    from pathlib import Path

TOLERANCE = 1e-9
_SHOWN = 5


def differences(ours: Path, theirs: Path) -> tuple[int, list[str]]:
    """How many values were compared, and the first that differ, in words; both files are written by sides.py."""
    left, right = (json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs))
    exact = {measure.name for measure in measures() if measure.is_count}
    found = [f"{name} is missing on one side" for name in sorted(left.keys() ^ right.keys())]
    compared = 0
    for name in left.keys() & right.keys():
        mine, other = ({tuple(row[:-1]): row[-1] for row in side[name]} for side in (left, right))
        found += [f"{name} {key}: only one side has a value" for key in list(mine.keys() ^ other.keys())[:_SHOWN]]
        tolerance = 0.0 if name in exact else TOLERANCE
        shared = mine.keys() & other.keys()
        compared += len(shared)
        differing = [key for key in shared if abs(mine[key] - other[key]) > tolerance * abs(other[key])]
        found += [f"{name} {key}: {mine[key]!r} against {other[key]!r}" for key in differing[:_SHOWN]]
    return compared, found
