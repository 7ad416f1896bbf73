"""Random metrics of any type, nested, random tables of rows, and random ways to ask for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import (
    Aggregation,
    Conversion,
    Cumulative,
    Derived,
    Grain,
    Input,
    NonAdditiveDimension,
    Ratio,
    Simple,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kputui.model.metric import Definition

ZONE = "Europe/Berlin"
GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
_NUMBERS = ("x", "f", "x + 1", "x * f", "x / f", "f - x", "case when b then x end")
_EXPRESSIONS: Mapping[Aggregation, tuple[str, ...]] = {
    Aggregation.SUM: _NUMBERS,
    Aggregation.MIN: _NUMBERS,
    Aggregation.MAX: _NUMBERS,
    Aggregation.AVERAGE: _NUMBERS,
    Aggregation.MEDIAN: _NUMBERS,
    Aggregation.PERCENTILE: _NUMBERS,
    Aggregation.COUNT: ("1", "t", "x", "b"),
    Aggregation.COUNT_DISTINCT: ("t", "x", "who", "f"),
    Aggregation.SUM_BOOLEAN: ("b", "x > 0", "t = 'a'"),
}
_FILTERS = (
    *[""] * 30,
    *("x > 0", "b", "not b", "t = 'a' or f < 0", "x between -3 and 4 and t is not null"),
    *("g in ('p', 'q')", "c__region = 'n'", "c__n >= 2", "weekday <= 5", "f is null", "x > 100"),
)
LENGTHS = ("1 day", "7 days", "10 days", "2 weeks", "1 month", "2 months", "1 quarter", "1 year")
_FORMULAS = ("in_0 - 2", "in_0 + in_1", "in_0 / in_1", "(in_0 - in_1) / in_1", "coalesce(in_0, 0) - in_1", "in_1 * 0.5")
_COLUMNS = {
    "x": pl.Int16,
    "f": pl.Float64,
    "b": pl.Boolean,
    "t": pl.String,
    "g": pl.String,
    "who": pl.Int32,
}
_SOME_DAYS = (0, 1, 2, 6, 7, 8, 12, 13, 14, 27, 28, 42, 43, 44, 72, 73, 74, 75)
"""Of the days from 18 December 2023: neighbours, weeks apart, and the ends of December, January and February."""

_ROW = st.tuples(
    (st.integers(0, 100 * 96) | st.sampled_from(_SOME_DAYS).map(lambda day: day * 96)).map(
        lambda quarter: datetime(2023, 12, 18) + timedelta(minutes=15 * quarter)
    ),
    st.none() | st.integers(-5, 5),
    st.none() | st.sampled_from([0.0, -0.5, 0.25, 3.0, float("nan"), 1e6]),
    st.none() | st.booleans(),
    st.none() | st.sampled_from(["a", "b", "ä", ""]),
    st.none() | st.sampled_from(["p", "q", "r"]),
    st.none() | st.integers(1, 4),
)
ROWS = st.lists(_ROW, min_size=1, max_size=25)
"""The rows of a source: a time, and the cells of its columns."""


@dataclass
class _Built:
    """Definitions by name."""

    metrics: dict[str, Definition] = field(default_factory=dict)

    def add(self, definition: Definition) -> str:
        name = f"m{len(self.metrics)}"
        self.metrics[name] = definition
        return name


def _one(draw: Callable[..., Any], *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def _simple(draw: Callable[..., Any], built: _Built, *, is_event: bool = False) -> str:
    agg = _one(draw, *Aggregation)
    held = None
    if agg is Aggregation.SUM and not is_event and draw(st.booleans()):
        groupings = _one(draw, (), ("who",), ("t", "g"))
        held = NonAdditiveDimension("moment", _one(draw, "max", "min"), groupings)
    return built.add(
        Simple(
            SourceId(_one(draw, "rows", "rows", "other")),
            agg,
            _one(draw, *_EXPRESSIONS[agg]),
            _one(draw, *_FILTERS),
            _one(draw, 0.0, 0.5, 0.9, 1.0) if agg is Aggregation.PERCENTILE else None,
            _one(draw, None, None, 0.0, 2.5),
            draw(st.booleans()) and draw(st.booleans()),
            held,
        )
    )


def _input(draw: Callable[..., Any], name: str, alias: str = "", *, may_move: bool = False) -> Input:
    offset, to_grain = "", None
    if may_move and draw(st.booleans()):
        to_grain = _one(draw, None, None, *GRAINS)
        offset = "" if to_grain else _one(draw, *LENGTHS)
    return Input(MetricId(name), _one(draw, *_FILTERS), alias, offset, to_grain)


def _conversion(draw: Callable[..., Any], built: _Built) -> str:
    base, conversion = _simple(draw, built, is_event=True), _simple(draw, built, is_event=True)
    return built.add(
        Conversion(
            _input(draw, base),
            _input(draw, conversion),
            "who",
            _one(draw, "", *LENGTHS),
            _one(draw, "conversions", "conversion_rate"),
            _one(draw, (), (), ("g",), ("g", "t")),
            _one(draw, *_FILTERS),
        )
    )


def _accumulable(draw: Callable[..., Any], built: _Built, depth: int) -> str:
    kind = _one(draw, "simple", "simple", "ratio", "derived", "conversion") if depth else "simple"
    if kind == "simple":
        return _simple(draw, built, is_event=True)
    if kind == "conversion":
        return _conversion(draw, built)
    parts = [_accumulable(draw, built, depth - 1) for _ in range(2)]
    if kind == "ratio":
        return built.add(
            Ratio(_input(draw, parts[0]), _input(draw, parts[1]), _one(draw, *_FILTERS), _one(draw, None, 1.0))
        )
    inputs = tuple(_input(draw, part, f"in_{place}") for place, part in enumerate(parts))
    return built.add(Derived(_one(draw, *_FORMULAS), inputs, _one(draw, *_FILTERS), _one(draw, None, 0.0)))


def _any(draw: Callable[..., Any], built: _Built, depth: int) -> str:
    kind = _one(draw, "cumulative", "derived", "conversion", "ratio", "cumulative", "simple") if depth else "simple"
    if kind == "simple":
        return _simple(draw, built)
    if kind == "conversion":
        return _conversion(draw, built)
    if kind == "cumulative":
        part = _accumulable(draw, built, depth - 1)
        window, to_date = _one(draw, *((text, None) for text in ("", *LENGTHS)), *(("", grain) for grain in GRAINS))
        rank = _one(draw, "first", "last", "average")
        return built.add(Cumulative(_input(draw, part), window, to_date, rank, _one(draw, *_FILTERS)))
    parts = [_any(draw, built, depth - 1) for _ in range(2)]
    fill = _one(draw, None, None, 0.0)
    if kind == "ratio":
        return built.add(Ratio(_input(draw, parts[0]), _input(draw, parts[1]), _one(draw, *_FILTERS), fill))
    inputs = tuple(_input(draw, part, f"in_{place}", may_move=True) for place, part in enumerate(parts))
    return built.add(Derived(_one(draw, *_FORMULAS), inputs, _one(draw, *_FILTERS), fill))


@st.composite
def metrics(draw: Callable[..., Any], tops: int = 1) -> tuple[dict[str, Definition], tuple[str, ...]]:
    """Definitions by name, and the names of those on top; `n` counts the rows of `rows`."""
    built = _Built({"n": Simple(SourceId("rows"), Aggregation.COUNT, "1")})
    return built.metrics, tuple(
        _any(draw, built, _one(draw, *((1, 2, 3, 0) if tops == 1 else (1, 2, 0)))) for _ in range(tops)
    )


@dataclass(frozen=True)
class Cut:
    """How a metric is asked, and of what: `form` is how the sources are kept, as Parquet or CSV files."""

    grain: Grain
    dims: tuple[str, ...]
    where: str
    start: date | None
    end: date | None
    compare: str
    week_start: int
    fiscal_month: int
    is_stamped: bool
    chunk_rows: int
    last: date | None
    form: str


@st.composite
def cuts(draw: Callable[..., Any]) -> Cut:
    start = draw(st.none() | st.dates(date(2023, 12, 10), date(2024, 4, 10)))
    days = draw(st.none() | st.integers(1, 60))
    end = None if days is None else (start or date(2024, 1, 20)) + timedelta(days)
    return Cut(
        _one(draw, *GRAINS),
        _one(draw, (), (), ("g",), ("g", "b"), ("c__region",), ("weekday",), ("x", "g")),
        _one(draw, *_FILTERS),
        start,
        end,
        _one(draw, "", "", "", *LENGTHS),
        _one(draw, 0, 0, 6, 2),
        _one(draw, 1, 1, 4, 12),
        draw(st.booleans()),
        _one(draw, 1, 15, 2_000_000),
        draw(st.none() | st.none() | st.dates(date(2024, 1, 5), date(2024, 3, 20))),
        _one(draw, "parquet", "parquet", "csv"),
    )


def frame_of(rows: list[tuple[Any, ...]], cut: Cut) -> pl.DataFrame:
    """A source's table: naive time stamps in UTC, or dates; in CSV no cell is NaN or empty but not missing."""
    is_stamped = cut.is_stamped
    if cut.form == "csv":
        rows = [tuple(None if cell == "" or cell != cell else cell for cell in row) for row in rows]  # noqa: PLR0124 - NaN
    times = [row[0] if is_stamped else row[0].date() for row in rows]
    columns = {name: [row[place + 1] for row in rows] for place, name in enumerate(_COLUMNS)}
    return pl.DataFrame(
        {"moment": times, **columns}, schema={"moment": pl.Datetime("us") if is_stamped else pl.Date, **_COLUMNS}
    )


def local_days(frame: pl.DataFrame) -> list[date]:
    """Each row's day in the project's zone."""
    times = frame["moment"].to_list()
    return [
        time.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date() if isinstance(time, datetime) else time
        for time in times
    ]
