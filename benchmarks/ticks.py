"""Ticks: how late a 60 Hz tick of the main thread's event loop comes while the engine computes in another thread.

Run by compute.py (`--figures ticks`), or as python benchmarks/ticks.py FOLDER [--idle SECONDS], a workspace of
`events_table.py`; prints one JSON object. As on the board, a daemon thread computes and the loop lives in the main
thread. With --idle nothing is computed: what the machine itself does to the tick.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import threading
import time
from pathlib import Path

from sides import answered, requests_of
from thirty_metrics import SHAPES

EVERY_S = 1 / 60


async def lateness_until(is_over: threading.Event) -> list[float]:
    """Seconds by which each tick came after its moment; a tick that is missed altogether is not made up for."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    due = loop.time() + EVERY_S
    while not is_over.is_set():
        ticked = loop.create_future()
        loop.call_at(due, ticked.set_result, None)
        await ticked
        now = loop.time()
        late.append(now - due)
        due += EVERY_S * max(1, math.ceil((now - due) / EVERY_S))
    return late


def compute(folder: Path, is_over: threading.Event) -> None:
    """A cold run of the 30 metrics."""
    from kputui import config  # noqa: PLC0415 - as on the board: loaded in the thread
    from kputui.engine.compute import Engine  # noqa: PLC0415

    try:
        answered(Engine(config.load(folder)), requests_of(SHAPES), lambda _: None)
    finally:
        is_over.set()


def wait(seconds: float, is_over: threading.Event) -> None:
    """Do nothing for a while."""
    time.sleep(seconds)
    is_over.set()


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--idle", type=float, default=0.0)
    arguments = parser.parse_args()
    is_over = threading.Event()
    work, given = (wait, arguments.idle) if arguments.idle else (compute, arguments.folder)
    threading.Thread(target=work, args=(given, is_over), daemon=True).start()
    late = asyncio.run(lateness_until(is_over))
    cuts = statistics.quantiles(late, n=100)
    shown = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "most_ms": max(late)}
    print(json.dumps({name: seconds * 1e3 for name, seconds in shown.items()} | {"ticks": len(late)}))


if __name__ == "__main__":
    main()
