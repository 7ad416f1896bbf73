"""The board over a real workspace: names at once, numbers after, and what happens when files change."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.shop import Shop, orders

from kputui.errors import ConfigError
from kputui.session.board import Board
from kputui.session.check import check
from kputui.session.views import BoardView, RowKind, RowView, Tone

if TYPE_CHECKING:
    from pathlib import Path


def last(board: Board) -> BoardView:
    """The complete view of a refresh."""
    return list(board.refresh())[-1]


def rows(view: BoardView) -> dict[str, RowView]:
    return {row.key: row for row in view.rows}


def settled(board: Board) -> bool:
    """Whether the board notices a change, at the second poll that sees it."""
    return [board.poll(), board.poll()][-1]


def test_names_are_there_before_any_number(shop: Shop) -> None:
    """The first view has all rows in order, and says that it is computing."""
    view = Board(shop.open()).first()
    assert [(row.depth, row.label) for row in view.rows] == [
        (0, "We stand on our own feet"),
        (1, "The shop sells all year"),
        (2, "Things sold"),
        (3, "Late deliveries"),
        (3, "Things returned"),
        (2, "Things a sale"),
        (1, "Nobody needs to call us"),
        (2, "Calls"),
        (3, "Wait to answer"),
        (0, "1 metric supports no goal"),
        (1, "Minutes a call"),
    ]
    assert view.header.is_computing
    assert all(row.quantity is None for row in view.rows)
    assert rows(view)["cpi:sell/sold/late"].state == "hypothesis"


def test_names_need_no_polars(shop: Shop) -> None:
    """Opening a workspace and showing its names loads no heavy library."""
    script = (
        "import sys; from pathlib import Path; from kputui.session.board import Board\n"
        "from kputui.session.open import open_workspace\n"
        f"board = Board(open_workspace(Path({str(shop.folder)!r})))\n"
        "board.first(); board.poll(); print('polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_numbers_arrive_with_pace_and_state(shop: Shop) -> None:
    """Goals show pace and state, KPIs their newest whole week, CPIs their link's state, guardrails ok."""
    found = rows(last(Board(shop.open())))
    assert (found["goal:sell"].state, found["goal:sell"].tone) == ("on track", Tone.GOOD)
    assert found["goal:sell"].pace == pytest.approx(1.0)
    assert (found["goal:quiet"].state, found["goal:quiet"].is_burn) == ("off track", True)
    assert found["goal:quiet"].pace == pytest.approx(2.0)
    sold = found["kpi:sell/sold"]
    assert sold.quantity is not None
    assert (sold.quantity.value, sold.quantity.unit) == (70.0, "things")
    assert sold.pace == pytest.approx(1.0)
    assert sold.is_last_running
    assert (found["kpi:sell/basket"].state, found["kpi:sell/basket"].pace) == ("misses", None)
    assert found["guard:sell/sold/returns"].state == "ok"
    assert found["guard:sell/sold/returns"].kind is RowKind.GUARDRAIL
    assert found["cpi:quiet/calls/wait"].state == "hypothesis"


def test_a_parent_shows_its_weakest_child(shop: Shop) -> None:
    """One goal on track and one off track make a parent that is off track, without a pace of its own."""
    parent = rows(last(Board(shop.open())))["goal:independent"]
    assert (parent.state, parent.tone, parent.pace) == ("off track", Tone.BAD, None)


def test_the_header_counts(shop: Shop) -> None:
    """6 of 7 metrics support a goal; the newest data and the fixed day are told."""
    view = last(Board(shop.open()))
    header = view.header
    assert (header.supporting_metrics, header.all_metrics) == (6, 7)
    assert (header.today, header.is_today_fixed, header.newest_data) == (date(2026, 3, 14), True, date(2026, 3, 14))
    assert header.findings == len(view.findings) == len(check(shop.folder, now=shop.now))
    assert not header.is_computing


