"""A bench for the engine: a folder, sources made of small files, and metrics in one line each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Derived, Grain, Input, Metric, MetricKind, Ratio, Simple
from kputui.model.workspace import Project, Source, Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.model.metric import Definition
    from kputui.model.series import Reading, Series, Table

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class Bench:
    """A workspace under test that grows by calls."""

    folder: Path
    project: Project = field(default_factory=Project)
    sources: dict[SourceId, Source] = field(default_factory=dict)
    metrics: dict[MetricId, Metric] = field(default_factory=dict)
    chunk_rows: int = 2_000_000
    grains: dict[str, Grain] = field(default_factory=dict)

    def set(self, **changes: Any) -> None:
        """Change the project."""
        self.project = replace(self.project, **changes)

    def source(self, name: str, path: str, time: str = "day", **options: Any) -> None:
        """A source of files that exist already (or not)."""
        self.sources[SourceId(name)] = Source(SourceId(name), path, time, **options)

    def parquet(self, columns: dict[str, Any], name: str = "rows", **options: Any) -> None:
        """A source made of one Parquet file."""
        pl.DataFrame(columns).write_parquet(self.folder / f"{name}.parquet")
        self.source(name, f"{name}.parquet", **options)

    def csv(self, text: str | bytes, name: str = "rows", suffix: str = ".csv", **options: Any) -> None:
        """A source made of one CSV file."""
        data = text.encode() if isinstance(text, str) else text
        (self.folder / f"{name}{suffix}").write_bytes(data)
        self.source(name, f"{name}{suffix}", **options)

    def add(self, name: str, definition: Definition, grain: Grain = Grain.DAY) -> None:
        """A metric."""
        self.metrics[MetricId(name)] = Metric(MetricId(name), MetricKind.KPI, name, definition, grain=grain)

    def simple(self, name: str, agg: str, expr: str = "1", grain: Grain = Grain.DAY, **options: Any) -> None:
        """A simple metric over the source `rows`, if no other is named."""
        source = SourceId(options.pop("source", "rows"))
        self.add(name, Simple(source, Aggregation(agg), expr, **options), grain)

    def ratio(self, name: str, numerator: str, denominator: str, **options: Any) -> None:
        """A ratio of two metrics."""
        self.add(name, Ratio(Input(MetricId(numerator)), Input(MetricId(denominator)), **options))

    def derived(self, name: str, expr: str, *inputs: Input, **options: Any) -> None:
        """A derived metric."""
        self.add(name, Derived(expr, inputs, **options))

    def engine(self) -> Engine:
        """An engine over what there is now."""
        return Engine(self.workspace(), chunk_rows=self.chunk_rows, now=lambda: NOW)

    def workspace(self) -> Workspace:
        """The workspace as it is now."""
        metrics, grains = dict(self.metrics), dict(self.grains)
        return Workspace(str(self.folder), self.project, dict(self.sources), metrics=metrics, grains=grains)

    def readings(self, *names: str, **options: Any) -> tuple[Reading, ...]:
        """The complete readings of these metrics (of all, when none is named)."""
        wanted = tuple(MetricId(name) for name in names) or tuple(self.metrics)
        return list(self.engine().readings(Request(wanted, **options)))[-1]

    def reading(self, name: str, **options: Any) -> Reading:
        """The complete reading of one metric."""
        return self.readings(name, **options)[0]

    def series(self, name: str, **options: Any) -> Series:
        """The series of one metric, which must have one."""
        reading = self.reading(name, **options)
        assert reading.failure is None, reading.failure
        assert reading.series is not None
        return reading.series

    def values(self, name: str, **options: Any) -> list[float | None]:
        """The values of one metric."""
        return list(self.series(name, **options).values)

    def value(self, name: str) -> float | None:
        """The value of one metric over the whole of a one-year file."""
        (value,) = self.values(name, grain=Grain.YEAR)
        return value

    def code(self, name: str) -> str:
        """The problem code of a metric that fails."""
        failure = self.reading(name).failure
        assert failure is not None, f"{name} has values"
        return failure.code

    def message(self, name: str) -> str:
        """The words of a metric's failure, hint included."""
        failure = self.reading(name).failure
        assert failure is not None, f"{name} has values"
        return f"{failure.message} ({failure.hint})"

    def table(self, *names: str, **options: Any) -> Table:
        """The table of these metrics."""
        return self.engine().table(Request(tuple(MetricId(name) for name in names), **options))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty workspace in a folder of its own."""
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def new_bench() -> type[Bench]:
    """Makes a bench in any folder, for tests that need many."""
    return Bench
