"""The log of bugs: one file, for the user alone, without data, never without end."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NoReturn

import pytest

from kputui.session import bug_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def fail(salary: str) -> NoReturn:
    """A bug with data in its locals and in its message."""
    raise ValueError(f"cannot convert {salary!r}")


def a_bug() -> ValueError:
    """The error of a bug, with its traceback."""
    with pytest.raises(ValueError, match="cannot convert") as caught:
        fail(f"mia: {71 * 1000}")
    return caught.value


def test_the_log_tells_the_place_and_no_data() -> None:
    """The entry has the id and the place in the source, neither locals nor a message, in a file of mode 0600."""
    error_id = bug_log.keep(a_bug())
    text = bug_log.log_path().read_text(encoding="utf-8")
    assert error_id in text
    assert "in fail" in text
    assert "71000" not in text
    assert stat.S_IMODE(bug_log.log_path().stat().st_mode) == 0o600


def test_the_same_bug_has_the_same_id() -> None:
    """Whoever meets a bug twice finds it under one id."""
    first, second = a_bug(), a_bug()
    assert bug_log.keep(first) == bug_log.keep(first) == bug_log.id_of(first)
    assert second.__traceback__ is not None


def test_a_log_does_not_grow_without_end() -> None:
    """A log that is too long is put aside, and only the newest of those is kept."""
    bug_log.keep(a_bug())
    path = bug_log.log_path()
    for letter in (b"a", b"b"):
        path.write_bytes(letter * (bug_log.MAX_BYTES + 1))
        bug_log.keep(a_bug())
        assert path.stat().st_size < bug_log.MAX_BYTES
        assert path.with_suffix(".log.old").read_bytes()[:1] == letter
    assert len(list(path.parent.iterdir())) == 2


def test_a_loose_log_is_made_private(state: Path) -> None:
    """A log that others could read is the user's alone again."""
    path = state / "kputui" / "kputui.log"
    path.parent.mkdir()
    path.touch(mode=0o644)
    path.chmod(0o644)
    os.close(bug_log.open_log())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_log_is_no_reason_to_fail(state: Path) -> None:
    """Where no log can be kept, or a link stands in its place, the id is given all the same."""
    (state / "kputui").mkdir()
    (state / "kputui" / "kputui.log").symlink_to(state / "victim")
    error = a_bug()
    assert bug_log.note(error) == bug_log.id_of(error)
    assert not (state / "victim").exists()
    with pytest.raises(OSError, match="link"):
        bug_log.keep(error)


def test_a_user_without_a_home_has_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a home the log lies in the temporary folder, in a folder of the user's own."""
    monkeypatch.delenv("XDG_STATE_HOME")

    def no_home() -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr("pathlib.Path.home", no_home)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert bug_log.log_path() == tmp_path / f"kputui-{os.getuid()}" / "kputui.log"
