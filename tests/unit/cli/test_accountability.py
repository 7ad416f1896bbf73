"""assign, confirm, refute, undo, log, journal and mine on the demo: what they print, change and answer."""

from __future__ import annotations

import importlib.util
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kputui import store
from kputui.cli.demo import copy_tree
from kputui.cli.mine import EXAMPLE
from kputui.model.change import fold
from kputui.session.open import open_workspace

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Kputui

ROOT = Path(__file__).parents[3]
STATE = ROOT / "config" / "state"
PRIYA = ("assign", "taxi45", "network", "--person", "priya")
WHY = ("--reason", "the slots are hers")


@pytest.fixture(autouse=True)
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder of the test's own."""
    home = tmp_path / "config-home"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    return home


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder and their contents."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_first_assign_in_a_copy_of_the_demo(kputui: Kputui, tmp_path: Path) -> None:
    """`kputui demo` brings its journal along, and the copy is the user's to change."""
    copy = tmp_path / "copy"
    assert kputui("demo", copy).code == 0
    assert (copy / "state" / "journal.jsonl").read_bytes() == (STATE / "journal.jsonl").read_bytes()
    answer = kputui("-w", copy, *PRIYA, *WHY, "--override")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "Stuck on the taxiway, accountable: Network planning (Priya), before Ramp and taxi (Sam); "
        "an exception that stays on the list (kputui undo 30 takes it back)\n"
    )
    assert kputui("-w", copy, "journal", "verify").out == "30 changes in the journal: no problems\n"


def test_a_copy_of_folders_that_nobody_may_write_is_the_users(tmp_path: Path) -> None:
    """A demo installed read-only is copied into folders that can be written."""
    shipped = tmp_path / "shipped"
    (shipped / "state").mkdir(parents=True)
    (shipped / "kputui.toml").write_text("")
    (shipped / "state").chmod(0o555)
    copy_tree(shipped, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy" / "state").stat().st_mode) & 0o700 == 0o700


def test_only_the_programs_own_files_change(kputui: Kputui, demo: Path) -> None:
    """A change touches state/ and nothing that people wrote."""
    before = tree(demo)
    assert kputui("-w", demo, *PRIYA, *WHY, "--override").code == 0
    after = tree(demo)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"state/accountability.toml", "state/journal.jsonl", "state/.lock"}
    assert after["state/journal.jsonl"].startswith(before["state/journal.jsonl"])


def test_a_rule_refuses_before_a_reason_is_asked_for(kputui: Kputui, demo: Path) -> None:
    """Exit 4 with the reason and the way to an exception; no file is touched."""
    before = tree(demo)
    answer = kputui("-w", demo, *PRIYA)
    assert (answer.code, answer.out) == (4, "")
    assert "no link of Stuck on the taxiway is confirmed (its furthest link is a hypothesis)" in answer.err
    assert "--override --reason TEXT" in answer.err
    assert tree(demo) == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("assign", "taxi54", "ramp", *WHY), 2, "nearest: taxi45"),
        (("assign", "taxi45", "rampe", *WHY), 2, "nearest: ramp"),
        (("assign", "taxi45", "ramp/sami", *WHY), 2, "nearest: sam"),
        (("assign", "taxi45", "ramp", "--role", "acountable", *WHY), 2, "nearest: accountable"),
        (("assign", "ontime_arrivals", "ramp", *WHY), 4, "On-time arrivals is not a CPI"),
        (
            ("assign", "taxi45", "crews", "--override", *WHY),
            4,
            "it is influenced by Network planning and",
        ),
        (("assign", "taxi45", "care", "--role", "informed"), 2, 'say why: --reason "..."'),
        (("assign", "taxi45", "ramp", "--role", "consulted", "--remove", *WHY), 4, "is not consulted for Stuck on"),
        (("confirm", "taxi45", "ontime_arrival", *WHY), 2, "nearest: ontime_arrivals"),
        (("confirm", "ontime_arrivals", "taxi45", *WHY), 2, "the CPI comes first"),
        (("refute", "taxi45", "ontime_arrivals"), 2, "a change needs a written reason"),
        (("undo", "one"), 2, "is not the number of a change"),
        (("undo", "99"), 2, "there is no change 99"),
        (("undo",), 2, "has no change to undo"),
        (("log", "taxi54"), 2, "nearest: taxi45"),
        (("log", "--team", "rampe"), 2, "nearest: ramp"),
        (("journal", "verfy"), 2, "nearest: verify"),
        (("journal", "import", *WHY), 2, "the snapshot was not edited by hand"),
    ],
)
def test_what_goes_wrong_is_told(kputui: Kputui, demo: Path, words: tuple[str, ...], code: int, told: str) -> None:
    """A wrong name gets the nearest, a refusal its reason; nothing is changed."""
    before = tree(demo)
    answer = kputui("-w", demo, *words)
    assert (answer.code, answer.out) == (code, "")
    assert told in " ".join(answer.err.split())
    assert {name: content for name, content in tree(demo).items() if name != "state/.lock"} == before


