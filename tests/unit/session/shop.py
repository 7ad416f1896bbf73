"""A small real workspace for tests: a shop with a parent goal, three measured goals, links, guardrails and owners."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from kputui.session.open import Opened, open_workspace

if TYPE_CHECKING:
    from pathlib import Path

START = date(2026, 1, 1)

PROJECT = """
[project]
name = "Corner shop"
today = 2026-03-14

[sources.orders]
path = "data/orders.csv"
time = "day"
freshness = { warn_after = "2d", error_after = "10d" }

[sources.calls]
path = "data/calls.csv"
time = "day"
"""

GOALS = """
[goals.independent]
label = "We stand on our own feet"
why = "Nobody else decides for us"

[goals.sell]
label = "The shop sells all year"
why = "It pays the rent"
owner = "ines"
start = 2026-01-01
due = 2026-12-31
measured_by = "sold"
target = 3650
parent = "independent"

[goals.quiet]
label = "Nobody needs to call us"
start = 2026-01-01
due = 2026-12-31
measured_by = "calls"
target = 365
stretch = 300
parent = "independent"

[[contexts]]
from = 2026-02-02
to = 2026-02-08
note = "painting the shop"
"""

METRICS = """
[metrics.sold]
kind = "kpi"
label = "Things sold"
type = "simple"
source = "orders"
agg = "sum"
expr = "items"
grain = "week"
direction = "increase"
format = "number0"
unit = "things"
goals = ["sell"]
guardrails = ["returns"]
gaming = "selling to ourselves"
targets = [{ from = 2026-01-01, value = 70 }]

[metrics.basket]
kind = "kpi"
label = "Things a sale"
type = "simple"
source = "orders"
agg = "average"
expr = "items"
grain = "week"
direction = "increase"
goals = ["sell"]
gaming = "bundles nobody wants"
targets = [{ from = 2026-01-01, value = 100 }]

[metrics.late]
kind = "cpi"
label = "Late deliveries"
stage = "delivery"
need = "expectation"
question = "Is it here on the promised day?"
discovered = "12 ride-alongs"
type = "simple"
source = "orders"
agg = "average"
expr = "late"
grain = "week"
direction = "decrease"
format = "percent1"
min_sample = 50
targets = [{ from = 2026-01-01, value = 0.5 }]

[metrics.returns]
kind = "guardrail"
label = "Things returned"
type = "simple"
source = "orders"
agg = "sum"
expr = "returned"
grain = "week"
direction = "decrease"
targets = [{ from = 2026-01-01, value = 3 }]

[metrics.calls]
kind = "kpi"
label = "Calls"
type = "simple"
source = "calls"
agg = "count"
expr = "day"
grain = "week"
direction = "decrease"
format = "number0"
goals = ["quiet"]
gaming = "a number nobody finds"

[metrics.call_minutes]
kind = "diagnostic"
label = "Minutes a call"
type = "simple"
source = "calls"
agg = "average"
expr = "minutes"
grain = "week"

[metrics.wait]
kind = "cpi"
label = "Wait to answer"
stage = "delivery"
need = "frustration"
type = "simple"
source = "calls"
agg = "median"
expr = "wait"
grain = "week"
direction = "decrease"
"""

JOURNEY = """
[[journey]]
stage = "delivery"
label = "Waiting and receiving"

[[journey]]
stage = "return"
label = "Sending back"

[[links]]
cpi = "late"
kpi = "sold"
expect = "negative"
lag = "0-2 weeks"
mechanism = "who waited does not come again"

[[links]]
cpi = "wait"
kpi = "calls"
expect = "positive"
lag = "1 day"
"""

TEAMS = """
[teams.logistics]
label = "Logistics"
lead = "tarek"
members = ["tarek", "mia"]
influences = ["late"]

[teams.desk]
label = "Desk"
lead = "jo"
members = ["jo"]
influences = ["wait"]
"""

STATE = """
[assignments.late]
accountable = "logistics/tarek"
responsible = ["logistics"]
informed = ["desk"]
since = 2026-02-03

[assignments.wait]
responsible = ["desk"]
"""


def orders(days: int = 73, items: int = 10) -> str:
    """A row a day from the first of January 2026: `items` sold, every third late, one returned on Mondays."""
    lines = ["day,items,late,returned"]
    for index in range(days):
        day = START + timedelta(days=index)
        late = "true" if index % 3 == 0 else "false"
        lines.append(f"{day},{items},{late},{1 if day.weekday() == 0 else 0}")
    return "\n".join(lines) + "\n"


def calls(days: int = 73, each: int = 2) -> str:
    """`each` calls a day from the first of January 2026."""
    lines = ["day,minutes,wait"]
    for index in range(days):
        lines.extend(f"{START + timedelta(days=index)},{3 + number},{20 + index % 5}" for number in range(each))
    return "\n".join(lines) + "\n"


class Shop:
    """The workspace's folder, with a clock to move, to write to as people and producers would."""

    def __init__(self, folder: Path) -> None:
        """Write the files."""
        self.folder = folder
        self.moment = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
        (folder / "data").mkdir()
        (folder / "state").mkdir()
        for name, text in {
            "kputui.toml": PROJECT,
            "goals.toml": GOALS,
            "metrics.toml": METRICS,
            "journey.toml": JOURNEY,
            "teams.toml": TEAMS,
            "state/accountability.toml": STATE,
            "data/orders.csv": orders(),
            "data/calls.csv": calls(),
        }.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Put a file there as a careful producer does: beside it, then renamed."""
        path = self.folder / name
        beside = path.with_name(path.name + ".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def now(self) -> datetime:
        """The clock's moment."""
        return self.moment

    def open(self, today: date | None = None) -> Opened:
        """Open the workspace as the program does."""
        return open_workspace(self.folder, today=today, now=self.now)
