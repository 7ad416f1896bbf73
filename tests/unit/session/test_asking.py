"""Checking, status and queries over a real workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from kputui.errors import Severity, UsageError
from kputui.model.metric import Grain
from kputui.model.workspace import Project
from kputui.session.check import check
from kputui.session.clock import Clock, clock_of
from kputui.session.query import query, request_of
from kputui.session.status import status

if TYPE_CHECKING:
    from tests.unit.session.shop import Shop


def test_check_lists_findings_and_data_problems(shop: Shop) -> None:
    """What the rules find and what the data contradicts stand in one list, worst first."""
    shop.change("metrics.toml", 'expr = "wait"', 'expr = "waits"')
    problems = check(shop.folder, now=shop.now)
    assert problems[0].severity is Severity.ERROR
    assert problems[0].key == "metrics.wait.expr"
    codes = [problem.code for problem in problems[1:]]
    assert codes[:2] == ["M07", "M09"]
    assert {"M08", "M19", "M31", "R13"} <= set(codes)


def test_check_holds_promises_against_the_rows_on_the_clocks_evening(shop: Shop) -> None:
    """Tests and freshness are findings, judged on the project's fixed day and not on the day of the machine."""
    shop.change("kputui.toml", "freshness", 'tests = [{ unique = "late" }]\nfreshness')
    codes = {problem.code for problem in check(shop.folder, now=shop.now)}
    assert "D26" in codes
    assert "D29" not in codes
    late = check(shop.folder, today=date(2026, 4, 1), now=shop.now)
    assert "D29" in {problem.code for problem in late}


def test_check_of_a_broken_folder_gives_its_problems(shop: Shop) -> None:
    """A config that cannot be read is a list of problems with places, not an exception."""
    shop.change("goals.toml", 'measured_by = "sold"', 'measured_by = "solde"')
    problems = check(shop.folder, now=shop.now)
    assert problems[0].place is not None
    assert "solde" in problems[0].message


def test_status_has_a_line_a_goal(shop: Shop) -> None:
    """Parents before children, each with its state and every pace figure."""
    lines = status(shop.open())
    assert [(line.label, line.depth, line.state) for line in lines] == [
        ("We stand on our own feet", 0, "off track"),
        ("The shop sells all year", 1, "on track"),
        ("Nobody needs to call us", 1, "off track"),
    ]
    assert lines[1].unit == "things"
    assert lines[1].pace is not None
    assert lines[1].pace.required_per_week == pytest.approx(70.0)


def test_status_tells_a_failure(shop: Shop) -> None:
    """A goal whose data is gone has no data, and the reason."""
    (shop.folder / "data" / "orders.csv").unlink()
    line = status(shop.open())[1]
    assert line.state == "no data"
    assert "orders.csv" in line.failure


def test_a_query_gives_numbers_by_month(shop: Shop) -> None:
    """Two metrics at one grain; the last day named is included."""
    table = query(shop.open().workspace, ["sold", "basket"], grain="month", end=date(2026, 2, 28))
    assert table.names == ("metric_time", "sold", "basket")
    assert table.columns == ((date(2026, 1, 1), date(2026, 2, 1)), (310.0, 280.0), (10.0, 10.0))


def test_an_unknown_metric_is_refused_with_the_nearest(shop: Shop) -> None:
    """A typing mistake is answered with what was probably meant."""
    workspace = shop.open().workspace
    with pytest.raises(UsageError, match='no metric "solt"') as caught:
        query(workspace, ["solt"])
    assert caught.value.hint == "nearest: sold"
    with pytest.raises(UsageError, match='no grain "weak"') as grain:
        query(workspace, ["sold"], grain="weak")
    assert grain.value.hint == "nearest: week"
    with pytest.raises(UsageError, match='has no dimension "shop"'):
        query(workspace, ["sold"], group_by=["shop"])
    with pytest.raises(UsageError, match="before"):
        query(workspace, ["sold"], start=date(2026, 2, 1), end=date(2026, 1, 1))
    with pytest.raises(UsageError, match="no metric is named"):
        query(workspace, [])


def test_metrics_of_different_grains_ask_for_one(shop: Shop) -> None:
    """Weeks and months do not share a table unless somebody chooses."""
    shop.change("metrics.toml", 'expr = "wait"\ngrain = "week"', 'expr = "wait"\ngrain = "month"')
    workspace = shop.open().workspace
    with pytest.raises(UsageError, match="different grains"):
        request_of(workspace, ["sold", "wait"])
    assert request_of(workspace, ["wait"]).grain is Grain.MONTH


def test_a_fixed_day_is_an_evening_and_a_live_day_is_running() -> None:
    """On the fixed 14th the 14th is over; live, the 13th is the last day that is."""
    noon = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
    assert clock_of(Project(), date(2026, 3, 14), noon) == Clock(date(2026, 3, 14), is_fixed=True)
    assert clock_of(Project(today=date(2013, 9, 30)), None, noon).last_day == date(2013, 9, 30)
    assert clock_of(Project(), None, noon).last_day == date(2026, 3, 13)


def test_the_day_begins_in_the_projects_zone() -> None:
    """At 23:30 in London it is tomorrow in Berlin and still today in New York."""
    late = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
    assert clock_of(Project(timezone="Europe/Berlin"), None, late).today == date(2026, 3, 15)
    assert clock_of(Project(timezone="America/New_York"), None, late).today == date(2026, 3, 14)
    assert clock_of(Project(), None, late.replace(tzinfo=None)).today == date(2026, 3, 14)
