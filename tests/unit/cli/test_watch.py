"""watch: each thing told once, over one run and over several, without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine, week

from kputui.cli.watch import SETTLE_S, Alarm, rounds
from kputui.cli.words import seconds
from kputui.errors import ExitCode, UsageError
from kputui.render.notification import notification
from kputui.session.board import Board
from kputui.session.watch_memory import WatchMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui

    from kputui.session.watch import News

LAST = week(WEEKS) - timedelta(days=1)
BEFORE = LAST - timedelta(days=7)


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path, outlier)


class Waits:
    """Waiting without a clock: at each long wait the next thing happens; after the last one somebody ends the watch."""

    def __init__(self, *happenings: Callable[[], object]) -> None:
        self.left = list(happenings)
        self.asked: list[float] = []
        self.is_over = False

    def wait(self, seconds: float) -> bool:
        self.asked.append(seconds)
        if seconds == SETTLE_S:
            return False
        if self.left:
            self.left.pop(0)()
        else:
            self.is_over = True
        return self.is_over


def nothing() -> None:
    """Nothing happens."""


def watched(depot: Depot, waits: Waits, folder: Path, every_s: float = 60.0) -> tuple[ExitCode, list[list[str]]]:
    """A watch of the depot until it ends: its answer, and the sentences of each look with news."""
    told: list[list[str]] = []

    def tell(news: Sequence[News]) -> None:
        told.append([f"{one.kind}: {one.text}" for one in news])

    answer = rounds(Board(depot.open()), WatchMemory(depot.folder, folder), tell, waits, every_s=every_s, is_once=False)
    return answer, told


# --- one look, for cron


def test_the_first_look_says_what_it_starts_from_and_tells_nothing(kputui: Kputui, depot: Depot) -> None:
    """What is so already is no news; the sentence goes to stderr, so that a job that mails its output is silent."""
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert (answer.code, answer.out) == (0, "")
    assert "watching Depot from here: 2 goals (1 on track), 1 signal to explain" in answer.err


def test_a_new_signal_is_told_once_over_several_runs(kputui: Kputui, depot: Depot) -> None:
    """A week later the newest week stands out: a line and 1; the run after that says nothing and answers 0."""
    assert kputui("-w", depot.folder, "--today", BEFORE, "watch", "--once").code == 0
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert (answer.code, answer.err) == (1, "")
    [line] = answer.out.splitlines()
    assert line.endswith("Depot  signal: Minutes to the door: a concern, week of 5 Oct 2026: above the natural limits")
    again = kputui("-w", depot.folder, "watch", "--once")
    assert (again.code, again.out, again.err) == (0, "", "")


def test_programs_get_a_line_of_json_each(kputui: Kputui, depot: Depot) -> None:
    """When, of which workspace, what kind, and a key that stays the same."""
    kputui("-w", depot.folder, "--today", BEFORE, "watch", "--once")
    record = json.loads(kputui("-w", depot.folder, "watch", "--once", "--format", "json").out)
    assert (record["project"], record["kind"], record["is_worse"]) == ("Depot", "signal", True)
    assert record["key"] == "signal/minutes/2026-10-05"


def test_a_goal_that_turns_is_told_in_both_directions(kputui: Kputui, depot: Depot) -> None:
    """Off track with what it was, and back again; one without a measure is not told for the one below it."""
    depot.set('label = "Parcels are there soon"', 'label = "Parcels are there soon"\nparent = "other"')
    kputui("-w", depot.folder, "watch", "--once")
    depot.set("\ntarget = 35\n", "\ntarget = 20\n")
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert "goal: Parcels are there soon is off track, was on track" in answer.out
    assert "Vans last" not in answer.out
    depot.set("\ntarget = 20\n", "\ntarget = 35\n")
    assert (
        "goal: Parcels are there soon is on track, was off track" in kputui("-w", depot.folder, "watch", "--once").out
    )


def test_what_is_new_in_the_workspace_is_no_news(kputui: Kputui, depot: Depot) -> None:
    """A metric that somebody adds brings its old signals along; they are remembered and not told."""
    text = (depot.folder / "kputui.toml").read_text(encoding="utf-8")
    head, rest = text.split("[metrics.wear]")
    depot.config(head + "[teams" + rest.split("[teams", 1)[1])
    kputui("-w", depot.folder, "watch", "--once")
    depot.config(text.replace('label = "Wear"', 'label = "Wear"\ndirection = "increase"'))
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert (answer.code, answer.out) == (0, "")


def test_a_guardrail_that_gets_worse_is_told_and_told_again_only_after_it_was_well(
    kputui: Kputui, depot: Depot
) -> None:
    """Beyond its target once; still beyond, nothing; well and beyond again, once more."""
    depot.set('gaming = "driving less"', 'gaming = "driving less"\nguardrails = ["late_share"]')
    well, worse = "from = 2026-01-01, value = 0.5", "from = 2026-01-01, value = 0.01"
    depot.set('stage = "delivery"\nneed', f'targets = [{{ {well} }}]\nstage = "delivery"\nneed')
    line = "guardrail: Late parcels, a guardrail, misses its target"
    answers = []
    for old, new in ((well, well), (well, worse), (worse, worse), (worse, well), (well, worse)):
        depot.set(old, new)
        answers.append(line in kputui("-w", depot.folder, "watch", "--once").out)
    assert answers == [False, True, False, False, True]


def test_old_data_is_told_once(kputui: Kputui, depot: Depot) -> None:
    """A source that promised fresh rows and has none is one line."""
    depot.set('path = "data/rides.csv"', 'path = "data/rides.csv"\nfreshness = { warn_after = "2d" }')
    kputui("-w", depot.folder, "watch", "--once")
    late = LAST + timedelta(days=5)
    answer = kputui("-w", depot.folder, "--today", late, "watch", "--once")
    assert answer.out.count("stale: ") == 1
    assert "(D29)" in answer.out
    assert "stale: " not in kputui("-w", depot.folder, "--today", late, "watch", "--once").out


def test_data_that_cannot_be_read_is_told_once_and_answered_with_5(kputui: Kputui, depot: Depot) -> None:
    """The reason once with its code; the goal that it stops does not turn, and back with data nothing is told."""
    kputui("-w", depot.folder, "watch", "--once")
    rides = depot.folder / "data" / "rides.csv"
    text = rides.read_text(encoding="utf-8")
    rides.unlink()
    first, second = (kputui("-w", depot.folder, "watch", "--once") for _ in range(2))
    assert (first.code, second.code) == (5, 5)
    assert first.out.count("data: Minutes to the door and Wear: ") == 1
    assert "goal:" not in first.out
    assert second.out == ""
    rides.write_text(text, encoding="utf-8")
    back = kputui("-w", depot.folder, "watch", "--once")
    assert (back.code, back.out) == (0, "")


def test_a_memory_that_is_broken_starts_anew(kputui: Kputui, depot: Depot, tmp_path: Path) -> None:
    """Half a file, or another's: the watch says again what it starts from, and goes on."""
    kputui("-w", depot.folder, "watch", "--once")
    [memory] = (tmp_path / "state" / "kputui" / "watch").glob("*.json")
    assert memory.stat().st_mode & 0o777 == 0o600
    for broken in ("{", "[]", '{"format": 1}', '{"format": 99}', "\x00" * 9):
        memory.write_text(broken, encoding="utf-8")
        answer = kputui("-w", depot.folder, "watch", "--once")
        assert answer.code == 0
        assert "from here" in answer.err


