"""check, status, query and schema on the demo: what they print, and what they answer."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Kputui


def test_check_of_the_demo_has_notes_only(kputui: Kputui, demo: Path) -> None:
    """The demo has no error and no warning: check lists its notes and answers 0."""
    answer = kputui("-w", demo, "check")
    assert answer.code == 0
    assert answer.out.splitlines()[-1].startswith("Three Airports, 5 goals, ")
    assert "error " not in answer.out
    assert answer.err == ""


def test_check_in_json_has_every_part(kputui: Kputui, demo: Path) -> None:
    """Programs get a list of problems, each with its place, and the summary."""
    report = json.loads(kputui("-w", demo, "check", "--format", "json").out)
    assert report["summary"].endswith("notes")
    assert {"code", "severity", "message", "file", "line", "column", "key"} <= set(report["problems"][0])


def test_check_lists_an_unknown_column_with_its_place(kputui: Kputui, demo: Path) -> None:
    """An expression that names no column of the data is an error with a caret, and answers 1."""
    metrics = demo / "metrics.toml"
    metrics.write_text(metrics.read_text().replace('expr = "arr_delay < 15"', 'expr = "arr_dely < 15"', 1))
    answer = kputui("-w", demo, "check")
    assert answer.code == 1
    lines = answer.out.splitlines()
    at = next(index for index, line in enumerate(lines) if "error E07" in line)
    assert "metrics.ontime_arrivals.expr" in lines[at]
    source, caret = next(
        (a, b) for a, b in zip(lines[at:], lines[at + 1 :], strict=False) if set(b) <= set(" |^") and "^" in b
    )
    assert source[caret.index("^") : caret.rindex("^") + 1] == "arr_dely"


def test_check_names_missing_data(kputui: Kputui, demo: Path) -> None:
    """A data file that is gone is a finding of the metrics that need it, not the end."""
    (demo / "data" / "weather_daily.csv").unlink()
    answer = kputui("-w", demo, "check")
    assert answer.code == 1
    assert "error D02" in answer.out


def test_an_unreadable_workspace_tells_all_its_problems(kputui: Kputui, demo: Path) -> None:
    """Two mistakes in two files are both told: by check on stdout, by any other command on stderr."""
    (demo / "goals.toml").write_text((demo / "goals.toml").read_text().replace("due =", "deu =", 1))
    (demo / "teams.toml").write_text((demo / "teams.toml").read_text().replace("lead =", "laed =", 1))
    check = kputui("-w", demo, "check")
    assert check.code == 2
    assert "nearest: due" in check.out
    assert "nearest: lead" in check.out
    status = kputui("-w", demo, "status")
    assert (status.code, status.out) == (2, "")
    assert "nearest: due" in status.err
    assert "nearest: lead" in status.err


def test_status_is_a_line_a_goal(kputui: Kputui, demo: Path) -> None:
    """Every goal has its line with state, actual of target and pace; the heading says what the clock says."""
    answer = kputui("-w", demo, "status")
    assert answer.code == 0
    heading, _, *lines = answer.out.splitlines()
    assert heading == "Three Airports · evening of 30 Sep 2013"
    assert len(lines) == 5
    assert lines[0].startswith("off track    Passengers can depend on us")
    assert "6 761 of at most 8 000 flights  burn 1.13" in lines[1]


def test_status_in_json_has_every_figure(kputui: Kputui, demo: Path) -> None:
    """Programs get the pace's figures in full precision."""
    report = json.loads(kputui("-w", demo, "status", "--format", "json", "--today", "2013-06-30").out)
    assert (report["today"], report["is_today_fixed"]) == ("2013-06-30", True)
    goal = next(goal for goal in report["goals"] if goal["goal"] == "fly_further")
    assert goal["pace"]["as_of"] == "2013-06-30"
    assert goal["pace"]["actual"] == pytest.approx(166.542528)
    assert {"expected", "pace_index", "required_per_week", "last_28_days", "projection"} <= set(goal["pace"])


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--fail-on", "at_risk"), 1), (("--fail-on", "off_track"), 1)])
def test_status_fails_when_asked_to(kputui: Kputui, demo: Path, words: tuple[str, ...], code: int) -> None:
    """With --fail-on a goal in that state or a worse one answers 1; without, status only tells."""
    assert kputui("-w", demo, "status", *words).code == code


