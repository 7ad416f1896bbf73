"""Metrics: what is measured, of which rows, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from kputui.model.signals import SignalSettings

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.calendar import Calendar
    from kputui.model.ids import GoalId, MetricId, SourceId, StageId


class MetricKind(StrEnum):
    """What a metric is for."""

    KPI = "kpi"
    CPI = "cpi"
    GUARDRAIL = "guardrail"
    DIAGNOSTIC = "diagnostic"


class Aggregation(StrEnum):
    """How rows become one value."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM_BOOLEAN = "sum_boolean"
    AVERAGE = "average"
    MEDIAN = "median"
    PERCENTILE = "percentile"


ADDITIVE_AGGREGATIONS = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.SUM_BOOLEAN})
"""The aggregations whose periods add up to the longer period."""


class Grain:
    """A kind of period: one of the five of every calendar, or one whose periods a table lists (`calendar`).

    The five are constants of the class; those of a workspace are in `Workspace.grains`. Equal grains have
    the same periods. It is a word, as an enumeration's member is, and no record: `asdict` leaves it whole.
    """

    __slots__ = ("calendar", "value")

    value: Final[str]
    calendar: Final[Calendar | None]

    DAY: ClassVar[Grain]
    WEEK: ClassVar[Grain]
    MONTH: ClassVar[Grain]
    QUARTER: ClassVar[Grain]
    YEAR: ClassVar[Grain]

    def __init__(self, value: str, calendar: Calendar | None = None) -> None:
        """A grain by its name, and by its periods unless it is one of the five."""
        self.value = value
        self.calendar = calendar

    def __eq__(self, other: object) -> bool:
        """Whether it has the same name and the same periods."""
        if not isinstance(other, Grain):
            return NotImplemented
        return self is other or (self.value == other.value and self.calendar == other.calendar)

    def __hash__(self) -> int:
        """Of the name; grains of one name are rare."""
        return hash(self.value)

    def __deepcopy__(self, _memo: object) -> Grain:
        """Itself: it never changes."""
        return self

    def __str__(self) -> str:
        """Its name."""
        return self.value

    def __repr__(self) -> str:
        """Its name, and for one by a table what changes with its periods: keys of what is kept are made of it."""
        return f"Grain({self.value!r})" if self.calendar is None else f"Grain({self.value!r}, {self.calendar.digest})"

    @property
    def longest_days(self) -> int:
        """The most days that a period has."""
        return _LENGTHS[self.value].longest if self.calendar is None else self.calendar.longest_days

    @property
    def mean_days(self) -> float:
        """The days of a period on average."""
        return _LENGTHS[self.value].mean if self.calendar is None else self.calendar.mean_days

    @property
    def months(self) -> int:
        """The calendar months of a period; 0 where it is not made of such."""
        return _LENGTHS[self.value].months if self.calendar is None else 0

    @property
    def order(self) -> tuple[int, bool, str]:
        """What grains are sorted by: shorter ones first; of like lengths that of every calendar."""
        return round(self.mean_days), self.calendar is not None, self.value


class _Length(NamedTuple):
    longest: int
    mean: float
    months: int


_LENGTHS = {
    "day": _Length(1, 1.0, 0),
    "week": _Length(7, 7.0, 0),
    "month": _Length(31, 30.4375, 1),
    "quarter": _Length(92, 91.3125, 3),
    "year": _Length(366, 365.25, 12),
}

STANDARD_GRAINS = tuple(map(Grain, _LENGTHS))
"""The grains of every workspace, shortest first."""

Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR = STANDARD_GRAINS


class Direction(StrEnum):
    """Which way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    MAINTAIN = "maintain"
    NEUTRAL = "neutral"


class Need(StrEnum):
    """What a CPI measures of the customer."""

    FRUSTRATION = "frustration"
    EXPECTATION = "expectation"
    OUTCOME = "outcome"


class NumberFormat(StrEnum):
    """How a value is written; digits behind the word are decimals."""

    NUMBER = "number"
    NUMBER0 = "number0"
    NUMBER1 = "number1"
    NUMBER2 = "number2"
    NUMBER3 = "number3"
    PERCENT = "percent"
    PERCENT0 = "percent0"
    PERCENT1 = "percent1"
    PERCENT2 = "percent2"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class NonAdditiveDimension:
    """How a balance is read: its value at the first (`min`) or last (`max`) time of each grouping."""

    name: str
    window_choice: str = "max"
    window_groupings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simple:
    """One aggregation over the rows of one source; `expr` and `filter` are SQL over the row."""

    source: SourceId
    agg: Aggregation
    expr: str = "1"
    filter: str = ""
    percentile: float | None = None
    fill_nulls_with: float | None = None
    join_to_timespine: bool = False
    non_additive_dimension: NonAdditiveDimension | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """Another metric as part of this one; `alias` is its name in a derived `expr`."""

    metric: MetricId
    filter: str = ""
    alias: str = ""
    offset_window: str = ""
    offset_to_grain: Grain | None = None

    @property
    def name(self) -> str:
        """The name by which a derived expression refers to this input."""
        return self.alias or self.metric


@dataclass(frozen=True, slots=True)
class Ratio:
    """Numerator over denominator, each computed from rows; divisor 0 gives no value."""

    numerator: Input
    denominator: Input
    filter: str = ""
    fill_nulls_with: float | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """Arithmetic over other metrics' values of the same period."""

    expr: str
    inputs: tuple[Input, ...]
    filter: str = ""
    fill_nulls_with: float | None = None


@dataclass(frozen=True, slots=True)
class Cumulative:
    """A metric over a trailing window, or since the start of a longer grain."""

    input: Input
    window: str = ""
    grain_to_date: Grain | None = None
    period_agg: str = "first"
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """The share or number of base events that a conversion event of the same entity follows."""

    base: Input
    conversion: Input
    entity: str
    window: str = ""
    calculation: str = "conversion_rate"
    constant_properties: tuple[str, ...] = ()
    filter: str = ""


Definition = Simple | Ratio | Derived | Cumulative | Conversion


@dataclass(frozen=True, slots=True)
class DatedTarget:
    """The value asked for from a date on."""

    start: date
    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's definition and everything that says how to read it."""

    id: MetricId
    kind: MetricKind
    label: str
    definition: Definition
    grain: Grain = Grain.WEEK
    direction: Direction = Direction.NEUTRAL
    description: str = ""
    unit: str = ""
    format: NumberFormat = NumberFormat.NUMBER
    dimensions: tuple[str, ...] = ()
    goals: tuple[GoalId, ...] = ()
    stage: StageId | None = None
    need: Need | None = None
    question: str = ""
    discovered: str = ""
    min_sample: int = 0
    targets: tuple[DatedTarget, ...] = ()
    guardrails: tuple[MetricId, ...] = ()
    gaming: str = ""
    outcome: MetricId | None = None
    signals: SignalSettings = field(default_factory=SignalSettings)

    def target_on(self, day: date) -> float | None:
        """The target in force on `day`: the latest that starts on or before it."""
        due = [target for target in self.targets if target.start <= day]
        return max(due, key=lambda target: target.start).value if due else None
