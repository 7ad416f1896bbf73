"""Nobody redirects a write, a dead holder frees the lock, and who may not write is told at the start."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kputui import store
from kputui.errors import ExitCode
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


@pytest.mark.parametrize("name", [".lock", "journal.jsonl", "accountability.toml"])
@pytest.mark.parametrize("kind", ["symlink", "dangling", "hard link", "fifo", "folder"])
def test_a_planted_file_is_refused_and_its_victim_untouched(
    folder: Path, anna: Author, tmp_path: Path, name: str, kind: str
) -> None:
    """A link or a special file at the lock, the journal or the snapshot is never followed nor opened."""
    store.save(folder, NEXT, now=NOW, identity=anna)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    planted = folder / "state" / name
    kept = planted.read_bytes()
    planted.unlink()
    if kind == "symlink":
        planted.symlink_to(victim)
    elif kind == "dangling":
        planted.symlink_to(tmp_path / "nowhere")
    elif kind == "hard link":
        victim.write_bytes(kept)
        os.link(victim, planted)
    elif kind == "fifo":
        os.mkfifo(planted)
    else:
        planted.mkdir()
    before = victim.read_bytes()
    store.open_store(folder)
    if (kind, name) == ("hard link", "accountability.toml"):
        store.save(folder, COMMAND, now=NOW, identity=anna)  # replaced by name, never written into
    else:
        with pytest.raises(store.StoreError, match="not a regular file"):
            store.save(folder, COMMAND, now=NOW, identity=anna)
    assert victim.read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


def test_a_planted_temporary_file_is_removed_not_followed(
    folder: Path, anna: Author, tmp_path: Path, held: Held
) -> None:
    """A link with the name of the temporary file loses its name, not its target."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "state" / f".kputui-snapshot.{os.getpid()}.tmp").symlink_to(victim)
    store.save(folder, COMMAND, now=NOW, identity=anna)
    assert victim.read_text() == "precious"
    assert sorted(held()) == ["accountability.toml", "journal.jsonl"]


def test_a_state_folder_that_is_a_link_is_refused(tmp_path: Path, anna: Author) -> None:
    """Nobody lends the workspace another folder to write to."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "shop" / "state").symlink_to(tmp_path / "other")
    assert store.open_store(tmp_path / "shop").is_read_only
    with pytest.raises(store.StoreError) as caught:
        store.save(tmp_path / "shop", COMMAND, now=NOW, identity=anna)
    assert caught.value.code == "S19"
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.parametrize("where", ["state", "shop", "above"])
def test_a_folder_that_everybody_may_write_is_refused(tmp_path: Path, anna: Author, where: str) -> None:
    """Where everybody may exchange files, a journal proves nothing; the message says which folder."""
    shop = tmp_path / "above" / "shop"
    (shop / "state").mkdir(parents=True, mode=0o770)
    wide = {"state": shop / "state", "shop": shop, "above": shop.parent}[where]
    wide.chmod(0o777)
    with pytest.raises(store.StoreError) as caught:
        store.save(shop, COMMAND, now=NOW, identity=anna)
    assert caught.value.code == "S20"
    assert str(wide) in caught.value.hint
    assert "everybody" in store.open_store(shop).read_only
    assert [problem.code for problem in store.verify(shop)] == ["S20"]
    assert list((shop / "state").iterdir()) == []


def test_below_a_sticky_folder_saving_is_fine(tmp_path: Path, anna: Author) -> None:
    """A workspace below /tmp works: there nobody may exchange what is not theirs."""
    shop = tmp_path / "sticky" / "shop"
    shop.mkdir(parents=True, mode=0o770)
    shop.parent.chmod(0o1777)
    assert store.save(shop, COMMAND, now=NOW, identity=anna).change is not None


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
def test_the_umask_does_not_shut_the_group_out(tmp_path: Path, anna: Author, mask: int) -> None:
    """Files are for the group of leads and for nobody else, whatever the umask says."""
    old = os.umask(mask)
    try:
        store.save(tmp_path, COMMAND, now=NOW, identity=anna)
        store.save(tmp_path, NEXT, now=NOW, identity=anna)
    finally:
        os.umask(old)
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (tmp_path / "state").iterdir()}
    assert modes == {".lock": 0o660, "accountability.toml": 0o660, "journal.jsonl": 0o660}
    assert (tmp_path / "state").stat().st_mode & 0o7777 == 0o2770


def test_a_reader_without_permission_is_told_at_the_start(
    folder: Path, anna: Author, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is shown, the key says why nothing can be changed, and a save is refused."""
    store.save(folder, NEXT, now=NOW, identity=anna)
    before = held()
    real = os.open

    def forbidden(path: Any, flags: int, *args: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, flags, *args, **named)

    monkeypatch.setattr(os, "open", forbidden)
    monkeypatch.setattr(os, "access", lambda _path, mode, **_: not mode & os.W_OK)
    state = store.open_store(folder)
    assert state.read_only == "read-only: no write permission on state/"
    assert state.ownership.assignments[LATE].accountable == NEXT.assignee
    with pytest.raises(store.StoreError, match="permission denied") as caught:
        store.save(folder, COMMAND, now=NOW, identity=anna)
    assert caught.value.code == "S17"
    assert held() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_read_only(folder: Path, anna: Author) -> None:
    """As above, with the system's own permissions."""
    (folder / "state").chmod(0o550)
    try:
        assert "no write permission" in store.open_store(folder).read_only
        with pytest.raises(store.StoreError):
            store.save(folder, COMMAND, now=NOW, identity=anna)
    finally:
        (folder / "state").chmod(0o770)


