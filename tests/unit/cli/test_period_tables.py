"""A KPI by 4-4-5 periods through every command: numbers, labels, goal, forecast, link, report, and the table's end."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.fiscal import fiscal, periods

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui


def by_hand(folder: Path, start: date, last: date) -> float:
    """The sum of the file's amounts from `start` to `last`."""
    rows = csv.DictReader((folder / "sales.csv").read_text().splitlines())
    return sum(float(row["amount"]) for row in rows if start <= date.fromisoformat(row["day"]) <= last)


def test_query_names_each_period_and_adds_up_its_days(kputui: Kputui, tmp_path: Path) -> None:
    """The first day, the label in a column called as the grain, and the sum of just those days."""
    folder = fiscal(tmp_path / "w")
    answer = kputui("-w", folder, "query", "amount", "--format", "json")
    assert answer.code == 0
    rows = json.loads(answer.out)
    expected = [(name, start, last) for name, start, last in periods() if start <= date(2026, 6, 30)]
    assert [(row["period445"], row["metric_time"]) for row in rows] == [(n, s.isoformat()) for n, s, _ in expected]
    assert [row["amount"] for row in rows] == [by_hand(folder, start, last) for _, start, last in expected]
    assert "lie in no period of `period445`, whose table reaches from 2023-01-02 to 2028-01-02 (D23)" in " ".join(
        answer.err.split()
    )


def test_query_at_any_grain_of_the_workspace(kputui: Kputui, tmp_path: Path) -> None:
    """`--grain` takes the workspace's own names, offers the nearest, and breaks down and compares by them."""
    folder = fiscal(tmp_path / "w")
    seasons = json.loads(kputui("-w", folder, "query", "amount", "--grain", "season", "--format", "json").out)
    assert [row["metric_time"] for row in seasons][-1] == "2026-06-01"
    assert set(seasons[0]) == {"metric_time", "amount"}  # a list of days has no labels
    wrong = kputui("-w", folder, "query", "amount", "--grain", "period45")
    assert wrong.code == 2
    assert "nearest: period445" in wrong.err
    regions = json.loads(
        kputui("-w", folder, "query", "amount", "--group-by", "region", "--from", "2026-06-01", "--format", "json").out
    )
    assert [(row["period445"], row["region"]) for row in regions][:3] == [
        ("P06 FY26", "north"),
        ("P06 FY26", "south"),
        ("P06 FY26", "west"),
    ]
    compared = json.loads(
        kputui(
            *("-w", folder, "query", "amount", "--compare", "12 period445s"),
            *("--from", "2026-05-25", "--to", "2026-06-28", "--format", "json"),
        ).out
    )
    (row,) = compared
    assert row["amount__prior"] == by_hand(folder, date(2025, 5, 26), date(2025, 6, 29))
    assert row["amount__change"] == pytest.approx(row["amount"] / row["amount__prior"] - 1)
    growth = json.loads(kputui("-w", folder, "query", "growth", "--from", "2026-05-25", "--format", "json").out)
    assert growth[0]["growth"] == pytest.approx(row["amount__change"])


def test_a_sum_to_date_begins_again_with_each_period(kputui: Kputui, tmp_path: Path) -> None:
    """On a period's first day it is that day's, on its last the whole period's."""
    folder = fiscal(tmp_path / "w")
    out = kputui("-w", folder, "query", "so_far", "--from", "2026-06-28", "--to", "2026-06-29", "--format", "json").out
    first, second = json.loads(out)
    assert first["so_far"] == by_hand(folder, date(2026, 5, 25), date(2026, 6, 28))
    assert second["so_far"] == by_hand(folder, date(2026, 6, 29), date(2026, 6, 29))


def test_a_goal_by_such_a_metric_is_judged_and_forecast(kputui: Kputui, tmp_path: Path) -> None:
    """The goal's days decide its pace; the forecast's steps are the table's periods, longer ones bringing more."""
    folder = fiscal(tmp_path / "w")
    status = kputui("-w", folder, "status")
    total = by_hand(folder, date(2025, 12, 29), date(2026, 6, 30))
    assert f"{total:,.0f}".replace(",", " ") in status.out
    (goal,) = json.loads(kputui("-w", folder, "forecast", "more", "--format", "json").out)["goals"]
    steps = goal["outlook"]["steps"]
    ahead = [start.isoformat() for _, start, _ in periods() if date(2026, 6, 29) <= start <= date(2026, 12, 27)]
    assert [step["start"] for step in steps] == ahead
    assert steps[-1]["end"] == "2026-12-28"
    means = [step["mean"] for step in steps]
    gains = [late - early for early, late in itertools.pairwise(means)]
    assert gains[1] > 1.2 * gains[0]  # five weeks after four


def test_the_forecast_ends_where_the_table_does(kputui: Kputui, tmp_path: Path) -> None:
    """Without the coming periods there is no forecast but a reason, and `check` says what to do."""
    folder = fiscal(tmp_path / "w", periods()[:46])
    answer = kputui("-w", folder, "forecast", "more")
    assert "the table of the grain period445 ends on 2026-10-25" in " ".join(answer.out.split())
    check = " ".join(kputui("-w", folder, "check").out.split())
    assert "M44" in check
    assert 'the table of the grain "period445" ends on 2026-10-25, and the goal "More is bought" on 2026-12-27' in check
    late = fiscal(tmp_path / "late", periods()[:36])
    check = " ".join(kputui("-w", late, "check").out.split())
    assert 'the table of the grain "period445" ends on 2025-12-28: what came later is in no period' in check
    ignored = '[lint.ignore]\n"grains.period445" = ["M44"]\n'
    (late / "lint.toml").write_text(ignored)
    assert "M44" not in kputui("-w", late, "check").out


def test_a_link_is_tested_by_the_periods_of_its_lag(kputui: Kputui, tmp_path: Path) -> None:
    """A CPI by weeks and a KPI by 4-4-5 periods are compared by the periods, at lags counted in them."""
    folder = fiscal(tmp_path / "w")
    (link,) = json.loads(kputui("-w", folder, "links", "--format", "json").out)["links"]
    assert link["evidence"]["grain"] == "period445"
    assert "period445" in kputui("-w", folder, "links", "visits").out


@pytest.mark.parametrize(
    "words",
    [
        ("signals",),
        ("standup",),
        ("report",),
        ("report", "--format", "html"),
        ("export", "values", "amount", "--format", "csv"),
        ("export", "goals", "--format", "json"),
        ("links", "--search"),
        ("compare", "amount"),
        ("watch", "--once"),
    ],
    ids=" ".join,
)
def test_every_command_answers_for_a_metric_by_a_table(words: tuple[str, ...], kputui: Kputui, tmp_path: Path) -> None:
    """No command is surprised by periods that no calendar has."""
    assert kputui("-w", fiscal(tmp_path / "w"), *words).code in {0, 1}


def test_exported_values_have_their_periods(kputui: Kputui, tmp_path: Path) -> None:
    """A spreadsheet gets first and last days as the table has them."""
    answer = kputui("-w", fiscal(tmp_path / "w"), "export", "values", "amount", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["period"] for row in rows] == [start.isoformat() for _, start, _ in periods()][:43]
    assert [row["is_whole"] for row in rows][-2:] == ["true", "false"]