def test_confirm_then_assign_then_undo(kputui: Kputui, demo: Path) -> None:
    """The way of the method: a judged link first, then who is accountable; undo takes the last change back."""
    confirmed = kputui("-w", demo, "confirm", "taxi45", "ontime_arrivals", "--reason", "twelve debriefings")
    assert confirmed.out.startswith("Stuck on the taxiway -> On-time arrivals: confirmed (judgement), before undecided")
    assert kputui("-w", demo, *PRIYA, *WHY).code == 0
    assert "(Priya)" in kputui("-w", demo, "log", "taxi45").out
    undone = kputui("-w", demo, "undo")
    assert undone.out.startswith("change 31 undone: Stuck on the taxiway, accountable: Ramp and taxi (Sam), before Net")
    again = kputui("-w", demo, "undo")
    assert again.out.startswith("change 30 undone: Stuck on the taxiway -> On-time arrivals: undecided")
    assert kputui("-w", demo, "journal", "verify").code == 0


def test_a_role_is_added_to_and_removed(kputui: Kputui, demo: Path) -> None:
    """Responsible adds, --remove takes one away and leaves the others."""
    words = ("-w", demo, "assign", "taxi45", "ramp/noor", "--role", "responsible", *WHY)
    assert "responsible: Ramp and taxi and Ramp and taxi (Noor), before Ramp and taxi" in kputui(*words).out
    assert "responsible: Ramp and taxi, before" in kputui(*words, "--remove").out


def test_the_log_for_people_and_programs(kputui: Kputui, demo: Path) -> None:
    """Newest first with number, time, author, what and why; JSON holds the names of the files as well."""
    shown = kputui("-w", demo, "log", "taxi45").out.splitlines()
    assert shown[0].startswith("13   4 Mar 2013 08:32  dana  Stuck on the taxiway, informed: nobody -> Customer care")
    assert all(len(line) <= 100 for line in shown)
    records = json.loads(kputui("-w", demo, "log", "--person", "sam", "--format", "json").out)
    (record,) = records
    assert (record["seq"], record["login"], record["metric"], record["role"]) == (10, "dana", "taxi45", "accountable")
    assert (record["before"], record["after"]) == (["network/tom"], ["ramp/sam"])
    assert record["at"] == "2013-03-04T08:30:00-05:00"
    assert record["is_override"]
    assert kputui("-w", demo, "log", "--since", "2013-06-01", "--team", "care").out.startswith("28   3 Jun 2013 16:01")
    nothing = kputui("-w", demo, "log", "--since", "2020-01-01")
    assert (nothing.code, nothing.out) == (0, "")
    assert "no change fits" in nothing.err


def test_edited_history_is_seen(kputui: Kputui, demo: Path) -> None:
    """A reason rewritten in the journal breaks the chain: verify and log answer 5, changes are refused."""
    journal = demo / "state" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"they push back", b"they push hard", 1))
    verified = kputui("-w", demo, "journal", "verify")
    assert verified.code == 5
    assert "error S10" in verified.out
    assert "journal.jsonl:4" in verified.out
    assert kputui("-w", demo, "log").code == 5
    refused = kputui("-w", demo, *PRIYA, *WHY, "--override")
    assert (refused.code, refused.out) == (5, "")
    assert "read-only" in refused.err


