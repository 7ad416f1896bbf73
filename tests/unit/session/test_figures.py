"""Figures: on which day the newest row lies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kputui.session.board import Board
from kputui.session.open import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

WORKSPACE = """
[project]
name = "West"
timezone = "America/New_York"

[sources.rows]
path = "rows.csv"
time = "at"
source_timezone = "UTC"

[goals.calm]
label = "Somebody answers"

[metrics.calls]
kind = "kpi"
source = "rows"
agg = "count"
goals = ["calm"]
"""


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-07-01 00:00", date(2026, 6, 30)),
        ("2026-07-01 03:59", date(2026, 6, 30)),
        ("2026-07-01 04:00", date(2026, 7, 1)),
        ("2026-07-01", date(2026, 7, 1)),
    ],
)
def test_the_newest_row_lies_on_its_local_day(tmp_path: Path, written: str, day: date) -> None:
    """Midnight of UTC is the evening before in New York; a date is that day everywhere."""
    (tmp_path / "kputui.toml").write_text(WORKSPACE, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(f"at\n{written}\n", encoding="utf-8")
    *_, view = Board(open_workspace(tmp_path, today=date(2026, 7, 2))).refresh()
    assert view.header.newest_data == day
