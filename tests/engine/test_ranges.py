"""A range of days only chooses which periods are shown: it changes none of their values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kputui.model.ids import MetricId
from kputui.model.metric import Conversion, Grain, Input

if TYPE_CHECKING:
    from tests.engine.conftest import Bench


@pytest.fixture
def visits(bench: Bench) -> Bench:
    """Visits and purchases of two people around the end of March."""
    bench.parquet({"day": [date(2024, 3, 26), date(2024, 3, 30), date(2024, 4, 2)], "who": ["a", "b", "b"]}, "visits")
    bench.parquet({"day": [date(2024, 3, 27), date(2024, 4, 5)], "who": ["a", "b"]}, "buys")
    bench.simple("visits", "count", source="visits")
    bench.simple("buys", "count", source="buys")
    sides = (Input(MetricId("visits")), Input(MetricId("buys")))
    bench.add("c", Conversion(*sides, "who", "7 days", "conversions"))
    return bench


def test_range_widens_for_conversions(visits: Bench) -> None:
    """A week that holds the first day asked counts its visits from Monday on, where only conversions are asked."""
    assert visits.values("c", grain=Grain.WEEK, start=date(2024, 3, 28))[0] == 1


def test_range_that_begins_after_the_data_in_its_last_period(bench: Bench) -> None:
    """Asked from the Tuesday of a week whose only row is Monday's, the week has its row."""
    bench.parquet({"day": [date(2023, 12, 18), date(2024, 1, 1)]})
    bench.simple("n", "count")
    assert bench.values("n", grain=Grain.WEEK, start=date(2024, 1, 2)) == [1]
    assert bench.values("n", grain=Grain.MONTH, end=date(2023, 12, 3)) == [1]
    assert bench.values("n", start=date(2024, 1, 2), end=date(2024, 1, 2)) == []


def test_range_does_not_move_conversions(visits: Bench) -> None:
    """A purchase in April belongs to April's visit, even where only March is asked."""
    assert visits.values("c", grain=Grain.MONTH) == [1, 1]
    assert visits.values("c", grain=Grain.MONTH, end=date(2024, 4, 1)) == [1]


def test_spine_has_the_groups_of_the_range(bench: Bench) -> None:
    """Groups that only earlier periods have, read for a comparison, get no rows in the range asked."""
    bench.parquet({"day": [date(2024, 1, 5), date(2024, 1, 31)], "g": ["p", "q"]})
    bench.simple("n", "count", fill_nulls_with=0, join_to_timespine=True)
    table = bench.table("n", group_by=("g",), start=date(2024, 1, 31), compare="1 month")
    assert table.columns[1:3] == (("q",), (1,))


def test_fill_stands_beside_groups_that_are_new(bench: Bench) -> None:
    """A group that has rows now and had none before has grown from the fill, whatever range is asked."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 8), date(2024, 1, 8)], "g": ["p", "p", "q"]})
    bench.simple("n", "count", fill_nulls_with=0)
    bench.derived(
        "growth", "n - before", Input(MetricId("n")), Input(MetricId("n"), alias="before", offset_window="7 days")
    )
    for start in (date(2024, 1, 1), date(2024, 1, 8)):
        table = bench.table("n", "growth", group_by=("g",), grain=Grain.WEEK, start=start, compare="7 days")
        rows = {row[:2]: row[2:4] for row in zip(*table.columns, strict=True)}
        assert rows[date(2024, 1, 8), "q"] == (1, 0), start
    found = bench.table("growth", group_by=("g",), grain=Grain.WEEK, start=date(2024, 1, 8)).columns
    assert found == ((date(2024, 1, 8),) * 2, ("p", "q"), (0, 1))


def test_conversions_of_sources_that_are_done_at_different_times(bench: Bench) -> None:
    """A conversion whose source takes several intervals has its values beside one whose source took one."""
    bench.chunk_rows = 1
    days = [date(2024, 1, 8), date(2024, 2, 8), date(2024, 3, 8)]
    bench.parquet({"day": days, "who": [1, 2, 3]}, "long")
    bench.parquet({"day": days[:1], "who": [1]}, "short")
    for source in ("long", "short"):
        bench.simple(source, "count", source=source)
        side = Input(MetricId(source))
        bench.add(f"c_{source}", Conversion(side, side, "who", "", "conversions"))
    both = bench.readings("c_long", "c_short", grain=Grain.MONTH)
    assert [reading.series.values for reading in both if reading.series] == [(1, 1, 1), (1,)]


def test_a_base_event_without_a_value_was_followed_all_the_same(bench: Bench) -> None:
    """What followed counts, with a fill or without, also on days on which the base events sum up to no value."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 2)], "who": [1, 2], "x": [None, 1]})
    bench.simple("base", "sum", "x")
    bench.simple("plain", "count")
    bench.simple("filled", "count", fill_nulls_with=0)
    for name in ("plain", "filled"):
        sides = Input(MetricId("base")), Input(MetricId(name))
        bench.add(f"c_{name}", Conversion(*sides, "who", "", "conversions"))
    assert bench.values("c_plain") == bench.values("c_filled") == [1, 1]
