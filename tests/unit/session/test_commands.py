"""Commands through the session: rules before disk, disk before memory, and words that say who, what and how back."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui import store
from kputui.errors import ExitCode, Severity, UsageError
from kputui.model.cell import LinkCell, RoleCell
from kputui.model.change import Assign, Author, Command, Decide, Unassign, fold
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkState
from kputui.model.ownership import Assignee, Role
from kputui.session import commands
from kputui.session.board import Board
from kputui.session.commands import RefusedError, apply, undo
from kputui.session.history import log, metric_history
from kputui.session.naming import assignment_named, link_named

if TYPE_CHECKING:
    from tests.unit.session.shop import Shop

    from kputui.session.views import BoardView, MatrixRowView

LATE, WAIT, SOLD = MetricId("late"), MetricId("wait"), MetricId("sold")
TAREK, MIA = (Assignee(TeamId("logistics"), PersonId(name)) for name in ("tarek", "mia"))
DESK = Assignee(TeamId("desk"))
OWNER = RoleCell(LATE, Role.ACCOUNTABLE)
TO_MIA = Assign(LATE, Role.ACCOUNTABLE, MIA)
CONFIRM = Decide(LATE, SOLD, LinkState.CONFIRMED)
INES = Author("ines", 1234, "shop")


def complete(board: Board) -> BoardView:
    """The board once everything is computed."""
    return list(board.refresh())[-1]


def row_of(view: BoardView, metric: MetricId) -> MatrixRowView:
    """The matrix row of a CPI."""
    return next(row for row in view.matrix.rows if row.metric == metric)


def snapshot(shop: Shop) -> bytes:
    return (shop.folder / "state" / "accountability.toml").read_bytes()


def test_a_change_names_old_and_new_and_the_way_back(shop: Shop) -> None:
    """Both front ends say who it was, who it is, and how to undo it."""
    apply(shop.open(), CONFIRM, reason="twelve rides", author=INES)
    done = apply(shop.open(), TO_MIA, reason="Tarek leads the new depot")
    assert done.change is not None
    assert done.message == (
        "Late deliveries, accountable: Logistics (Mia), before Logistics (Tarek) "
        f"(kputui undo {done.change.seq} takes it back)"
    )
    assert done.toast.endswith("(u takes it back)")
    assert shop.open().ownership.assignments[LATE].accountable == MIA


def test_nobody_is_accountable_before_confirmation(shop: Shop) -> None:
    """The refusal comes with its reason, its code and the way out, and not a byte is written."""
    before = snapshot(shop)
    with pytest.raises(RefusedError, match="no link of Late deliveries is confirmed") as refused:
        apply(shop.open(), TO_MIA, reason="because")
    assert (refused.value.code, refused.value.can_override) == ("R04", True)
    assert refused.value.exit_code is ExitCode.REFUSED
    assert "--override" in refused.value.hint
    assert snapshot(shop) == before
    assert not (shop.folder / "state" / "journal.jsonl").exists()


def test_an_exception_needs_its_reason_and_stays_on_the_list(shop: Shop) -> None:
    """Overriding a rule without a word is no exception; with one it is shown wherever the owner is."""
    with pytest.raises(UsageError, match="needs a written reason"):
        apply(shop.open(), TO_MIA, reason="  ", override=True)
    apply(shop.open(), TO_MIA, reason="the  depot\nburns", override=True)
    view = complete(Board(shop.open()))
    assert row_of(view, LATE).is_exception
    assert view.details["cpi:sell/sold/late"].owner.startswith(
        "accountable Logistics (Mia) since 14 Mar 2026, before confirmation (the depot burns)"
    )
    assert any(problem.code == "R13" and "the depot burns" in problem.message for problem in view.findings)


def test_what_cannot_be_overridden_stays_refused(shop: Shop) -> None:
    """A team that cannot move a CPI is not made to answer for it, whatever the reason; the hint names who can."""
    with pytest.raises(RefusedError) as refused:
        apply(shop.open(), Assign(LATE, Role.RESPONSIBLE, DESK), reason="they have time", override=True)
    assert refused.value.code == "R03"
    assert refused.value.hint == "it is influenced by Logistics; or add late to the team's `influences`"


def test_what_is_so_already_changes_nothing(shop: Shop) -> None:
    """Assigning the same again writes no line."""
    done = apply(shop.open(), Assign(LATE, Role.INFORMED, DESK), reason="again")
    assert done.change is None
    assert "it is so already" in done.message


def test_a_confirmation_is_a_judgement_and_says_so(shop: Shop) -> None:
    """Without a test a confirmed link is shown as judged, with its author, and its CPI without A is a hole."""
    done = apply(shop.open(), Decide(WAIT, MetricId("calls"), LinkState.CONFIRMED), reason="forty calls listened to")
    assert "confirmed (judgement), before undecided; nobody is accountable for Wait to answer yet" in done.message
    view = complete(Board(shop.open()))
    assert view.details["cpi:quiet/calls/wait"].links[0].startswith("confirmed (judgement) by ")
    assert next(row.state for row in view.rows if row.key == "cpi:quiet/calls/wait") == "judged"
    assert view.matrix.rows[0].metric == WAIT
    assert view.matrix.rows[0].is_hole
    assert view.matrix.rows[0].todos == ("Wait to answer is confirmed, and nobody is accountable for it",)


def test_a_tested_confirmation_looks_different(shop: Shop) -> None:
    """What a test confirmed is called confirmed, not judged."""
    apply(shop.open(), replace(CONFIRM, method="lagged correlation", evidence={"n": 40}), reason="the test")
    view = complete(Board(shop.open()))
    assert next(row.state for row in view.rows if row.key == "cpi:sell/sold/late") == "confirmed"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('expr = "late"', 'expr = "late or returned > 0"', "the definition of Late deliveries has changed"),
        ('agg = "sum"\nexpr = "items"', 'agg = "max"\nexpr = "items"', "the definition of Things sold has changed"),
    ],
)
def test_a_confirmation_expires_with_its_definitions(shop: Shop, old: str, new: str, why: str) -> None:
    """Whoever changes what a CPI or its KPI counts is asked to decide about their link again."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    shop.change("metrics.toml", old, new)
    view = complete(Board(shop.open()))
    assert view.details["cpi:sell/sold/late"].links[0].startswith(f"expired, {why} since it was confirmed, confirm it")
    assert next(row.state for row in view.rows if row.key == "cpi:sell/sold/late") == "expired"
    expired = next(problem for problem in view.findings if problem.code == "R12")
    assert expired.severity is Severity.WARNING
    assert expired.hint.startswith("decide again: kputui confirm late sold --reason")


