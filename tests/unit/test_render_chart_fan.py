"""The fan of a forecast: legible in characters alone, and never in the way of what really was."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from kputui.analysis.forecast.outlook import Outlook, Step
from kputui.model.metric import Grain
from kputui.render.chart import chart_lines
from kputui.render.glyphs import BAND80, BAND95, MARK, MIDDLE, ascii_text
from kputui.render.lines import text_of, width_of
from kputui.session.fans import fan_of
from kputui.session.views import ChartView, LineView, MarkView

START = date(2026, 1, 5)
WEEKS = tuple(START + timedelta(days=7 * index) for index in range(30))
ACTUAL = tuple(float(100 * (index + 1)) if index < 20 else None for index in range(30))


def step(index: int) -> Step:
    """A step whose bands open by 20 and 40 a week."""
    middle, wide = 100.0 * (index + 1), 30.0 * (index - 19)
    start = WEEKS[index]
    return Step(
        start, start + timedelta(days=7), middle, middle - wide, middle + wide, middle - 2 * wide, middle + 2 * wide
    )


OUTLOOK = Outlook(steps=tuple(step(index) for index in range(20, 30)), due=WEEKS[-1])
VIEW = ChartView(
    Grain.WEEK,
    WEEKS,
    ACTUAL,
    20,
    0,
    (LineView("plan", tuple(90.0 * (index + 1) for index in range(30))),),
    fan=fan_of(OUTLOOK, WEEKS, ACTUAL),
)


def drawn(view: ChartView, width: int, height: int) -> list[str]:
    lines = chart_lines(view, width, height)
    assert all(width_of(line) == width for line in lines)
    return [text_of(line) for line in lines]


def test_the_fan_opens_in_the_last_known_value() -> None:
    """Its bands start where the curve ends, and there is nothing of it before."""
    fan = VIEW.fan
    assert fan is not None
    assert {values[19] for values in (fan.mean, fan.low80, fan.high80, fan.low95, fan.high95)} == {2_000.0}
    assert fan.mean[:19] == (None,) * 19
    assert fan.high95[29] == 3_000.0 + 600.0


@pytest.mark.parametrize(("width", "height"), [(76, 12), (60, 9), (120, 30)])
def test_two_bands_are_told_apart_without_colour(width: int, height: int) -> None:
    """At any size both bands and the legend that names them are there."""
    text = "\n".join(drawn(VIEW, width, height))
    assert BAND95 in text
    assert BAND80 in text
    assert "80 %" in text


def test_the_curve_and_the_past_stay_free_of_the_fan() -> None:
    """Left of the last value no cell is shaded, and the fan needs room on the value axis."""
    lines = drawn(VIEW, 100, 24)[:-3]
    shaded = [line.find(glyph) for line in lines for glyph in (BAND80, BAND95, MIDDLE) if glyph in line]
    assert min(shaded) > 60
    assert any("3 500" in line or "4 000" in line for line in lines)


def test_the_plan_is_seen_through_the_fan() -> None:
    """The plan line is drawn over the bands."""
    steep = replace(VIEW, lines=(LineView("plan", tuple(100.0 * (index + 1) for index in range(30))),))
    right = [line[-20:] for line in drawn(steep, 100, 24)[:-3]]
    assert any("╌" in part and BAND80 in part for part in right)


def test_bands_are_told_apart_in_ascii() -> None:
    """A terminal without UTF-8 gets two different characters."""
    assert ascii_text(BAND80 + BAND95 + MIDDLE) == ":.="


def marked(count: int) -> ChartView:
    """The chart with `count` planned slow times, one every other week."""
    zones = (WEEKS[2 * index] for index in range(count))
    marks = tuple(MarkView(day, day + timedelta(days=12), f"Slow time {index}", 0.5) for index, day in enumerate(zones))
    return replace(VIEW, marks=marks)


def test_marks_are_no_bands() -> None:
    """What was declared and what is forecast have signs of their own, with and without UTF-8."""
    bands = {BAND80, BAND95, MIDDLE}
    assert MARK not in bands
    assert ascii_text(MARK) not in {ascii_text(band) for band in bands}
    assert MARK in "\n".join(drawn(marked(3), 76, 12))


@pytest.mark.parametrize(("width", "height"), [(76, 12), (50, 12), (30, 12), (76, 24), (100, 24)])
def test_the_legend_names_all_marks_or_says_how_many_more(width: int, height: int) -> None:
    """Every letter that is drawn is named, or counted at the end of the legend."""
    lines = drawn(marked(8), width, height)
    text = "\n".join(lines)
    told = text.count("Slow time") + text.count("Slo…")
    more = re.search(r"[+] (\d+) more", lines[-1])
    assert told + (int(more[1]) if more else 0) == 8


def test_the_years_are_those_of_the_axis() -> None:
    """A last week that begins in December belongs to that year."""
    weeks = tuple(date(2013, 1, 7) + timedelta(days=7 * index) for index in range(52))
    assert weeks[-1] == date(2013, 12, 30)
    view = ChartView(Grain.WEEK, weeks, tuple(float(index) for index in range(52)), None, 0)
    assert "by week, 2013 " in "\n".join(drawn(view, 76, 12))


def test_a_fan_of_something_else_than_the_due_value_says_of_what() -> None:
    """Where the goal counts over the whole time, the legend says that the fan is of single weeks."""
    each = replace(VIEW, fan=fan_of(OUTLOOK, WEEKS, ACTUAL, "of each week"))
    assert "95 % forecast of each week" in "\n".join(drawn(each, 76, 12))


def test_no_forecast_draws_no_fan() -> None:
    """A refusal leaves the chart as it is."""
    assert fan_of(None, WEEKS, ACTUAL) is None
    assert fan_of(Outlook("a forecast needs 8 whole periods; there are 3"), WEEKS, ACTUAL) is None
    assert BAND95 not in "\n".join(drawn(replace(VIEW, fan=None), 76, 12))