def test_a_memory_behind_a_link_is_neither_read_nor_written(kputui: Kputui, depot: Depot, tmp_path: Path) -> None:
    """A link in the state folder's place is refused with the place, and what it points to stays."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "state" / "kputui").mkdir(parents=True)
    (tmp_path / "state" / "kputui" / "watch").symlink_to(elsewhere)
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert answer.code == 2
    assert "XDG_STATE_HOME" in answer.err
    assert not list(elsewhere.iterdir())


def test_names_act_on_nothing(kputui: Kputui, depot: Depot) -> None:
    """A label with escapes is a line of pictures."""
    kputui("-w", depot.folder, "--today", BEFORE, "watch", "--once")
    depot.set('label = "Minutes to the door"', r'label = "M\u001b]0;x\u0007[b]\n2"')
    answer = kputui("-w", depot.folder, "watch", "--once")
    assert "\x1b" not in answer.out
    assert len(answer.out.splitlines()) == 1


@pytest.mark.parametrize(("text", "wanted"), [("30s", 30), ("5m", 300), ("5min", 300), ("1h", 3600), ("24h", 86400)])
def test_a_length_of_time_is_read(text: str, wanted: float) -> None:
    """Seconds, minutes, hours."""
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "5", "s", "0s", "25h", "-5s", "1.5m", "²s", "1d", "9" * 5_000 + "s", "5 m"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """With how to write it."""
    with pytest.raises(UsageError, match="length of time"):
        seconds(text)


def test_a_notification_ends_where_it_should() -> None:
    """Text with escapes neither ends the sequence nor begins another, in either spelling."""
    hostile = "a\x07b\x1b]9;c\x1b\\d;e\x9cf\n"
    for environ in ({"TERM": "xterm"}, {"TERM": "rxvt-unicode"}):
        sequence = notification(hostile, hostile, environ)
        assert sequence.startswith("\x1b]")
        assert sequence.endswith("\a")
        assert not {"\x1b", "\a", "\x9c", "\n"} & set(sequence[1:-1])
    assert notification("t", "x;y", {"TERM": "foot"}) == "\x1b]777;notify;t;x,y\a"


def test_a_bell_rings_only_on_a_terminal(kputui: Kputui, depot: Depot) -> None:
    """In a pipe or a log neither bell nor notification is written."""
    kputui("-w", depot.folder, "--today", BEFORE, "watch", "--once")
    answer = kputui("-w", depot.folder, "watch", "--once", "--bell", "--notify")
    assert answer.code == 1
    assert not {"\a", "\x1b"} & set(answer.out)


# --- going on


def test_nothing_is_computed_while_nothing_changes(
    depot: Depot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks at the files' stamps at each round; reads and computes once."""
    calls: list[int] = []
    whole = Board.refresh

    def counted(board: Board, *words: object, **more: object) -> object:
        calls.append(1)
        return whole(board, *words, **more)  # type: ignore[arg-type]  # passed through as it came

    monkeypatch.setattr(Board, "refresh", counted)
    waits = Waits(nothing, nothing, nothing)
    answer, told = watched(depot, waits, tmp_path / "memory", every_s=300.0)
    assert (answer, told, len(calls)) == (ExitCode.OK, [], 1)
    assert set(waits.asked) == {300.0, SETTLE_S}