def test_broken_promises_come_after_the_numbers_and_stand_in_the_detail(shop: Shop) -> None:
    """The last view adds what the data tests found, also as a note of the metrics of that source."""
    shop.change("kputui.toml", 'calls.csv"', 'calls.csv"\ntests = [{ range = "wait", high = 0 }]')
    board = Board(shop.open())
    *_, before, complete = board.refresh()
    assert not any(problem.code == "D28" for problem in before.findings)
    assert all(
        (rows(before)[key].state, rows(before)[key].pace) == (row.state, row.pace)
        for key, row in rows(complete).items()
    )
    assert any(problem.code == "D28" for problem in complete.findings)
    assert any("whose `wait` is not at most 0" in note for note in complete.details["cpi:quiet/calls/wait"].notes)


def test_every_parent_row_exists_and_keys_are_unique(shop: Shop) -> None:
    """A row's parent stands above it, and only rows with children say so."""
    view = Board(shop.open()).first()
    keys = [row.key for row in view.rows]
    assert len(set(keys)) == len(keys)
    assert all(row.parent is None or row.parent in keys[: keys.index(row.key)] for row in view.rows)
    assert {row.key for row in view.rows if row.has_children} == {row.parent for row in view.rows if row.parent}


def test_a_kpi_of_two_goals_stands_under_both(shop: Shop) -> None:
    """The same KPI is found under each goal that it serves, under different keys."""
    shop.change("metrics.toml", 'goals = ["quiet"]', 'goals = ["quiet", "sell"]')
    found = rows(last(Board(shop.open())))
    assert found["kpi:quiet/calls"].pace == pytest.approx(2.0)
    assert found["kpi:sell/calls"].pace is None
    assert "cpi:sell/calls/wait" in found


def test_every_view_is_newer_than_the_one_before(shop: Shop) -> None:
    """Generations rise, also over several refreshes; the last of each is complete."""
    board = Board(shop.open())
    views = [board.first(), *board.refresh(), *board.refresh()]
    generations = [view.generation for view in views]
    assert generations == sorted(set(generations))
    assert not views[-1].header.is_computing


def test_one_broken_metric_leaves_the_others_alone(shop: Shop) -> None:
    """An unknown column is that metric's fault: its row says so, its detail says why, the rest has numbers."""
    shop.change("metrics.toml", 'expr = "wait"', 'expr = "waits"')
    view = last(Board(shop.open()))
    wait = rows(view)["cpi:quiet/calls/wait"]
    assert wait.state.startswith("error E")
    assert wait.quantity is None
    assert "waits" in view.details[wait.key].notes[0]
    assert rows(view)["kpi:quiet/calls"].quantity is not None
    assert any(problem.key == "metrics.wait.expr" for problem in view.findings)


def test_data_that_vanishes_leaves_the_last_good_values_with_their_time(shop: Shop) -> None:
    """The file is gone: the numbers stay and tell when they were computed, the other source is untouched."""
    board = Board(shop.open())
    before = rows(last(board))
    (shop.folder / "data" / "orders.csv").unlink()
    shop.moment += timedelta(minutes=5)
    assert settled(board)
    view = last(board)
    after = rows(view)
    assert after["kpi:sell/sold"].quantity == before["kpi:sell/sold"].quantity
    assert after["kpi:sell/sold"].age_s == 300.0
    assert after["kpi:sell/sold"].computed_at == shop.moment - timedelta(minutes=5)
    assert after["goal:sell"].state == "on track"
    assert view.details["kpi:sell/sold"].notes[0] == "these values are from 12:00 on 15 Mar 2026: the newest try failed"
    assert after["kpi:quiet/calls"].age_s is None
    assert "orders.csv" in view.header.banner
    assert view.header.banner.endswith("(showing the last good values)")


def test_data_that_comes_back_is_fresh_again(shop: Shop) -> None:
    """When the file returns, banner and age go."""
    board = Board(shop.open())
    last(board)
    path = shop.folder / "data" / "orders.csv"
    path.rename(path.with_suffix(".away"))
    last(board)
    path.with_suffix(".away").rename(path)
    view = last(board)
    assert view.header.banner == ""
    assert rows(view)["kpi:sell/sold"].age_s is None


def test_data_that_was_never_there_is_that_metrics_fault(shop: Shop) -> None:
    """Opening without a file shows the goal without data, never a number."""
    (shop.folder / "data" / "orders.csv").unlink()
    found = rows(last(Board(shop.open())))
    assert found["goal:sell"].state == "no data"
    assert found["kpi:sell/sold"].state.startswith("error D")
    assert found["kpi:quiet/calls"].quantity is not None


