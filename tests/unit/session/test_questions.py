"""The questions that rows raise, through the real engine; and what keeps them quiet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Direction, Metric, MetricKind, Simple
from kputui.render.number import quantity_text
from kputui.session.board import Board
from kputui.session.check import check
from kputui.session.judges import Memo, Work, judged_figures
from kputui.session.open import open_workspace
from kputui.session.questioning import questioned
from kputui.session.standup import all_figures, stand_up
from kputui.session.standup_views import ItemKind
from kputui.session.thresholds import Near, Threshold, bands_of, near_of, threshold_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kputui.analysis.gaming.question import Question
    from kputui.session.figures import Figures

START = date(2025, 1, 6)
WEEKS = 40
SINCE = START + timedelta(weeks=24)
NOW = datetime(2025, 10, 13, 12, tzinfo=UTC)

WORKSPACE = """
[project]
name = "Desk"
today = 2025-10-12

[sources.rows]
path = "rows.csv"
time = "day"

[goals.served]
label = "Everybody is served in time"
why = "They come back"
owner = "ines"
start = 2025-01-06
due = 2025-12-31
measured_by = "kpi"
target = 1

[metrics.kpi]
kind = "kpi"
label = "Served in time"
source = "rows"
agg = "{agg}"
expr = "{expr}"
grain = "{grain}"
direction = "{direction}"
dimensions = ["desk"]
goals = ["served"]
gaming = "somehow"
targets = [{{ from = 2025-01-06, value = 0.5 }}, {{ from = {since}, value = 0.6 }}]
"""


def workspace(
    folder: Path, rows: str, *, agg: str = "average", expr: str = "wait < 15", grain: str = "week", more: str = ""
) -> Path:
    direction = "increase"
    text = WORKSPACE.format(agg=agg, expr=expr, grain=grain, direction=direction, since=SINCE)
    (folder / "kputui.toml").write_text(text + more, encoding="utf-8")
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    return folder


def judged(folder: Path) -> Figures:
    from kputui.session.comparing import compared

    return judged_figures(open_workspace(folder, now=lambda: NOW), (compared, questioned))


def figure(question: Question, name: str) -> float:
    """A number behind a question."""
    value = question.figures[name]
    assert isinstance(value, int | float)
    return value


def asked(folder: Path) -> Mapping[str, Question]:
    """The questions at the KPI by their codes."""
    return {question.code: question for question in judged(folder).questions.get(MetricId("kpi"), ())}


def rows_of(make: Callable[[int, date], list[str]]) -> str:
    """The header, and what `make` gives for the number and the first day of each week."""
    lines = ["day,desk,wait,items"]
    for week in range(WEEKS):
        lines += make(week, START + timedelta(weeks=week))
    return "\n".join(lines) + "\n"


def wobble(week: int, size: int = 3) -> int:
    """Something that looks like chance and is the same each time."""
    return (week * 7919 % 97) % (2 * size + 1) - size


def test_waits_that_heap_just_below_the_threshold(tmp_path: Path) -> None:
    """Many waits of just under fifteen minutes and hardly any just over it: how were they measured?"""

    def week(number: int, day: date) -> list[str]:
        waits = [3, 5, 7, 9, 20, 25, 30] * 2 + [14] * 9 + [16] + [11 + number % 3]
        return [f"{day},north,{wait},1" for wait in waits]

    question = asked(workspace(tmp_path, rows_of(week)))["G03"]
    assert figure(question, "threshold") == 15.0
    assert figure(question, "just_past") > 5 * figure(question, "just_short")


def test_figures_behind_a_question_are_legible_in_a_stand_up(tmp_path: Path) -> None:
    """Rows are whole numbers, and a tiny p is not written as zero."""

    def week(_number: int, day: date) -> list[str]:
        return [f"{day},north,{wait},1" for wait in [3, 5, 7, 9, 20, 25, 30] * 2 + [14] * 9 + [16]]

    opened = open_workspace(workspace(tmp_path, rows_of(week)), now=lambda: NOW)
    view = stand_up(opened, all_figures(opened), date(2025, 10, 5))
    (item,) = [one for one in view.items if one.kind is ItemKind.QUESTION]
    told = {fact.name: fact.text or (quantity_text(fact.quantity) if fact.quantity else "") for fact in item.facts}
    assert told["threshold"] == "15.00"
    assert told["just past"].isdigit()
    assert float(told["p"]) > 0


def test_waits_that_fall_evenly_are_not_asked_about(tmp_path: Path) -> None:
    """A distribution that falls, and figures rounded to fives, are not heaps at the threshold."""

    def falling(_number: int, day: date) -> list[str]:
        counts = {wait: round(40 * 0.9**wait) for wait in range(1, 40)}
        return [f"{day},north,{wait},1" for wait, count in counts.items() for _ in range(count)]

    def rounded(_number: int, day: date) -> list[str]:
        return [f"{day},north,{wait},1" for wait in (5, 10, 10, 15, 15, 20, 20, 25) for _ in range(5)]

    for make in (falling, rounded):
        assert "G03" not in asked(workspace(tmp_path, rows_of(make)))


def test_a_share_that_rises_because_fewer_are_counted(tmp_path: Path) -> None:
    """As many in time as ever, but the late ones are no longer in the rows: who is no longer counted?"""

    def week(number: int, day: date) -> list[str]:
        late = 40 + wobble(number) if day < SINCE else 12 + wobble(number) // 2
        return [f"{day},north,{wait},1" for wait in [8] * (60 + wobble(number + 1)) + [40] * late]

    found = asked(workspace(tmp_path, rows_of(week)))
    assert found["G04"].since == SINCE
    assert figure(found["G04"], "denominator_after") < figure(found["G04"], "denominator_before")
    assert "G07" not in found


def test_a_share_that_rises_in_earnest_is_not_asked_about(tmp_path: Path) -> None:
    """As many rows as before, more of them in time, at each desk: nothing to ask."""

    def week(number: int, day: date) -> list[str]:
        good = (120 if day < SINCE else 160) + 2 * wobble(number)
        return [
            f"{day},{desk},{wait},1"
            for desk in ("north", "south")
            for wait in [2 + place % 40 / 4 for place in range(good)] + [40 + place % 50 for place in range(200 - good)]
        ]

    assert asked(workspace(tmp_path, rows_of(week))) == {}


def test_a_total_that_rises_while_its_parts_do_not(tmp_path: Path) -> None:
    """Each desk is a little worse, but the good desk got most of the customers: did only the mix change?"""

    def week(number: int, day: date) -> list[str]:
        is_after = day >= SINCE
        lines = []
        for desk, size, share in (
            ("north", 60 if not is_after else 160, 0.90 if not is_after else 0.88),
            ("south", 140 if not is_after else 40, 0.40 if not is_after else 0.38),
        ):
            good = round(size * share) + wobble(number, 1)
            lines += [f"{day},{desk},{wait},1" for wait in [8] * good + [40] * (size - good)]
        return lines

    question = asked(workspace(tmp_path, rows_of(week)))["G05"]
    assert figure(question, "segments_not_better") == 2
    assert figure(question, "after") > figure(question, "before")


def test_rows_that_are_missing_where_the_improvement_starts(tmp_path: Path) -> None:
    """A sum per row that improves as rows vanish: is the data complete?"""

    def week(number: int, day: date) -> list[str]:
        count, items = (100 + wobble(number), 10) if day < SINCE else (60 + wobble(number), 16)
        return [f"{day},north,8,{items + wobble(number + place, 1)}" for place in range(count)]

    found = asked(workspace(tmp_path, rows_of(week), agg="average", expr="items"))
    assert figure(found["G07"], "rows_after") < figure(found["G07"], "rows_before")


def test_fewer_rows_of_a_filter_are_not_missing_rows(tmp_path: Path) -> None:
    """The source has as many rows as ever; that fewer of them pass the metric's own filter is no lack of data."""

    def week(number: int, day: date) -> list[str]:
        chosen, items = (100 + wobble(number), 10) if day < SINCE else (60 + wobble(number), 16)
        rows = [f"{day},north,8,{items + wobble(number + place, 1)}" for place in range(chosen)]
        return rows + [f"{day},south,8,0"] * (200 - chosen)

    filtered = "items\"\nfilter = \"desk = 'north'"
    assert "G07" not in asked(workspace(tmp_path, rows_of(week), expr=filtered))


