"""What a person reads in the details and in the matrix."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.shop import orders

from kputui.session import bug_log
from kputui.session.board import Board
from kputui.session.views import DetailView, Fact, Tone

if TYPE_CHECKING:
    from tests.unit.session.shop import Shop

    from kputui.session.views import BoardView


def complete(shop: Shop, today: date | None = None) -> BoardView:
    return list(Board(shop.open(today)).refresh())[-1]


def fact(facts: tuple[Fact, ...], name: str) -> Fact:
    """The fact of that name."""
    return next(found for found in facts if found.name == name)


def value(facts: tuple[Fact, ...], name: str) -> float:
    quantity = fact(facts, name).quantity
    assert quantity is not None
    assert quantity.value is not None
    return quantity.value


@pytest.fixture
def late(shop: Shop) -> DetailView:
    return complete(shop).details["cpi:sell/sold/late"]


def test_a_cpi_says_what_it_is(late: DetailView) -> None:
    """Label, kind, stage and need, what it asks and how it was found."""
    assert late.title == ("Late deliveries", "CPI", "Waiting and receiving", "expectation")
    assert late.notes == ("asks: Is it here on the promised day?", "found by: 12 ride-alongs")


def test_the_newest_whole_period_is_the_headline(late: DetailView) -> None:
    """The running week does not stand for a whole one: it is named apart, and its change is withheld."""
    assert [found.name for found in late.headline] == [
        "week of 2 Mar 2026",
        "target",
        "against the week before",
        "week of 9 Mar 2026, running",
    ]
    assert value(late.headline, "week of 2 Mar 2026") == pytest.approx(3 / 7)
    assert value(late.headline, "against the week before") == pytest.approx(100 / 7)
    assert fact(late.headline, "against the week before").text == "more"


def test_what_a_kpi_is_made_of_and_guarded_by(shop: Shop) -> None:
    """Guardrails and the way to cheat stand in the detail of their KPI."""
    detail = complete(shop).details["kpi:sell/sold"]
    assert detail.notes == ("guarded by: Things returned", "could be cheated by: selling to ourselves")
    assert fact(detail.facts, "goal").text == "on track"


def test_a_metric_without_values_says_why_at_once(shop: Shop) -> None:
    """The reason stands where the value would, the code and the hint among the notes."""
    (shop.folder / "data" / "orders.csv").unlink()
    detail = complete(shop).details["kpi:sell/sold"]
    assert "orders.csv" in detail.headline[0].text
    assert detail.headline[0].tone is Tone.BAD
    assert detail.notes[0].startswith("D02: ")


def test_a_small_sample_is_told(late: DetailView) -> None:
    """Seven rows where fifty are wanted are not much of a share."""
    assert any(found.text == "sample too small: 7 rows, 50 wanted" for found in late.facts)
    assert fact(late.headline, "target").text == ""


def test_a_sample_that_is_large_enough_is_judged(shop: Shop) -> None:
    """Seven rows where seven are wanted meet the target or miss it; one row less is not judged, also as a guardrail."""
    shop.change("metrics.toml", "min_sample = 50", "min_sample = 7")
    detail = complete(shop).details["cpi:sell/sold/late"]
    assert fact(detail.headline, "target").text == "met"
    assert not any(found.text.startswith("sample too small") for found in detail.facts)
    written = 'label = "Things returned"'
    shop.change("metrics.toml", written, f"{written}\nmin_sample = 8")
    row = next(row for row in complete(shop).rows if row.key == "guard:sell/sold/returns")
    assert (row.state, row.tone) == ("", Tone.PLAIN)


def test_a_link_is_a_hypothesis_in_words(late: DetailView) -> None:
    """Sign, lag and mechanism; never that one causes the other."""
    (words,) = late.links
    assert words == (
        "hypothesis: expected to lead Things sold, negative, after 0-2 weeks: who waited does not come again; "
        "the data says: not enough data (Late deliveries: no week has the 50 rows that it asks for)"
    )
    assert "cause" not in " ".join(late.links)


def test_who_is_accountable_before_confirmation(late: DetailView) -> None:
    """Team, person, day, the exception, and the other roles."""
    assert late.owner == (
        "accountable Logistics (Tarek) since 3 Feb 2026, before confirmation; responsible: Logistics; informed: Desk"
    )


def test_after_confirmation_nothing_is_an_exception(shop: Shop) -> None:
    """A confirmed link is shown as such, and its owner is no exception any more."""
    decided = '\n[links."late->sold"]\nstate = "confirmed"\ndecided_by = "ines"\ndecided_on = 2026-02-01\n'
    state = (shop.folder / "state" / "accountability.toml").read_text(encoding="utf-8")
    shop.write("state/accountability.toml", state + decided)
    view = complete(shop)
    detail = view.details["cpi:sell/sold/late"]
    assert detail.links[0].startswith("confirmed by Ines: leads Things sold")
    assert "before confirmation" not in detail.owner
    assert not any(row.is_exception for row in view.matrix.rows)
    assert not any(problem.code == "R13" for problem in view.findings)


def test_nobody_is_accountable_yet(shop: Shop) -> None:
    """Without an accountable team that is said, with who is responsible meanwhile."""
    assert complete(shop).details["cpi:quiet/calls/wait"].owner == ("nobody is accountable yet; responsible: Desk")


def test_where_a_number_came_from(late: DetailView) -> None:
    """File as seen from the workspace, days, rows, and the newest of them."""
    assert fact(late.provenance, "files").text == "data/orders.csv"
    assert fact(late.provenance, "whole days").text == "1 Jan 2026 to 14 Mar 2026"
    assert value(late.provenance, "rows used") == 73
    assert fact(late.provenance, "newest row").text == "14 Mar 2026"


def test_a_chart_shows_target_marks_and_the_running_week(late: DetailView) -> None:
    """The first week is cut, the last one runs, the painting is marked."""
    chart = late.chart
    assert chart is not None
    assert (len(chart.starts), chart.cut_until, chart.running_from) == (11, 1, 10)
    assert chart.lines[0].name == "target"
    assert chart.lines[0].values[-1] == 0.5
    assert [(mark.label, mark.start) for mark in chart.marks] == [("painting the shop", date(2026, 2, 2))]


def test_a_sum_goal_is_charted_as_it_adds_up(shop: Shop) -> None:
    """The sum since the start at each week's end, the plan to the due date, nothing after today."""
    detail = complete(shop).details["goal:sell"]
    chart = detail.chart
    assert chart is not None
    assert chart.values[:3] == (40.0, 110.0, 180.0)
    assert chart.values[10] == 730.0
    assert set(chart.values[11:]) == {None}
    assert chart.running_from == 10
    plan = chart.lines[0]
    assert plan.name == "plan"
    assert plan.values[0] == pytest.approx(40.0)
    assert plan.values[-1] == pytest.approx(3650.0)
    assert chart.starts[-1] == date(2026, 12, 28)