def test_a_changed_file_is_noticed_and_only_its_metrics_are_computed(shop: Shop) -> None:
    """New orders change what was sold; the calls keep the moment at which they were computed."""
    board = Board(shop.open())
    first = last(board)
    assert not settled(board)
    shop.write("data/orders.csv", orders(items=20))
    shop.moment += timedelta(minutes=5)
    assert settled(board)
    second = last(board)
    sold = rows(second)["kpi:sell/sold"]
    assert sold.quantity is not None
    assert sold.quantity.value == 140.0
    assert rows(second)["goal:sell"].pace == pytest.approx(2.0)
    assert second.details["kpi:quiet/calls"].provenance == first.details["kpi:quiet/calls"].provenance
    assert second.details["kpi:sell/sold"].provenance != first.details["kpi:sell/sold"].provenance
    assert not settled(board)


def test_data_that_shrinks_keeps_the_last_good_values(shop: Shop) -> None:
    """Half of the rows are gone: the old numbers stay with the reason, until the rows are back."""
    board = Board(shop.open())
    before = rows(last(board))["kpi:sell/sold"]
    shop.write("data/orders.csv", orders(days=30, items=20))
    shop.moment += timedelta(minutes=5)
    view = last(board)
    held = rows(view)["kpi:sell/sold"]
    assert (held.quantity, held.age_s) == (before.quantity, 300.0)
    assert "data shrank" in view.header.banner
    shop.moment += timedelta(days=1)
    assert rows(last(board))["kpi:sell/sold"].quantity == before.quantity
    shop.write("data/orders.csv", orders(items=20))
    view = last(board)
    assert view.header.banner == ""
    assert rows(view)["kpi:sell/sold"].quantity != before.quantity


def test_shrunken_data_can_be_accepted(shop: Shop) -> None:
    """A forced refresh, or a board opened anew, takes the fewer rows as they are."""
    board = Board(shop.open())
    last(board)
    shop.write("data/orders.csv", orders(days=30))
    held = last(board)
    assert "data shrank" in held.header.banner
    assert held.is_held_back
    forced = list(board.refresh(is_forced=True))[-1]
    assert forced.header.banner == last(Board(shop.open())).header.banner == ""
    assert not forced.is_held_back


def test_a_metric_that_comes_back_to_the_config_has_its_number_again(shop: Shop) -> None:
    """Cut out and pasted back, with a refresh between: the metric is computed, not left empty."""
    board = Board(shop.open())
    last(board)
    path = shop.folder / "metrics.toml"
    whole = path.read_text()
    path.write_text(whole.replace("[metrics.basket]", "[metrics.bag]"))
    last(board)
    path.write_text(whole)
    assert rows(last(board))["kpi:sell/basket"].quantity is not None


def test_a_file_being_written_is_not_read_yet(shop: Shop) -> None:
    """A poll that sees a change waits until the next poll sees the same."""
    board = Board(shop.open())
    last(board)
    shop.write("data/orders.csv", orders(days=70))
    assert not board.poll()
    shop.write("data/orders.csv", orders(days=71))
    assert not board.poll()
    assert board.poll()


def test_nothing_changed_computes_nothing(shop: Shop) -> None:
    """A refresh without a change gives one view, at once."""
    board = Board(shop.open())
    last(board)
    assert len(list(board.refresh())) == 1
    assert len(list(board.refresh(is_forced=True))) > 1


def test_a_config_broken_while_running_keeps_the_last_good_one(shop: Shop) -> None:
    """The banner and the first finding name the file and line until the config is right again; numbers stay."""
    board = Board(shop.open())
    before = last(board)
    goals = (shop.folder / "goals.toml").read_text(encoding="utf-8")
    shop.write("goals.toml", goals + "\n[goals.broken\n")
    assert settled(board)
    broken = last(board)
    assert broken.header.banner.startswith(f"goals.toml:{len(goals.splitlines()) + 2} ")
    assert broken.header.banner.endswith("(showing the last good version)")
    assert broken.findings[0].place is not None
    assert broken.findings[0].place.line == len(goals.splitlines()) + 2
    assert broken.header.findings == len(broken.findings) == len(before.findings) + 1
    assert [row.key for row in broken.rows] == [row.key for row in before.rows]
    assert rows(broken)["kpi:sell/sold"].quantity == rows(before)["kpi:sell/sold"].quantity
    shop.write("goals.toml", goals)
    assert settled(board)
    mended = last(board)
    assert mended.header.banner == ""
    assert mended.findings == before.findings


