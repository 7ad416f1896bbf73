"""Who is accountable is read from state/, and a bad entry never stops the board."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kputui.errors import Severity
from kputui.model.link import Expect, Lag, Link, LinkDecision, LinkState
from kputui.model.metric import Aggregation, Metric, MetricKind, Simple
from kputui.model.ownership import Assignee, Assignment, Ownership
from kputui.model.team import Team
from kputui.model.workspace import Project, Workspace
from kputui.store import CODES, read_ownership, stamp
from kputui.store.snapshot import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kputui.errors import Problem

    Read = Callable[[str], tuple[Ownership, tuple[Problem, ...]]]


def named(name: str) -> Any:
    """A name as whichever id is wanted."""
    return name


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two metrics, a link between them, two teams."""
    metrics = {
        named(name): Metric(named(name), kind, name, Simple(named("rides"), Aggregation.COUNT))
        for name, kind in (("wait", MetricKind.CPI), ("returns", MetricKind.KPI))
    }
    teams = {
        named("care"): Team(named("care"), "Care", named("mia"), (named("mia"), named("tarek"))),
        named("ops"): Team(named("ops"), "Operations", named("ines")),
    }
    link = Link(named("wait"), named("returns"), Expect.NEGATIVE, Lag(1, 1, "week"))
    return Workspace(str(tmp_path), Project(), metrics=metrics, teams=teams, links=(link,))


@pytest.fixture
def read(tmp_path: Path, workspace: Workspace) -> Read:
    """Write a snapshot and read it against the workspace."""

    def read_text(text: str) -> tuple[Ownership, tuple[Problem, ...]]:
        (tmp_path / "state").mkdir(exist_ok=True)
        (tmp_path / "state" / "accountability.toml").write_bytes(text.encode())
        return read_ownership(tmp_path, workspace)

    return read_text


def test_without_a_snapshot_nobody_is_accountable_yet(tmp_path: Path, workspace: Workspace) -> None:
    """A new workspace has no owners, and that is no problem."""
    assert read_ownership(tmp_path, workspace) == (Ownership(), ())
    (tmp_path / "state").touch()
    assert read_ownership(tmp_path, workspace) == (Ownership(), ())


def test_assignments_are_read_with_all_roles(read: Read) -> None:
    """Team and person of every role, and the day since when, arrive."""
    ownership, problems = read(
        '[assignments.wait]\naccountable = "care/mia"\nresponsible = ["care", "ops/ines"]\n'
        'consulted = ["ops"]\ninformed = []\nsince = 2026-03-04\n'
    )
    assert problems == ()
    assert ownership.assignments == {
        "wait": Assignment(
            named("wait"),
            Assignee(named("care"), named("mia")),
            (Assignee(named("care")), Assignee(named("ops"), named("ines"))),
            (Assignee(named("ops")),),
            (),
            date(2026, 3, 4),
        )
    }


def test_link_decisions_are_read_with_whatever_evidence_they_hold(read: Read) -> None:
    """A decision's state, person, day and reason arrive; evidence of any form is no obstacle."""
    ownership, problems = read(
        '[links."wait->returns"]\nstate = "confirmed"\ndecided_by = "mia"\ndecided_on = 2026-05-06T10:00:00Z\n'
        'method = "e-value"\nreason = "34 : 1"\nevidence = { n = 104, lag = "1 week", hashes = ["a"] }\n'
    )
    assert problems == ()
    pair = (named("wait"), named("returns"))
    evidence = {"n": 104, "lag": "1 week", "hashes": ("a",)}
    decision = LinkDecision(*pair, LinkState.CONFIRMED, "mia", date(2026, 5, 6), "e-value", "34 : 1", evidence)
    assert ownership.decisions == {pair: decision}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('[assignments.wayt]\naccountable = "care"\n', "S04", 1),
        ('[assignments.wait]\nsince = 2026-01-01\naccountable = "caer"\n', "S05", 3),
        ('[assignments.wait]\nresponsible = ["care", "opps"]\n', "S05", 2),
        ('[assignments.wait]\naccountable = "care/ines"\n', "S06", 2),
        ("[assignments.wait]\naccountable = 5\n", "S03", 2),
        ('[assignments.wait]\naccountable = ["care", "ops"]\n', "S03", 2),
        ('[assignments.wait]\nsince = "yesterday"\n', "S03", 2),
        ('[assignments]\nwait = "care"\n', "S03", 1),
        ('assignments = "care"\n', "S03", 1),
        ('[links."wait->profit"]\nstate = "confirmed"\n', "S07", 1),
        ('[links.wait]\nstate = "confirmed"\n', "S03", 1),
        ('[links."wait->returns"]\nstate = "proven"\n', "S03", 2),
        ('[links."wait->returns"]\nstate = "refuted"\nreason = 5\n', "S03", 3),
    ],
)
def test_an_odd_entry_is_one_warning_with_its_line(read: Read, text: str, code: str, line: int) -> None:
    """Unknown metrics, teams, people and links, and odd values, are findings with a place, never fatal."""
    _, (problem,) = read(text)
    assert (problem.code, problem.severity) == (code, Severity.WARNING)
    assert problem.place is not None
    assert problem.place.line == line
    assert code in CODES


