"""A board with fixed figures: three airports as the demo has them, without files, engine or clock.

Run as a script it opens on the terminal: `python tests/tui/fake_board.py`.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.errors import Place, Problem, Severity
from kputui.model.ids import MetricId, TeamId
from kputui.model.metric import Grain, NumberFormat
from kputui.session.views import (
    BoardView,
    ChartView,
    DetailView,
    Fact,
    HeaderView,
    LineView,
    MarkView,
    MatrixRowView,
    MatrixView,
    Quantity,
    RowKind,
    RowView,
    Tone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P1, N0, N1, N2 = NumberFormat.PERCENT1, NumberFormat.NUMBER0, NumberFormat.NUMBER1, NumberFormat.NUMBER2
TODAY = date(2013, 9, 30)
WEEKS = 40
STARTS = tuple(date(2012, 12, 31) + timedelta(weeks=week) for week in range(WEEKS))

# Of each metric: its id, label, format, unit, level and swing.
METRICS = (
    ("completion", "Flights that left", P1, "", 0.975, 0.02),
    ("ontime_arrivals", "On-time arrivals", P1, "", 0.76, 0.09),
    ("afternoon_ontime", "Afternoon on-time arrivals", P1, "", 0.70, 0.12),
    ("clean_start", "Clean start", P1, "", 0.88, 0.05),
    ("miles_flown", "Miles flown", N2, "million miles", 6.4, 0.5),
    ("legs_per_aircraft", "Flights per aircraft", N2, "flights", 3.1, 0.2),
    ("delay_hours", "Hours of delay", N0, "hours", 2150, 900),
    ("long_delays", "Three-hour delays", N0, "flights", 95, 80),
    ("evening_cancelled", "Stranded tonight", P1, "", 0.03, 0.025),
    ("first_wave_late", "Early risers kept waiting", P1, "", 0.12, 0.05),
    ("gate_late15", "Left late", P1, "", 0.22, 0.08),
    ("evening_wait60", "Evening waits over an hour", P1, "", 0.13, 0.08),
    ("taxi45", "Stuck on the taxiway", P1, "", 0.07, 0.03),
    ("made_up", "Time made up in the air", P1, "", 0.62, 0.06),
    ("diverted", "Ended somewhere else", N1, "per 1,000", 3.4, 1.4),
    ("late60", "Connection at risk", P1, "", 0.085, 0.05),
    ("small_jet", "Put on a small jet", P1, "", 0.31, 0.02),
)
BY_ID = {metric[0]: metric for metric in METRICS}
# Of each goal: its figures, and its KPIs with their CPIs.
GOALS = (
    (
        "keep_timetable",
        "The flights in the timetable really fly",
        "off track",
        Tone.BAD,
        1.13,
        True,
        Quantity(6756, N0, "flights"),
        (("completion", ("evening_cancelled", "diverted")), ("legs_per_aircraft", ("taxi45",))),
    ),
    (
        "arrive_as_promised",
        "People arrive when we said they would",
        "at risk",
        Tone.CAUTION,
        0.99,
        False,
        Quantity(0.7546, P1),
        (
            ("ontime_arrivals", ("taxi45", "gate_late15")),
            ("afternoon_ontime", ("first_wave_late", "small_jet")),
            ("clean_start", ("evening_wait60",)),
        ),
    ),
    (
        "fly_further",
        "The network reaches further",
        "on track",
        Tone.GOOD,
        1.01,
        False,
        Quantity(256.91, N2, "million miles"),
        (("miles_flown", ()),),
    ),
    (
        "spare_passengers",
        "Nobody loses an evening to us",
        "at risk",
        Tone.CAUTION,
        1.06,
        True,
        Quantity(3174, N0, "flights"),
        (("long_delays", ("made_up", "diverted")), ("delay_hours", ("late60",))),
    ),
)
TEAMS = (
    ("operations", "Operations"),
    ("stations", "Stations"),
    ("crews", "Crews"),
    ("ramp", "Ramp"),
    ("care", "Care"),
    ("network", "Network"),
)
OWNERS = {
    "evening_cancelled": "ARC··I",
    "first_wave_late": "CA·R··",
    "gate_late15": "IA·C··",
    "evening_wait60": "··A·I·",
    "taxi45": "··CA··",
    "made_up": "I·A···",
    "diverted": "?·····",
    "late60": "·R··A·",
    "small_jet": "······",
}


def values_of(metric: str) -> tuple[float, ...]:
    """Forty weeks of a metric, always the same."""
    _, _, _, _, level, swing = BY_ID[metric]
    phase = sum(map(ord, metric)) % 17
    return tuple(
        level + swing * (0.6 * math.sin(week / 4 + phase) + 0.4 * math.sin(week * 1.9 + phase)) for week in range(WEEKS)
    )


def _metric_row(metric: str, kind: RowKind, depth: int, parent: str, *, has_numbers: bool) -> RowView:
    label, number_format, unit = BY_ID[metric][1:4]
    values = values_of(metric)
    state, tone = ("", Tone.PLAIN) if kind is RowKind.KPI else ("hypothesis", Tone.MUTED)
    known_unit = "%" if number_format is P1 else unit
    row = RowView(f"{parent}/{metric}", kind, depth, label, metric=MetricId(metric), parent=parent, unit=known_unit)
    if metric == "delay_hours" and has_numbers:
        return replace(row, state="D07 no column", tone=Tone.BAD, quantity=Quantity(None, number_format, unit))
    if not has_numbers:
        return replace(row, state=state, tone=tone)
    return replace(
        row,
        quantity=Quantity(values[-2], number_format, unit),
        spark=values[-8:],
        is_last_running=True,
        state=state,
        tone=tone,
    )


def _rows(*, has_numbers: bool) -> Iterator[RowView]:
    root = "goal/dependable"
    yield RowView(
        root,
        RowKind.GOAL,
        0,
        "Passengers can depend on us",
        has_children=True,
        state="at risk" * has_numbers,
        tone=Tone.CAUTION,
    )
    for goal, label, state, tone, pace, is_burn, quantity, kpis in GOALS:
        key = f"{root}/{goal}"
        row = RowView(key, RowKind.GOAL, 1, label, parent=root, has_children=True)
        if has_numbers:
            row = replace(row, quantity=quantity, pace=pace, is_burn=is_burn, state=state, tone=tone)
        yield row
        for kpi, cpis in kpis:
            yield replace(_metric_row(kpi, RowKind.KPI, 2, key, has_numbers=has_numbers), has_children=bool(cpis))
            for cpi in cpis:
                yield _metric_row(cpi, RowKind.CPI, 3, f"{key}/{kpi}", has_numbers=has_numbers)
        if goal == "arrive_as_promised":
            guard = _metric_row("delay_hours", RowKind.GUARDRAIL, 2, key, has_numbers=has_numbers)
            yield replace(guard, key=f"{key}/guard")
    yield RowView("orphans", RowKind.HEADING, 0, "1 metric supports no goal")
    yield replace(_metric_row("small_jet", RowKind.DIAGNOSTIC, 1, "orphans", has_numbers=has_numbers), state="")


def _detail(row: RowView, *, has_numbers: bool) -> DetailView:
    if row.metric is None:
        return DetailView(
            row.key,
            (row.label, "goal"),
            (Fact("actual", row.quantity), Fact("expected", Quantity(5983.56, N0)), Fact("due", text="31 Dec 2013")),
            None,
            (
                Fact("required", text="13.5 flights a day"),
                Fact("last 28 days", text="9.1 flights a day"),
                Fact("projection", Quantity(9033, N0, "flights")),
                Fact("S M A R T", text="all five lit"),
            ),
            owner="owner Dana",
            notes=("why: a cancelled flight costs a passenger a day, and us the fare and the hotel",),
        )
    metric = str(row.metric)
    _, label, number_format, unit, level, _ = BY_ID[metric]
    values = values_of(metric)
    is_cpi = row.kind is RowKind.CPI
    chart = ChartView(
        Grain.WEEK,
        STARTS,
        values,
        WEEKS - 1,
        1,
        (LineView("target", (level,) * WEEKS),),
        (
            MarkView(date(2013, 2, 8), date(2013, 2, 9), "blizzard"),
            MarkView(date(2013, 3, 6), date(2013, 3, 8), "snow"),
            MarkView(date(2013, 4, 21), date(2013, 4, 27), "furloughs"),
            MarkView(date(2013, 6, 24), date(2013, 7, 12), "thunderstorms", 0.5),
        ),
        number_format,
        unit,
    )
    return DetailView(
        row.key,
        (label, "CPI", "at the gate", "expectation") if is_cpi else (label, "KPI"),
        (
            Fact("", Quantity(values[-2], number_format, unit)),
            Fact("target", Quantity(level, number_format, unit)),
            Fact("week of", text="23 Sep 2013"),
        ),
        chart if has_numbers and metric != "delay_hours" else None,
        (Fact("before", Quantity(values[-3], number_format, unit)), Fact("rows", Quantity(6470, N0))),
        ("hypothesis: expected to lead On-time arrivals, negative, same week",) if is_cpi else (),
        "accountable Ramp (Tarek) since 2 Mar 2013, before confirmation" if is_cpi else "",
        ("gaming: pushing back early and waiting on the apron",),
        (
            Fact("files", text="data/flights.parquet"),
            Fact("rows read", Quantity(251_520, N0)),
            Fact("rows used", Quantity(244_000, N0)),
            Fact("dropped", text="7 520 without an arrival delay"),
            Fact("newest row", text="30 Sep 2013"),
            Fact("definition", text="3f2a9c"),
        ),
    )


def view_of(generation: int, *, has_numbers: bool = True) -> BoardView:
    """The board's view, with or without numbers."""
    rows = tuple(_rows(has_numbers=has_numbers))
    matrix = MatrixView(
        tuple((TeamId(id_), label) for id_, label in TEAMS),
        tuple(
            MatrixRowView(
                MetricId(metric),
                BY_ID[metric][1],
                "hypothesis",
                tuple(letter.replace("·", "") for letter in letters),
                is_exception="A" in letters,
            )
            for metric, letters in OWNERS.items()
        ),
        tuple(sum(letters[index] == "A" for letters in OWNERS.values()) for index in range(len(TEAMS))),
    )
    findings = (
        Problem(
            "M04",
            "small_jet supports no goal",
            Severity.WARNING,
            Place("metrics.toml", 141),
            "metrics.small_jet",
            "give it a goal or drop it",
        ),
        Problem(
            "D07",
            'no column "arr_dealy" in flights',
            Severity.ERROR,
            Place("metrics.toml", 88),
            "metrics.delay_hours.expr",
            "nearest: arr_delay",
        ),
    )
    return BoardView(
        generation,
        HeaderView(
            "Three Airports",
            TODAY,
            is_today_fixed=True,
            newest_data=TODAY if has_numbers else None,
            supporting_metrics=16,
            all_metrics=17,
            findings=2 * has_numbers,
            is_computing=not has_numbers,
        ),
        rows,
        {row.key: _detail(row, has_numbers=has_numbers) for row in rows if row.kind is not RowKind.HEADING},
        matrix,
        findings=findings if has_numbers else (),
    )