def test_layout_and_targets_expire_nothing(shop: Shop) -> None:
    """Spaces, labels and targets are no other definition."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    shop.change("metrics.toml", 'expr = "late"', 'expr = "( late )"')
    shop.change("metrics.toml", "value = 0.5", "value = 0.4")
    assert row_of(complete(Board(shop.open())), LATE).state == "judged"


def test_a_confirmation_expires_when_its_review_is_due(shop: Shop) -> None:
    """`review_every` counts from the decision; deciding again starts it anew."""
    shop.change("journey.toml", 'lag = "0-2 weeks"', 'lag = "0-2 weeks"\nreview_every = "10d"')
    apply(shop.open(), CONFIRM, reason="twelve rides")
    assert row_of(complete(Board(shop.open(date(2026, 3, 24)))), LATE).state == "judged"
    later = date(2026, 3, 25)
    assert row_of(complete(Board(shop.open(later))), LATE).state == "expired"
    apply(shop.open(later), CONFIRM, reason="and twelve more")
    assert row_of(complete(Board(shop.open(later))), LATE).state == "judged"


def test_refuting_leaves_the_owner_and_says_so(shop: Shop) -> None:
    """Evidence is not refused for the sake of an owner: that somebody stays accountable is told and listed."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    done = apply(shop.open(), replace(CONFIRM, state=LinkState.REFUTED), reason="forty more rides")
    assert "Logistics (Tarek) stays accountable without a confirmed link" in done.message
    assert row_of(complete(Board(shop.open())), LATE).is_exception


