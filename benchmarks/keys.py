"""Bytes and time of a cursor key, beside a minimal Textual app; bytes written while nobody does anything.

python benchmarks/keys.py [KEYS] [COMMAND...]        (default: 24 keys on the board of ./config)
"""

from __future__ import annotations

import statistics
import sys

from onpty import DOWN, FLOOR, OnPty


def measure(command: tuple[str, ...], text: bytes, keys: int) -> tuple[float, float, int]:
    """Median milliseconds and bytes of a key, and the bytes of 3 idle seconds."""
    with OnPty(command) as run:
        run.read(until=text)
        run.read(quiet_s=2.0, timeout_s=8)
        idle, _, _ = run.read(timeout_s=3)
        times, sizes = [], []
        for _ in range(keys):
            run.send(DOWN)
            data, first_s, _ = run.read(timeout_s=1)
            times.append(first_s * 1_000)
            sizes.append(len(data))
        return statistics.median(times), statistics.median(sizes), len(idle)


def main() -> None:
    """Measure both and print the ratios."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    board = tuple(sys.argv[2:]) or (sys.executable, "-m", "kputui", "config")
    results = {"floor": measure(FLOOR, b"goal 5", keys), "board": measure(board, b"Goals", keys)}
    for name, (ms, size, idle) in results.items():
        print(f"{name:8} key {ms:6.1f} ms {size:7.0f} bytes   3 s idle {idle} bytes")
    print(
        f"ratio    {results['board'][0] / results['floor'][0]:.2f} in time, "
        f"{results['board'][1] / results['floor'][1]:.2f} in bytes   (goals: 20 ms, 1,000 bytes, 0 idle)"
    )


if __name__ == "__main__":
    main()