def test_a_hand_edit_is_imported_as_a_change(kputui: Kputui, demo: Path) -> None:
    """An edit of the snapshot is offered, taken over under one's own name with a reason, or put aside."""
    snapshot = demo / "state" / "accountability.toml"
    snapshot.write_text(snapshot.read_text().replace('accountable = "ramp/sam"', 'accountable = "ramp/noor"'))
    assert (
        "note S13" in kputui("-w", demo, "journal", "verify").out or kputui("-w", demo, "journal", "verify").code == 1
    )
    done = kputui("-w", demo, "journal", "import", "--reason", "agreed in the meeting")
    assert done.out == "Stuck on the taxiway, accountable: Ramp and taxi (Noor), before Ramp and taxi (Sam)\n"
    snapshot.write_text(snapshot.read_text().replace('accountable = "ramp/noor"', 'accountable = "ramp/sam"'))
    assert "it is kept as state/accountability.discarded-1.toml" in kputui("-w", demo, "journal", "discard").out
    assert 'accountable = "ramp/noor"' in snapshot.read_text()


def test_the_reason_is_asked_for_on_a_terminal(demo: Path) -> None:
    """Without --reason the command says what is there now and asks why; what is typed stands in the journal."""
    assert typed(demo, b"the slots are hers\n") == (0, "the slots are hers")


def test_an_empty_answer_changes_nothing(demo: Path) -> None:
    """Return alone is no reason."""
    assert typed(demo, b"\n") == (2, "they can hold a connection")


def typed(demo: Path, keys: bytes) -> tuple[int, str]:
    """Run assign on a terminal, type `keys` at its question; the exit code and the journal's last reason."""
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "kputui", "-w", str(demo), *PRIYA, "--override"]
    with subprocess.Popen(words, stdin=follower, stdout=follower, stderr=follower, close_fds=True) as process:
        os.close(follower)
        shown = b""
        while not shown.rstrip().endswith(b"Why?"):
            shown += os.read(leader, 1024)
        os.write(leader, keys)
        while True:
            try:
                more = os.read(leader, 1024)
            except OSError:
                break
            if not more:
                break
        process.wait()
    os.close(leader)
    assert "Stuck on the taxiway, accountable: now Ramp and taxi (Sam). Why?" in shown.decode()
    last = (demo / "state" / "journal.jsonl").read_text().splitlines()[-1]
    return process.returncode, json.loads(last)["reason"]


