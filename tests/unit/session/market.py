"""A small real workspace for tests of exploring: orders whose dimensions hold what people should not write."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.session.open import Opened, open_workspace

if TYPE_CHECKING:
    from pathlib import Path

FIRST = date(2026, 1, 5)
"""A Monday."""
DAYS = 140
NAMES = (
    *("UA", "DL", "", "O'Neil [bold]", "\x1b[31mred\x1b[0m", "a\nb"),
    *("日本", 'say "hi"', "x" * 90, "--", None, "\u202egnp"),
)
"""Values of `shop`: quotes, markup, terminal sequences, line ends, wide and reversed text, emptiness, nothing."""

CONFIG = """
[project]
name = "Shop"
today = 2026-05-24

[sources.orders]
path = "data/orders.parquet"
time = "day"
tests = [{ not_null = "buyer" }, { accepted_values = "is_new", values = [true, false] }]
freshness = { warn_after = "2d" }

[goals.loyal]
label = "Buyers come back"
start = 2026-01-01
due = 2026-12-31
measured_by = "buyers"
baseline = 1
target = 10

[metrics.buyers]
kind = "kpi"
label = "Buyers"
type = "simple"
source = "orders"
agg = "count_distinct"
expr = "buyer"
grain = "month"
direction = "increase"
dimensions = ["shop", "buyer", "level", "is_new"]
goals = ["loyal"]
gaming = "counting twice"

[metrics.spent]
kind = "diagnostic"
label = "Money spent"
type = "simple"
source = "orders"
agg = "sum"
expr = "amount"
dimensions = ["shop"]

[metrics.orders]
kind = "diagnostic"
label = "Orders"
type = "simple"
source = "orders"
agg = "count"
filter = "amount > 1"

[metrics.basket]
kind = "kpi"
label = "Basket"
type = "ratio"
numerator = { name = "spent", filter = "amount > 1" }
denominator = "orders"
direction = "increase"
dimensions = ["shop", "buyer"]
goals = ["loyal"]
targets = [{ from = 2026-01-01, value = 40 }]
gaming = "hiding small orders"
"""

Row = dict[str, object]


def rows(people: int = 60) -> list[Row]:
    """The same orders each time, by `people` buyers."""
    dice = random.Random(11)  # noqa: S311 - no secret
    return [
        {
            "day": FIRST + timedelta(days=dice.randrange(DAYS)),
            "shop": dice.choice(NAMES),
            "buyer": f"buyer {dice.randrange(people)}",
            "level": dice.choice((1, 2, -3, None)),
            "is_new": dice.choice((True, False, None)),
            "amount": dice.randrange(100),
        }
        for _ in range(3_000 if people < 1_000 else 3 * people)
    ]


def market(folder: Path, people: int = 60) -> Opened:
    """The workspace in a folder, opened."""
    import polars as pl

    (folder / "data").mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows(people), infer_schema_length=None).write_parquet(folder / "data" / "orders.parquet")
    (folder / "kputui.toml").write_text(CONFIG, encoding="utf-8")
    return open_workspace(folder)