def test_a_goal_says_how_it_stands(shop: Shop) -> None:
    """State, sum, target and pace in front; what is needed and made behind; the days that are left."""
    detail = complete(shop).details["goal:sell"]
    assert [found.text or found.name for found in detail.headline] == ["on track", "so far", "target", "pace"]
    assert value(detail.facts, "plan by now") == pytest.approx(730.0)
    assert value(detail.facts, "needed") == pytest.approx(70.0)
    assert value(detail.facts, "made so far") == pytest.approx(70.0)
    assert value(detail.facts, "last 28 days") == pytest.approx(70.0)
    assert value(detail.facts, "at this pace") == pytest.approx(3650.0)
    assert "292 days left" in {found.text for found in detail.facts}
    assert detail.owner == "owner Ines"
    assert fact(detail.facts, "why").text == "It pays the rent"
    assert fact(detail.facts, "lit").text == "specific, measurable, attainable, relevant, time-bound"
    assert "attainable: asks no more than the median of the past" in detail.notes


def test_an_allowance_that_cannot_be_kept_is_told(shop: Shop) -> None:
    """Two calls a day where one is allowed, and never a better week: that is said in words."""
    detail = complete(shop).details["goal:quiet"]
    assert [found.name for found in detail.headline] == ["", "so far", "allowance", "burn"]
    assert fact(detail.headline, "burn").tone is Tone.BAD
    assert "cannot be kept any more, even at the lowest rate ever reached" in {found.text for found in detail.facts}
    assert fact(detail.facts, "attainable?").text == "leaves less than the lowest ever used"
    assert fact(detail.facts, "relevant?").text == "does not say why it matters"


