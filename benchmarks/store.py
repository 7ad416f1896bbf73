"""What a save, a long journal and opening cost: `python benchmarks/store.py [--lines 20000] [--saves 100]`.

Prints milliseconds; a save is shown beside the cost of one file written, synced and renamed on the same
disk in the same run. CPU time is the process's own, on one core.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kputui import store
from kputui.model.cell import Holding, RoleCell
from kputui.model.change import Assign, Author, Change, fold
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role
from kputui.store.journal import hash_of, parse
from kputui.store.lines import encode

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = 200
TEAMS = 40
AUTHOR = Author("anna", 1004, "board.example")
BEGIN = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)


def change(seq: int) -> Change:
    """The `seq`-th change of a made-up year: another team becomes accountable for one of 200 CPIs."""
    metric, team = MetricId(f"cpi_number_{seq * 7 % METRICS}"), TeamId(f"team_{seq * 11 % TEAMS}")
    assignee = Assignee(team)
    cell = RoleCell(metric, Role.ACCOUNTABLE)
    before = Holding((Assignee(TeamId(f"team_{seq * 3 % TEAMS}")),), date(2026, 1, 1))
    after = Holding((assignee,), date(2026, 6, 1))
    command = Assign(metric, Role.ACCOUNTABLE, assignee)
    at = BEGIN + timedelta(minutes=seq)
    return Change(seq, at, AUTHOR, command, cell, before, after, "they carry the load since the spring")


def journal(lines: int) -> bytes:
    """A journal with that many lines."""
    written: list[bytes] = []
    previous = ""
    for seq in range(1, lines + 1):
        line = encode(change(seq), previous)
        previous = hash_of(line)
        written.append(line)
    return b"".join(written)


def cpu_ms(work: Callable[[], object], times: int = 5) -> float:
    """The median CPU time of `work`."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - begun))
    return statistics.median(taken)


def plain_write_ms(folder: Path, times: int) -> float:
    """The median time of one small file written, synced, renamed, and its folder synced: the disk's own price."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        handle = os.open(folder / "temp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660)
        os.write(handle, b"x" * 4000)
        os.fsync(handle)
        os.close(handle)
        (folder / "temp").replace(folder / "file")
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


def save_ms(folder: Path, times: int) -> tuple[float, float, float]:
    """Saves one after the other: median and 95th percentile of the time, and the median CPU time."""
    taken, cpu = [], []
    store.save(folder, _command(0), now=BEGIN)
    for number in range(1, times + 1):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        store.save(folder, _command(number), now=BEGIN, reason="they carry the load since the spring")
        taken.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.process_time() - begun_cpu))
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1], statistics.median(cpu)


def _command(number: int) -> Assign:
    return Assign(MetricId(f"cpi_number_{number % METRICS}"), Role.ACCOUNTABLE, Assignee(TeamId(f"other_{number}")))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--saves", type=int, default=100)
    asked = parser.parse_args()
    content = journal(asked.lines)
    print(f"{asked.lines} lines, {len(content) / 1e6:.1f} MB")
    read = parse(content, "journal.jsonl")
    print(f"  verified                              {cpu_ms(lambda: parse(content, '')):8.1f} ms CPU")
    whole = cpu_ms(lambda: parse(content, "").ownership_at(asked.lines))
    print(f"  verified and folded                   {whole:8.1f} ms CPU")
    full = cpu_ms(lambda: fold(parse(content, "").changes))
    print(f"  verified, every change decoded, folded{full:8.1f} ms CPU")
    assert fold(read.changes) == read.ownership_at(asked.lines)  # noqa: S101 - both ways must agree
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        plain = plain_write_ms(root, asked.saves)
        print(f"one file written, synced, renamed       {plain:8.1f} ms")
        for lines in (0, 1000, asked.lines):
            folder = root / f"after{lines}"
            (folder / "state").mkdir(parents=True, mode=0o770)
            if lines:
                (folder / "state" / "journal.jsonl").write_bytes(journal(lines))
            median, worst, cpu = save_ms(folder, asked.saves if lines <= 1000 else max(5, asked.saves // 5))
            print(
                f"a save after {lines:6} lines              {median:8.1f} ms (95 %: {worst:.1f}; CPU {cpu:.1f}; "
                f"{median / plain:.1f} x that file)"
            )
            opened = cpu_ms(partial(store.open_store, folder))
            print(f"  opened                                {opened:8.1f} ms CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
