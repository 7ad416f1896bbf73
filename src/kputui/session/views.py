"""Views: frozen values for showing. Units, severity and order; no layout, no colour, no text width."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from kputui.model.metric import NumberFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from kputui.engine.progress import Progress
    from kputui.errors import Problem
    from kputui.model.cell import Cell
    from kputui.model.ids import GoalId, MetricId, PersonId, TeamId
    from kputui.model.metric import Grain
    from kputui.model.ownership import Role
    from kputui.session.cut_views import PartsView
    from kputui.session.cuts import Cut
    from kputui.session.exploring import Explored
    from kputui.session.journey import JourneyView
    from kputui.session.link_views import EvidenceView, LinksView
    from kputui.session.signal_views import EffectView, SignalView


class Tone(StrEnum):
    """How a word or number asks for attention; a front end picks glyph and colour."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


class RowKind(StrEnum):
    """What a row of the goals pane is."""

    GOAL = "goal"
    KPI = "kpi"
    CPI = "cpi"
    GUARDRAIL = "guardrail"
    DIAGNOSTIC = "diagnostic"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with how to write it; None is "no data"."""

    value: float | None
    format: NumberFormat = NumberFormat.NUMBER
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the goals pane. `key` is stable over refreshes and unique on the board.

    `pace` is the pace index (1 = on plan); with `is_burn` it is the share of an allowance used, so
    more than 1 is too fast. `state` is the word to show (goal state, link state, "ok", a failure).
    `age_s`: seconds since the value was computed, only when it is older than the last try; `computed_at`
    is then when that was, in the project's zone. `unit`: the widest that the value's unit can be, known
    before the value is. `has_signal`: the state's word is that of a signal which nobody has explained yet.
    """

    key: str
    kind: RowKind
    depth: int
    label: str
    goal: GoalId | None = None
    metric: MetricId | None = None
    parent: str | None = None
    has_children: bool = False
    quantity: Quantity | None = None
    spark: tuple[float | None, ...] = ()
    is_last_running: bool = False
    pace: float | None = None
    is_burn: bool = False
    state: str = ""
    tone: Tone = Tone.PLAIN
    age_s: float | None = None
    computed_at: datetime | None = None
    unit: str = ""
    has_signal: bool = False


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The top line's facts. `newest_data` is the newest row of all sources; `signals` are those to be explained.

    `progress`: how far the computing is, while that is known. `is_stopped`: a person ended it.
    """

    project: str
    today: date
    is_today_fixed: bool
    newest_data: date | None
    supporting_metrics: int
    all_metrics: int
    findings: int
    is_computing: bool = False
    banner: str = ""
    signals: int = 0
    progress: Progress | None = None
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact of a detail: "target" -> a quantity, a range of them up to `until`, or words."""

    name: str
    quantity: Quantity | None = None
    text: str = ""
    tone: Tone = Tone.PLAIN
    until: Quantity | None = None


@dataclass(frozen=True, slots=True)
class LineView:
    """A reference line over the chart's periods, one value a period: target, plan, limits.

    Lines of one `name` are one kind of line: the upper and the lower limit are drawn alike and named once.
    """

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class MarkView:
    """A stretch or a day to mark on a chart; `factor` < 1 is a planned slow zone.

    `is_owner`: from this day somebody else was accountable; a mark, and no explanation of the values.
    """

    start: date
    end: date
    label: str
    factor: float = 1.0
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class FanView:
    """A forecast over the chart's periods: its middle and the ends of its bands, None where there is none.

    It begins in the last known value, where all of them meet. `what` says of what it is the forecast, where that is
    something else than the value at the due date.
    """

    mean: tuple[float | None, ...]
    low80: tuple[float | None, ...]
    high80: tuple[float | None, ...]
    low95: tuple[float | None, ...]
    high95: tuple[float | None, ...]
    what: str = ""


@dataclass(frozen=True, slots=True)
class ChartView:
    """What the detail's chart shows, oldest first. `running_from`: index of the first running period.

    `signals`: indexes of the periods that are marked as signals.
    """

    grain: Grain
    starts: tuple[date, ...]
    values: tuple[float | None, ...]
    running_from: int | None
    cut_until: int
    lines: tuple[LineView, ...] = ()
    marks: tuple[MarkView, ...] = ()
    format: NumberFormat = NumberFormat.NUMBER
    unit: str = ""
    signals: tuple[int, ...] = ()
    fan: FanView | None = None

    def is_whole(self, index: int) -> bool:
        """Whether the data spans all of this period: it is neither cut nor running."""
        return index >= self.cut_until and (self.running_from is None or index < self.running_from)


