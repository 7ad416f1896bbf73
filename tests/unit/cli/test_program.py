"""The command line itself: what words mean, and that nothing but an exit code comes out."""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import pytest

from kputui import __version__
from kputui.cli import main
from kputui.errors import DataError, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def nobody(_board: object, _options: object) -> NoReturn:
    """No board is opened in these tests."""
    raise AssertionError


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """The commands that were run, with their options, instead of running them."""
    calls: list[tuple[str, dict[str, object]]] = []

    def load(name: str) -> SimpleNamespace:
        def run(options: object, _open_board: object) -> ExitCode:
            calls.append((name.rpartition(".")[2], vars(options)))
            return ExitCode.OK

        return SimpleNamespace(run=run)

    monkeypatch.setattr(importlib, "import_module", load)
    return calls


def doing(monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> None:
    """Make every command do `action`."""

    def run(_options: object, _open_board: object) -> ExitCode:
        action()
        return ExitCode.OK

    monkeypatch.setattr(importlib, "import_module", lambda _name: SimpleNamespace(run=run))


@pytest.mark.parametrize(
    "words",
    [
        ["-w", "x", "--today", "2013-06-30", "check", "--format", "json"],
        ["check", "--format", "json", "-w", "x", "--today", "2013-06-30"],
        ["--format", "json", "-wx", "check", "--today=2013-06-30"],
    ],
)
def test_options_stand_where_people_put_them(ran: list[tuple[str, dict[str, object]]], words: list[str]) -> None:
    """Global options and the command's own work before and after the command."""
    assert main(words, nobody) == 0
    (command, options), *_ = ran
    assert command == "check"
    assert (str(options["workspace"]), str(options["today"]), options["format"]) == ("x", "2013-06-30", "json")


def test_roots_add_up_from_both_sides(ran: list[tuple[str, dict[str, object]]]) -> None:
    """--allow-root may be repeated, before and after the command."""
    assert main(["--allow-root", "a", "check", "--allow-root", "b"], nobody) == 0
    assert ran[0][1]["allow_root"] == [Path("a"), Path("b")]


def test_metrics_may_stand_between_options(ran: list[tuple[str, dict[str, object]]]) -> None:
    """`query a --grain week b` asks for both metrics."""
    assert main(["query", "a", "--grain", "week", "b", "--group-by", "x", "--group-by", "y"], nobody) == 0
    assert ran[0][1]["metric"] == ["a", "b"]
    assert ran[0][1]["group_by"] == ["x", "y"]


def test_no_command_is_the_board(ran: list[tuple[str, dict[str, object]]], tmp_path: Path) -> None:
    """Without a command, or with a folder instead of one, the board opens."""
    assert main([], nobody) == main([str(tmp_path)], nobody) == main(["--today", "2013-06-30"], nobody) == 0
    assert [command for command, _ in ran] == ["board"] * 3
    assert ran[1][1]["dir"] == str(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stauts"], "nearest: status"),
        (["xyzzy"], "commands: board, demo"),
        (["query", "a", "--grian", "week"], "nearest: --grain"),
        (["query", "a", "--format", "jsom"], "nearest: json"),
        (["query"], "usage: kputui query METRIC..."),
        (["status", "--fail-on", "at-risk"], "nearest: at_risk"),
        (["check", "more"], '"more" is one word too many'),
        (["--today", "30.6.2013"], "write it as 2026-11-20"),
        (["init", "x"], "--from"),
        (["status", "--format"], "expected one argument"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """A mistyped command, option, word or date answers 2 and says the nearest, on stderr only."""
    assert main(words, nobody) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["check", "--help"], ["--help", "query"], ["demo", "-h"]])
def test_help_is_data_within_80_columns(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Help goes to stdout, answers 0, and its prose fits 80 columns (an example may be longer)."""
    assert main(words, nobody) == 0
    prose = capsys.readouterr().out.split("examples:")[0]
    assert prose.startswith("usage: kputui")
    assert max(len(line) for line in prose.splitlines()) < 80


def test_the_version_is_told_with_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints the version and does nothing else."""
    assert main(["--version"], nobody) == main(["check", "--version"], nobody) == 0
    assert capsys.readouterr().out == f"kputui {__version__}\n" * 2


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("no such thing", "try this"), 2, "kputui: no such thing\n        try this\n"),
        (DataError("D02", "no file at data/x.csv"), 5, "kputui: no file at data/x.csv\n"),
        (UsageError("\x1b[31mred\x07"), 2, "kputui: ␛[31mred␇\n"),
    ],
)
def test_an_error_is_a_message_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int, said: str
) -> None:
    """An error of kputui prints its message and hint, made safe, and answers its own exit code."""

    def fail() -> NoReturn:
        raise error

    doing(monkeypatch, fail)
    assert main(["check"], nobody) == code
    assert capsys.readouterr().err == said


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C answers 130 with nothing but a line end."""

    def fail() -> NoReturn:
        raise KeyboardInterrupt

    doing(monkeypatch, fail)
    assert main(["check"], nobody) == 130
    assert capsys.readouterr().err == "\n"


class PanicException(BaseException):
    """As polars raises it: no Exception."""


@pytest.mark.parametrize("kind", [ValueError, PanicException])
def test_a_bug_is_told_in_words_and_kept_without_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: type[BaseException]
) -> None:
    """A bug answers 70; the log is the user's alone and holds neither locals nor a message with data."""

    def fail() -> NoReturn:
        salary = "mia: 71000"
        raise kind(f"cannot convert {salary!r}")

    doing(monkeypatch, fail)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["check"], nobody) == 70
    captured = capsys.readouterr()
    log = tmp_path / "kputui" / "kputui.log"
    assert str(log) in captured.err
    assert "Traceback" not in captured.err
    assert "71000" not in captured.err + log.read_text()
    assert "in fail" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_is_not_written_through_a_link(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A link in the log's place is not followed."""
    victim = tmp_path / "victim"
    (tmp_path / "kputui").mkdir()
    (tmp_path / "kputui" / "kputui.log").symlink_to(victim)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail() -> NoReturn:
        raise ValueError

    doing(monkeypatch, fail)
    assert main(["check"], nobody) == 70
    assert not victim.exists()
    assert "could not be kept" in capsys.readouterr().err


def start(words: list[str], **more: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "kputui", *words], stderr=subprocess.PIPE, **more)  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_leaves_is_no_error() -> None:
    """`kputui --help | head -0` says nothing and answers what it would have answered."""
    reading, writing = os.pipe()
    os.close(reading)
    process = start(["--help"], stdout=writing)
    os.close(writing)
    _, said = process.communicate()
    assert (process.returncode, said) == (0, b"")


def test_a_full_disk_is_told() -> None:
    """Output that cannot be written is an error, not silence."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb") as full:
        process = start(["--help"], stdout=full)
        _, said = process.communicate()
    assert process.returncode == 2
    assert b"cannot write to standard output" in said


def test_a_terminal_without_utf8_gets_ascii() -> None:
    """Where the locale is not UTF-8 the words come out in ASCII and nothing fails."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    process = start(["st\u00e4tus"], stdout=subprocess.PIPE, env=environment)
    _, said = process.communicate()
    assert process.returncode == 2
    assert said.isascii()
    assert b"nearest: status" in said