def test_a_changed_target_is_judged_without_reading_all_again(shop: Shop) -> None:
    """Doubling a target halves the pace; the measured values keep their moment."""
    board = Board(shop.open())
    first = last(board)
    shop.change("goals.toml", "target = 3650", "target = 7300")
    shop.moment += timedelta(minutes=5)
    assert settled(board)
    second = last(board)
    assert rows(second)["goal:sell"].pace == pytest.approx(0.5)
    assert second.details["kpi:sell/sold"].provenance == first.details["kpi:sell/sold"].provenance


def test_a_slow_zone_added_while_running_changes_the_pace(shop: Shop) -> None:
    """Half-weight days behind us mean that less was expected, so the same sum is ahead."""
    board = Board(shop.open())
    last(board)
    shop.change("goals.toml", 'note = "painting the shop"', 'note = "painting the shop"\npace_factor = 0.0')
    assert settled(board)
    assert rows(last(board))["goal:sell"].pace == pytest.approx((730 / 3650) / ((73 - 7) / (365 - 7)))


def test_an_edited_definition_is_computed_anew(shop: Shop) -> None:
    """Counting double doubles the value of this metric."""
    board = Board(shop.open())
    last(board)
    shop.change("metrics.toml", 'expr = "items"', 'expr = "items * 2"')
    assert settled(board)
    sold = rows(last(board))["kpi:sell/sold"]
    assert sold.quantity is not None
    assert sold.quantity.value == 140.0


def test_a_new_owner_shows_without_computing(shop: Shop) -> None:
    """When `state/` changes, the matrix shows it."""
    board = Board(shop.open())
    last(board)
    shop.change("state/accountability.toml", 'responsible = ["desk"]', 'accountable = "desk/jo"')
    assert settled(board)
    views = list(board.refresh())
    assert len(views) == 1
    assert views[0].matrix.load == (1, 1)


def test_a_view_after_a_save_never_hides_newer_numbers(shop: Shop) -> None:
    """A view asked for while a refresh shows its numbers waits for them, and does not put the older ones on top."""
    board = Board(shop.open())
    board.first()
    asked: list[BoardView] = []
    saver = threading.Thread(target=lambda: asked.append(board.view()))
    with board._state_lock:  # as a refresh holds it while it makes a view
        saver.start()
        saver.join(0.2)  # long enough to stand before the lock
        newest = last(board)
    saver.join()
    assert asked[0].generation > newest.generation
    assert not asked[0].header.is_computing
    assert asked[0].rows == newest.rows


def test_a_cancelled_refresh_is_done_the_next_time(shop: Shop) -> None:
    """After a cancel no complete view comes; the next refresh computes what was left."""
    board = Board(shop.open())
    cancelled = list(board.refresh(lambda: True))
    assert all(view.header.is_computing for view in cancelled)
    assert rows(last(board))["kpi:sell/sold"].quantity is not None


def test_a_day_that_passes_is_noticed(shop: Shop) -> None:
    """On a live clock midnight changes what counts as over."""
    shop.change("kputui.toml", "today = 2026-03-14\n", "")
    board = Board(shop.open())
    assert last(board).header.is_today_fixed is False
    assert not settled(board)
    shop.moment += timedelta(days=1)
    assert settled(board)
    assert last(board).header.today == date(2026, 3, 16)


def test_rows_after_today_are_not_used(shop: Shop) -> None:
    """On the evening of 31 January only January counts."""
    view = last(Board(shop.open(today=date(2026, 1, 31))))
    detail = {fact.name: fact for fact in view.details["goal:sell"].headline}
    assert detail["so far"].quantity is not None
    assert detail["so far"].quantity.value == 310.0
    assert view.header.newest_data == date(2026, 1, 31)


