"""forecast on the demo: what it prints, and what it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui


def test_all_goals_are_forecast_in_words_and_figures(kputui: Kputui, demo: Path) -> None:
    """A month before the end each measured goal has its chance in words, its value on the due date, and its bands."""
    answer = kputui("-w", demo, "forecast", "--today", "2013-11-30")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "Three Airports · forecast on the evening of 30 Nov 2013"
    told = lines[lines.index("The flights in the timetable really fly") + 1]
    assert "leaning to be met; by 31 Dec 2013 " in told
    assert "80 %: " in told
    assert "95 %: " in told
    assert (
        lines[lines.index("Passengers can depend on us") + 1]
        == "    no forecast: it has no measure of its own; see the goals below it"
    )


def test_half_a_year_ahead_nothing_is_said_of_the_due_date(kputui: Kputui, demo: Path) -> None:
    """25 weeks do not support a forecast of 26 more, and no figure pretends so."""
    answer = kputui("-w", demo, "forecast", "keep_timetable", "--today", "2013-06-30")
    assert "no forecast for 31 Dec 2013: beyond what 25 points support" in answer.out
    assert "80 % from" in answer.out


def test_json_holds_every_figure(kputui: Kputui, demo: Path) -> None:
    """Programs get the steps with both bands, the probability, the method and the notes."""
    report = json.loads(
        kputui("-w", demo, "forecast", "keep_timetable", "--today", "2013-11-30", "--format", "json").out
    )
    (goal,) = report["goals"]
    outlook = goal["outlook"]
    assert report["last_day"] == "2013-11-30"
    assert (goal["goal"], goal["metric"], goal["state"]) == ("keep_timetable", "cancelled_flights", "on track")
    assert outlook["refusal"] == ""
    assert outlook["due"] == "2013-12-31"
    assert outlook["low95"] <= outlook["low80"] < outlook["mean"] < outlook["high80"] < outlook["high95"]
    assert outlook["steps"][-1]["end"] == "2014-01-01"
    assert outlook["steps"][-1]["mean"] == outlook["mean"]
    assert 0.65 <= outlook["p_met"] <= 0.9
    assert outlook["words"] == "leaning to be met"
    assert outlook["n"] == 46
    assert goal["pace"]["actual"] == 7230


@pytest.mark.parametrize("day", ["2013-09-30", "2013-11-30"])
def test_the_day_alone_decides_what_is_said(kputui: Kputui, demo: Path, day: str) -> None:
    """What the data holds after the day does not reach the forecast: without those rows it is the same."""
    import polars as pl

    whole = kputui("-w", demo, "forecast", "--today", day).out
    flights = demo / "data" / "flights.parquet"
    frame = pl.read_parquet(flights)
    time = next(name for name, kind in frame.schema.items() if kind in {pl.Date, pl.Datetime} or name == "date")
    frame.filter(pl.col(time).cast(pl.Date) <= pl.lit(day).str.to_date()).write_parquet(flights)
    assert kputui("-w", demo, "forecast", "--today", day).out == whole


def test_after_the_due_date_the_goal_is_decided(kputui: Kputui, demo: Path) -> None:
    """On New Year's Eve nothing is forecast any more."""
    answer = kputui("-w", demo, "forecast", "keep_timetable", "--today", "2013-12-31")
    assert "no forecast: the goal is missed already" in answer.out


def test_an_unknown_goal_names_the_nearest(kputui: Kputui, demo: Path) -> None:
    """A slip of the finger is answered with the name that was meant."""
    answer = kputui("-w", demo, "forecast", "keep_timetabel")
    assert answer.code == 2
    assert "keep_timetable" in answer.err


def test_missing_data_answers_five(kputui: Kputui, demo: Path) -> None:
    """Goals whose data is gone are told on stderr, and the answer says that data is missing."""
    (demo / "data" / "flights.parquet").unlink()
    answer = kputui("-w", demo, "forecast")
    assert answer.code == 5
    assert "no forecast" in answer.out
    assert "D02" in answer.err