def test_a_note_on_the_source_where_the_improvement_starts(tmp_path: Path) -> None:
    """What the metric is made of changed in the same week: which of the two moved the figure?"""

    def week(number: int, day: date) -> list[str]:
        items = (10 if day < SINCE else 13) + wobble(number, 1) / 4
        return [f"{day},north,8,{items}" for _ in range(20)]

    note = f'\n[[annotations]]\non = {SINCE}\nnote = "new till"\nsources = ["rows"]\n'
    assert "G08" in asked(workspace(tmp_path, rows_of(week), expr="items", more=note))
    assert "G08" not in asked(workspace(tmp_path, rows_of(week), expr="items"))


def test_work_that_is_moved_over_the_end_of_the_month(tmp_path: Path) -> None:
    """Each month ends high and the next begins low: is work only moved?"""
    lines = ["day,desk,wait,items"]
    for number in range(WEEKS * 7):
        day = START + timedelta(days=number)
        is_last = (day + timedelta(days=3)).month != day.month
        items = 100 + wobble(number, 4) + (60 if is_last else -60 if day.day <= 3 else 0)
        lines.append(f"{day},north,8,{items}")
    folder = workspace(tmp_path, "\n".join(lines) + "\n", agg="sum", expr="items")
    assert figure(asked(folder)["G06"], "ends") >= 6


