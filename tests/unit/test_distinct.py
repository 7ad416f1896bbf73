"""Distinct values counted by marks are those that a look-up of each would count."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.engine.distinct import Marks
from kputui.engine.grouping import grouped
from kputui.engine.groups import GROUP, Groups
from kputui.engine.row_periods import PERIOD
from kputui.engine.sharing import Noted
from kputui.model.metric import Grain

_TYPES = (pl.Int64, pl.Int8, pl.UInt16, pl.UInt64, pl.Int32)
_ROWS = 12_000


def _rows(seed: int, dtype: type[pl.DataType], low: int, high: int) -> pl.DataFrame:
    """Some thousand rows of three periods and a few words, a seventh of the values missing."""
    places = pl.Series(range(_ROWS))
    numbers = places.hash(seed) % (high - low + 1)
    values = (numbers.cast(pl.Int64) + low).cast(dtype)
    words = pl.Series(["app", "web", None, "désk", ""]).gather((places.hash(seed + 1) % 5).cast(pl.UInt32))
    return pl.DataFrame(
        [
            (places // 4000 * 7).cast(pl.Int32).alias(PERIOD),
            values.set(places.hash(seed + 2) % 7 == 0, None).alias("value"),
            words.alias("word"),
        ]
    )


def _expected(rows: pl.DataFrame, keys: list[str]) -> dict[tuple[object, ...], int]:
    found = rows.group_by(keys).agg(pl.col("value").drop_nulls().n_unique().alias("n"))
    return {row[:-1]: row[-1] for row in found.rows() if row[-1]}


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    dtype=st.sampled_from(_TYPES),
    low=st.integers(0, 120),
    width=st.integers(0, 7),
    is_negative=st.booleans(),
)
def test_marked_counts_are_those_of_a_group_by(
    seed: int, dtype: type[pl.DataType], low: int, width: int, *, is_negative: bool
) -> None:
    """Whatever whole numbers they are, with missing ones among them: by period, and by period and word."""
    low = -low if is_negative and dtype in (pl.Int64, pl.Int8, pl.Int32) else low
    rows = _rows(seed, dtype, low, low + width)
    marks = Marks(Noted(), Grain.WEEK)
    found = marks.counts(rows, PERIOD, ["value"], None)
    assert found is not None
    assert {row[:-1]: row[-1] for row in found.rows() if row[-1]} == _expected(rows, [PERIOD])

    numbered = Groups.of(rows, ["word"], {})
    assert numbered is not None
    groups, numbers = numbered
    found = marks.counts(rows.hstack([numbers]), PERIOD, ["value"], groups)
    assert found is not None
    named = groups.named(found, PERIOD)
    assert {row[:-1]: row[-1] for row in named.rows() if row[-1]} == _expected(rows, [PERIOD, "word"])


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt64])
def test_the_least_and_the_largest_number_of_a_type_are_counted(dtype: type[pl.DataType]) -> None:
    """Offsets from the least number do not overflow a narrow type, nor do numbers near the largest of all."""
    low, high = (int(pl.select(bound).item()) for bound in (dtype.min(), dtype.max()))  # type: ignore[attr-defined]
    values = [low, low + 1, high] if high - low < 2**16 else [high - 2, high, high - 1]
    rows = pl.DataFrame(
        [
            pl.Series(PERIOD, [0, 7], dtype=pl.Int32).repeat_by(6000).explode(),
            pl.Series("value", values * 4000, dtype=dtype),
        ]
    )
    found = Marks(Noted(), Grain.WEEK).counts(rows, PERIOD, ["value"], None)
    assert found is not None
    assert found["value"].to_list() == [3, 3]


def test_numbers_that_lie_far_apart_are_looked_up() -> None:
    """Customers' numbers of twelve digits, or words, are counted by the group-by itself, to the same end."""
    rows = _rows(1, pl.Int64, 0, 100).with_columns(pl.col("value") * 10**12)
    marks = Marks(Noted(), Grain.WEEK)
    assert marks.counts(rows, PERIOD, ["value", "word"], None) is None
    state = pl.col("value").drop_nulls().n_unique().cast(pl.Int64).alias("valued")
    found = grouped(rows, PERIOD, (), [state], None, marks)
    assert {row[:-1]: row[-1] for row in found.rows()} == _expected(rows, [PERIOD])


@pytest.mark.parametrize("dtype", [pl.Int128, pl.UInt128, pl.Decimal(10, 2), pl.Float64, pl.Date, pl.Boolean])
def test_other_types_are_looked_up(dtype: pl.DataType) -> None:
    """Numbers of other types, dates and truth values are counted by the group-by itself."""
    rows = _rows(1, pl.Int8, 0, 1).with_columns(pl.col("value").cast(dtype))
    assert Marks(Noted(), Grain.WEEK).counts(rows, PERIOD, ["value"], None) is None


def test_few_rows_a_period_are_looked_up() -> None:
    """Marks for a handful of rows each would cost what they save."""
    rows = _rows(1, pl.Int64, 0, 100).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(PERIOD))
    assert Marks(Noted(), Grain.DAY).counts(rows, PERIOD, ["value"], None) is None


def test_a_group_number_stays_with_its_word() -> None:
    """The keys that marks make for groups are those that the group-by makes."""
    rows = _rows(3, pl.Int64, 0, 100)
    numbered = Groups.of(rows, ["word"], {})
    assert numbered is not None
    groups, numbers = numbered
    own, places = groups.ranks() or ([], pl.Series([]))
    keyed = rows.hstack([numbers])
    assert set(keyed[GROUP].unique()) == set(own)
    assert places.gather(keyed[GROUP]).n_unique() == len(own)
    keys = keyed.select(groups.key(PERIOD)).to_series().unique()
    assert set(keys) == set(groups.keys(rows[PERIOD].unique(), own))
