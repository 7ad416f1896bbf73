"""Time from exec to the first screen, beside a minimal Textual app, in turns so that noise hits both.

python benchmarks/startup.py [RUNS] [COMMAND...]     (default: 7 runs of the board on ./config)
"""

from __future__ import annotations

import statistics
import sys

from onpty import FLOOR, OnPty


def first_screen_ms(command: tuple[str, ...], text: bytes) -> tuple[float, int]:
    """Milliseconds until `text` was written, and the bytes until the screen was quiet."""
    with OnPty(command) as run:
        data, _, last_s = run.read(until=text)
        more, _, _ = run.read(quiet_s=0.5, timeout_s=3)
        if text not in data:
            raise SystemExit(f"{command[0]}: the screen never came: {data[-500:]!r}")
        return last_s * 1_000, len(data) + len(more)


def main() -> None:
    """Run both in turns and print the medians and their ratio."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    board = tuple(sys.argv[2:]) or (sys.executable, "-m", "kputui", "config")
    targets = {"floor": (FLOOR, b"goal 5"), "board": (board, b"Goals")}
    times: dict[str, list[tuple[float, int]]] = {name: [] for name in targets}
    for turn in range(runs + 1):
        for name, (command, text) in targets.items():
            measured = first_screen_ms(command, text)
            if turn:
                times[name].append(measured)
    medians = {name: statistics.median(ms for ms, _ in values) for name, values in times.items()}
    for name, values in times.items():
        size = statistics.median(count for _, count in values)
        print(f"{name:8} first screen {medians[name]:7.1f} ms   written until quiet {size:8.0f} bytes")
    print(f"ratio    {medians['board'] / medians['floor']:.2f}   (goal: at most 1.6)")


if __name__ == "__main__":
    main()
