"""What a decision about a metric stands on: its definition, and the table that lists its periods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.unit.session.fiscal import fiscal, periods

from kputui.config import load
from kputui.model.ids import MetricId
from kputui.model.metric import Grain
from kputui.session.definitions import definition_hash

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.model.workspace import Workspace

AMOUNT, VISITS, SO_FAR, GROWTH = map(MetricId, ("amount", "visits", "so_far", "growth"))


def hashes(workspace: Workspace, *, has_periods: bool = True) -> dict[MetricId, str]:
    """The hash of every metric."""
    return {name: definition_hash(workspace, name, has_periods=has_periods) for name in workspace.metrics}


def test_another_table_of_periods_is_another_definition_of_what_uses_it(tmp_path: Path) -> None:
    """By its own grain, since a period's start, or read some periods earlier; a metric by weeks stays what it is."""
    rows = periods()
    before = hashes(load(fiscal(tmp_path / "one", rows)))
    same = hashes(load(fiscal(tmp_path / "two", [(f"{label}!", first, last) for label, first, last in rows])))
    after = hashes(load(fiscal(tmp_path / "three", rows[1:])))
    assert before == same  # labels change no value
    assert {name for name in before if before[name] != after[name]} == {AMOUNT, SO_FAR, GROWTH}


def test_one_definition_at_two_grains_is_one_measure(tmp_path: Path) -> None:
    """Whether two names stand for one definition has nothing to do with their periods."""
    workspace = load(fiscal(tmp_path))
    twin = replace(workspace.metrics[AMOUNT], id=MetricId("twin"), grain=Grain.WEEK)
    both = replace(workspace, metrics={**workspace.metrics, twin.id: twin})
    assert hashes(both, has_periods=False)[AMOUNT] == hashes(both, has_periods=False)[twin.id]
    assert hashes(both)[AMOUNT] != hashes(both)[twin.id]
