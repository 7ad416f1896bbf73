"""The stand-up on real workspaces: what turned, what is new, what asks, in which order, and what stays out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine

from kputui.errors import UsageError
from kputui.model.cell import SnoozeCell
from kputui.model.change import Assign, Author, Decide, Explain, Hold, Note, Snooze
from kputui.model.ids import GoalId, MetricId, TeamId
from kputui.model.link import LinkState
from kputui.model.ownership import Assignee, Role
from kputui.model.remark import Subject, SubjectKind
from kputui.render.lines import text_of
from kputui.render.standup import record, standup_lines
from kputui.session import commands
from kputui.session.standup import all_figures, decided_since, held_words, since_of, stand_up
from kputui.session.standup_views import ItemKind
from kputui.store import save

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.model.change import Command
    from kputui.session.open import Opened
    from kputui.session.standup_views import Item, StandUpView

MINUTES, LATE = MetricId("minutes"), MetricId("late_share")
TODAY, LAST = date(2026, 10, 11), date(2026, 10, 4)
DANA = Author("dana", 4712, "tower")


def looked_back(opened: Opened, since: date | None = None) -> StandUpView:
    return stand_up(opened, all_figures(opened), since)


def outlier(number: int) -> float:
    return 48.0 if number == WEEKS - 1 else routine(number)


def written(depot: Depot, command: Command, day: date, reason: str = "") -> None:
    save(depot.folder, command, now=depot.now(), day=day, reason=reason, identity=DANA)


def kinds(view: StandUpView) -> list[ItemKind]:
    return [item.kind for item in view.items]


def one(view: StandUpView, kind: ItemKind) -> Item:
    (found,) = [item for item in view.items if item.kind is kind]
    return found


def test_nothing_changed_is_one_line(tmp_path: Path) -> None:
    """A week of routine gives no item, and the page says so in one line under its heading."""
    view = looked_back(Depot(tmp_path).open())
    assert (view.items, view.snoozed, view.refusal) == ((), (), "")
    assert (view.since, view.today) == (LAST, TODAY)
    lines = [text_of(line) for line in standup_lines(view, 80)]
    assert lines[2:] == ["nothing has changed since 4 Oct 2026, and nothing asks"]


def test_a_new_signal_asks_what_was_behind_it(tmp_path: Path) -> None:
    """The signal of the newest week is new, hangs under its goal and names its first period for the explanation."""
    depot = Depot(tmp_path, outlier)
    view = looked_back(depot.open())
    item = one(view, ItemKind.SIGNAL)
    assert (item.metric, item.start, item.is_new) == (MINUTES, date(2026, 10, 5), True)
    assert item.text == "a concern, week of 5 Oct 2026: above the natural limits"
    assert item.asks == "What was behind it?"
    assert item.goal is not None
    assert (item.goal.goal, item.row_key) == ("soon", "kpi:soon/minutes")
    assert "48" in str(record(view)["items"])


def test_several_signals_of_a_metric_are_one_item(tmp_path: Path) -> None:
    """Three high weeks and a last one beyond the limits fire two rules: told once, the second below the first."""
    last = (33.0, 33.1, 33.0, 48.0)
    depot = Depot(tmp_path, lambda number: routine(number) if number < WEEKS - 4 else last[number - WEEKS + 4])
    item = one(looked_back(depot.open()), ItemKind.SIGNAL)
    assert len([text for text in (item.text, *item.more) if "a concern" in text]) > 1


def test_an_old_signal_still_asks_and_is_not_called_new(tmp_path: Path) -> None:
    """What nobody explained at the last stand-up comes again, after what is new."""
    depot = Depot(tmp_path, outlier)
    item = one(looked_back(depot.open(date(2026, 10, 12)), TODAY), ItemKind.SIGNAL)
    assert not item.is_new
    assert item.asks


def test_an_explained_signal_asks_nothing(tmp_path: Path) -> None:
    """Once explained it moves down, with the words of who explained it."""
    depot = Depot(tmp_path, outlier)
    written(depot, Explain(MINUTES, date(2026, 10, 5), "a closed bridge"), date(2026, 10, 10))
    item = one(looked_back(depot.open()), ItemKind.EXPLAINED)
    assert item.asks == ""
    assert [(said.text, said.by, said.about) for said in item.said] == [
        ("a closed bridge", "Dana", "week of 5 Oct 2026")
    ]


def test_the_order_is_that_of_the_kinds(tmp_path: Path) -> None:
    """Where much happened, items come kind by kind, what needs a decision first, and each key names one item."""
    depot = Depot(tmp_path, outlier)
    depot.add('\n[[contexts]]\nfrom = 2026-10-06\nto = 2026-10-14\nnote = "a road is closed"\n')
    depot.give("vans", date(2026, 10, 6))
    depot.write("data/parcels.csv", "day,late\n")
    view = looked_back(depot.open())
    expected = [ItemKind.DECISION, ItemKind.SIGNAL, ItemKind.DATA, ItemKind.CHANGE, ItemKind.CONTEXT]
    assert list(dict.fromkeys(kinds(view))) == expected
    assert len({item.key for item in view.items}) == len(view.items)


def test_many_items_that_ask_nothing_are_one_page(tmp_path: Path) -> None:
    """Four planned slow times that begin this week are one item with a line each; three are three."""
    depot = Depot(tmp_path)
    for number in range(3):
        depot.add(f'\n[[contexts]]\nfrom = 2026-10-0{5 + number}\nto = 2026-12-20\nnote = "road {number}"\n')
    assert len(looked_back(depot.open()).items) == 3
    depot.add('\n[[contexts]]\nfrom = 2026-10-08\nto = 2026-12-20\nnote = "road 3"\n')
    (item,) = looked_back(depot.open()).items
    assert (item.title, item.asks) == ("4 dates and notes", "")
    assert item.more[0] == "road 0: began on 5 Oct 2026"


def test_a_goal_that_turned_comes_before_the_signal_behind_it(tmp_path: Path) -> None:
    """It says what the goal was and is and asks for the way back; a week later it is told as turned for the better."""
    depot = Depot(tmp_path, lambda number: 60.0 if number == WEEKS - 2 else routine(number))
    depot.set('kind = "maintain"\ntarget = 35', 'kind = "level"\nbaseline = 40\ntarget = 30')
    view = looked_back(depot.open(LAST), date(2026, 9, 27))
    item = one(view, ItemKind.WORSE)
    assert item.goal is not None
    assert item.text == f"it was {item.goal.then}, and is off track"
    assert item.asks == "What brings it back on plan?"
    assert kinds(view).index(ItemKind.WORSE) < kinds(view).index(ItemKind.SIGNAL)
    better = one(looked_back(depot.open()), ItemKind.BETTER)
    assert better.text.startswith("it was off track, and is ")
    assert better.asks == ""


def test_a_guardrail_takes_its_signal_along(tmp_path: Path) -> None:
    """A concern at a guardrail is one item of its own kind, before everything else."""
    depot = Depot(tmp_path, outlier)
    depot.set('gaming = "driving less"', 'gaming = "driving less"\nguardrails = ["minutes"]')
    view = looked_back(depot.open())
    assert view.items[0].kind is ItemKind.GUARDRAIL
    assert view.items[0].start == date(2026, 10, 5)
    assert ItemKind.SIGNAL not in kinds(view)
    assert any("no longer meets its target" in text for text in view.items[0].more)


def test_what_is_to_be_decided(tmp_path: Path) -> None:
    """A link confirmed since then, with nobody accountable: the verdict tells of it, and a decision asks who is."""
    depot = Depot(tmp_path)
    written(depot, Decide(LATE, MINUTES, LinkState.CONFIRMED), date(2026, 10, 7), "seen in the hall")
    view = looked_back(depot.open())
    decision, verdict = one(view, ItemKind.DECISION), one(view, ItemKind.VERDICT)
    assert (decision.code, decision.asks, decision.is_new) == ("R08", "Who is accountable?", True)
    assert verdict.text.startswith("it was ")
    assert verdict.text.endswith("and is confirmed")
    assert (verdict.metric, verdict.kpi) == (LATE, MINUTES)
    assert "decided because: seen in the hall" in verdict.more


def test_a_standing_exception_is_told_once(tmp_path: Path) -> None:
    """Somebody accountable before confirmation is asked about when it is new, and not every week."""
    depot = Depot(tmp_path)
    depot.give("vans", date(2026, 10, 6))
    codes = {item.code for item in looked_back(depot.open()).items}
    assert "R09" in codes
    later = looked_back(depot.open(date(2026, 10, 18)), TODAY)
    (decision,) = [item for item in later.items if item.kind is ItemKind.DECISION]
    assert not decision.is_new
    assert not any("before confirmation" in text for text in (decision.text, *decision.more))


def test_who_took_over_is_told_with_the_reason(tmp_path: Path) -> None:
    """A change of owner since then is an item; one from before is not."""
    depot = Depot(tmp_path)
    depot.give("vans", date(2026, 9, 1))
    depot.give("hall", date(2026, 10, 6))
    item = one(looked_back(depot.open()), ItemKind.CHANGE)
    assert item.text == "accountable: Vans → Hall"
    assert item.said[0].text == "a test"
    assert not any(item.kind is ItemKind.CHANGE for item in looked_back(depot.open(), date(2026, 10, 8)).items)


def test_what_was_taken_back_is_not_told(tmp_path: Path) -> None:
    """An undone change is no news."""
    depot = Depot(tmp_path)
    written(depot, Assign(LATE, Role.INFORMED, Assignee(TeamId("hall"))), TODAY)
    commands.undo(depot.open(), 1, author=DANA)
    view = looked_back(depot.open())
    assert view.items == ()
    assert view.entries == ()


def test_changes_of_a_review_of_the_past_count_as_of_its_day(tmp_path: Path) -> None:
    """With a fixed clock what is saved now belongs to that day; what was really saved later is not known yet."""
    depot = Depot(tmp_path)
    written(depot, Assign(LATE, Role.INFORMED, Assignee(TeamId("hall"))), TODAY)
    assert [entry.new for entry in looked_back(depot.open()).entries] == ["Hall"]
    early = Depot(tmp_path / "early")
    moment = datetime(2026, 10, 9, 8, tzinfo=UTC)
    command = Assign(LATE, Role.INFORMED, Assignee(TeamId("hall")))
    save(early.folder, command, now=moment, day=date(2026, 10, 9), identity=DANA)
    assert looked_back(early.open(date(2026, 10, 8)), date(2026, 10, 1)).entries == ()


def test_contexts_notes_and_due_dates_near_the_day(tmp_path: Path) -> None:
    """What began, will end soon, was noted or is due: each is told, and what is far away is not."""
    depot = Depot(tmp_path)
    depot.add(
        '\n[[contexts]]\nfrom = 2026-10-06\nto = 2026-10-14\nnote = "a road is closed"\npace_factor = 0.5\n'
        '\n[[contexts]]\nfrom = 2026-11-20\nto = 2026-11-30\nnote = "the fair"\n'
        '\n[[annotations]]\non = 2026-10-08\nnote = "new vans"\nmetrics = ["minutes"]\nintervention = true\n'
    )
    depot.set("due = 2026-12-31", "due = 2026-10-15")
    subject = Subject(SubjectKind.GOAL, GoalId("soon"))
    written(depot, Note(subject, date(2026, 10, 9), "half of the drivers are ill"), date(2026, 10, 9))
    assert set(one(looked_back(depot.open()), ItemKind.CONTEXT).more) == {
        "a road is closed: began on 6 Oct 2026 and ends on 14 Oct 2026; the plan asks for 50 % meanwhile",
        "new vans: something was changed on purpose on 8 Oct 2026",
        "Parcels are there soon: due on 15 Oct 2026",
        "Parcels are there soon: Dana noted for 9 Oct 2026: half of the drivers are ill",
    }


def test_a_source_that_is_gone_is_one_item(tmp_path: Path) -> None:
    """Two metrics without data for one reason are one item that asks for the data."""
    depot = Depot(tmp_path)
    (depot.folder / "data" / "rides.csv").unlink()
    view = looked_back(depot.open())
    item = one(view, ItemKind.DATA)
    assert item.title == "Minutes to the door and Wear"
    assert item.asks == "Who brings the data back?"
    assert item.code


def test_a_snoozed_item_stays_out_until_its_day(tmp_path: Path) -> None:
    """Put off, it is in no list but that of what is put off; on its day, or undone, it is back."""
    depot = Depot(tmp_path, outlier)
    key = one(looked_back(depot.open()), ItemKind.SIGNAL).key
    done = commands.apply(depot.open(), Snooze(key, date(2026, 10, 14)), reason="", author=DANA)
    view = looked_back(depot.open())
    assert ItemKind.SIGNAL not in kinds(view)
    (item,) = view.snoozed
    assert (item.until, item.snoozed_by) == (date(2026, 10, 14), "Dana")
    assert ItemKind.SIGNAL in kinds(looked_back(depot.open(date(2026, 10, 14)), LAST))
    assert done.change is not None
    assert done.change.cell == SnoozeCell(key)
    assert "Minutes to the door (signal), in the stand-up: left out until 14 Oct 2026" in done.message
    commands.undo(depot.open(), done.change.seq, author=DANA)
    assert ItemKind.SIGNAL in kinds(looked_back(depot.open()))


def test_nothing_is_put_off_into_the_past(tmp_path: Path) -> None:
    """A day that is not after today is refused by its rule."""
    depot = Depot(tmp_path)
    with pytest.raises(commands.RefusedError) as error:
        commands.apply(depot.open(), Snooze("signal/minutes/2026-10-05", TODAY), reason="")
    assert error.value.code == "R21"


def test_the_next_stand_up_looks_back_to_the_one_held(tmp_path: Path) -> None:
    """Held on Friday, the one on Sunday begins there; a second look on Friday itself does not."""
    depot = Depot(tmp_path)
    friday = date(2026, 10, 9)
    done = commands.apply(depot.open(friday), Hold(friday, LAST, (1, 2)), reason="", author=DANA)
    assert "stand-up of 9 Oct 2026: held, 2 changes decided, before not held" in done.message
    assert since_of(depot.open()) == friday
    assert since_of(depot.open(friday)) == friday - timedelta(days=7)
    assert held_words(depot.open(friday)) == "today by Dana"
    view = looked_back(depot.open())
    assert (view.since, view.held) == (friday, "9 Oct 2026 by Dana")
    assert view.entries == ()


def test_a_day_that_is_not_before_today_is_refused(tmp_path: Path) -> None:
    """A stand-up looks back: the day is named in the refusal."""
    with pytest.raises(UsageError, match="before 11 Oct 2026"):
        looked_back(Depot(tmp_path).open(), TODAY)


def test_what_a_stand_up_brought(tmp_path: Path) -> None:
    """Everything saved after it began, newest first, and not that it was held."""
    depot = Depot(tmp_path, outlier)
    written(depot, Assign(LATE, Role.INFORMED, Assignee(TeamId("hall"))), date(2026, 9, 1))
    written(depot, Explain(MINUTES, date(2026, 10, 5), "a closed bridge"), TODAY)
    written(depot, Hold(TODAY, LAST, (2,)), TODAY)
    assert [entry.new for entry in decided_since(depot.open(), 1)] == ["a closed bridge"]