def test_a_question_costs_nothing_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as nothing has changed, the engine is not asked again, whatever the grains of guardrail and outcome."""
    from kputui.engine.compute import Engine
    from kputui.session.comparing import compared

    beside = (
        '[metrics.{0}]\nkind = "guardrail"\nsource = "rows"\nagg = "{1}"\nexpr = "wait"\ngrain = "month"\n'
        'direction = "decrease"\n'
    )
    more = 'guardrails = ["longest", "shortest"]\noutcome = "usual"\n'
    more += "".join(beside.format(*one) for one in (("longest", "max"), ("shortest", "min"), ("usual", "median")))
    rows = rows_of(lambda number, day: [f"{day},north,{10 + wobble(number)},1"] * 30)
    folder = workspace(tmp_path, rows, more=more)
    opened = open_workspace(folder, now=lambda: NOW)
    figures = judged_figures(opened, (compared,))
    work = Work(Engine(opened.workspace), Memo(), lambda: False)
    first = questioned(figures, work)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Engine, "readings", refuse)
    monkeypatch.setattr(Engine, "span_values", refuse)
    assert questioned(figures, work).questions == first.questions


def test_nothing_is_asked_after_a_cancel(tmp_path: Path) -> None:
    """A refresh that was overtaken leaves the figures as they were."""
    from kputui.engine.compute import Engine

    folder = workspace(tmp_path, rows_of(lambda _, day: [f"{day},north,8,1"] * 30))
    opened = open_workspace(folder, now=lambda: NOW)
    figures = judged_figures(opened, ())
    memo = Memo()
    assert questioned(figures, Work(Engine(opened.workspace), memo, lambda: True)) is figures
    calm = Work(Engine(opened.workspace), memo, lambda: False)
    fresh = Work(Engine(opened.workspace), Memo(), lambda: False)
    assert questioned(figures, calm).questions == questioned(figures, fresh).questions


@pytest.mark.parametrize("rows", ["", "day,desk,wait,items\n", "day,desk\n2025-01-06,north\n", "\0\0\0"])
def test_unreadable_data_does_not_break_check(tmp_path: Path, rows: str) -> None:
    """What cannot be read is a problem of its own; the rules about words and keys speak all the same."""
    folder = workspace(tmp_path, rows, more='\n[goals.lone]\nlabel = "Improve quality"\n')
    codes = {problem.code for problem in check(folder, now=lambda: NOW)}
    assert {"M02", "M09", "M22"} <= codes
    assert any(code.startswith(("D", "E")) for code in codes)


def test_the_board_and_check_find_the_same(tmp_path: Path) -> None:
    """What stands on the board's check screen is what the command lists."""

    def week(number: int, day: date) -> list[str]:
        late = 40 + wobble(number) if day < SINCE else 12 + wobble(number) // 2
        return [f"{day},north,{wait},1" for wait in [8] * (60 + wobble(number + 1)) + [40] * late]

    folder = workspace(tmp_path, rows_of(week))
    view = list(Board(open_workspace(folder, now=lambda: NOW)).refresh())[-1]
    assert view.findings == check(folder, now=lambda: NOW)