def test_status_says_which_data_is_missing(kputui: Kputui, demo: Path) -> None:
    """A goal whose data cannot be read says so, and the answer is 5."""
    (demo / "data" / "flights.parquet").write_bytes(b"PAR1 torn")
    answer = kputui("-w", demo, "status")
    assert answer.code == 5
    assert "no data" in answer.out
    assert answer.err.count("flights.parquet") == 1
    assert "cut off while being copied" in answer.err


def test_query_gives_the_numbers(kputui: Kputui, demo: Path) -> None:
    """CSV has a row a period and group with full precision, sorted; stderr stays empty."""
    words = ("query", "ontime_arrivals", "taxi45", "--grain", "week", "--group-by", "origin", "--format", "csv")
    answer = kputui("-w", demo, *words, "--from", "2013-09-02", "--to", "2013-09-08")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [(row["metric_time"], row["origin"]) for row in rows] == [("2013-09-02", o) for o in ("EWR", "JFK", "LGA")]
    assert len(rows[0]["ontime_arrivals"]) > 10
    assert (answer.code, answer.err) == (0, "")


def test_query_reads_all_rows_but_not_past_today(kputui: Kputui, demo: Path) -> None:
    """The workspace's fixed day is for judging; only --today or --to cut what query reads."""
    words = ("-w", demo, "query", "flights_offered", "--grain", "month", "--format", "json")
    assert len(json.loads(kputui(*words).out)) == 12
    assert len(json.loads(kputui(*words, "--today", "2013-06-30").out)) == 6
    assert len(json.loads(kputui(*words, "--to", "2013-03-15").out)) == 3


def test_query_counts_only_the_rows_asked_for(kputui: Kputui, demo: Path) -> None:
    """--where narrows the rows: the parts of a breakdown add up to what each gives alone."""
    words = ("-w", demo, "query", "flights_offered", "--grain", "year", "--format", "json")
    grouped = {row["origin"]: row["flights_offered"] for row in json.loads(kputui(*words, "--group-by", "origin").out)}
    assert json.loads(kputui(*words, "--where", "origin = 'JFK'").out)[0]["flights_offered"] == grouped["JFK"]


def test_query_for_people_is_a_table(kputui: Kputui, demo: Path) -> None:
    """The table shows the metric's own format and unit."""
    answer = kputui("-w", demo, "query", "taxi45", "--grain", "month", "--from", "2013-11-01")
    head, _, *rows = answer.out.splitlines()
    assert head == "metric_time  taxi45 (%)"
    assert len(rows) == 2


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "table"])
def test_query_writes_a_file_whole(kputui: Kputui, demo: Path, tmp_path: Path, form: str) -> None:
    """-o writes what stdout would have had, replaces an older file, and leaves nothing beside it."""
    target = tmp_path / "out" / f"numbers.{form}"
    target.parent.mkdir()
    target.write_text("old")
    words = ("-w", demo, "query", "taxi45", "--grain", "month", "--format", form)
    assert kputui(*words, "-o", target).out == ""
    assert list(target.parent.iterdir()) == [target]
    if form == "parquet":
        frame = pl.read_parquet(target)
        assert frame.columns == ["metric_time", "taxi45"]
        assert frame.height == 12
    else:
        assert target.read_text() == kputui(*words).out


