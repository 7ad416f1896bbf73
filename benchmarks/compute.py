"""Compute: the engine beside DuckDB's best plan and beside decoding the needed columns once, in one run.

Run: python benchmarks/compute.py [--quick] [--rows 1000000 10000000] [--rounds 5] [--figures cold refresh ...]
    [--layouts one months] [--data FOLDER]

An events table of 100 months is made in the data folder (a temporary one unless named): 30 metrics by day,
week and month, six of them broken down, with distinct counts and percentiles among them. Every measurement
is a process of its own with a warm file cache; the sides run in turn, ratios are taken within a round, medians
are printed. DuckDB gets one query a shape (grain and breakdown), over the files or over a table in memory that
is filled once: what takes less CPU in a trial round. Every value is compared with DuckDB's. `--quick` takes
about a minute: a million rows, few rounds.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import events_table
import exactness
from rounds import Rounds, cheaper, child, machine, table

_KPUTUI, _DUCKDB, _DECODE = "kputui", "DuckDB", "decode"
_LAYOUT_WORDS = {
    "one": "one file",
    "months": "100 months",
    "days": "3,044 days",
    "shuffled": "one file, no order",
    "spanning": "100 files, each all times",
}


@dataclass(frozen=True)
class Plan:
    """What is to be measured."""

    data: Path
    rows: tuple[int, ...]
    layouts: tuple[str, ...]
    rounds: int


def side_by_side(folder: Path, rounds: int, *extra: str, with_decode: bool = True) -> tuple[Rounds, str, int]:
    """Measure all sides; also DuckDB's plan in words, and how many values were found equal to DuckDB's."""
    events_table.warm(folder)
    plans = ("files", "table")
    decodes = ("decode", "decode_whole") if with_decode else ()
    with tempfile.TemporaryDirectory() as name:
        answers = {side: Path(name) / f"{side}.json" for side in (_KPUTUI, *plans)}
        trials = {
            side: child("sides.py", side, folder, *extra, *(("--answers", answers[side]) if side in answers else ()))
            for side in (_KPUTUI, *plans, *decodes)
        }
        plan = cheaper(trials, plans)
        compared, differing = exactness.differences(answers[_KPUTUI], answers[plan])
    if differing:
        raise SystemExit("\n".join(["kputui and DuckDB differ:", *differing[:20]]))
    sides = {_KPUTUI: _KPUTUI, _DUCKDB: plan}
    if decodes:
        sides[_DECODE] = cheaper(trials, decodes)
    found = Rounds()
    for _ in range(rounds):
        for label, side in sides.items():
            found.add(label, child("sides.py", side, folder, *extra))
    return found, {"files": "from files", "table": "from a table in memory"}[plan], compared


def cold(plan: Plan) -> None:
    """All 30 metrics with nothing kept."""
    costs, firsts = [], []
    for rows in plan.rows:
        for layout in plan.layouts:
            folder = events_table.workspace_of(plan.data, rows, layout)
            found, words, compared = side_by_side(folder, plan.rounds)
            what = f"{_millions(rows)}, {_LAYOUT_WORDS[layout]}"
            costs.append((what, *_against_duckdb(found), *_against_decode(found), words))
            firsts.append((what, *_newest(found), *_memory(found), f"{compared:,}"))
    print(f"\nCold, 30 metrics, median of {plan.rounds}:")
    head = ("rows", "kputui CPU s", "DuckDB", "ratio", "kputui wall s", "DuckDB", "ratio")
    table((*head, "decode CPU s", "times that", "DuckDB's plan"), costs)
    newest = ("newest quarter, CPU s", "of the whole", "days then known", "metrics then known")
    table(("rows", *newest, "peak MiB", "DuckDB", "decode", "values equal to DuckDB's"), firsts)


def scattered(plan: Plan) -> None:
    """The cold run where days are spread over all rows, and over all files."""
    cold(replace(plan, layouts=("shuffled", "spanning")))


def wide(plan: Plan) -> None:
    """A breakdown of 10,000 values."""
    lines = []
    for rows in plan.rows:
        folder = events_table.workspace_of(plan.data, rows, "months")
        found, words, compared = side_by_side(folder, plan.rounds, "--wide", with_decode=False)
        lines.append((_millions(rows), *_against_duckdb(found), *_memory(found)[:2], f"{compared:,}", words))
    print(f"\nThree metrics by month and 10,000 sites, median of {plan.rounds}:")
    head = ("rows", "kputui CPU s", "DuckDB", "ratio", "kputui wall s", "DuckDB", "ratio", "peak MiB", "DuckDB")
    table((*head, "values equal to DuckDB's", "DuckDB's plan"), lines)


def refresh(plan: Plan) -> None:
    """What a change of one of 100 files costs; the first round also compares every answer with a cold one."""
    labels = {
        "cold": "everything, nothing kept",
        "filling": "99 files, filling the cache",
        "unchanged": "nothing changed",
        "added": "one file added",
        "rewritten": "one in the middle written anew",
        "restart": "a new engine, the cache on disk",
    }
    for rows in plan.rows:
        folder = events_table.workspace_of(plan.data, rows, "months")
        events_table.warm(folder)
        child("refresh.py", folder, "--check")
        found = Rounds()
        for _ in range(plan.rounds):
            figures = child("refresh.py", folder)
            for label in labels:
                found.add(label, {name: figures[f"{label}_{name}"] for name in ("cpu", "wall")})
        lines = []
        for label, words in labels.items():
            cpu, wall = (found.median(label, figure) * 1e3 for figure in ("cpu", "wall"))
            lines.append((words, f"{cpu:,.0f}", f"{wall:,.0f}", f"{found.ratio(label, 'cold', 'cpu'):.1%}"))
        print(f"\n{_millions(rows)} in 100 files, median of {plan.rounds}, all answers equal to a cold run's:")
        table(("", "CPU ms", "wall ms", "of cold CPU"), lines)


def ticks(plan: Plan) -> None:
    """How late the main thread's tick comes while the engine computes."""
    lines = []
    figures = ("p50_ms", "p95_ms", "p99_ms", "most_ms", "ticks")
    for rows in plan.rows:
        folder = events_table.workspace_of(plan.data, rows, "months")
        events_table.warm(folder)
        found = Rounds()
        for _ in range(plan.rounds):
            found.add("computing", child("ticks.py", folder))
            found.add("idle", child("ticks.py", folder, "--idle", "2"))
        lines += [
            (f"{_millions(rows)}, {side}", *(f"{found.median(side, figure):.1f}" for figure in figures))
            for side in found.taken
        ]
    print(f"\nLateness of a 60 Hz tick, ms, median of {plan.rounds}:")
    table(("", "p50", "p95", "p99", "most", "ticks"), lines)