class FakeBoard:
    """Gives the fixed views; `changed` makes the next poll say so, `error` makes the next refresh fail."""

    def __init__(self, view: BoardView | None = None, *, delay_s: float = 0.0) -> None:
        """Give `view` instead of the airports when there is one; `delay_s` slows the refresh."""
        self.view = view
        self.delay_s = delay_s
        self.changed = threading.Event()
        self.error: BaseException | None = None
        self.reloads = 0
        self.forced = 0
        self._generation = 0

    def first(self) -> BoardView:
        """Names only."""
        return view_of(0, has_numbers=False) if self.view is None else self.view

    def refresh(self, is_cancelled: Callable[[], bool], *, is_forced: bool = False) -> Iterator[BoardView]:
        """One view with numbers; a forced one counts."""
        del is_cancelled
        self.forced += is_forced
        time.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        self._generation += 1
        yield view_of(self._generation) if self.view is None else replace(self.view, generation=self._generation)

    def stopped(self) -> BoardView:
        """The view as it is."""
        return view_of(self._generation) if self.view is None else self.view

    is_settling = False

    def poll(self) -> bool:
        """Whether `changed` was set."""
        is_changed = self.changed.is_set()
        self.changed.clear()
        return is_changed

    def reload(self) -> None:
        """Count."""
        self.reloads += 1


if __name__ == "__main__":
    import sys

    from kputui.tui.app import run

    sys.exit(run(FakeBoard()))