def test_a_parent_says_that_it_has_no_measure(shop: Shop) -> None:
    """The state of a parent is its weakest child's, and its detail tells."""
    detail = complete(shop).details["goal:independent"]
    assert detail.headline == (Fact("", text="off track", tone=Tone.BAD),)
    assert detail.chart is None
    assert "no measure of its own: the state is the weakest of the goals below it" in detail.notes
    assert fact(detail.facts, "attainable?").text == "judged at each of the goals below it"


def test_old_data_is_told(shop: Shop) -> None:
    """Rows of 14 March seen on the 20th are late for a source that promises two days."""
    data = fact(complete(shop, date(2026, 3, 20)).details["kpi:sell/sold"].facts, "data")
    assert (data.text, data.tone) == ("up to 14 Mar 2026, 6 days old", Tone.CAUTION)
    assert fact(complete(shop, date(2026, 3, 30)).details["kpi:sell/sold"].facts, "data").tone is Tone.BAD


def test_the_foot_names_what_supports_no_goal(shop: Shop) -> None:
    """The heading's detail lists them and what to do."""
    detail = complete(shop).details["heading:unsupported"]
    assert detail.title == ("1 metric supports no goal",)
    assert detail.notes[0] == "Minutes a call"


def test_the_matrix_shows_exceptions_first(shop: Shop) -> None:
    """An A before confirmation is an exception; an open A asks at the team that could take it."""
    matrix = complete(shop).matrix
    assert [label for _, label in matrix.teams] == ["Logistics", "Desk"]
    assert [(row.metric, row.cells) for row in matrix.rows] == [("late", ("AR", "I")), ("wait", ("", "R?"))]
    assert (matrix.rows[0].is_exception, matrix.rows[0].is_hole) == (True, False)
    assert matrix.load == (1, 0)


def test_a_confirmed_cpi_without_an_owner_is_a_hole(shop: Shop) -> None:
    """Holes stand before exceptions."""
    decided = '\n[links."wait->calls"]\nstate = "confirmed"\n'
    state = (shop.folder / "state" / "accountability.toml").read_text(encoding="utf-8")
    shop.write("state/accountability.toml", state + decided)
    rows = complete(shop).matrix.rows
    assert [(row.metric, row.is_hole) for row in rows] == [("wait", True), ("late", False)]


def test_a_guardrail_that_worsens_asks_for_attention(shop: Shop) -> None:
    """Worse than its target is said in a word and in a tone."""
    shop.change(
        "metrics.toml", "targets = [{ from = 2026-01-01, value = 3 }]", "targets = [{ from = 2026-01-01, value = 0 }]"
    )
    row = next(row for row in complete(shop).rows if row.key == "guard:sell/sold/returns")
    assert (row.state, row.tone) == ("worse", Tone.CAUTION)


def test_a_level_goal_is_judged_at_its_newest_whole_period(shop: Shop) -> None:
    """A level holds at the end of its last whole week, and is compared with the plan of that day."""
    shop.change("goals.toml", "target = 3650", 'kind = "level"\nbaseline = 0\ntarget = 365')
    detail = complete(shop).details["goal:sell"]
    assert fact(detail.facts, "as of").text == "8 Mar 2026"
    assert value(detail.headline, "now") == 70.0
    assert value(detail.facts, "plan by now") == pytest.approx(67.0)
    assert value(detail.facts, "way done") == pytest.approx(70 / 365)
    assert detail.chart is not None
    assert [line.name for line in detail.chart.lines] == ["plan", "target"]


def test_a_goal_that_begins_later_is_not_started(shop: Shop) -> None:
    """Before its start a goal has neither pace nor reproach."""
    shop.change("goals.toml", "start = 2026-01-01", "start = 2026-06-01")
    view = complete(shop)
    row = next(row for row in view.rows if row.key == "goal:sell")
    assert (row.state, row.tone, row.pace) == ("not started", Tone.MUTED, None)
    assert view.details["goal:sell"].key == "goal:sell"


