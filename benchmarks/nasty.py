"""Nasty files: `kputui query` and `check` over a folder of broken exports, held against its manifest.

Run: python benchmarks/nasty.py FOLDER
The folder has a `manifest.json`: the columns, the truth (rows, sums) and for each file what is expected
of it, in words, with the options under which it can be read. A file is right when the numbers are, or
when it is refused by name, or when what is left out is said, whichever its entry allows.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kputui.cli import main

_OPTION_KEYS = {
    "delimiter": "delimiter",
    "thousands": "thousands",
    "encoding": "encoding",
    "skip_rows": "skip_rows",
    "comment": "comment",
}
_WORKSPACE = """[project]
timezone = "{zone}"

[goals.g]
label = "Files are read right"
measured_by = "flights"

[sources.s]
path = {path}
time = "week"
{options}

[metrics.flights]
kind = "diagnostic"
source = "s"
agg = "sum"
expr = "flights"

[metrics.ontime]
kind = "diagnostic"
source = "s"
agg = "sum"
expr = "ontime"

[metrics.late_hours]
kind = "diagnostic"
source = "s"
agg = "sum"
expr = "late_hours"

[metrics.product]
kind = "diagnostic"
source = "s"
agg = "sum"
expr = "flights * ontime"

[metrics.rows]
kind = "diagnostic"
source = "s"
agg = "count"
"""


@dataclass(frozen=True)
class Outcome:
    """What the program did with one file."""

    values: dict[str, float | None]
    periods: int
    words: str

    def total(self, name: str) -> float | None:
        """The sum of a metric, or None when it was refused."""
        return self.values.get(name)


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _options(options: dict[str, Any], null_words: list[str]) -> str:
    parts = [f"{key} = {_toml(options[name])}" for name, key in _OPTION_KEYS.items() if name in options]
    if options.get("decimal") == ",":
        parts.append("decimal_comma = true")
    if null_words:
        parts.append(f"null_words = {_toml(['', *null_words])}")
    lines = [f"csv = {{ {', '.join(parts)} }}"] if parts else []
    if "date_format" in options:
        lines.append(f"time_format = {_toml(options['date_format'])}")
    return "\n".join(lines)


def _asked(*words: str) -> tuple[int, str, str]:
    held = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(one, encoding="utf-8") for one in held)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words), lambda *_: 0)
        out.flush()
        err.flush()
    return code, held[0].getvalue().decode(), held[1].getvalue().decode()


def outcome(path: Path, options: dict[str, Any], null_words: list[str], zone: str = "UTC") -> Outcome:
    """What `query` and `check` say of one file, read with these options."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if path.is_file():
            shutil.copy(path, data / path.name)
        else:
            (data / path.name).mkdir()
        config = _WORKSPACE.format(zone=zone, path=_toml(f"data/{path.name}"), options=_options(options, null_words))
        (Path(folder) / "kputui.toml").write_text(config, encoding="utf-8")
        values: dict[str, float | None] = {}
        words = []
        periods = 0
        for name in ("flights", "ontime", "late_hours", "product", "rows"):
            code, out, err = _asked("-w", folder, "query", name, "--grain", "week", "--format", "json")
            words.append(err)
            if code == 0:
                rows = json.loads(out)
                periods = max(periods, len(rows))
                found = [row[name] for row in rows if row[name] is not None]
                values[name] = math.fsum(found) if found else None
        words.append(_asked("-w", folder, "check")[1])
    return Outcome(values, periods, "\n".join(dict.fromkeys("\n".join(words).replace(folder, "").splitlines())))


def _is_same(found: Outcome, truth: dict[str, Any]) -> bool:
    return all(
        (value := found.total(name)) is not None and math.isclose(value, truth[f"sum_{name}"], rel_tol=1e-9)
        for name in ("flights", "ontime", "late_hours")
    )


def _is_refused(found: Outcome) -> bool:
    return not found.values or len(found.values) < 5


def judged(entry: dict[str, Any], found: Outcome, truth: dict[str, Any]) -> bool:
    """Whether an outcome is what the manifest's words allow."""
    expect = entry["expect"]
    same, refused = _is_same(found, truth), _is_refused(found)
    warned = any(code in found.words for code in ("D23", "D26", "D14", "D15", "left out"))
    rows = found.total("rows")
    rules = [
        ("same sums, 8 rows", same or (refused and "8 of" in found.words)),
        ("same for flights", found.total("flights") == truth["sum_flights"]),
        ("same", same),
        ("refuse", refused),
        ("warn", warned),
        ("load", rows is not None),
        ("negative", same),
        ("no data, no crash", not any(found.values.values())),
        ("empty metric", None in found.values.values() and len(found.values) == 5),
        ("sum of flights = 3971", found.total("flights") == 3971),
        ("sum(flights*ontime) = 198974628", found.total("product") == 198_974_628),
        ("58 rows", rows == 58),
        ("49 rows", rows == 49 and found.periods == 53),
        ("1 row", rows == 1),
        ("2 rows", rows == 2),
    ]
    asked = [held for word, held in rules if word in expect]
    return any(asked)


def measured() -> int:
    """Print the table; the number of files that do not get what their entry says is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    wrong = 0
    for entry in manifest["files"]:
        words = entry.get("null_words", [])
        found = outcome(folder / entry["file"], entry["options"], words)
        is_right = judged(entry, found, manifest["truth"])
        wrong += not is_right
        got = "same" if _is_same(found, manifest["truth"]) else "refused" if _is_refused(found) else "other"
        first = next((line for line in found.words.splitlines() if line.strip()), "")
        print(f"{'ok ' if is_right else 'NO '} {entry['file']:42} {entry['expect'][:40]:42} {got:8} {first[:110]}")
    print(f"{len(manifest['files']) - wrong} of {len(manifest['files'])} files get what the manifest says")
    return min(wrong, 100)


if __name__ == "__main__":
    raise SystemExit(measured())