def test_undo_is_an_inverse_change(shop: Shop) -> None:
    """Undo puts back what was there, as a new line; undoing the undo brings it back; the words say which."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    apply(shop.open(), TO_MIA, reason="the depot")
    first = undo(shop.open())
    assert shop.open().ownership.assignments[LATE].accountable == TAREK
    assert shop.open().ownership.assignments[LATE].since == date(2026, 2, 3)
    assert first.change is not None
    assert first.message.startswith(f"change {first.change.undoes} undone: Late deliveries, accountable: Logistics (T")
    undo(shop.open(), first.change.seq)
    assert shop.open().ownership.assignments[LATE].accountable == MIA
    assert fold(shop.open().state.changes) == store.open_store(shop.folder).ownership


def test_undo_takes_only_ones_own_last_change(shop: Shop) -> None:
    """Another person's later change elsewhere is left alone; the last of one's own goes."""
    apply(shop.open(), Assign(WAIT, Role.CONSULTED, TAREK), reason="mine")
    apply(shop.open(), Assign(WAIT, Role.INFORMED, TAREK), reason="hers", author=INES)
    assert "consulted" in undo(shop.open()).message
    assert shop.open().ownership.assignments[WAIT].informed == (TAREK,)


def test_undo_of_what_somebody_changed_since_is_a_conflict(shop: Shop) -> None:
    """Taking back an older change would overwrite the newer one: it is named instead."""
    done = apply(shop.open(), TO_MIA, reason="the depot", override=True)
    shop.moment += timedelta(minutes=3)
    apply(shop.open(), Assign(LATE, Role.ACCOUNTABLE, TAREK), reason="no, him", override=True, author=INES)
    shop.moment += timedelta(seconds=14)
    assert done.change is not None
    with pytest.raises(store.ConflictError) as conflict:
        undo(shop.open(), done.change.seq)
    assert conflict.value.message == "Late deliveries, accountable: Ines set it to Logistics (Tarek) 14 s ago"
    assert conflict.value.exit_code is ExitCode.CONFLICT


def test_two_boards_change_the_same_cell(shop: Shop) -> None:
    """The second lead is told who was first, with what and when; nothing is overwritten until they replace it."""
    first, second = Board(shop.open()), Board(shop.open())
    seen = commands.revision(second, TO_MIA)
    apply(first, TO_MIA, reason="the depot", override=True, author=INES)
    shop.moment += timedelta(seconds=14)
    other = Assign(LATE, Role.ACCOUNTABLE, Assignee(TeamId("logistics")))
    with pytest.raises(store.ConflictError) as raised:
        apply(second, other, reason="the team", override=True, seen_revision=seen)
    conflict = commands.conflict(second, raised.value)
    assert conflict.message == "Ines set it to Logistics (Mia) 14 s ago"
    assert row_of(second.view(), LATE).marks[0].text.startswith("Ines set Late deliveries, accountable to Logistics (M")
    apply(second, other, reason="the team", override=True, seen_revision=conflict.revision)
    assert second.opened.ownership.assignments[LATE].accountable == Assignee(TeamId("logistics"))


def test_another_cell_merges_and_is_marked(shop: Shop) -> None:
    """Another lead's change elsewhere appears at the next poll, marked until it was seen; one's own is not marked."""
    mine, theirs = Board(shop.open()), Board(shop.open())
    complete(mine)
    apply(mine, Assign(WAIT, Role.CONSULTED, TAREK), reason="mine")
    apply(theirs, Assign(LATE, Role.INFORMED, TAREK), reason="theirs", author=INES)
    assert mine.poll()
    view = complete(mine)
    (mark,) = view.marks
    assert (mark.cell, mark.author, mark.role) == (RoleCell(LATE, Role.INFORMED), "Ines", Role.INFORMED)
    assert mark.teams == (TeamId("logistics"),)
    assert row_of(view, LATE).marks == (mark,)
    assert row_of(view, WAIT).marks == ()
    assert row_of(view, WAIT).cells == ("C", "R?")
    mine.forget_marks()
    assert mine.view().marks == ()
    assert not mine.poll()


def test_a_save_shows_at_once_and_keeps_the_numbers(shop: Shop) -> None:
    """After a save the board shows the new owner with the figures it had, without computing."""
    board = Board(shop.open())
    before = complete(board)
    apply(board, TO_MIA, reason="the depot", override=True)
    after = board.view()
    assert after.generation > before.generation
    assert [row.quantity for row in after.rows] == [row.quantity for row in before.rows]
    assert after.details["cpi:sell/sold/late"].owner.startswith("accountable Logistics (Mia) since 14 Mar 2026")
    assert after.marks == ()


def test_a_save_during_a_refresh_is_not_painted_over(shop: Shop) -> None:
    """Views of a refresh that began before the save show the owner of after it."""
    board = Board(shop.open())
    views = board.refresh()
    next(views)
    apply(board, TO_MIA, reason="the depot", override=True)
    assert all("(Mia)" in view.details["cpi:sell/sold/late"].owner for view in views)
    assert "(Mia)" in board.view().details["cpi:sell/sold/late"].owner
    assert not board.poll()


def test_a_change_of_owner_is_a_mark_and_never_a_cause(shop: Shop) -> None:
    """The chart marks the day, the detail lists it with author and reason; an undone one is gone from both."""
    apply(shop.open(date(2026, 3, 4)), TO_MIA, reason="the depot", override=True, author=INES)
    detail = complete(Board(shop.open())).details["cpi:sell/sold/late"]
    assert detail.changes[0] == "since 4 Mar 2026 Logistics (Mia), by Ines: the depot"
    assert detail.chart is not None
    marks = [mark for mark in detail.chart.marks if mark.is_owner]
    assert (date(2026, 3, 4), "accountable: Logistics (Mia)") in [(mark.start, mark.label) for mark in marks]
    words = " ".join((*detail.changes, *(mark.label for mark in marks)))
    assert "because" not in words
    assert "cause" not in words
    undo(shop.open(), author=INES)
    detail = complete(Board(shop.open())).details["cpi:sell/sold/late"]
    assert not any("Mia" in change for change in detail.changes)
    assert detail.chart is not None
    assert not any("Mia" in mark.label for mark in detail.chart.marks)


def test_who_left_is_to_be_decided(shop: Shop) -> None:
    """A holder who is not in the roster any more is one finding, with what to type."""
    shop.change("teams.toml", 'lead = "tarek"\nmembers = ["tarek", "mia"]', 'lead = "mia"\nmembers = ["mia"]')
    found = [problem for problem in complete(Board(shop.open())).findings if "tarek" in problem.message]
    assert [problem.code for problem in found] == ["R10"]
    assert found[0].place is not None
    assert found[0].place.file.endswith("metrics.toml")


def test_nobody_responsible_is_to_be_decided(shop: Shop) -> None:
    """Accountable alone moves nothing: somebody must be responsible."""
    apply(shop.open(), Unassign(LATE, Role.RESPONSIBLE), reason="they left")
    view = complete(Board(shop.open()))
    assert "nobody is responsible for Late deliveries" in row_of(view, LATE).todos
    assert any(problem.code == "R09" for problem in view.findings)


def test_the_history_of_a_cell(shop: Shop) -> None:
    """Newest first, what was undone marked as such, what stood there before the journal told apart."""
    apply(shop.open(), TO_MIA, reason="the depot", override=True)
    undo(shop.open())
    opened = shop.open()
    entries = [entry for entry in metric_history(opened.workspace, opened.state, LATE) if entry.cell == OWNER]
    assert [(entry.new, entry.is_undone, entry.is_start) for entry in entries] == [
        ("Logistics (Tarek)", False, False),
        ("Logistics (Mia)", True, False),
        ("Logistics (Tarek)", False, True),
    ]
    assert entries[1].is_override
    assert entries[0].undoes == entries[1].seq


def test_the_log_is_filtered(shop: Shop) -> None:
    """By metric, by team, by person (named, or at the keyboard) and by the day it was saved."""
    apply(shop.open(), Assign(WAIT, Role.CONSULTED, MIA), reason="one", author=INES)
    shop.moment += timedelta(days=2)
    apply(shop.open(), CONFIRM, reason="two", author=INES)
    opened = shop.open()

    def reasons(**chosen: object) -> list[str]:
        return [entry.reason for entry in log(opened.workspace, opened.state, **chosen) if entry.reason]  # type: ignore[arg-type]

    assert reasons() == ["two", "one"]
    assert reasons(metric=SOLD) == ["two"]
    assert reasons(team=TeamId("logistics")) == ["one"]
    assert reasons(person="mia") == ["one"]
    assert reasons(person="ines") == ["two", "one"]
    assert reasons(since=shop.moment.date()) == ["two"]


def test_one_assignment_changes_few_lines(shop: Shop) -> None:
    """In git one change of owner is a handful of lines in the snapshot, and one new line in the journal."""
    apply(shop.open(), Assign(WAIT, Role.INFORMED, MIA), reason="begin")
    journal = shop.folder / "state" / "journal.jsonl"
    old, old_journal = snapshot(shop).decode().splitlines(), journal.read_text().splitlines()
    apply(shop.open(), TO_MIA, reason="the depot", override=True)
    new, new_journal = snapshot(shop).decode().splitlines(), journal.read_text().splitlines()
    assert new_journal[:-1] == old_journal
    assert [line.split(" = ")[0] for line in new if line not in old] == [
        "seq",
        "journal",
        "accountable",
        "since",
        "exception",
    ]
    assert tomllib.loads("\n".join(new))["assignments"]["late"]["accountable"] == "logistics/mia"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("lat", "logistics"), "nearest: late"),
        (("late", "logistic"), "nearest: logistics"),
        (("late", "logistics", "", "tarik"), "nearest: tarek"),
        (("late", "logistics/mio"), "nearest: mia"),
        (("late", "logistics/mia", "", "tarek"), "leave one of them out"),
    ],
)
def test_an_unknown_name_gets_the_nearest(shop: Shop, words: tuple[str, ...], hint: str) -> None:
    """Metrics, teams and people that nobody knows are answered with the nearest known one."""
    with pytest.raises(UsageError) as wrong:
        assignment_named(shop.open().workspace, *words)
    assert wrong.value.hint == hint


def test_a_link_is_named_cpi_first(shop: Shop) -> None:
    """A link the wrong way round, or between others, is answered with how it is declared."""
    workspace = shop.open().workspace
    assert link_named(workspace, "late", "sold") == (LATE, SOLD)
    with pytest.raises(UsageError) as turned:
        link_named(workspace, "sold", "late")
    assert turned.value.hint == "the CPI comes first: late sold"
    with pytest.raises(UsageError) as other:
        link_named(workspace, "late", "calls")
    assert other.value.hint == "late is linked to: sold"


def test_opening_puts_a_killed_save_in_order(shop: Shop) -> None:
    """A snapshot behind its journal is put right by the next start, without asking."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    behind = snapshot(shop)
    apply(shop.open(), TO_MIA, reason="the depot")
    whole = snapshot(shop)
    (shop.folder / "state" / "accountability.toml").write_bytes(behind)
    assert shop.open().ownership.assignments[LATE].accountable == MIA
    assert snapshot(shop) == whole


