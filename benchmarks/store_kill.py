"""Many leads on one workspace, some of them killed: is any acknowledged change lost, any file torn?

    python benchmarks/store_kill.py [--writers 8] [--changes 40] [--kills 300] [--folder DIR] [--seed N]

First `writers` processes make `changes` random assignments each on six hot cells at once. Then, `kills`
times, one is killed with SIGKILL at a random moment: every other time beside two more that go on, else alone, so
that what a kill leaves is not repaired before it is counted. After each the journal is
replayed by this script's own few lines and held against every acknowledgement and against the snapshot.
Exit code 1 when anything was lost or torn.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kputui import store
from kputui.model.cell import RoleCell
from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role

CELLS = tuple(RoleCell(MetricId(f"cpi{number}"), Role.ACCOUNTABLE) for number in range(6))
TEAMS = tuple(TeamId(f"team{number}") for number in range(9))
SURVIVORS = 2
KILLED_WITHIN_S = 0.08
START = "".join(f'[assignments.cpi{number}]\naccountable = "team0"\nsince = 2026-01-01\n' for number in range(6))


def write_changes(folder: Path, lead: int, count: int, seed: int, acks: int) -> None:
    """A lead: look, choose, save; a line to the pipe `acks` for each acknowledgement and each conflict."""
    chosen = random.Random(seed)  # noqa: S311 - a load, not a secret
    author = Author(f"lead{lead}", 2000 + lead, "here")
    for _ in range(count):
        cell = chosen.choice(CELLS)
        seen = store.open_store(folder, is_repairing=False).ownership.revision(cell)
        command = Assign(cell.metric, cell.role, Assignee(chosen.choice(TEAMS)))
        row: dict[str, Any] = {"lead": author.login, "metric": cell.metric, "team": command.assignee.team}
        try:
            saved = store.save(
                folder, command, now=datetime.now(UTC), seen_revision=seen, identity=author, wait_s=60.0, reason="load"
            )
        except store.ConflictError as conflict:
            row |= {"conflict_with": conflict.change.author.login if conflict.change else ""}
        else:
            if saved.change is None:
                continue
            row |= {"seq": saved.change.seq}
        os.write(acks, (json.dumps(row) + "\n").encode())


def started(folder: Path, lead: int, count: int, seed: int) -> tuple[int, int]:
    """Fork a lead; its process id and the pipe on which it acknowledges."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            write_changes(folder, lead, count, seed, writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def acknowledged(pipe: int) -> list[dict[str, Any]]:
    """All lines of a pipe until its other end closes; half a last line was not acknowledged."""
    with os.fdopen(pipe, "rb") as file:
        whole = file.read().rpartition(b"\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def replayed(folder: Path) -> tuple[list[dict[str, Any]], dict[str, list[str]], list[str]]:
    """The journal's rows, who is accountable after them, and what is wrong with the chain: without kputui."""
    rows: list[dict[str, Any]] = []
    held: dict[str, list[str]] = {}
    faults: list[str] = []
    previous = ""
    journal = folder / "state" / "journal.jsonl"
    content = journal.read_bytes() if journal.exists() else b""  # killed before the very first commit
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        row = json.loads(line)
        if row["prev"] != previous or row["seq"] != number:
            faults.append(f"line {number} breaks the chain")
        previous = hashlib.sha256(line).hexdigest()
        held[row["cell"][1]] = row["after"]["assignees"]
        rows.append(row)
    if content and not content.endswith(b"\n"):
        faults.append("the journal is torn")
    return rows, held, faults


def faults_of(folder: Path, acks: list[dict[str, Any]]) -> list[str]:
    """What was lost or differs, in words."""
    rows, held, faults = replayed(folder)
    for ack in acks:
        if "seq" not in ack:
            if not ack["conflict_with"]:
                faults.append(f"a conflict of {ack['lead']} names nobody")
            continue
        row = rows[ack["seq"] - 1] if ack["seq"] <= len(rows) else {}
        found = (row.get("login"), row.get("cell", ["", ""])[1], row.get("after", {}).get("assignees"))
        if found != (ack["lead"], ack["metric"], [ack["team"]]):
            faults.append(f"lost: {ack}")
    text = (folder / "state" / "accountability.toml").read_text()
    if not rows:
        return faults if text == START else [*faults, "the snapshot changed before the first commit"]
    snapshot = tomllib.loads(text)
    shown = {metric: [entry["accountable"]] for metric, entry in snapshot["assignments"].items()}
    if shown != held or snapshot["seq"] != len(rows):
        faults.append("the snapshot is not what the journal adds up to")
    faults += [f"{problem.code} {problem.message}" for problem in store.verify(folder)]
    return faults


def fresh(folder: Path) -> Path:
    """A workspace with six cells, before its first journal line."""
    (folder / "state").mkdir(parents=True, mode=0o770)
    (folder / "state" / "accountability.toml").write_text(START)
    return folder


def crowd(folder: Path, writers: int, changes: int, seed: int) -> list[str]:
    """All leads at once; what was lost."""
    begun = time.perf_counter()
    running = [started(folder, lead, changes, seed + lead) for lead in range(writers)]
    acks = [ack for _, pipe in running for ack in acknowledged(pipe)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in running]
    faults = faults_of(folder, acks) + [f"a writer ended with {code}" for code in codes if code]
    saved = sum("seq" in ack for ack in acks)
    seconds = time.perf_counter() - begun
    print(
        f"{writers} writers x {changes}: {saved} acknowledged, {len(acks) - saved} conflicts named, "
        f"{writers * changes - len(acks)} were so already, {len(faults)} faults, {seconds:.1f} s"
    )
    return faults


def kill_one(folder: Path, seed: int, survivors: int, seen: Counter[str]) -> tuple[int, list[str]]:
    """Kill one lead in the middle; how many changes were acknowledged, and what was lost."""
    chosen = random.Random(seed)  # noqa: S311 - a load, not a secret
    victim, victim_pipe = started(folder, 99, 1000, seed)
    others = [started(folder, lead, 3, seed + lead + 1) for lead in range(survivors)]
    time.sleep(chosen.uniform(0.0, KILLED_WITHIN_S))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    acks = acknowledged(victim_pipe) + [ack for _, pipe in others for ack in acknowledged(pipe)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in others]
    seen[left_by_a_kill(folder)] += 1
    store.open_store(folder)
    faults = faults_of(folder, acks) + [f"a survivor ended with {code}" for code in codes if code]
    return sum("seq" in ack for ack in acks), faults


def left_by_a_kill(folder: Path) -> str:
    """What the next start finds, in a word."""
    names = os.listdir(folder / "state")  # noqa: PTH208 - names only
    if any(name.endswith(".tmp") for name in names):
        return "stale temporary file"
    problems = store.verify(folder)
    return ", ".join(sorted({problem.code for problem in problems})) or "clean"


def main() -> int:
    """Run both parts; 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        root = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        faults = crowd(fresh(root / "crowd"), asked.writers, asked.changes, asked.seed) if asked.writers else []
        folder = fresh(root / "kills")
        seen: Counter[str] = Counter()
        total = 0
        for number in range(asked.kills):
            count, found = kill_one(folder, asked.seed + 1000 * number, SURVIVORS * (number % 2), seen)
            total += count
            faults += [f"kill {number}: {fault}" for fault in found]
        rest = [name for name in os.listdir(folder / "state") if "torn" in name or name.endswith(".tmp")]  # noqa: PTH208
        print(
            f"{asked.kills} kills: {total} acknowledged, {len(faults)} faults; found afterwards: {dict(seen)}; {rest}"
        )
    for fault in faults[:20]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
