"""A save that fails or is killed at any of its steps: the old files are as they were, or the change is saved."""

from __future__ import annotations

import errno
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kputui import store
from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    Held = Callable[[], dict[str, bytes]]

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATE = MetricId("late_share")
COMMAND = Assign(LATE, Role.ACCOUNTABLE, Assignee(TeamId("logistics")))
NEXT = Assign(LATE, Role.ACCOUNTABLE, Assignee(TeamId("care")))
STEPS = ("write", "fsync", "fdatasync", "rename", "open", "mkdir", "listdir", "pwrite", "fchmod")
MAX_STEPS = 60


def fail_at(monkeypatch: pytest.MonkeyPatch, step: int, trouble: Callable[[str], None]) -> Callable[[], bool]:
    """Make the `step`-th call of the system meet `trouble`; whether it was reached."""
    count = 0

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                trouble(name)
            return real(*args, **named)

        return call

    for name in STEPS:
        monkeypatch.setattr(os, name, wrapped(name, getattr(os, name)))
    return lambda: count >= step


def trouble(code: int) -> Callable[[str], None]:
    """The system says no with this error."""

    def say(_: str) -> None:
        raise OSError(code, os.strerror(code))

    return say


def saved_or_none(folder: Path, author: Author) -> store.Saved | None:
    """What was saved; None when the store said no, as it should: by its own error and no other."""
    try:
        return store.save(folder, COMMAND, now=NOW, identity=author)
    except store.StoreError:
        return None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("is_first", [True, False], ids=["first save", "later save"])
def test_a_failure_at_any_step_changes_nothing_or_is_after_the_commit(
    folder: Path, anna: Author, held: Held, monkeypatch: pytest.MonkeyPatch, code: int, is_first: bool
) -> None:
    """Full disk, quota, device error and read-only mount, at each call of the system that a save makes."""
    if not is_first:
        store.save(folder, NEXT, now=NOW, identity=anna)
    refused = committed = 0
    for step in range(1, MAX_STEPS):
        before, owner = held(), store.open_store(folder).ownership
        with monkeypatch.context() as patch:
            was_reached = fail_at(patch, step, trouble(code))
            saved = saved_or_none(folder, anna)
        if saved is None:
            assert held() == before, f"step {step}"
            refused += 1
        else:
            assert saved.change is not None
            committed += bool(saved.notices)
        state = store.open_store(folder)
        if held() == before:
            assert state.ownership == owner
            continue
        assert state.ownership.assignments[LATE].accountable == COMMAND.assignee
        assert not [name for name in held() if name.endswith(".tmp")]
        assert store.verify(folder) == ()
        if not was_reached():
            break
        store.undo(folder, now=NOW, identity=anna)
    else:
        pytest.fail("a save has more steps than were tried")
    assert refused >= 5
    assert committed >= 1


@pytest.mark.parametrize("is_first", [True, False], ids=["first save", "later save"])
def test_a_kill_at_any_step_is_repaired_without_asking(folder: Path, anna: Author, held: Held, is_first: bool) -> None:
    """SIGKILL before each call of the system: the next start shows the old state or the new one, and only these."""
    if not is_first:
        store.save(folder, NEXT, now=NOW, identity=anna)
    killed = 0
    for step in range(1, MAX_STEPS):
        before = store.open_store(folder).ownership
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with pytest.MonkeyPatch.context() as patch:
                    fail_at(patch, step, lambda _: os.kill(os.getpid(), signal.SIGKILL))
                    store.save(folder, COMMAND, now=NOW, identity=anna)
                code = 0
            finally:
                os._exit(code)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert ended in (0, -signal.SIGKILL)
        killed += ended != 0
        state = store.open_store(folder)
        assert (state.notices, state.edits, store.verify(folder)) == ((), (), ())
        assert not [name for name in held() if name.endswith(".tmp")]
        if state.ownership.seq == before.seq:
            assert state.ownership == before
            assert ended
            continue
        assert state.ownership.assignments[LATE].accountable == COMMAND.assignee
        if ended == 0:
            break
        store.undo(folder, now=NOW, identity=anna)
    assert killed >= 10


def test_a_write_that_is_cut_short_is_taken_back(
    folder: Path, anna: Author, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes half a journal line gets none of it."""
    store.save(folder, NEXT, now=NOW, identity=anna)
    before = held()
    real = os.write

    def half(handle: int, content: Any) -> int:
        is_journal = bytes(content).startswith(b'{"seq"')
        return real(handle, content[: len(content) // 2] if is_journal else content)

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(store.StoreError, match="no space left") as caught:
        store.save(folder, COMMAND, now=NOW, identity=anna)
    assert caught.value.code == "S18"
    assert held() == before


def test_a_real_limit_on_file_sizes_is_a_full_disk(folder: Path, anna: Author, held: Held) -> None:
    """The kernel's own refusal, not a pretended one, leaves the files as they were."""
    import resource

    for number in range(12):
        store.save(folder, (COMMAND, NEXT)[number % 2], now=NOW, identity=anna)
    before = held()
    limit = len(before["journal.jsonl"]) + 60
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                store.save(folder, COMMAND, now=NOW, identity=anna)
            except store.StoreError as error:
                code = 0 if error.code == "S18" else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert held() == before
    assert store.save(folder, COMMAND, now=NOW, identity=anna).change is not None


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells the name of an open file")
def test_the_order_of_a_save_survives_power_cuts(folder: Path, anna: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot is on disk before the journal's line, the line before the rename, the rename before "saved"."""
    store.save(folder, NEXT, now=NOW, identity=anna)
    done: list[tuple[str, str]] = []

    def noted(name: str) -> None:
        real = getattr(os, name)

        def call(what: Any, *args: Any, **named: Any) -> Any:
            path = (Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else Path(what)).name
            done.append((name, path.split(".")[-1] if path.startswith(".kputui-") else path))
            return real(what, *args, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("write", "fsync", "fdatasync", "rename"):
        noted(name)
    store.save(folder, COMMAND, now=NOW, identity=anna)
    assert done == [
        ("write", "tmp"),
        ("fsync", "tmp"),
        ("write", "journal.jsonl"),
        ("fdatasync", "journal.jsonl"),
        ("rename", "tmp"),
        ("fsync", "state"),
    ]
