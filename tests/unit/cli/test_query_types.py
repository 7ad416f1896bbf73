"""`kputui query` over every metric type, a comparison and borrowed columns, from files as people write them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui.render.number import NOTHING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui

_CONFIG = """
[goals.g]
label = "Customers come back"

[sources.visits]
path = "visits.csv"
time = "day"
joins = [ { source = "people", key = "who", to = "id" } ]

[sources.people]
path = "people.csv"

[metrics.visits]
kind = "diagnostic"
source = "visits"
agg = "count"
dimensions = ["people__region"]

[metrics.last_7_days]
kind = "diagnostic"
type = "cumulative"
input_metric = "visits"
window = "7 days"
period_agg = "last"

[metrics.more]
kind = "diagnostic"
type = "derived"
expr = "visits - before"
input_metrics = ["visits", { name = "visits", alias = "before", offset_window = "1 month" }]

[metrics.again]
kind = "diagnostic"
type = "conversion"
base_metric = { name = "visits", filter = "who = 1" }
conversion_metric = { name = "visits", filter = "who = 1 and weekday = 1" }
entity = "who"
window = "2 days"

[metrics.regulars]
kind = "diagnostic"
source = "visits"
agg = "count_distinct"
expr = "who"
filter = "people__visits >= 20"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Ninety days with a visit of person 1 each day and one of person 2 each Sunday."""
    folder = tmp_path / "shop"
    folder.mkdir()
    days = [date(2024, 1, 1) + timedelta(days=shift) for shift in range(91)]
    rows = [f"{day},1" for day in days] + [f"{day},2" for day in days if day.weekday() == 6]
    (folder / "visits.csv").write_text("day,who\n" + "\n".join(rows) + "\n")
    (folder / "people.csv").write_text("id,region\n1,north\n2,south\n")
    (folder / "kputui.toml").write_text(_CONFIG)
    return folder


def test_every_type_has_its_numbers(kputui: Kputui, shop: Path) -> None:
    """A month shows the last week's visits, what was more than the month before, and how many came on the next day."""
    words = ("query", "visits", "last_7_days", "more", "again", "regulars", "--grain", "month", "--format", "json")
    answer = kputui("-w", shop, *words)
    assert (answer.code, answer.err) == (0, "")
    february = json.loads(answer.out)[1]
    assert february == {
        "metric_time": "2024-02-01",
        "visits": 29 + 4,
        "last_7_days": 8,
        "more": 33 - 35,
        "again": 4 / 29,
        "regulars": 1,
    }


def test_compare_shows_the_month_before_and_the_change(kputui: Kputui, shop: Path) -> None:
    """The table has the earlier value and the change in percent; a running month has no change."""
    words = ("query", "visits", "--grain", "month", "--compare", "1 month", "--to", "2024-03-20")
    answer = kputui("-w", shop, *words, "--today", "2024-03-20")
    head, _, *rows = [line.split() for line in answer.out.splitlines()]
    assert head == ["metric_time", "visits", "visits__prior", "visits__change", "(%)"]
    assert [row[1:] for row in rows] == [["35", NOTHING, NOTHING], ["33", "35", "-5.7"], ["23", "33", NOTHING]]


def test_compare_wants_a_length(kputui: Kputui, shop: Path) -> None:
    """Another word than a length of time is a mistake of the command line."""
    answer = kputui("-w", shop, "query", "visits", "--compare", "lately")
    assert answer.code == 2
    assert '"1 year"' in answer.err


def test_breakdown_by_borrowed_columns(kputui: Kputui, shop: Path) -> None:
    """A declared joined column and any date part break a metric down; an undeclared column does not."""
    words = ("-w", shop, "query", "visits", "--grain", "year", "--format", "json")
    regions = json.loads(kputui(*words, "--group-by", "people__region").out)
    assert [(row["people__region"], row["visits"]) for row in regions] == [("north", 91), ("south", 13)]
    assert len(json.loads(kputui(*words, "--group-by", "weekday").out)) == 7
    assert kputui(*words, "--group-by", "people__id").code == 2