def test_details_are_made_when_looked_at(shop: Shop) -> None:
    """A board of many metrics builds only the details that are opened, each once."""
    details = last(Board(shop.open())).details
    assert len(details) == 11
    assert details["goal:sell"] is details["goal:sell"]
    assert set(details) == {row.key for row in last(Board(shop.open())).rows}
    with pytest.raises(KeyError):
        details["goal:nothing"]


def test_a_folder_that_cannot_be_used_is_refused_with_all_its_problems(shop: Shop) -> None:
    """Opening a broken workspace raises its problems, not a traceback."""
    shop.change("metrics.toml", 'kind = "kpi"', 'kind = "kpy"')
    shop.change("goals.toml", 'measured_by = "sold"', 'measured_by = "solde"')
    with pytest.raises(ConfigError) as caught:
        shop.open()
    assert len(caught.value.problems) >= 2


def test_on_a_live_day_the_rows_of_today_are_running(shop: Shop) -> None:
    """Without a fixed day, today's rows are drawn as running, and no goal counts today as over."""
    shop.change("kputui.toml", "today = 2026-03-14\n", "")
    shop.moment = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday; the data goes on to 14 March
    details = last(Board(shop.open())).details
    chart = details["kpi:sell/sold"].chart
    assert chart is not None
    assert chart.starts[-1] == date(2026, 3, 9)
    assert chart.values[-1] == 20.0  # Monday's and today's
    assert chart.running_from == len(chart.values) - 1
    so_far = next(fact for fact in details["goal:sell"].headline if fact.name == "so far")
    assert so_far.quantity is not None
    assert so_far.quantity.value == 680.0  # up to yesterday


@pytest.mark.parametrize(("asked", "last_start", "running_from"), [("exclude", 2, None), ("include", 9, None)])
def test_the_running_period_is_shown_as_the_project_asks(
    shop: Shop, asked: str, last_start: int, running_from: int | None
) -> None:
    """`incomplete` leaves the running week out, or shows it as any other; the goal's figure stays the same."""
    shop.change("kputui.toml", "today = 2026-03-14\n", f'today = 2026-03-14\nincomplete = "{asked}"\n')
    details = last(Board(shop.open())).details
    chart = details["kpi:sell/sold"].chart
    assert chart is not None
    assert chart.starts[-1] == date(2026, 3, last_start)
    assert chart.running_from == running_from
    so_far = next(fact for fact in details["goal:sell"].headline if fact.name == "so far")
    assert so_far.quantity is not None
    assert so_far.quantity.value == 730.0


def test_an_error_in_one_judge_costs_only_its_own_judgements(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A bug in the forecasts leaves numbers, pace and signals on the board, and is told as a finding with its id."""
    from kputui.session import forecasting

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "logs"))

    def broken(_figures: object, _work: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(forecasting, "forecast", broken)
    board = Board(shop.open())
    view = last(board)
    assert not view.header.is_computing
    assert [problem.code for problem in view.findings][:1] == ["R22"]
    assert any(row.pace is not None for row in view.rows)
    monkeypatch.undo()
    again = list(board.refresh(is_forced=True))[-1]
    assert "R22" not in {problem.code for problem in again.findings}


def test_a_review_of_the_past_does_not_know_what_came_later(shop: Shop) -> None:
    """On a fixed day, storms and notes of later days are not shown; a slow zone that was planned is."""
    shop.change(
        "goals.toml",
        "",
        '[[contexts]]\nfrom = 2190-01-01\nto = 2190-01-02\nnote = "storm"\n\n'
        '[[contexts]]\nfrom = 2190-02-01\nto = 2190-02-02\nnote = "works"\npace_factor = 0.5\n\n'
        '[[annotations]]\non = 2190-03-01\nnote = "later"\n\n',
    )
    later = {zone.note for zone in shop.open(date(2191, 1, 1)).workspace.contexts}
    then = shop.open(date(2189, 1, 1)).workspace
    assert {"storm", "works"} <= later
    assert {zone.note for zone in then.contexts} & {"storm", "works"} == {"works"}
    assert not then.annotations
