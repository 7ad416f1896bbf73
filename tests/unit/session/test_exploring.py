"""Cuts of a metric against the same numbers worked out row by row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.market import NAMES, Row, market, rows

from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import STANDARD_GRAINS, Grain
from kputui.session.cuts import Cut, Only, among, cut_words, outside, value_words
from kputui.session.definition_words import definition_words
from kputui.session.exploring import MOST_PARTS, Explored, Explorer, Sizes
from kputui.session.open import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

BUYERS, SPENT, BASKET = MetricId("buyers"), MetricId("spent"), MetricId("basket")


def never() -> bool:
    return False


def explored(explorer: Explorer, metric: MetricId, cut: Cut) -> Explored:
    """The complete answer."""
    *_, last = explorer.explore(metric, cut, never)
    assert last.is_complete
    return last


def month_of(row: Row) -> str:
    return str(row["day"])[:7]


def distinct(kept: list[Row], month: str) -> float:
    return float(len({row["buyer"] for row in kept if month_of(row) == month}))


def basket(kept: list[Row], month: str) -> float:
    amounts = [row["amount"] for row in kept if month_of(row) == month and row["amount"] > 1]  # type: ignore[operator]  # numbers
    return sum(amounts) / len(amounts)  # type: ignore[arg-type]  # as above


CONVERSION = """
[metrics.returned]
kind = "diagnostic"
type = "conversion"
base_metric = "orders"
conversion_metric = "orders"
entity = "buyer"
window = "30 days"
calculation = "conversions"
"""


@pytest.mark.parametrize(("by", "values"), [("shop", len(NAMES)), ("is_new", 3)])
def test_parts_of_a_conversion_are_its_groups(tmp_path: Path, by: str, values: int) -> None:
    """A conversion belongs to one value, that of the newest base row before it, as in a query by that dimension."""
    folder = market(tmp_path).workspace.folder
    config = Path(folder) / "kputui.toml"
    config.write_text(config.read_text(encoding="utf-8") + CONVERSION, encoding="utf-8")
    opened = open_workspace(Path(folder))
    explorer = Explorer(lambda: opened)
    found = explored(explorer, MetricId("returned"), Cut(Grain.MONTH, by=by))
    assert found.values == values
    assert ("no rest is made" in found.note) == (values > MOST_PARTS)
    assert len(found.parts) == min(values, MOST_PARTS - 1)
    asked = Request((MetricId("returned"),), Grain.MONTH, (by,))
    table = Engine(opened.workspace).table(asked)
    truth = {(day, value): count for day, value, count in zip(*table.columns, strict=True) if count is not None}
    for part in found.parts:
        shown = {(day, part.value): count for day, count in zip(part.series.starts, part.series.values, strict=True)}
        assert {key: count for key, count in shown.items() if count is not None} == {
            key: count for key, count in truth.items() if key[1] == part.value
        }


@pytest.mark.parametrize(("metric", "worked_out"), [(BUYERS, distinct), (BASKET, basket)])
def test_the_rest_of_a_breakdown_comes_from_its_own_rows(
    tmp_path: Path, metric: MetricId, worked_out: Callable[[list[Row], str], float]
) -> None:
    """Distinct buyers and ratios of the rest are right: summing or averaging the parts would not be."""
    explorer = Explorer(lambda: opened)
    opened = market(tmp_path)
    found = explored(explorer, metric, Cut(Grain.MONTH, by="shop"))
    assert found.values == len(NAMES)
    assert len(found.parts) == MOST_PARTS
    named = {part.value for part in found.parts if not part.merged}
    for part in found.parts:
        kept = [row for row in rows() if (row["shop"] not in named if part.merged else row["shop"] == part.value)]
        months = [f"{start:%Y-%m}" for start in part.series.starts]
        assert part.series.values == pytest.approx([worked_out(kept, month) for month in months])
    assert found.parts[-1].merged == len(NAMES) - MOST_PARTS + 1


def test_every_value_however_written_can_be_looked_at_alone(tmp_path: Path) -> None:
    """Quotes, brackets, escapes, line ends, wide, empty and missing values each filter to just their rows."""
    opened = market(tmp_path)
    explorer = Explorer(lambda: opened)
    for name in NAMES:
        found = explored(explorer, BUYERS, Cut(only=Only("shop", (name,))))
        own = [row for row in rows() if row["shop"] == name]
        assert found.reading.provenance is not None
        assert found.reading.provenance.rows_used == len(own)
        series = found.reading.series
        assert series is not None
        assert series.values == tuple(distinct(own, f"{start:%Y-%m}") for start in series.starts)


@pytest.mark.parametrize(("dimension", "values"), [("level", (1, None)), ("is_new", (True,)), ("level", (-3, 2))])
def test_numbers_and_booleans_are_values_too(
    tmp_path: Path, dimension: str, values: tuple[int | bool | None, ...]
) -> None:
    """A dimension may hold numbers or yes and no; several values of it are one cut."""
    opened = market(tmp_path)
    explorer = Explorer(lambda: opened)
    found = explored(explorer, BUYERS, Cut(only=Only(dimension, values), by=dimension))
    own = [row for row in rows() if row[dimension] in values]
    assert found.reading.provenance is not None
    assert found.reading.provenance.rows_used == len(own)
    assert {part.value for part in found.parts} == set(values)


def test_values_come_with_their_rows_largest_first(tmp_path: Path) -> None:
    """The menu of values counts the rows of each; a metric that adds up ranks them by its own value."""
    opened = market(tmp_path)
    explorer = Explorer(lambda: opened)
    by_rows, by_value = (explorer.sizes(metric, "shop", never) for metric in (BUYERS, SPENT))
    assert isinstance(by_rows, Sizes)
    assert isinstance(by_value, Sizes)
    assert {size.value: size.rows for size in by_rows.values} == {
        name: sum(row["shop"] == name for row in rows()) for name in NAMES
    }
    assert [size.rows for size in by_rows.values] == sorted((size.rows for size in by_rows.values), reverse=True)
    assert (by_rows.ranked_by, by_value.ranked_by) == ("rows", "value")
    assert by_value.values[0].weight == max(
        sum(row["amount"] for row in rows() if row["shop"] == name)  # type: ignore[misc]  # numbers
        for name in NAMES
    )


def test_ten_thousand_values_are_eight_and_the_rest(tmp_path: Path) -> None:
    """A dimension of thousands of values shows its largest and the rest, and counts them all."""
    opened = market(tmp_path, people=10_000)
    found = explored(Explorer(lambda: opened), BUYERS, Cut(by="buyer"))
    assert len(found.parts) == MOST_PARTS
    assert found.values == len({row["buyer"] for row in rows(10_000)})
    assert found.parts[-1].merged == found.values - MOST_PARTS + 1
    newest = found.parts[-1].series.newest_whole
    assert newest is not None
    month = f"{found.parts[-1].series.starts[newest]:%Y-%m}"
    named = {part.value for part in found.parts[:-1]}
    assert found.parts[-1].series.values[newest] == distinct(
        [row for row in rows(10_000) if row["buyer"] not in named], month
    )


def test_values_too_long_to_be_named_are_part_of_the_rest_or_said(tmp_path: Path) -> None:
    """An expression has a longest length: what does not fit into one is never cut short and mixed up."""
    import polars as pl

    opened = market(tmp_path)
    long = [{**row, "shop": f"{number % 12:03}{'y' * 1_700}"} for number, row in enumerate(rows())]
    pl.DataFrame(long, infer_schema_length=None).write_parquet(tmp_path / "data" / "orders.parquet")
    found = explored(Explorer(lambda: opened), BUYERS, Cut(by="shop"))
    assert found.parts == ()
    assert "too long" in found.note


def test_a_cancelled_look_gives_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    """After a cancel there is no half answer; asked again, the answer is complete."""
    opened = market(tmp_path)
    explorer = Explorer(lambda: opened)
    assert list(explorer.explore(BUYERS, Cut(by="shop"), lambda: True)) == []
    assert explorer.sizes(BUYERS, "shop", lambda: True) is None
    assert explored(explorer, BUYERS, Cut(by="shop")).parts


def test_an_answer_is_kept_until_a_file_changes(tmp_path: Path) -> None:
    """The same question is answered from memory; other rows are looked at anew."""
    import polars as pl

    opened = market(tmp_path)
    explorer = Explorer(lambda: opened)
    before = explored(explorer, BUYERS, Cut(by="shop"))
    assert explored(explorer, BUYERS, Cut(by="shop")) is before
    pl.DataFrame(rows()[:1_500], infer_schema_length=None).write_parquet(tmp_path / "data" / "orders.parquet")
    after = explored(explorer, BUYERS, Cut(by="shop"))
    assert after.reading.provenance is not None
    assert after.reading.provenance.rows_used == 1_500


def test_a_dimension_that_the_data_does_not_have_is_said(tmp_path: Path) -> None:
    """What cannot be broken down has the reason in place of numbers, and the rest goes on."""
    opened = market(tmp_path)
    found = explored(Explorer(lambda: opened), BUYERS, Cut(by="hour_of_day"))
    assert found.reading.failure is not None
    assert found.reading.failure.code == "D12"


def test_grains_go_round() -> None:
    """From its own grain on to the longer ones, by days behind the year, and back where it began."""
    cut, seen = Cut(), []
    for _ in STANDARD_GRAINS:
        cut = cut.in_grain(Grain.WEEK, STANDARD_GRAINS)
        seen.append(cut.grain)
    assert seen == [Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.DAY, None]
    assert not cut


def test_conditions_never_lose_a_row_between_them() -> None:
    """Rows inside and outside are all rows, those without a value too."""
    assert among("shop", ("it's", None)) == "(\"shop\" in ('it''s') or \"shop\" is null)"
    assert outside("shop", ("it's", None)) == "(\"shop\" not in ('it''s') and \"shop\" is not null)"
    assert outside("shop", ("a",)) == '("shop" not in (\'a\') or "shop" is null)'
    assert among("shop", (None,)) == '("shop" is null)'
    assert outside('a "b"', (None,)) == '("a ""b""" is not null)'


def test_a_cut_is_said_in_words() -> None:
    """The title says how a metric is explored; empty and missing values have names."""
    cut = Cut(Grain.MONTH, "shop", Only("level", (1, 2.0, None, True)))
    assert cut_words(cut) == "by month, only level = 1, 2 and 2 more, broken down by shop"
    assert [value_words(value) for value in (None, "", True, 2.0)] == ["(no value)", "(empty)", "true", "2"]


def test_a_definition_reads_like_sql_down_to_its_inputs(tmp_path: Path) -> None:
    """A ratio is shown with the metrics it is made of, their filters, and the cut's own condition."""
    workspace = market(tmp_path).workspace
    assert definition_words(workspace, BASKET, Grain.MONTH, "level = 1") == (
        "basket = (spent where amount > 1) / orders",
        "spent = sum(amount) from orders where level = 1 by month of day",
        "orders = count(*) from orders where (amount > 1) and (level = 1) by month of day",
    )
    gone = replace(workspace, metrics={})
    assert definition_words(gone, BASKET) == ()