@dataclass(frozen=True, slots=True)
class DetailView:
    """All about the selected row: what it is, its figures, its chart, its links, its owner.

    `provenance`: where the number came from (files, rows used and dropped, filter, window, newest row,
    definition), for the screen that opens on it. `changes`: who became accountable and what was decided
    about links, with date, author and reason, newest first. `todos`: what people have to decide.
    `signals` newest first with what was said about them; `effects`: before and after each known day, newest first.
    `cut` says how the row is explored, when it is; `parts` then takes the chart's place for a breakdown.
    `grain` and `dimensions` are the metric's own, `grains` all that the workspace has.
    """

    key: str
    title: tuple[str, ...]
    headline: tuple[Fact, ...] = ()
    chart: ChartView | None = None
    facts: tuple[Fact, ...] = ()
    links: tuple[str, ...] = ()
    owner: str = ""
    notes: tuple[str, ...] = ()
    provenance: tuple[Fact, ...] = ()
    changes: tuple[str, ...] = ()
    todos: tuple[str, ...] = ()
    signals: tuple[SignalView, ...] = ()
    effects: tuple[EffectView, ...] = ()
    cut: str = ""
    parts: PartsView | None = None
    grain: Grain | None = None
    dimensions: tuple[str, ...] = ()
    grains: tuple[Grain, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """A change by somebody else since the person looked, until `Board.forget_marks`.

    `teams`: the matrix columns that gained or lost `role` (both empty for a link). `text` says who made
    it so, and what it was before.
    """

    cell: Cell
    author: str
    at: datetime
    text: str
    role: Role | None = None
    teams: tuple[TeamId, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixRowView:
    """One CPI of the matrix: per team the letters held, "?" for a hypothesis's open A, "" for none.

    `state` is the furthest link's; `todos` are what people have to decide, `marks` what others changed.
    `held`: assignee as files write it -> its letters; `since`: the day from which the accountable one is it.
    """

    metric: MetricId
    label: str
    state: str
    cells: tuple[str, ...]
    is_hole: bool = False
    is_exception: bool = False
    todos: tuple[str, ...] = ()
    marks: tuple[ChangeMark, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None


@dataclass(frozen=True, slots=True)
class MatrixView:
    """CPIs x teams; `load` counts each team's accountable CPIs, `responsible` those it is responsible for.

    `people`: of each team, lead first.
    """

    teams: tuple[tuple[TeamId, str], ...]
    rows: tuple[MatrixRowView, ...]
    load: tuple[int, ...]
    responsible: tuple[int, ...] = ()
    people: tuple[tuple[PersonId, ...], ...] = ()


class Exploration(Protocol):
    """How the detail of an explored row is made."""

    def __call__(
        self,
        key: str,
        name: MetricId,
        cut: Cut,
        explored: Explored | None,
        goal: GoalId | None,
        *,
        is_computing: bool,
    ) -> DetailView:
        """The detail of the row `key` of a metric and goal as a cut shows it, from what is known of it so far."""
        ...


@dataclass(frozen=True, slots=True)
class BoardView:
    """The whole board at one moment; an older `generation` never replaces a newer one.

    `findings`: everything that `kputui check` would list, worst first. `marks`: what others changed since
    the person looked, newest first. `read_only` says in words why nothing can be changed. `is_held_back`: a
    source has shrunk so much that its older values are on show until the person accepts the new ones. `evidence`:
    of each declared link (CPI, KPI), made when it is first looked at, as `journey` is.
    `explored` makes the detail of a row as a cut shows it.
    """

    generation: int
    header: HeaderView
    rows: tuple[RowView, ...]
    details: Mapping[str, DetailView]
    matrix: MatrixView
    computed_at: datetime | None = None
    notices: tuple[str, ...] = ()
    findings: tuple[Problem, ...] = ()
    marks: tuple[ChangeMark, ...] = ()
    read_only: str = ""
    is_held_back: bool = False
    links: LinksView | None = None
    evidence: Mapping[tuple[MetricId, MetricId], EvidenceView] = field(default_factory=dict)
    journey: Callable[[], JourneyView] | None = None
    explored: Exploration | None = None
