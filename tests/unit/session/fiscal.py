"""A small real workspace whose KPI is by 4-4-5 periods, for tests of grains that a table lists."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FIRST = date(2023, 1, 2)
"""A Monday: the first day of the first period."""

TODAY = date(2026, 6, 30)

CONFIG = """
[project]
name = "Fiscal"
today = 2026-06-30

[sources.sales]
path = "sales.csv"
time = "day"

[grains.period445]
path = "periods.csv"
start = "starts_on"
end = "ends_on"
label = "name"

[grains.season]
starts = [2025-03-03, 2025-06-02, 2025-09-01, 2025-12-01, 2026-03-02, 2026-06-01, 2026-09-07]

[goals.more]
label = "More is bought"
start = 2025-12-29
due = 2026-12-27
measured_by = "amount"
target = 60_000

[metrics.amount]
kind = "kpi"
label = "Amount"
source = "sales"
agg = "sum"
expr = "amount"
grain = "period445"
direction = "increase"
goals = ["more"]
gaming = "giving it away"
dimensions = ["region"]
targets = [{ from = 2025-12-29, value = 3_000 }]

[metrics.visits]
kind = "cpi"
label = "Visits"
source = "sales"
agg = "count"
grain = "week"
direction = "increase"

[metrics.so_far]
kind = "diagnostic"
label = "So far"
type = "cumulative"
input_metric = "amount"
grain_to_date = "period445"
grain = "day"

[metrics.growth]
kind = "diagnostic"
label = "Growth"
type = "derived"
expr = "amount / before - 1"
input_metrics = ["amount", { name = "amount", alias = "before", offset_window = "12 period445s" }]
grain = "period445"

[[links]]
cpi = "visits"
kpi = "amount"
expect = "positive"
lag = "0-1 period445s"
mechanism = "who comes buys"
"""


def periods(years: range = range(2023, 2028)) -> list[tuple[str, date, date]]:
    """Label, first and last day of each 4-4-5 period; the last one of 2026 has a 53rd week."""
    found, day = [], FIRST
    for year in years:
        for number in range(12):
            weeks = (4, 4, 5)[number % 3] + (1 if (year, number) == (2026, 11) else 0)
            last = day + timedelta(weeks=weeks, days=-1)
            found.append((f"P{number + 1:02} FY{year % 100}", day, last))
            day = last + timedelta(days=1)
    return found


def table(rows: list[tuple[str, date, date]]) -> str:
    """The periods as CSV."""
    return "name,starts_on,ends_on\n" + "".join(f"{name},{start},{last}\n" for name, start, last in rows)


def fiscal(folder: Path, rows: list[tuple[str, date, date]] | None = None) -> Path:
    """Write the workspace: one to nine rows a day up to today, the first thirteen days before all periods."""
    folder.mkdir(exist_ok=True)
    (folder / "kputui.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "periods.csv").write_text(table(rows or periods()), encoding="utf-8")
    rng = random.Random(2)  # noqa: S311 - no secret
    lines = ["day,amount,region"]
    day = FIRST - timedelta(days=13)
    while day <= TODAY:
        count = rng.randint(1, 9)
        lines += [f"{day},{rng.randint(1, 40)},{rng.choice(['north', 'south', 'west'])}" for _ in range(count)]
        day += timedelta(days=1)
    (folder / "sales.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
