"""A small real workspace for tests of links: waiting, rain and sales by week, by day, and one export a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from kputui.session.judges import judged_figures
from kputui.session.open import Opened, open_workspace
from kputui.session.weighing import weighed

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.figures import Figures

FIRST = date(2023, 1, 2)
"""A Monday."""

PROJECT = """
[project]
name = "Tea house"
today = {today}

[sources.weeks]
path = "data/weeks.csv"
time = "day"

[sources.days]
path = "data/days.csv"
time = "day"

[sources.months]
path = "data/months.csv"
time = "day"

[goals.fed]
label = "Guests come back"
start = {today}
due = 2026-12-31
measured_by = "sales"
kind = "level"
baseline = 100
target = 110
"""

METRIC = """
[metrics.{name}]
kind = "{kind}"
label = "{label}"
type = "simple"
source = "{source}"
agg = "average"
expr = "{column}"
grain = "{grain}"
direction = "{direction}"
{more}
"""

LINK = """
[[links]]
cpi = "{cpi}"
kpi = "{kpi}"
expect = "{expect}"
lag = "{lag}"
{more}
"""

METRICS = (
    ("wait", "cpi", "Minutes waited", "weeks", "wait", "week", "decrease", 'unit = "min"'),
    ("queue", "cpi", "People in the queue", "weeks", "queue", "week", "decrease", ""),
    ("smiles", "cpi", "Smiles", "weeks", "smiles", "week", "increase", ""),
    ("flat", "cpi", "Tables", "weeks", "flat", "week", "increase", ""),
    ("gappy", "cpi", "Tips", "weeks", "gappy", "week", "increase", ""),
    ("sales", "kpi", "Pots sold", "weeks", "sales", "week", "increase", 'unit = "pots"'),
    ("rain", "diagnostic", "Rain", "weeks", "rain", "week", "neutral", ""),
    ("day_wait", "cpi", "Minutes waited that day", "days", "wait", "week", "decrease", 'unit = "min"'),
    ("day_sales", "kpi", "Pots sold that day", "days", "sales", "week", "increase", 'unit = "pots"'),
    ("loyal", "kpi", "Guests with a card", "months", "loyal", "month", "increase", ""),
)


@dataclass
class Linked:
    """Writes the workspace to a folder; the last day of the last week is today.

    In the weeks' data a minute waited goes with 1.5 pots less two weeks later (r about -.83) and a person in the queue
    with 1 pot less one week later; smiles are noise, the tables never change, and every fourth tip is missing.
    """

    folder: Path
    weeks: int = 120
    links: list[str] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    """Further lines of a metric's table."""

    def link(self, cpi: str, kpi: str, expect: str = "negative", lag: str = "1-3 weeks", more: str = "") -> None:
        """Declare a link."""
        self.links.append(LINK.format(cpi=cpi, kpi=kpi, expect=expect, lag=lag, more=more))

    def write(self) -> None:
        """Write the files."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        today = FIRST + timedelta(days=7 * self.weeks - 1)
        parts = [PROJECT.format(today=today)]
        keys = ("name", "kind", "label", "source", "column", "grain", "direction", "more")
        for row in METRICS:
            values = dict(zip(keys, row, strict=True))
            values["more"] += "\n" + self.metrics.get(row[0], "")
            parts.append(METRIC.format(**values))
        (self.folder / "kputui.toml").write_text("".join([*parts, *self.links]), encoding="utf-8")
        self.write_weeks()
        self.write_days()
        self.write_months()

    def write_weeks(self, *, changed: int | None = None, sign: float = 1.0) -> None:
        """A row a day with its week's values; `changed` adds a pot to one week, `sign` turns the waiting round."""
        random = Random(11)  # noqa: S311 - fixed numbers for a test
        rain = [random.gauss(0, 1) for _ in range(self.weeks + 4)]
        wait = [random.gauss(0, 1) for _ in range(self.weeks + 4)]
        queue = [random.gauss(0, 1) for _ in range(self.weeks + 4)]
        lines = ["day,wait,queue,smiles,flat,gappy,sales,rain"]
        for week in range(self.weeks):
            i = week + 4
            sales = 100 - sign * 1.5 * wait[i - 2] - queue[i - 1] + random.gauss(0, 0.6) + (week == changed)
            gappy = "" if week % 4 == 0 else f"{random.gauss(2, 1):.4f}"
            values = (
                f"{10 + wait[i]:.4f},{6 + queue[i]:.4f},{random.gauss(5, 1):.4f},4,{gappy},{sales:.4f},{rain[i]:.4f}"
            )
            lines += [f"{FIRST + timedelta(days=7 * week + day)},{values}" for day in range(7)]
        (self.folder / "data" / "weeks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_days(self) -> None:
        """A row a day of its own; a minute waited goes with a pot less on the next day."""
        random = Random(5)  # noqa: S311 - as above
        wait = [random.gauss(0, 1) for _ in range(7 * self.weeks + 1)]
        lines = ["day,wait,sales"]
        for day in range(7 * self.weeks):
            sales = 20 - wait[day] + random.gauss(0, 1)
            lines.append(f"{FIRST + timedelta(days=day)},{10 + wait[day + 1]:.4f},{sales:.4f}")
        (self.folder / "data" / "days.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_months(self) -> None:
        """One row on the first day of each month, and one on the last day of the data."""
        random = Random(3)  # noqa: S311 - as above
        last = FIRST + timedelta(days=7 * self.weeks - 1)
        days = [FIRST + timedelta(days=day) for day in range(7 * self.weeks)]
        lines = ["day,loyal", *(f"{day},{random.gauss(40, 2):.4f}" for day in days if day.day == 1 or day == last)]
        (self.folder / "data" / "months.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def open(self, today: date | None = None) -> Opened:
        """The workspace, read on a clock of the test's."""
        return open_workspace(self.folder, today=today, now=lambda: datetime(2026, 1, 5, 9, tzinfo=UTC))

    def weighed(self, today: date | None = None) -> Figures:
        """The figures with the evidence of all links."""
        return judged_figures(self.open(today), (weighed,))
