"""The demo broken in many ways: check names every mistake with its line, and nothing ends in a traceback."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Kputui

DEMO = Path(__file__).parents[3] / "config"


@dataclass(frozen=True)
class Edit:
    """One edit: in `file`, the first `old` becomes `new`; check then answers `code`, names `said`.

    The mistake stands in the line of the edit, or where `at` is written.
    """

    name: str
    file: str
    old: str
    new: str
    said: str
    code: int = 2
    at: str = ""


EDITS = (
    Edit("unknown key", "goals.toml", 'owner = "dana"', 'ownr = "dana"', "nearest: owner"),
    Edit("unknown table", "teams.toml", "[teams.operations]", "[taems.operations]", "nearest: teams"),
    Edit("missing key", "metrics.toml", 'agg = "average"\n', "", "agg", at="[metrics.completion]"),
    Edit("wrong type", "goals.toml", "target = 8_000", 'target = "8000"', "number"),
    Edit("date in quotes", "goals.toml", "due = 2013-12-31", 'due = "2013-12-31"', "date"),
    Edit("impossible date", "goals.toml", "due = 2013-12-31", "due = 2013-02-30", ""),
    Edit("dates in the wrong order", "goals.toml", "due = 2013-12-31", "due = 2012-12-31", ""),
    Edit("bad word", "metrics.toml", 'agg = "average"', 'agg = "averge"', "nearest: average"),
    Edit("not finite", "goals.toml", "target = 8_000", "target = nan", "finite"),
    Edit("unknown goal", "metrics.toml", 'goals = ["keep_timetable"]', 'goals = ["keep_timetabel"]', "keep_timetable"),
    Edit("unknown metric", "goals.toml", 'measured_by = "long_delays"', 'measured_by = "long_delay"', "long_delays"),
    Edit("unknown stage", "metrics.toml", 'stage = "taxiway"', 'stage = "taxi"', "taxiway"),
    Edit("unknown source", "metrics.toml", 'source = "flights"', 'source = "flihgts"', "flights"),
    Edit(
        "circle of goals",
        "goals.toml",
        'label = "Passengers can depend on us"',
        'parent = "fly_further"\nlabel = "P"',
        "",
    ),
    Edit("defined twice", "teams.toml", "[teams.network]", "[teams.operations]", ""),
    Edit("key twice", "kputui.toml", 'timezone = "America/New_York"', 'name = "x"\ntimezone = "UTC"', ""),
    Edit("unknown time zone", "kputui.toml", "America/New_York", "America/New_Yrok", "America/New_York"),
    Edit("syntax", "teams.toml", 'lead = "dana"', 'lead = "dana', ""),
    Edit("outside the workspace", "kputui.toml", "data/flights.parquet", "../../../etc/passwd", "outside"),
    Edit("remote data", "kputui.toml", "data/flights.parquet", "https://example.com/flights.parquet", ""),
    Edit("bad lag", "journey.toml", 'lag = "0-1 weeks"', 'lag = "a week or so"', "weeks"),
    Edit("unknown column", "metrics.toml", "arr_delay < 15", "arr_dely < 15", "arr_delay", code=1),
    Edit("broken expression", "metrics.toml", "arr_delay < 15", "arr_delay < ", "", code=1),
    Edit("text beside a number", "metrics.toml", "arr_delay < 15", "origin < 15", "", code=1),
    Edit("unknown function", "metrics.toml", "arr_delay < 15", "abss(arr_delay) < 15", "abs", code=1),
    Edit("unknown dimension", "metrics.toml", '["origin", "carrier"]', '["orign", "carrier"]', "origin", code=1),
    Edit("missing data", "kputui.toml", "data/weather_daily.csv", "data/weather.csv", "weather.csv", code=1),
)


def broken(demo: Path, edit: Edit) -> int:
    """Make the edit and give the line where the mistake stands."""
    path = demo / edit.file
    text = path.read_text()
    assert edit.old in text, f"the demo has no {edit.old!r} any more"
    path.write_text(text.replace(edit.old, edit.new, 1))
    mark = edit.at or (edit.new.splitlines() or [""])[0]
    return path.read_text()[: path.read_text().index(mark)].count("\n") + 1


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_mistake_is_named_with_its_line(kputui: Kputui, demo: Path, edit: Edit) -> None:
    """The answer has the file, the line of the mistake, a source line with a caret, and what was meant."""
    line = broken(demo, edit)
    answer = kputui("-w", demo, "check")
    assert answer.code == edit.code, answer.out
    assert edit.said in answer.out
    assert answer.err == ""
    assert re.search(r"^ +\d+ \| .*\n +\| +\^+$", answer.out, re.MULTILINE), answer.out
    report = json.loads(kputui("-w", demo, "check", "--format", "json").out)
    errors = [problem for problem in report["problems"] if problem["severity"] == "error"]
    places = [(problem["file"], problem["line"]) for problem in errors]
    places += [(other["file"], other["line"]) for problem in errors for other in problem["others"]]
    assert any(str(file).endswith(edit.file) and abs(at - line) <= 1 for file, at in places), places


def test_all_mistakes_are_named_at_once(kputui: Kputui, demo: Path) -> None:
    """Mistakes that do not hide each other are all listed in one run."""
    names = ("unknown key", "wrong type", "bad word", "unknown goal", "unknown stage", "unknown time zone", "bad lag")
    chosen = [edit for edit in EDITS if edit.name in names]
    for edit in chosen:
        broken(demo, edit)
    answer = kputui("-w", demo, "check")
    assert answer.code == 2
    assert all(edit.said in answer.out for edit in chosen)
    assert len(re.findall(r"^\S+:\d+:\d+  error ", answer.out, re.MULTILINE)) >= len(chosen)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_other_commands_end_cleanly_on_it(kputui: Kputui, demo: Path, edit: Edit) -> None:
    """Reports and queries of a broken demo answer 0 or one of the documented codes, without a traceback."""
    broken(demo, edit)
    for words in (("status",), ("query", "ontime_arrivals", "--grain", "year"), ()):
        assert kputui("-w", demo, *words).code in {0, 2, 5}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty folder", None),
        ("empty file", b""),
        ("byte order mark", b"\xef\xbb\xbf[project]\nname = 'x'\n"),
        ("UTF-16", "[project]\n".encode("utf-16")),
        ("invalid UTF-8", b"[project]\nname = '\xff'\n"),
        ("deep nesting", b"x = " + b"[" * 5_000),
        ("long integer", b"x = " + b"1" * 5_000),
        ("NUL", b"[project]\nname = '\x00'\n"),
        ("escapes", b'[project]\nname = "\\u001b[31mred\\u0007"\nnmae = 1\n'),
    ],
)
def test_odd_files_are_told(kputui: Kputui, tmp_path: Path, name: str, content: bytes | None) -> None:
    """An empty, foreign or hostile file answers 2 with words, and sends no control byte to the terminal."""
    folder = tmp_path / name.replace(" ", "_")
    folder.mkdir()
    if content is not None:
        (folder / "kputui.toml").write_bytes(content)
    answer = kputui("-w", folder, "check")
    assert answer.code == 2
    assert answer.out
    assert all(character.isprintable() or character == "\n" for character in answer.out)


@pytest.mark.parametrize("seed", range(40))
def test_no_edit_of_bytes_is_a_traceback(kputui: Kputui, demo: Path, seed: int) -> None:
    """Bytes flipped, dropped, doubled and cut at random give an answer in words, whatever they hit."""
    chance = random.Random(seed)  # noqa: S311 - a seed that can be run again is what is wanted
    for path in chance.sample(sorted(demo.glob("*.toml")), 2):
        content = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content))
            action = chance.randrange(4)
            if action == 0:
                content[at] = chance.randrange(256)
            elif action == 1:
                del content[at : at + chance.randint(1, 40)]
            elif action == 2:
                content[at:at] = content[at : at + chance.randint(1, 40)]
            else:
                content[at:at] = chance.choice([b"[", b"]", b'"', b"=", b"\n", b"{", b"'''", b"\x00", b"\xff", b"."])
        path.write_bytes(content)
    answer = kputui("-w", demo, "check")
    assert answer.code in {0, 1, 2}
    assert all(character.isprintable() or character == "\n" for character in answer.out + answer.err)