HOLDER = """
import os, sys, time
from pathlib import Path
from kputui.model.change import Author
from kputui.store.folder import open_folder
from kputui.store.lock import locked
with open_folder(Path(sys.argv[1]), create=True) as opened, locked(opened, Author("anna", 1004, "board")):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(folder: Path) -> Any:
    """Another process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_held_lock_names_its_holder(folder: Path, tom: Author, holder: subprocess.Popen[str], held: Held) -> None:
    """Who waits too long is told for whom; reading needs no lock."""
    before = held()
    with pytest.raises(store.LockedError, match=re.escape(f"held by anna (uid 1004) pid {holder.pid}")) as caught:
        store.save(folder, COMMAND, now=NOW, identity=tom, wait_s=0.05)
    assert (caught.value.exit_code, caught.value.code) == (ExitCode.CONFLICT, "S21")
    assert store.open_store(folder).ownership.assignments
    assert held() == before


def test_a_dead_holder_frees_the_lock_at_once(folder: Path, tom: Author, holder: subprocess.Popen[str]) -> None:
    """A killed program leaves its name in the lock and nothing else."""
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert "anna" in (folder / "state" / ".lock").read_text()
    assert store.save(folder, COMMAND, now=NOW, identity=tom, wait_s=0.0).change is not None
    assert (folder / "state" / ".lock").read_text() == ""


def test_threads_of_one_program_wait_for_each_other(folder: Path, anna: Author) -> None:
    """Two workers of one board lose no change."""
    teams = [Assignee(TeamId(f"team{number}")) for number in range(8)]

    def add(assignee: Assignee) -> None:
        store.save(folder, Assign(LATE, Role.INFORMED, assignee), now=NOW, identity=anna)

    threads = [threading.Thread(target=add, args=(assignee,)) for assignee in teams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(store.open_store(folder).ownership.assignments[LATE].informed) == set(teams)
    assert store.verify(folder) == ()


def test_a_lock_file_that_was_removed_does_not_admit_two(folder: Path, anna: Author) -> None:
    """Deleting the lock by hand while nobody saves does no harm."""
    store.save(folder, NEXT, now=NOW, identity=anna)
    (folder / "state" / ".lock").unlink()
    assert store.save(folder, COMMAND, now=NOW, identity=anna).change is not None


def as_user(uid: int, gid: int, work: Callable[[], bool]) -> bool:
    """What `work` answers in a process of another user."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_leads_of_one_group_share_a_workspace_and_others_only_read() -> None:
    """Two users of a group save after each other; a third one sees everything and changes nothing."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        shop = root / "shop"
        shop.mkdir()
        os.chown(shop, 0, 4100)
        shop.chmod(0o2775)
        store.save(root, COMMAND, now=NOW)  # whatever a save imports is imported before users change

        def saves(command: Assign) -> Callable[[], bool]:
            return lambda: store.save(shop, command, now=NOW).change is not None

        assert as_user(4001, 4100, saves(COMMAND))
        assert as_user(4002, 4100, saves(NEXT))
        assert as_user(4001, 4100, saves(COMMAND))

        def only_reads() -> bool:
            state = store.open_store(shop)
            try:
                store.save(shop, NEXT, now=NOW)
            except store.StoreError as error:
                return error.code == "S17" and state.is_read_only
            return False

        (shop / "state").chmod(0o2775)
        for path in (shop / "state").iterdir():
            path.chmod(0o664)
        assert as_user(4003, 4101, only_reads)
        changes = store.open_store(shop).changes
        assert [(change.author.uid, change.author.login) for change in changes] == [
            (uid, f"uid{uid}") for uid in (4001, 4002, 4001)
        ]


@pytest.mark.parametrize(("kind", "codes"), [("nfs4", ["S25"]), ("fuse.sshfs", ["S25"]), ("ext4", []), ("tmpfs", [])])
def test_a_network_mount_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, codes: list[str]
) -> None:
    """On a network mount the promise holds for one host, and opening says so; the deepest mount counts."""
    mounts = tmp_path / "mounts"
    shown = str(folder).replace(" ", "\\040")
    mounts.write_text(f"disk / ext4 rw 0 0\nodd\nserver:/x {shown} {kind} rw 0 0\nother /nowhere nfs rw 0 0\n")
    monkeypatch.setattr("kputui.store.mount.MOUNTS", mounts)
    assert [notice.code for notice in store.open_store(folder).notices] == codes
    mounts.unlink()
    assert store.open_store(folder).notices == ()