def _against_duckdb(found: Rounds) -> list[str]:
    cells = []
    for figure in ("cpu", "wall"):
        low, high = found.spread(_KPUTUI, _DUCKDB, figure)
        cells += [f"{found.median(side, figure):.2f}" for side in (_KPUTUI, _DUCKDB)]
        cells.append(f"**{found.ratio(_KPUTUI, _DUCKDB, figure):.2f}** ({low:.2f}-{high:.2f})")
    return cells


def _against_decode(found: Rounds) -> list[str]:
    return [f"{found.median(_DECODE, 'cpu'):.2f}", f"**{found.ratio(_KPUTUI, _DECODE, 'cpu'):.1f}**"]


def _newest(found: Rounds) -> list[str]:
    share = found.ratio(_KPUTUI, _KPUTUI, "first_cpu", "cpu")
    counts = [f"{found.median(_KPUTUI, figure):.0f}" for figure in ("first_days", "first_metrics")]
    return [f"{found.median(_KPUTUI, 'first_cpu'):.2f}", f"**{share:.1%}**", *counts]


def _memory(found: Rounds) -> list[str]:
    return [f"{found.median(side, 'peak_mib'):.0f}" for side in (_KPUTUI, _DUCKDB, _DECODE) if side in found.taken]


def _millions(rows: int) -> str:
    return f"{rows / 1e6:g} M"


FIGURES = {"cold": cold, "scattered": scattered, "wide": wide, "refresh": refresh, "ticks": ticks}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--layouts", nargs="+", choices=events_table.LAYOUTS, default=["one", "months"])
    parser.add_argument("--figures", nargs="+", choices=tuple(FIGURES), default=list(FIGURES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="keep the tables that are made here")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rows, arguments.layouts, arguments.rounds = [1_000_000], ["months"], 2
    with tempfile.TemporaryDirectory() as name:
        plan = Plan(arguments.data or Path(name), tuple(arguments.rows), tuple(arguments.layouts), arguments.rounds)
        print(machine() + (", QUICK: too few rounds and rows to judge by" if arguments.quick else ""), flush=True)
        for figure in arguments.figures:
            FIGURES[figure](plan)


if __name__ == "__main__":
    main()