def metric(expr: str, agg: Aggregation = Aggregation.AVERAGE, direction: Direction = Direction.INCREASE) -> Metric:
    return Metric(MetricId("late"), MetricKind.KPI, "Late", Simple(SourceId("rows"), agg, expr), direction=direction)


@pytest.mark.parametrize(
    ("expr", "direction", "found"),
    [
        ("wait < 15", Direction.INCREASE, Threshold('"wait"', 15.0, is_better_below=True, is_open=True)),
        ("wait <= 15", Direction.INCREASE, Threshold('"wait"', 15.0, is_better_below=True, is_open=False)),
        ("wait > 15", Direction.DECREASE, Threshold('"wait"', 15.0, is_better_below=True, is_open=False)),
        ("15 >= wait", Direction.INCREASE, Threshold('"wait"', 15.0, is_better_below=True, is_open=False)),
        ("score >= 4", Direction.INCREASE, Threshold('"score"', 4.0, is_better_below=False, is_open=True)),
        ("gain > -2", Direction.INCREASE, Threshold('"gain"', -2.0, is_better_below=False, is_open=False)),
        ("wait < 15", Direction.MAINTAIN, None),
        ("wait < 0", Direction.INCREASE, None),
        ("wait = 15", Direction.INCREASE, None),
        ("wait < other", Direction.INCREASE, None),
        ("wait", Direction.INCREASE, None),
        ("not ( sql", Direction.INCREASE, None),
    ],
)
def test_where_the_threshold_lies(expr: str, direction: Direction, found: Threshold | None) -> None:
    """An expression against a number, whichever way round it is written, and which side is the better one."""
    assert threshold_of(metric(expr, direction=direction)) == found


def test_other_aggregations_have_no_threshold() -> None:
    """A sum of a comparison is no share of rows."""
    assert threshold_of(metric("wait < 15", Aggregation.SUM)) is None


def test_four_bands_lie_side_by_side() -> None:
    """From the better side to the worse, two on each side of the threshold, each a third of it wide."""
    threshold = threshold_of(metric("wait < 15"))
    assert threshold is not None
    filters = [band.definition.filter for band in bands_of(metric("wait < 15"), threshold)]
    assert filters == [
        '("wait") >= 5.0 and ("wait") < 10.0',
        '("wait") >= 10.0 and ("wait") < 15.0',
        '("wait") >= 15.0 and ("wait") < 20.0',
        '("wait") >= 20.0 and ("wait") < 25.0',
    ]


def test_only_a_heap_beyond_the_slope_is_looked_at() -> None:
    """What falls as steeply everywhere is a slope; what falls only at the threshold is not."""
    threshold = Threshold('"wait"', 15.0, is_better_below=True, is_open=True)
    assert near_of(threshold, [100, 90, 20, 18]) == Near(15.0, 5.0, past=90, short=20)
    assert near_of(threshold, [800, 400, 200, 100]) is None
    assert near_of(threshold, [50, 50, 50, 50]) is None
    assert near_of(threshold, [50, 90]) is None
    assert near_of(threshold, [50, 90, 0, 0]) is None


def test_one_peak_beside_the_threshold_is_no_heap() -> None:
    """Gusts of a year peak below 30 mph and thin out above it: nobody is asked how they were measured."""
    threshold = Threshold('"gust"', 30.0, is_better_below=True, is_open=True)
    assert near_of(threshold, [108, 491, 151, 45]) is None
    assert near_of(threshold, [108, 560, 82, 45]) == Near(30.0, 10.0, past=560, short=82)
