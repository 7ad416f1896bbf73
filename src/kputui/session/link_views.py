"""Views of the links: CPIs x KPIs, and the evidence behind one link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.session.views import Fact, Tone

if TYPE_CHECKING:
    from kputui.model.ids import GoalId, MetricId, TeamId
    from kputui.model.link import LinkState


@dataclass(frozen=True, slots=True)
class LinkCellView:
    """One declared link in the grid.

    `sign` is "+" or "-" as declared; `strength` the whitened correlation of the best declared lag (None
    without one); `state` the person's, `verdict` the data's word; `missing` what stands between this link and
    a confirmation, in a few words ("" when nothing does); `why` what made a confirmation expire.
    `is_exception`: decided against the verdict.
    """

    cpi: MetricId
    kpi: MetricId
    sign: str
    strength: float | None
    state: LinkState
    verdict: str = ""
    missing: str = ""
    tone: Tone = Tone.PLAIN
    is_exception: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class LinksView:
    """The grid: `rows` are CPIs, `columns` KPIs (id, label); `cells` has a tuple a row, None where no link is.

    `teams` (accountable or influencing) and `goals` are what the grid can be filtered by, one set a CPI row
    and a KPI column. `is_weighing`: the data has not been looked at yet.
    """

    columns: tuple[tuple[MetricId, str], ...] = ()
    rows: tuple[tuple[MetricId, str], ...] = ()
    cells: tuple[tuple[LinkCellView | None, ...], ...] = ()
    teams: tuple[frozenset[TeamId], ...] = ()
    goals: tuple[frozenset[GoalId], ...] = ()
    team_labels: tuple[tuple[TeamId, str], ...] = ()
    goal_labels: tuple[tuple[GoalId, str], ...] = ()
    is_weighing: bool = False


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The lag profile: strength by lag with its interval; lags outside the declared window are a hint."""

    lags: tuple[int, ...]
    r: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    is_declared: tuple[bool, ...]
    unit: str = "periods"


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """All about one link, for the screen that opens on it.

    `title`: CPI, KPI. `sentence`: the verdict in one plain sentence ("leads", never "causes"). `facts`: n, effect
    with interval, e-value as odds, p and q, and so on. `held` and `failed`: the assumptions in words. `parts`:
    before and after the declaration. `what_if`: on a confirmed link. `history`: decisions and verdicts, newest
    first. `refusal`: why there is nothing to test ("" when there is).
    """

    cpi: MetricId
    kpi: MetricId
    title: tuple[str, ...]
    hypothesis: str
    state: str
    sentence: str
    tone: Tone = Tone.PLAIN
    facts: tuple[Fact, ...] = ()
    profile: ProfileView | None = None
    scatter: tuple[tuple[float, float], ...] = ()
    scatter_names: tuple[str, str] = ("", "")
    held: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    what_if: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    refusal: str = ""
