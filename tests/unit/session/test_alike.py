"""Names that look alike are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kputui.session.alike import goal_names
from kputui.session.board import Board

if TYPE_CHECKING:
    from tests.unit.session.shop import Shop


@pytest.mark.parametrize("label", ["Things sold", "Things  sold", "Things\\u00a0sold"])
def test_metrics_that_look_alike_show_their_ids(shop: Shop, label: str) -> None:
    """Two labels that differ in nothing that can be seen get their ids, all others stay as they are."""
    shop.change("metrics.toml", 'label = "Things a sale"', f'label = "{label}"')
    found = {row.key: row.label for row in Board(shop.open()).first().rows}
    assert found["kpi:sell/sold"] == "Things sold (sold)"
    assert found["kpi:sell/basket"].endswith("sold (basket)")
    assert "(" not in found["guard:sell/sold/returns"]


def test_goals_that_look_alike_show_their_ids(shop: Shop) -> None:
    """Two goals of the same words are told apart by id; a goal of its own words is not touched."""
    shop.change("goals.toml", 'label = "Nobody needs to call us"', 'label = "The shop sells all year"')
    opened = shop.open()
    assert goal_names(opened.workspace) == {
        "independent": "We stand on our own feet",
        "sell": "The shop sells all year (sell)",
        "quiet": "The shop sells all year (quiet)",
    }
    assert "The shop sells all year (quiet)" in {row.label for row in Board(opened).first().rows}
