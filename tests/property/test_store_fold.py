"""Any sequence of commands and undos: the state is what the journal adds up to, and undo is an inverse."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kputui import store
from kputui.model.cell import accountability_of, values_of
from kputui.model.change import (
    Assign,
    Author,
    Change,
    Decide,
    Explain,
    Hold,
    Import,
    Note,
    Snooze,
    Unassign,
    Undo,
    can_undo,
    cell_of,
    fold,
    outcome,
)
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkState
from kputui.model.ownership import Assignee, Role
from kputui.model.remark import Subject, SubjectKind
from kputui.store.journal import parse
from kputui.store.lines import encode
from kputui.store.snapshot import decoded, dump, tables_of

if TYPE_CHECKING:
    from kputui.model.cell import Cell, CellValue

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
METRICS = [MetricId(name) for name in ("late_share", "wait", "returns")]
AUTHORS = [Author("anna", 1004, "board"), Author("tom", 1005, "bøard")]
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
metrics = st.sampled_from(METRICS)
roles = st.sampled_from(list(Role))
assignees = st.builds(
    Assignee,
    st.sampled_from([TeamId("shop"), TeamId("care"), TeamId("ops")]),
    st.none() | st.sampled_from([PersonId("ines"), PersonId("mia")]),
)
plain = st.booleans() | st.integers(-9, 9) | st.floats(-1e6, 1e6) | texts
evidence = st.dictionaries(texts, plain | st.lists(plain, max_size=2).map(tuple), max_size=3)
said = texts.map(lambda text: " ".join(text.split()))
days = st.dates(date(2026, 1, 1), date(2026, 1, 3))
subjects = st.just(Subject()) | st.builds(
    Subject, st.sampled_from([SubjectKind.METRIC, SubjectKind.GOAL, SubjectKind.SOURCE]), st.sampled_from(METRICS)
)
commands = (
    st.builds(Assign, metrics, roles, assignees)
    | st.builds(Unassign, metrics, roles, st.none() | assignees)
    | st.builds(Decide, metrics, metrics, st.sampled_from(list(LinkState)), texts, evidence, texts, texts)
    | st.builds(Explain, metrics, days, said)
    | st.builds(Note, subjects, days, said, st.integers(1, 2))
    | st.builds(Snooze, st.sampled_from(["signal/wait/2026-01-05", "goal/loyal/at risk"]), st.none() | days)
    | st.builds(Hold, days, days, st.lists(st.integers(1, 10**6), max_size=150).map(tuple))
)
steps = st.lists(
    st.tuples(st.just("do"), commands, texts, st.booleans()) | st.tuples(st.just("undo"), st.integers(0, 60)),
    max_size=30,
)


def after_all(asked: list[Any]) -> tuple[list[Change], dict[Cell, CellValue]]:
    """The changes that steps make, and the cells after them kept by hand."""
    changes: list[Change] = []
    values: dict[Cell, CellValue] = defaultdict(lambda: None)

    def add(command: Any, cell: Cell, after: CellValue, **more: Any) -> None:
        seq = len(changes) + 1
        at = BEGIN - timedelta(days=seq)
        changes.append(Change(seq, at, AUTHORS[seq % 2], command, cell, values[cell], after, **more))
        values[cell] = after

    for step in asked:
        if step[0] == "do":
            _, command, reason, is_override = step
            cell = cell_of(command)
            more = {"reason": reason, "is_override": is_override}
            login = AUTHORS[(len(changes) + 1) % 2].login
            day = date(2026, 1, 1) + timedelta(days=len(changes))
            add(command, cell, outcome(command, values[cell], day=day, login=login, **more), **more)
        elif step[1] < len(changes):
            target = changes[step[1]]
            if can_undo([one for one in changes if one.cell == target.cell], target.seq):
                add(Undo(target.seq), target.cell, target.before, undoes=target.seq)
    return changes, {cell: value for cell, value in values.items() if value is not None}


@given(steps)
def test_the_fold_is_the_state(asked: list[Any]) -> None:
    """Folding the changes gives each cell its last value, and the seq of the change that gave it."""
    changes, values = after_all(asked)
    ownership = fold(changes)
    assert values_of(ownership) == values
    assert all(ownership.revision(change.cell) >= change.seq for change in changes)
    assert ownership.seq == len(changes)


@given(steps, commands)
def test_undo_is_an_inverse(asked: list[Any], command: Any) -> None:
    """Whatever came before, a change and its undo leave every value as it was."""
    changes, values = after_all(asked)
    both, later = after_all([*asked, ("do", command, "why", False), ("undo", len(changes))])
    assert both[-1].undoes == len(changes) + 1
    assert later == values


@given(steps)
def test_the_journal_brings_every_change_back(asked: list[Any]) -> None:
    """Lines written and read are the same changes, whole or only each cell's last."""
    changes, _ = after_all(asked)
    content, previous = b"", ""
    for change in changes:
        content += encode(change, previous)
        previous = parse(content, "").head
    journal = parse(content, "")
    assert journal.problem is None
    assert journal.changes == tuple(changes)
    for seq in {0, len(changes) // 2, len(changes)}:
        assert journal.ownership_at(seq) == fold(changes[:seq])


@given(steps)
def test_the_snapshot_brings_the_state_back(asked: list[Any]) -> None:
    """The file for people holds all of the accountability, and no remarks; equal states are equal files."""
    import tomllib

    changes, _ = after_all(asked)
    ownership = fold(changes)
    content = dump(ownership, "head")
    found, problems = decoded(tomllib.loads(content.decode()), content.decode(), "", None)
    assert problems == ()
    assert values_of(found) == accountability_of(ownership)
    assert tables_of(found) == tables_of(ownership)


def carried_out(folder: Path, step: Any, author: Author) -> store.Saved | None:
    """What a step saved; None for an undo that is refused, as there is nothing (more) to undo."""
    if step[0] == "do":
        _, command, reason, is_override = step
        return store.save(folder, command, now=BEGIN, reason=reason, is_override=is_override, identity=author)
    try:
        return store.undo(folder, step[1] or None, now=BEGIN, identity=author)
    except store.StoreError:
        return None


@settings(max_examples=25, deadline=None)
@given(steps)
def test_a_real_store_is_the_fold_of_its_journal(asked: list[Any]) -> None:
    """Through files, locks and snapshots: what was saved is the state, after every way of opening it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values: dict[Cell, CellValue] = {}
        for number, step in enumerate(asked):
            saved = carried_out(folder, step, AUTHORS[number % 2])
            if saved is None:
                continue
            if saved.change is not None:
                values[saved.change.cell] = saved.change.after
            assert values_of(saved.ownership) == {cell: value for cell, value in values.items() if value is not None}
        state = store.open_store(folder)
        assert values_of(state.ownership) == {cell: value for cell, value in values.items() if value is not None}
        assert fold(state.changes) == state.ownership
        assert (state.notices, state.edits, store.verify(folder)) == ((), (), ())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_journal_cut_anywhere_in_its_last_line_loses_only_that_line(data: st.DataObject) -> None:
    """Whichever byte a kill stopped at, every earlier change is there and the next one is saved."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(3):
            command = Assign(METRICS[number], Role.INFORMED, Assignee(TeamId("ops")))
            store.save(folder, command, now=BEGIN, identity=AUTHORS[0], reason="wegen der Füße")
        path = folder / "state" / "journal.jsonl"
        whole = path.read_bytes()
        last = whole.rindex(b"\n", 0, -1) + 1
        cut = data.draw(st.integers(last, len(whole) - 1))
        path.write_bytes(whole[:cut])
        (folder / "state" / "accountability.toml").unlink()
        kept = 3 if cut == len(whole) - 1 else 2
        assert store.open_store(folder, is_repairing=data.draw(st.booleans())).ownership.seq == kept
        saved = store.save(
            folder, Assign(METRICS[0], Role.CONSULTED, Assignee(TeamId("shop"))), now=BEGIN, identity=AUTHORS[1]
        )
        assert saved.ownership.seq == kept + 1
        assert store.verify(folder) == ()
        assert path.read_bytes().startswith(whole[:last])
        aside = folder / "state" / "journal.torn-1.jsonl"
        assert aside.exists() == (last < cut < len(whole) - 1)
        assert not aside.exists() or aside.read_bytes() == whole[last:cut]


@given(st.binary(max_size=400), st.binary(max_size=60))
def test_no_bytes_break_the_reader(content: bytes, more: bytes) -> None:
    """Any bytes are a journal with good lines, a tail or a problem, never an exception."""
    change = Change(
        1, BEGIN, AUTHORS[0], Import(cell_of(Unassign(METRICS[0], Role.INFORMED)), None),
        cell_of(Unassign(METRICS[0], Role.INFORMED)), None, None,
    )  # fmt: skip
    for whole in (content, encode(change, "") + content, encode(change, "")[:-1] + more + b"\n" + content):
        journal = parse(whole, "journal.jsonl")
        assert journal.seq <= 1 or journal.problem is None
        assert fold(journal.changes).seq <= journal.seq
