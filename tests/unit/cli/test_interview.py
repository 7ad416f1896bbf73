"""`kputui init` without a file: a conversation on a terminal that ends in a workspace, or in nothing."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kputui import config
from kputui.cli.figures import figure_of, figure_text
from kputui.errors import UsageError
from kputui.model.metric import Direction, MetricKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.unit.cli.conftest import Kputui

PATIENCE = 30.0
"""Seconds after which a program that says nothing is given up."""


class Terminal:
    """The program in a pty of its own, standing in a folder."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        """Start it."""
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            os.chdir(folder)
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", HOME=str(folder))
            os.execv(sys.executable, [sys.executable, "-m", "kputui", *words])  # noqa: S606 - no shell is meant

    def until_asked(self) -> bool:
        """Read until a question stands there; False when the program has left."""
        end = time.monotonic() + PATIENCE
        while not self.shown.endswith(("] ", "? ")):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(self.shown)
            try:
                read = os.read(self.fd, 65_536)
            except OSError:
                return False
            if not read:
                return False
            self.shown += read.decode(errors="replace")
        return True

    def answer(self, *lines: str) -> None:
        """Type each line once the next question stands there."""
        for line in lines:
            assert self.until_asked(), self.shown
            self.shown += "…"
            os.write(self.fd, f"{line}\n".encode())

    def left(self) -> int:
        """The exit code, once it has left."""
        while self.until_asked():
            self.shown += "…"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """A folder with one data file that goes on until yesterday."""
    folder = tmp_path / "shop"
    folder.mkdir()
    last = datetime.now(UTC).date() - timedelta(days=1)
    rows = [f"{last - timedelta(days=200 - n)},{100 + n % 7},{n % 4},NSW" for n in range(201)]
    (folder / "orders.csv").write_text("\n".join(["day,amount,days_late,region", *rows]) + "\n")
    before = {path.name for path in folder.iterdir()}
    yield folder
    assert {path.name for path in folder.iterdir()} - before <= {"config", "made", ".local", ".cache", ".config"}


FULL = (
    "Customers come back on their own",
    "Repeat buyers pay for the next year",
    "Ines",
    "",
    "amount",
    "Orders",
    "more",
    "",
    "",
    "selling to ourselves",
    "days_late > 2",
    "Late parcels",
    "",
    "Waiting for the parcel",
    "out",
    "Is it here on the promised day?",
    "12 ride-alongs in October",
    "a late first parcel stops the second order",
    "Logistics",
    "",
)


def test_the_answers_make_a_board_without_warnings(shop: Path, kputui: Kputui) -> None:
    """Goal, KPI, CPI, link and team are as said; `check` has notes only and the goal has a state."""
    terminal = Terminal(shop, ["init"])
    terminal.answer(*FULL)
    assert terminal.left() == 0, terminal.shown
    assert "The workspace is in config" in terminal.shown
    workspace = config.load(shop / "config")
    (goal,) = workspace.goals.values()
    kpi, cpi = workspace.metrics.values()
    (link,) = workspace.links
    (team,) = workspace.teams.values()
    assert (goal.label, goal.why, goal.owner) == (FULL[0], FULL[1], "ines")
    assert (kpi.kind, kpi.label, kpi.gaming) == (MetricKind.KPI, "Orders", FULL[9])
    assert (cpi.kind, cpi.label, cpi.direction) == (MetricKind.CPI, "Late parcels", Direction.DECREASE)
    assert (cpi.question, cpi.discovered, str(cpi.need)) == (FULL[15], FULL[16], "outcome")
    assert (link.mechanism, link.declared) == (FULL[17], datetime.now().astimezone().date())
    assert (team.label, team.lead, team.influences) == ("Logistics", "ines", (cpi.id,))
    check = kputui("-w", shop / "config", "check")
    assert check.code == 0, check.out
    assert "Customers come back" in kputui("-w", shop / "config", "status").out
    assert kputui("-w", shop / "config", "links", cpi.id, kpi.id).code == 0


def test_enter_alone_gives_a_board_as_well(shop: Path, kputui: Kputui) -> None:
    """Every question has a default: what only people can know stays open, and nothing is a warning."""
    terminal = Terminal(shop, ["init", "made"])
    terminal.answer(*[""] * 19)
    assert terminal.left() == 0, terminal.shown
    check = kputui("-w", shop / "made", "check")
    assert check.code == 0, check.out
    assert "TODO" in (shop / "made" / "goals.toml").read_text()


def test_a_file_of_days_alone_gives_a_board(shop: Path, kputui: Kputui) -> None:
    """Rows are counted when nothing else is there to count."""
    days = sorted(line.split(",")[0] for line in (shop / "orders.csv").read_text().splitlines()[1:])
    (shop / "orders.csv").write_text("\n".join(["day", *days]) + "\n")
    terminal = Terminal(shop, ["init", "made"])
    terminal.answer(*[""] * 11, "Rows seen by customers", *[""] * 7)
    assert terminal.left() == 0, terminal.shown
    assert kputui("-w", shop / "made", "check").code == 0


def test_what_does_not_fit_is_asked_again(shop: Path) -> None:
    """A figure in the goal, a missing file, an unknown column and a target that is no improvement are told."""
    terminal = Terminal(shop, ["init", "made"])
    terminal.answer("Reach 500 orders", "Customers come back", "", "", "gone.csv", "orders.csv", "colour", "amuont")
    terminal.answer("region > 3", "days_late > 2", "", "less", "2001-01-01", "", "99 %", "99", "soon", "", "")
    terminal.answer("days_late > 2", "1", "Orders", "", "", "perhaps", "", "", "", "", "")
    assert terminal.left() == 0, terminal.shown
    for said in (
        "holds a number",
        'no file "gone.csv"',
        'no column "colour"',
        "nearest: amount",
        "text can't be compared with a number",
        "name a later day",
        "no improvement",
        "99 is no share",
        '"soon" is not a number',
        "that is the KPI already",
        "one of: frustration, expectation, outcome",
    ):
        assert said in terminal.shown
    assert next(iter(config.load(shop / "made").goals.values())).label == "Customers come back"


@pytest.mark.parametrize("answered", [0, 5, 12])
def test_ctrl_c_leaves_nothing_behind(shop: Path, answered: int) -> None:
    """At any question, before the data was read and after."""
    terminal = Terminal(shop, ["init"])
    terminal.answer(*FULL[:answered])
    assert terminal.until_asked()
    terminal.shown += "…"
    os.write(terminal.fd, b"\x03")
    assert terminal.left() == 130, terminal.shown
    assert not (shop / "config").exists()


def test_the_end_of_the_answers_leaves_nothing_behind(shop: Path) -> None:
    """Ctrl-D, or a window that is closed."""
    terminal = Terminal(shop, ["init"])
    terminal.answer(*FULL[:5])
    assert terminal.until_asked()
    terminal.shown += "…"
    os.write(terminal.fd, b"\x04")
    assert terminal.left() == 2
    assert "nothing was written" in terminal.shown
    terminal = Terminal(shop, ["init"])
    assert terminal.until_asked()
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.shown += "…"
    assert terminal.left() != 0


@pytest.mark.parametrize("words", [(), ("made",), ("--from", "orders.csv")])
def test_a_pipe_is_refused_in_a_sentence(kputui: Kputui, words: tuple[str, ...]) -> None:
    """Nobody can answer there: the command line has to name the folder and the file."""
    Path("orders.csv").write_text("day,amount\n2026-01-01,1\n")
    answer = kputui("init", *words)
    assert answer.code == 2
    assert "asks its questions on a terminal" in answer.err
    assert "kputui init DIR --from FILE" in answer.err
    assert [path.name for path in Path.cwd().iterdir()] == ["orders.csv"]


@pytest.mark.parametrize(
    ("typed", "is_share", "value"),
    [("8500", False, 8500), ("8 500", False, 8500), ("-3.5", False, -3.5), ("76 %", True, 0.76), ("0.76", True, 0.76)],
)
def test_figures_are_read_as_people_write_them(typed: str, is_share: bool, value: float) -> None:
    """And a figure that a question offers reads back as the same."""
    assert figure_of(typed, is_share=is_share) == value
    assert figure_of(figure_text(value, is_share=is_share), is_share=is_share) == pytest.approx(value)


@pytest.mark.parametrize(("typed", "is_share"), [("soon", False), ("nan", False), ("76 %", False), ("76", True)])
def test_what_is_no_figure_is_told(typed: str, is_share: bool) -> None:
    """Words, per cent of what is no share, and shares above one."""
    with pytest.raises(UsageError):
        figure_of(typed, is_share=is_share)


def test_days_are_never_in_the_past() -> None:
    """The clock of old data is its last evening, which the offered due date lies behind."""
    from kputui.cli.first_goal import goal_days

    for last in (date(2013, 12, 30), date(2013, 10, 1), date(2026, 2, 28)):
        assert goal_days(date(2013, 1, 1), last)[1] > last