def test_news_come_as_files_change(depot: Depot, tmp_path: Path) -> None:
    """Data that is appended, a goal that is redefined, a config that breaks and is mended: each told in its round."""

    def raise_target() -> None:
        depot.set("\ntarget = 35\n", "\ntarget = 20\n")

    broken = (depot.folder / "kputui.toml").read_text(encoding="utf-8").replace("\ntarget = 35\n", "\ntarget = 20\n")
    waits = Waits(
        nothing,
        raise_target,
        nothing,
        lambda: depot.config(broken + "\n[oops\n"),
        nothing,
        lambda: depot.config(broken),
    )
    answer, told = watched(depot, waits, tmp_path / "memory")
    assert answer is ExitCode.OK
    goal, workspace = told
    assert goal == ["goal: Parcels are there soon is off track, was on track"]
    assert workspace[0].startswith("workspace: kputui.toml:")


def test_the_end_is_clean_while_it_computes(depot: Depot, tmp_path: Path) -> None:
    """Asked to end before the first look is done, it leaves without telling or remembering anything."""
    waits = Waits()
    waits.is_over = True
    answer, told = watched(depot, waits, tmp_path / "memory")
    assert (answer, told) == (ExitCode.OK, [])
    assert WatchMemory(depot.folder, tmp_path / "memory").read() is None


def test_what_could_not_be_told_is_told_the_next_time(depot: Depot, tmp_path: Path) -> None:
    """A watch that dies while it tells has remembered nothing of it."""
    memory = WatchMemory(depot.folder, tmp_path / "memory")

    def once(day: date | None, tell: Callable[[Sequence[News]], None]) -> ExitCode:
        board = Board(depot.open(day))
        return rounds(board, memory, tell, Waits(), every_s=1.0, is_once=True)

    def dies(_news: Sequence[News]) -> None:
        raise OSError

    once(BEFORE, dies)
    with pytest.raises(OSError):  # noqa: PT011 - the one raised above
        once(None, dies)
    told: list[News] = []
    assert once(None, told.extend) is ExitCode.FINDINGS
    assert [one.kind for one in told] == ["signal"]


def test_sigterm_ends_the_wait_at_once() -> None:
    """The alarm goes off by the signal, long before its time, and the handlers are what they were."""
    before = signal.getsignal(signal.SIGTERM)
    with Alarm() as alarm:
        os.kill(os.getpid(), signal.SIGTERM)
        assert alarm.wait(600.0)
        assert alarm.is_over
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_watch_as_a_service_ends_with_0(depot: Depot, tmp_path: Path) -> None:
    """The real program: it says what it starts from, sleeps, and leaves on SIGTERM."""
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    words = [sys.executable, "-m", "kputui", "-w", str(depot.folder), "watch", "--every", "1h"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stderr is not None
        assert "from here" in watch.stderr.readline()
        deadline = time.monotonic() + 30
        while not list((tmp_path / "state").rglob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        watch.terminate()
        assert watch.wait(timeout=30) == 0


def test_a_watch_whose_reader_has_left_ends_with_its_next_news(depot: Depot, tmp_path: Path) -> None:
    """`kputui watch | head -1` leaves no program behind."""
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    words = [sys.executable, "-m", "kputui", "-w", str(depot.folder), "watch", "--every", "1s"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stderr is not None
        assert watch.stdout is not None
        watch.stderr.readline()
        watch.stdout.close()
        deadline = time.monotonic() + 30
        while not list((tmp_path / "state").rglob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        depot.set("\ntarget = 35\n", "\ntarget = 20\n")
        assert watch.wait(timeout=60) == 0