def test_query_never_writes_over_the_workspace(kputui: Kputui, demo: Path, tmp_path: Path) -> None:
    """A TOML file, a data file by any name, a state file and what a glob would take as data are refused and kept."""
    link, hard = tmp_path / "link.csv", tmp_path / "hard.csv"
    link.symlink_to(demo / "goals.toml")
    os.link(demo / "data" / "flights.parquet", hard)
    before = {path: path.read_bytes() for path in demo.rglob("*") if path.is_file()}
    targets = [
        demo / "goals.toml",
        demo / "new.toml",
        demo / "data" / "flights.parquet",
        link,
        hard,
        demo / "state" / "x",
    ]
    for target in (*targets, demo, Path("/dev/null")):
        answer = kputui("-w", demo, "query", "taxi45", "--format", "csv", "-o", target)
        assert answer.code == 2, target
        assert answer.err
    assert before == {path: path.read_bytes() for path in demo.rglob("*") if path.is_file()}


def test_query_says_what_cannot_be_written(kputui: Kputui, demo: Path, tmp_path: Path) -> None:
    """A folder that is missing is a message and leaves nothing."""
    answer = kputui("-w", demo, "query", "taxi45", "--format", "csv", "-o", tmp_path / "no" / "file.csv")
    assert answer.code == 2
    assert "cannot write" in answer.err


def test_a_failing_metric_leaves_the_others(kputui: Kputui, demo: Path) -> None:
    """What cannot be computed is told on stderr and answered with 5; the other column is there."""
    metrics = demo / "metrics.toml"
    metrics.write_text(metrics.read_text().replace('expr = "arr_delay < 15"', 'expr = "arr_dely < 15"', 1))
    answer = kputui("-w", demo, "query", "ontime_arrivals", "taxi45", "--grain", "month", "--format", "json")
    assert answer.code == 5
    assert "ontime_arrivals: " in answer.err
    assert set(json.loads(answer.out)[0]) == {"metric_time", "taxi45"}


def test_a_failure_of_several_metrics_is_told_once(kputui: Kputui, demo: Path) -> None:
    """A source that is gone is one sentence that names the metrics it stops."""
    (demo / "data" / "flights.parquet").unlink()
    answer = kputui("-w", demo, "query", "ontime_arrivals", "taxi45", "--grain", "month")
    assert answer.code == 5
    assert answer.err.startswith("kputui: ontime_arrivals, taxi45: ")
    assert answer.err.count("flights.parquet") == 1


def test_query_tells_once_what_the_data_leaves_out(kputui: Kputui, tmp_path: Path) -> None:
    """Rows without a readable date are told on stderr, once for all metrics; the numbers stand on stdout."""
    (tmp_path / "sales.csv").write_text("day,amount,price\n2024-01-01,1,2\n2024-01-02,2,3\nsoon,5,6\n")
    metric = 'kind = "kpi"\ntype = "simple"\nsource = "sales"\nagg = "sum"\ngrain = "day"\ngoals = ["g"]\n'
    (tmp_path / "kputui.toml").write_text(
        '[project]\nname = "Shop"\n[goals.g]\nlabel = "Grow"\n[sources.sales]\npath = "sales.csv"\ntime = "day"\n'
        f'[metrics.a]\nlabel = "A"\nexpr = "amount"\n{metric}[metrics.b]\nlabel = "B"\nexpr = "price"\n{metric}'
    )
    answer = kputui("-w", tmp_path, "query", "a", "b", "--format", "csv")
    assert answer.out.splitlines()[1:] == ["2024-01-01,1.0,2.0", "2024-01-02,2.0,3.0"]
    assert answer.err == "kputui: left out: 1 row without a readable `day` (line 4: `soon`) (D23)\n"
    assert answer.code == 0


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("query", "ontime_arivals"), "nearest: ontime_arrivals", 2),
        (("query", "taxi45", "--group-by", "orign"), "nearest: origin", 2),
        (("query", "taxi45", "--from", "2013-02-01", "--to", "2013-01-01"), "before", 2),
        (("query", "taxi45", "--where", "orign = 'JFK'"), "origin", 5),
        (("query", "taxi45", "--where", "origin ="), "", 5),
    ],
)
def test_a_slip_in_a_query_is_told(kputui: Kputui, demo: Path, words: tuple[str, ...], said: str, code: int) -> None:
    """An unknown metric, dimension, range or column answers with the nearest name and prints no numbers."""
    answer = kputui("-w", demo, *words)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == ""