def test_a_good_entry_stands_beside_a_bad_one(read: Read) -> None:
    """One bad entry does not take the others with it."""
    ownership, problems = read('[assignments.gone]\naccountable = "ops"\n[assignments.returns]\naccountable = "ops"\n')
    assert list(ownership.assignments) == ["returns"]
    assert [problem.code for problem in problems] == ["S04"]


def test_a_person_who_left_is_still_shown(read: Read) -> None:
    """Somebody who is no longer in the team keeps the role until it is changed, with a warning."""
    ownership, problems = read('[assignments.wait]\naccountable = "care/bo"\n')
    assert ownership.assignments[named("wait")].accountable == Assignee(named("care"), named("bo"))
    assert [problem.code for problem in problems] == ["S06"]


@pytest.mark.parametrize(
    "text",
    [
        "[assignments.wait\n",
        "<<<<<<< ours\n",
        "x = " + "[" * 5_000,
        "x = " + "9" * 5_000,
        '[assignments.wait]\naccountable = "a"\naccountable = "b"\n',
        "\0",
    ],
)
def test_a_damaged_snapshot_is_empty_with_a_warning(read: Read, text: str) -> None:
    """A torn, merged or hostile snapshot shows no owners and says so."""
    ownership, (problem,) = read(text)
    assert ownership == Ownership()
    assert (problem.code, problem.severity) == ("S02", Severity.WARNING)


def test_bytes_that_are_not_utf8_are_damage(tmp_path: Path, read: Read, workspace: Workspace) -> None:
    """Other encodings are damage, told with the byte."""
    read("")
    (tmp_path / "state" / "accountability.toml").write_bytes(b'x = "\xff"')
    ownership, (problem,) = read_ownership(tmp_path, workspace)
    assert (ownership, problem.code, "byte 5" in problem.message) == (Ownership(), "S02", True)


def test_a_snapshot_beyond_the_cap_is_not_read(read: Read) -> None:
    """A snapshot of many megabytes is refused."""
    _, (problem,) = read("#" * (MAX_BYTES + 1))
    assert (problem.code, "4 MiB" in problem.message) == ("S01", True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_links_pipes_and_folders_are_refused_at_once(tmp_path: Path, read: Read, workspace: Workspace) -> None:
    """A link, a pipe or a folder in the snapshot's place is not opened."""
    read("")
    snapshot = tmp_path / "state" / "accountability.toml"
    (tmp_path / "secret.toml").write_text("")
    snapshot.unlink()
    snapshot.symlink_to(tmp_path / "secret.toml")
    assert [problem.code for problem in read_ownership(tmp_path, workspace)[1]] == ["S01"]
    snapshot.unlink()
    os.mkfifo(snapshot)
    assert [problem.code for problem in read_ownership(tmp_path, workspace)[1]] == ["S01"]
    snapshot.unlink()
    snapshot.mkdir()
    assert [problem.code for problem in read_ownership(tmp_path, workspace)[1]] == ["S01"]


def test_a_state_folder_that_leads_elsewhere_is_refused(tmp_path: Path, workspace: Workspace) -> None:
    """A link in place of state/ cannot lend another folder's owners."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "accountability.toml").write_text('[assignments.wait]\naccountable = "care"\n')
    (tmp_path / "shop" / "state").symlink_to(tmp_path / "other")
    ownership, (problem,) = read_ownership(tmp_path / "shop", workspace)
    assert (ownership, problem.code) == (Ownership(), "S01")


def test_the_stamp_changes_with_the_snapshot(tmp_path: Path, read: Read) -> None:
    """Polling sees the snapshot appear, change and go."""
    seen = [stamp(tmp_path)]
    read("")
    seen.append(stamp(tmp_path))
    read("# more\n")
    seen.append(stamp(tmp_path))
    assert seen[0] is None
    assert len(set(seen)) == 3


def test_every_code_has_a_line_of_documentation() -> None:
    """Codes are numbered without gaps, and each meaning is a sentence."""
    assert list(CODES) == [f"S{number:02}" for number in range(1, len(CODES) + 1)]
    assert all(meaning.endswith(".") for meaning in CODES.values())
