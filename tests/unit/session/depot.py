"""A small real workspace for tests of signals: forty weeks of a parcel depot, each week's values chosen by the test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role
from kputui.session.open import Opened, open_workspace
from kputui.store import save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST = date(2026, 1, 5)
"""A Monday."""
WEEKS = 40
WOBBLE = (0.4, -1.1, 0.8, -0.3, 1.2, -0.9, 0.1, 0.7, -1.3, 0.5, -0.2, -0.6, 1.0, 0.2, -0.8, 0.9, -0.5, 0.3, -1.0, 0.6)
"""Routine variation, without dependence on the week before."""
PARCELS = 60

CONFIG = """
[project]
name = "Depot"
today = 2026-10-11

[sources.parcels]
path = "data/parcels.csv"
time = "day"

[sources.rides]
path = "data/rides.csv"
time = "day"

[goals.soon]
label = "Parcels are there soon"
start = 2026-01-01
due = 2026-12-31
measured_by = "minutes"
kind = "maintain"
target = 35

[goals.other]
label = "Vans last"

[metrics.minutes]
kind = "kpi"
label = "Minutes to the door"
type = "simple"
source = "rides"
agg = "average"
expr = "minutes"
direction = "decrease"
format = "number1"
unit = "min"
goals = ["soon"]
targets = [{ from = 2026-01-01, value = 35 }]
gaming = "short rides only"

[metrics.late_share]
kind = "cpi"
label = "Late parcels"
type = "simple"
source = "parcels"
agg = "average"
expr = "late"
direction = "decrease"
format = "percent1"
stage = "delivery"
need = "expectation"

[metrics.wear]
kind = "kpi"
label = "Wear"
type = "simple"
source = "rides"
agg = "average"
expr = "wear"
goals = ["other"]
gaming = "driving less"

[[journey]]
stage = "delivery"
label = "Delivery"

[[links]]
cpi = "late_share"
kpi = "minutes"
expect = "positive"
lag = "0-1 weeks"
mechanism = "a late van is a slow van"

[teams.vans]
label = "Vans"
lead = "mia"
members = ["mia"]
influences = ["late_share"]

[teams.hall]
label = "Hall"
lead = "tom"
members = ["tom"]
influences = ["late_share"]
"""


def week(number: int) -> date:
    """The Monday of week `number`, counted from 0."""
    return FIRST + timedelta(weeks=number)


def routine(number: int) -> float:
    """Minutes that vary as they always do."""
    return 30.0 + WOBBLE[number % len(WOBBLE)]


class Depot:
    """The depot's folder, with `minutes` and `late` parcels a week as functions of its number."""

    def __init__(
        self,
        folder: Path,
        minutes: Callable[[int], float] = routine,
        late: Callable[[int], int] = lambda number: 6 + number % 3,
        weeks: int = WEEKS,
    ) -> None:
        """Write everything; `weeks` whole weeks and nothing after them."""
        self.folder = folder / "depot"
        (self.folder / "data").mkdir(parents=True)
        self.config(CONFIG)
        rides, parcels = ["day,minutes,wear"], ["day,late"]
        for number in range(weeks):
            rides += [f"{week(number) + timedelta(days=day)},{minutes(number)},{number % 7}" for day in range(7)]
            days = [week(number) + timedelta(days=day % 7) for day in range(PARCELS)]
            parcels += [f"{day},{str(index < late(number)).lower()}" for index, day in enumerate(sorted(days))]
        self.write("data/rides.csv", "\n".join(rides) + "\n")
        self.write("data/parcels.csv", "\n".join(parcels) + "\n")

    def write(self, name: str, text: str) -> None:
        """Write one file of the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def config(self, text: str) -> None:
        """Write the workspace's file."""
        self.write("kputui.toml", text)

    def add(self, text: str) -> None:
        """Add to the workspace's file."""
        self.config((self.folder / "kputui.toml").read_text(encoding="utf-8") + text)

    def set(self, old: str, new: str) -> None:
        """Change the workspace's file."""
        text = (self.folder / "kputui.toml").read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.config(text.replace(old, new))

    def now(self) -> datetime:
        """A moment of the real clock; the workspace's day is fixed."""
        return datetime(2026, 10, 12, 8, tzinfo=UTC)

    def open(self, today: date | None = None) -> Opened:
        """The workspace, on its own day or on another."""
        return open_workspace(self.folder, today=today, now=self.now)

    def give(self, team: str, day: date) -> None:
        """Make a team accountable for late parcels from a day on."""
        command = Assign(MetricId("late_share"), Role.ACCOUNTABLE, Assignee(TeamId(team)))
        author = Author("dana", 4712, "tower")
        save(self.folder, command, now=self.now(), day=day, reason="a test", is_override=True, identity=author)
