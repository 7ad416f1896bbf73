"""The workspace: everything that people wrote, merged and frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from kputui.model.lint import Lint
from kputui.model.metric import STANDARD_GRAINS
from kputui.model.signals import SignalRules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, timedelta

    from kputui.errors import Place
    from kputui.model.goal import Context, Goal
    from kputui.model.ids import GoalId, MetricId, SourceId, StageId, TeamId
    from kputui.model.journey import Stage
    from kputui.model.link import Link
    from kputui.model.metric import Grain, Metric
    from kputui.model.remark import Annotation
    from kputui.model.team import Team


class Weekday(IntEnum):
    """A day of the week as `date.weekday` counts it."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Incomplete(StrEnum):
    """What becomes of the running period."""

    FLAG = "flag"
    EXCLUDE = "exclude"
    INCLUDE = "include"


class Display(StrEnum):
    """How the board writes to the terminal: only the cells that differ, or as the toolkit does it."""

    DIFF = "diff"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Project:
    """What holds for the whole workspace.

    `today` fixes the clock, for a workspace whose data ended long ago: the board stands on the
    evening of that day. `signal_rules` are those of every metric that names none.
    """

    name: str = "kputui"
    timezone: str = "UTC"
    week_start: Weekday = Weekday.MONDAY
    fiscal_year_start: int = 1
    incomplete: Incomplete = Incomplete.FLAG
    today: date | None = None
    display: Display = Display.DIFF
    signal_rules: SignalRules = SignalRules.WHEELER


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a source's newest row may be."""

    warn_after: timedelta | None = None
    error_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DataTest:
    """A promise about a source's rows: `test` is not_null, unique, accepted_values or range."""

    test: str
    column: str
    values: tuple[str | float | int | bool, ...] = ()
    low: float | None = None
    high: float | None = None


class ColumnKind(StrEnum):
    """What a column is declared to hold."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Compression(StrEnum):
    """How CSV files are packed whose name does not say so."""

    GZIP = "gzip"
    ZSTD = "zstd"


class TableFormat(StrEnum):
    """How a folder of files with a log makes a table."""

    DELTA = "delta"
    ICEBERG = "iceberg"


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a CSV source is written.

    `encoding` is a codec's name. `thousands` is the mark between groups of digits; where it is empty, a
    decimal comma allows for the usual ones. `skip_rows` lines above the header are not read, nor are
    lines that begin with `comment`.
    """

    delimiter: str = ","
    decimal_comma: bool = False
    null_words: tuple[str, ...] = ("",)
    encoding: str = "utf-8"
    thousands: str = ""
    skip_rows: int = 0
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Columns of another source, read as `<name>__<column>`: the row there whose `to` equals `key` here."""

    name: str
    source: SourceId
    key: str
    to: str


@dataclass(frozen=True, slots=True)
class Source:
    """Files that share columns. `path` is as written: relative to the folder, a glob, a table's folder, or a URL.

    `format` is a table's (None: as its folder shows), `version` the Delta version or the Iceberg snapshot that
    is read (None: the newest). `source_timezone` is the zone of naive time stamps (the project's when empty);
    `time_format` is a strptime pattern for a time column written as text. `columns` are the declared kinds
    of columns.
    """

    id: SourceId
    path: str
    time: str = ""
    source_timezone: str = ""
    time_format: str = ""
    primary_key: tuple[str, ...] = ()
    freshness: Freshness | None = None
    tests: tuple[DataTest, ...] = ()
    csv: CsvOptions = field(default_factory=CsvOptions)
    compression: Compression | None = None
    columns: tuple[tuple[str, ColumnKind], ...] = ()
    joins: tuple[Join, ...] = ()
    format: TableFormat | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder's TOML files, decoded. All mappings keep the order in which people wrote them.

    `folder` is the absolute path. `places` gives, for a key path such as
    ("metrics", "late_share", "expr") or ("links", "0", "cpi"), where it is written: a table by its
    name, anything else by its value (a text by its opening quote; `config.place_in_text` shifts).
    `grains` are the workspace's own, by name; `files` all that it was read from.
    """

    folder: str
    project: Project
    sources: Mapping[SourceId, Source] = field(default_factory=dict)
    goals: Mapping[GoalId, Goal] = field(default_factory=dict)
    metrics: Mapping[MetricId, Metric] = field(default_factory=dict)
    stages: Mapping[StageId, Stage] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    teams: Mapping[TeamId, Team] = field(default_factory=dict)
    contexts: tuple[Context, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    lint: Lint = field(default_factory=Lint)
    grains: Mapping[str, Grain] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], Place] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def all_grains(self) -> tuple[Grain, ...]:
        """The standard grains and the workspace's own, shortest first."""
        return tuple(sorted((*STANDARD_GRAINS, *self.grains.values()), key=lambda grain: grain.order))

    def grain(self, name: str) -> Grain | None:
        """The grain of a name; None for an unknown one."""
        return next((grain for grain in self.all_grains if grain.value == name), None)