def test_importing_commands_loads_nothing_heavy() -> None:
    """A change from the command line never pays for the engine."""
    code = (
        "import sys, kputui.session.commands; print([m for m in ('polars', 'plotext', 'tomli_w') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [TO_MIA, CONFIRM])
def test_a_broken_journal_is_read_only(shop: Shop, command: Command) -> None:
    """When history was edited everything can be seen, nothing changed, and the board says why."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    journal = shop.folder / "state" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"seq":1,', b'"seq":7,', 1))
    opened = shop.open()
    assert commands.read_only(opened).startswith("read-only: ")
    assert Board(opened).first().read_only == commands.read_only(opened)
    with pytest.raises(store.StoreError, match="read-only"):
        apply(opened, command, reason="nevertheless", override=True)


def test_a_decision_records_what_was_judged(shop: Shop) -> None:
    """The definitions' hashes stand beside the decision, so that it can expire."""
    apply(shop.open(), CONFIRM, reason="twelve rides")
    decision = shop.open().ownership.decisions[LATE, SOLD]
    assert len(decision.cpi_hash) == len(decision.kpi_hash) == 16
    assert decision.cpi_hash != decision.kpi_hash
    assert shop.open().state.history(LinkCell(LATE, SOLD))[-1].reason == "twelve rides"