def test_a_goal_that_is_over_is_met_or_missed(shop: Shop) -> None:
    """After the due date only what happened until then counts."""
    shop.change(
        "goals.toml",
        'due = 2026-12-31\nmeasured_by = "sold"\ntarget = 3650',
        'due = 2026-01-31\nmeasured_by = "sold"\ntarget = 311',
    )
    view = complete(shop)
    row = next(row for row in view.rows if row.key == "goal:sell")
    assert row.state == "missed"
    assert value(view.details["goal:sell"].headline, "so far") == 310.0


def test_a_goal_without_a_target_has_no_plan(shop: Shop) -> None:
    """A measured goal that cannot be judged says so instead of a state."""
    shop.change("goals.toml", "target = 3650\n", "")
    view = complete(shop)
    row = next(row for row in view.rows if row.key == "goal:sell")
    assert row.state == "no plan"
    assert "no pace: the goal has no target" in view.details["goal:sell"].notes
    assert any(problem.code == "M03" for problem in view.findings)


def test_figures_of_many_metrics_are_shown_without_making_details(shop: Shop) -> None:
    """Rows for 300 metrics come without 300 charts."""
    metrics = (shop.folder / "metrics.toml").read_text(encoding="utf-8")
    block = metrics.split("[metrics.basket]")[1].split("[metrics.late]")[0]
    more = "".join(f"\n[metrics.basket_{number}]{block}" for number in range(290))
    shop.write("metrics.toml", metrics + more)
    view = complete(shop)
    assert len(view.rows) == 301
    assert view.details["kpi:sell/basket_289"].chart is not None
    assert view.header.all_metrics == 297


def test_fewer_periods_than_before_are_shown_with_the_limits_of_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the chart of rows that were taken away is not drawn anew, every detail can be looked at."""
    monkeypatch.setattr(bug_log, "note", pytest.fail)
    lines = orders().splitlines(keepends=True)
    varied = [line.replace(",10,", f",{10 + index * 7 % 5 + index // 9},") for index, line in enumerate(lines)]
    shop.write("data/orders.csv", "".join(varied))
    board = Board(shop.open())
    list(board.refresh())
    shop.write("data/orders.csv", "".join(varied[:62]))
    drawn = 0
    for view in board.refresh():
        for row in view.rows:
            chart = view.details[row.key].chart
            drawn += chart is not None and any(line.name == "limits" for line in chart.lines)
    assert drawn


def test_a_bug_in_a_detail_costs_that_detail(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be shown says so with the word under which the log has it; the board goes on."""
    monkeypatch.setattr(bug_log, "note", lambda _: "abc123")
    monkeypatch.setattr("kputui.session.metric_detail.metric_chart", lambda *_: 1 // 0)
    view = complete(shop)
    assert "error abc123 (ZeroDivisionError)" in view.details["kpi:sell/sold"].notes[0]
    assert view.details["goal:sell"].headline


def test_a_stale_value_keeps_the_time_that_it_is_from(shop: Shop) -> None:
    """The oldest good value keeps its moment through further failures."""
    board = Board(shop.open())
    list(board.refresh())
    (shop.folder / "data" / "orders.csv").unlink()
    shop.moment += timedelta(days=1)
    list(board.refresh(is_forced=True))
    shop.moment += timedelta(days=3)
    view = list(board.refresh(is_forced=True))[-1]
    assert view.details["kpi:sell/sold"].notes[0] == "these values are from 12:00 on 15 Mar 2026: the newest try failed"


def test_data_that_ends_before_the_goal_begins_is_no_data(shop: Shop) -> None:
    """The goal runs since March, its rows stop in February: nothing is known, and nothing is claimed."""
    shop.change("goals.toml", "start = 2026-01-01", "start = 2026-03-01")
    shop.write("data/orders.csv", orders(days=50))
    row = next(row for row in complete(shop).rows if row.key == "goal:sell")
    assert (row.state, row.tone, row.pace) == ("no data", Tone.MUTED, None)


def test_the_top_line_tells_how_far_the_computing_has_come(shop: Shop) -> None:
    """While rows are read the header knows how many of how many, and that a person stopped it."""
    views = list(Board(shop.open()).refresh())
    read = [view.header for view in views if view.header.progress is not None and view.header.is_computing]
    assert read
    assert all(0 < one.progress.rows_done <= one.progress.rows_all for one in read if one.progress is not None)
    assert not views[-1].header.is_computing