def test_two_processes_at_once_are_both_in_the_journal(demo: Path) -> None:
    """Eight people who assign at the same moment are all told the truth: saved, or who was first."""
    people = ("ramp/sam", "ramp/noor", "network/priya", "network/tom")
    words = [sys.executable, "-m", "kputui", "-w", str(demo), "assign", "taxi45"]
    started = [
        subprocess.Popen(
            [*words, person, "--override", "--reason", f"race {number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, person in enumerate(people * 2)
    ]
    answers = [(process.communicate(), process.returncode) for process in started]
    state = store.open_store(demo)
    reasons = [change.reason for change in state.changes]
    for number, ((out, err), code) in enumerate(answers):
        assert code in (0, 3), err
        assert (f"race {number}" in reasons) == (code == 0 and "it is so already" not in out)
        assert code == 0 or "accountable: " in err
    assert state.ownership == fold(state.changes)
    assert not store.verify(demo)


def test_the_shipped_state_is_what_the_program_writes(tmp_path: Path) -> None:
    """The demo's journal was made by the commands of invented people, and its snapshot is what it adds up to."""
    made = script().make(tmp_path)
    assert {name: (STATE / name).read_bytes() for name in made} == made
    assert not store.verify(ROOT / "config")
    state = store.open_store(ROOT / "config", is_repairing=False)
    assert state.ownership == fold(state.changes)
    assert len(state.ownership.exceptions) == 3
    assert all(change.reason and not change.is_start for change in state.changes)


def script() -> Any:
    """docs/demo_state.py as a module."""
    spec = importlib.util.spec_from_file_location("demo_state", ROOT / "docs" / "demo_state.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_mine_is_what_a_person_holds(kputui: Kputui, demo: Path) -> None:
    """Accountable and responsible, by name first, then through one's team."""
    answer = kputui("-w", demo, "mine", "--as", "rosa")
    assert answer.out.splitlines() == [
        "Three Airports · Rosa",
        "",
        "accountable  Left late                  hypothesis since 14 Jan 2013",
        "responsible  Early risers kept waiting  hypothesis through Station ops",
        "responsible  Left late                  hypothesis through Station ops",
    ]
    kputui("-w", demo, "confirm", "gate_late15", "ontime_arrivals", "--reason", "the doors")
    assert "Left late                  confirmed (judgement) since" in kputui("-w", demo, "mine", "--as", "rosa").out
    assert kputui("-w", demo, "--as", "nobody", "mine").err.startswith('kputui: nobody in this workspace is called "n')


def test_as_is_never_the_journals_author(kputui: Kputui, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither --as nor $USER changes who the journal says it was."""
    monkeypatch.setenv("USER", "sam")
    monkeypatch.setenv("LOGNAME", "sam")
    assert kputui("--as", "sam", "-w", demo, *PRIYA, *WHY, "--override").code == 0
    change = store.open_store(demo).changes[-1]
    assert (change.author.uid, change.author.login) == (os.getuid(), store.whoami().login)


def test_a_private_board_is_the_users_alone(kputui: Kputui, config_home: Path) -> None:
    """--init writes an example with 0600 in 0700, which works as it is; a second time nothing is overwritten."""
    answer = kputui("mine", "--init")
    assert answer.code == 0
    folder = config_home / "kputui" / "mine"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "board.toml": 0o600,
        "practice.csv": 0o600,
    }
    assert "I play again for my friends" in kputui("mine").out
    (folder / "board.toml").write_text(EXAMPLE.format(start="2026-01-01", due="2026-12-31"))
    assert kputui("mine", "--init").code == 2
    assert "start = 2026-01-01" in (folder / "board.toml").read_text()


def test_a_private_board_that_others_can_read_is_refused(kputui: Kputui, config_home: Path) -> None:
    """The command that makes it private is the hint; nothing of it is shown before."""
    kputui("mine", "--init")
    board = config_home / "kputui" / "mine" / "board.toml"
    board.chmod(0o640)
    answer = kputui("mine")
    assert (answer.code, answer.out) == (2, "")
    assert f"chmod 600 {board}" in answer.err
    board.chmod(0o600)
    board.parent.chmod(0o755)
    assert f"chmod 700 {board.parent}" in kputui("mine").err


def test_a_private_board_stays_out_of_everything_else(kputui: Kputui, demo: Path, config_home: Path) -> None:
    """Status, check, query and the journal of the workspace know nothing of it."""
    kputui("mine", "--init")
    seen = [kputui("-w", demo, *words) for words in (("status",), ("check",), ("query", "minutes"), ("log",))]
    assert not any("play again" in answer.out or "practised" in answer.out for answer in seen)
    assert kputui("-w", demo, "query", "minutes").code == 2
    assert not (config_home / "kputui" / "mine" / "state").exists()
    assert open_workspace(demo).workspace.goals.keys().isdisjoint({"play"})


def test_mine_without_anything(kputui: Kputui) -> None:
    """Without a workspace and a private board the way to one is named, and none is made."""
    answer = kputui("mine")
    assert answer.code == 2
    assert "kputui mine --init starts one" in answer.err


def test_log_of_a_state_that_can_t_be_opened_is_not_empty(kputui: Kputui, demo: Path) -> None:
    """Not being let in is told, and is not the same as nothing having happened."""
    (demo / "state").rename(demo / "elsewhere")
    (demo / "state").symlink_to("elsewhere")
    answer = kputui("-w", demo, "log")
    assert answer.code == 5
    assert "state/ cannot be opened" in answer.err
    assert "no changes" not in answer.err