def test_schema_is_a_json_schema(kputui: Kputui) -> None:
    """The schema needs no workspace."""
    schema = json.loads(kputui("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "goals" in schema["properties"]


def test_an_empty_place_is_a_welcome(kputui: Kputui) -> None:
    """Where there is no workspace, the board's command offers the demo and init, and answers 2."""
    answer = kputui()
    assert answer.code == 2
    assert "kputui demo" in answer.err
    assert "kputui init" in answer.err
    assert kputui("check").code == 2


def test_the_workspace_is_found_upwards(kputui: Kputui, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder inside the workspace, and from one that holds it as ./config, it is found by itself."""
    monkeypatch.chdir(demo / "data")
    assert kputui("status").code == 0
    demo.rename(demo.parent / "config")
    monkeypatch.chdir(demo.parent)
    assert kputui("status").code == 0
    assert kputui("-w", ".", "status").code == 0


@pytest.mark.parametrize("words", [("-w", "gone", "check"), ("./gone",), ("-w", "a", "b/"), ("-w", __file__, "check")])
def test_a_folder_that_is_none_is_told(kputui: Kputui, words: tuple[str, ...]) -> None:
    """A missing folder, two folders, or a file instead of one answers 2 with a message."""
    answer = kputui(*words)
    assert answer.code == 2
    assert answer.err.startswith("kputui: ")


def test_without_a_terminal_the_board_is_the_status_report(kputui: Kputui, demo: Path) -> None:
    """In a pipe the board's command prints the goals, says why, and answers 2."""
    answer = kputui(demo)
    assert answer.code == 2
    assert answer.out == kputui("-w", demo, "status").out
    assert "no terminal" in answer.err


def test_data_elsewhere_needs_leave(kputui: Kputui, demo: Path, tmp_path: Path) -> None:
    """A data path outside the workspace is refused until the command line allows its folder."""
    (demo / "data" / "weather_daily.csv").rename(tmp_path / "weather_daily.csv")
    settings = demo / "kputui.toml"
    settings.write_text(settings.read_text().replace("data/weather_daily.csv", "../weather_daily.csv"))
    assert kputui("-w", demo, "check").code == 2
    assert kputui("-w", demo, "check", "--allow-root", tmp_path).code == 0
    assert kputui("-w", demo, "query", "rain", "--allow-root", tmp_path, "--format", "csv").code == 0


HOSTILE = ("\x1b[31mred", "=1+1", "\u202eabc", "\x9b31m")


@pytest.fixture
def hostile(kputui: Kputui, tmp_path: Path) -> Path:
    """A workspace whose breakdown holds values that act on terminals and spreadsheets."""
    rows = "".join(f"2026-01-0{number},{name},{number}\n" for number, name in enumerate(HOSTILE, start=1))
    file = tmp_path / "orders.csv"
    file.write_text(f"day,region,amount\n{rows}")
    assert kputui("init", tmp_path / "shop", "--from", file).code == 0
    return tmp_path / "shop"


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_no_value_acts_on_the_terminal(
    kputui: Kputui, hostile: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal every format shows control characters as pictures."""
    monkeypatch.setattr("kputui.cli.out.is_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    answer = kputui("-w", hostile, "query", "amount", "--grain", "day", "--group-by", "region", "--format", form)
    assert answer.code == 0
    assert "red" in answer.out
    assert all(character.isprintable() or character == "\n" for character in answer.out)


def test_values_reach_programs_as_they_are(kputui: Kputui, hostile: Path) -> None:
    """In a pipe JSON holds the values themselves, and CSV too, but for what a spreadsheet would run."""
    words = ("-w", hostile, "query", "amount", "--grain", "day", "--group-by", "region")
    assert {row["region"] for row in json.loads(kputui(*words, "--format", "json").out)} == set(HOSTILE)
    regions = {row["region"] for row in csv.DictReader(io.StringIO(kputui(*words, "--format", "csv").out))}
    assert regions == {name if name != "=1+1" else "'=1+1" for name in HOSTILE}
