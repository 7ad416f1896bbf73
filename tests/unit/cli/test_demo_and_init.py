"""demo and init: a workspace in a folder of the user's that opens as it is, and nothing lost on the way."""

from __future__ import annotations

import gzip
import re
import shutil
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui import config
from kputui.cli.draft import toml_text
from kputui.cli.guess import column_expression, identifier
from kputui.engine.expression import columns_of, parse

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Kputui

DEMO = Path(__file__).parents[3] / "config"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sales(day: str = "%Y-%m-%d", delimiter: str = ",", last: date = date(2026, 6, 30)) -> str:
    """Half a year of orders, one a day."""
    rows = [delimiter.join(("Order ID", "Order Date", "Region", "Amount", "Days late", "Paid"))]
    for number in range(180):
        on = last - timedelta(days=179 - number)
        cells = (
            str(1000 + number),
            on.strftime(day),
            "NSW"[number % 3],
            f"{20 + number % 7}.5",
            str(number % 4),
            "true",
        )
        rows.append(delimiter.join(cells))
    return "\n".join(rows) + "\n"


def test_demo_copies_and_opens_again(kputui: Kputui, tmp_path: Path) -> None:
    """The first run copies the demo, the second changes nothing; both print the goals without a terminal."""
    folder = tmp_path / "mine"
    first = kputui("demo", folder)
    assert first.code == 0
    assert "Three Airports" in first.out
    assert f"kputui {folder}" in first.err
    assert tree(folder) == tree(DEMO)
    (folder / "goals.toml").write_text((folder / "goals.toml").read_text() + "# mine\n")
    changed = tree(folder)
    assert kputui("demo", folder).code == 0
    assert tree(folder) == changed


def test_demo_goes_beside_where_one_stands(kputui: Kputui) -> None:
    """Without a folder's name the demo is in ./kputui-demo, and nothing else is left there."""
    assert kputui("demo").code == 0
    assert [path.name for path in Path.cwd().iterdir()] == ["kputui-demo"]
    assert kputui("-w", "kputui-demo", "check").code == 0


def test_demo_fills_an_empty_folder_and_refuses_a_full_one(kputui: Kputui, tmp_path: Path) -> None:
    """A folder with other things in it is left alone."""
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "letter.txt").write_text("dear")
    assert kputui("demo", empty).code == 0
    assert kputui("demo", full).code == 2
    assert tree(full) == {"letter.txt": b"dear"}


@pytest.mark.parametrize("name", ["flights.parquet", "weather_daily.csv"])
def test_init_gives_a_workspace_that_opens_without_an_edit(kputui: Kputui, tmp_path: Path, name: str) -> None:
    """From a data file to goals, numbers and a board: no error, no warning, a state for the goal."""
    data, folder = DEMO / "data" / name, tmp_path / "new"
    assert kputui("init", folder, "--from", data).code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["kputui.toml", "goals.toml", "metrics.toml", "journey.toml", "teams.toml", "data"]
    )
    assert (folder / "data" / name).read_bytes() == data.read_bytes()
    check = kputui("-w", folder, "check")
    assert check.code == 0, check.out
    status = kputui("-w", folder, "status")
    assert re.search(r"(on track|at risk|off track) +TODO", status.out), status.out
    assert kputui(folder).code == 2


def test_init_tells_commands_that_can_be_typed(kputui: Kputui, tmp_path: Path) -> None:
    """A folder with spaces in its name is quoted in what to type next."""
    folder = tmp_path / "my first board"
    told = kputui("init", folder, "--from", DEMO / "data" / "weather_daily.csv").out
    assert f"kputui '{folder}' " in told
    assert f"kputui -w '{folder}' check" in told


@pytest.mark.parametrize("day", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_init_reads_sales_as_people_export_them(kputui: Kputui, tmp_path: Path, day: str, delimiter: str) -> None:
    """Whatever the date's form and the delimiter: the amount is the KPI, days late the CPI, the region a dimension."""
    file = tmp_path / "my orders.csv"
    file.write_text(sales(day, delimiter))
    folder = tmp_path / "shop"
    assert kputui("init", folder, "--from", file).code == 0
    assert kputui("-w", folder, "check").code == 0
    workspace = config.load(folder)
    assert workspace.goals["first_goal"].measured_by == "amount"  # type: ignore[index]
    assert workspace.links[0].cpi == "days_late"
    assert "Region" in workspace.metrics["amount"].dimensions  # type: ignore[index]
    assert workspace.project.today in {date(2026, 6, 30), None}
    numbers = kputui("-w", folder, "query", "amount", "--grain", "month", "--format", "csv").out
    assert numbers.splitlines()[1].startswith("2026-01-01,")


def test_init_leaves_the_clock_live_for_data_that_goes_on(kputui: Kputui, tmp_path: Path) -> None:
    """Data that reaches to yesterday needs no fixed day; data that ended long ago gets one."""
    file = tmp_path / "orders.csv"
    file.write_text(sales(last=datetime.now(UTC).date() - timedelta(days=1)))
    assert kputui("init", tmp_path / "live", "--from", file).code == 0
    assert config.load(tmp_path / "live").project.today is None
    file.write_text(sales(last=date(2020, 6, 30)))
    assert kputui("init", tmp_path / "old", "--from", file).code == 0
    assert config.load(tmp_path / "old").project.today == date(2020, 6, 30)


def test_init_takes_data_that_lies_in_the_folder_where_it_is(kputui: Kputui, tmp_path: Path) -> None:
    """A file inside the folder is not copied, and other files there are left alone."""
    folder = tmp_path / "shop"
    (folder / "exports").mkdir(parents=True)
    (folder / "exports" / "orders.csv").write_text(sales())
    (folder / "letter.txt").write_text("dear")
    before = tree(folder)
    assert kputui("init", folder, "--from", folder / "exports" / "orders.csv").code == 0
    after = tree(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"kputui.toml", "goals.toml", "metrics.toml", "journey.toml", "teams.toml"}
    assert kputui("-w", folder, "check").code == 0


def test_init_reads_compressed_csv(kputui: Kputui, tmp_path: Path) -> None:
    """A .csv.gz is as good as a .csv."""
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(gzip.compress(sales().encode()))
    assert kputui("init", tmp_path / "shop", "--from", file).code == 0
    assert kputui("-w", tmp_path / "shop", "check").code == 0


def test_init_never_changes_what_is_there(kputui: Kputui, tmp_path: Path) -> None:
    """A workspace that exists, and a folder with any TOML file, are refused and stay as they are."""
    shutil.copytree(DEMO, tmp_path / "demo")
    before = tree(tmp_path / "demo")
    answer = kputui("init", tmp_path / "demo", "--from", DEMO / "data" / "weather_daily.csv")
    assert answer.code == 2
    assert "TOML files already" in answer.err
    assert tree(tmp_path / "demo") == before


def test_init_leaves_nothing_when_data_is_in_the_way(kputui: Kputui, tmp_path: Path) -> None:
    """When the copy of the data would replace a file, nothing at all is written."""
    file = tmp_path / "orders.csv"
    file.write_text(sales())
    folder = tmp_path / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "orders.csv").write_text("mine")
    assert kputui("init", folder, "--from", file).code == 2
    assert tree(folder) == {"data/orders.csv": b"mine"}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("gone.csv", None, 2, "there is no file"),
        ("empty.csv", "", 5, ""),
        ("head.csv", "date,amount\n", 5, "no rows"),
        ("no_time.csv", "a,b\n1,2\n3,4\n", 2, "no column holds dates"),
        ("letter.txt", "dear", 2, "kind"),
        ("ragged.csv", "date,amount\n2026-01-01,1,2\n", 5, "line 2"),
        ("not.parquet", "dear", 5, ""),
    ],
)
def test_init_says_what_is_wrong_with_the_data(
    kputui: Kputui, tmp_path: Path, name: str, content: str | None, code: int, said: str
) -> None:
    """A file that cannot be read, or has no time, is told, and no folder is made."""
    if content is not None:
        (tmp_path / name).write_text(content)
    answer = kputui("init", tmp_path / "new", "--from", tmp_path / name)
    assert answer.code == code
    assert said in answer.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("column", "cells", "agg"),
    [
        ("Umsatz_EUR", (12.5, 99.9, 3.75), "sum"),
        ("Stück", (1, 2, 5), "sum"),
        ("parcels", (0, 4, 17), "sum"),
        ("Preis", (12.5, 99.9, 3.75), "average"),
        ("return_rate", (0.1, 0.25, 0.5), "average"),
        ("score", (1, 3, 5), "average"),
        ("Temperatur", (-3, 12, 20), "average"),
        ("zz", (-3, 12, 20), "average"),
    ],
)
def test_init_adds_up_what_adds_up_and_says_why(
    kputui: Kputui, tmp_path: Path, column: str, cells: tuple[float, ...], agg: str
) -> None:
    """Amounts and counts are summed, rates, prices and levels averaged, with the reason beside it."""
    file = tmp_path / "my shop.csv"
    rows = (f"2026-01-{day:02},{cells[day % 3]}\n" for day in range(1, 29))
    file.write_text(f"date,{column}\n{''.join(rows)}")
    assert kputui("init", tmp_path / "w", "--from", file).code == 0
    text = (tmp_path / "w" / "metrics.toml").read_text()
    assert re.search(rf'agg = "{agg}" +# \w+', text), text
    assert config.load(tmp_path / "w").project.name == "My shop"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Sales of the year 2026", "Sales of the year 2026"),
        ("Sales of the year,,", "Sales of the year,,"),
        ("Sales, in euro", "Sales, in euro"),
    ],
)
def test_init_asks_about_a_title_above_the_header(kputui: Kputui, tmp_path: Path, title: str, shown: str) -> None:
    """A file that begins with a title is refused with the line in question."""
    file = tmp_path / "export.csv"
    file.write_text(f"{title}\ndate,amount,region\n2026-01-01,5,north\n2026-01-02,6,south\n")
    answer = kputui("init", tmp_path / "w", "--from", file)
    assert answer.code in {2, 5}
    assert f"are there lines above the header? The first line is: {shown}" in answer.err


@pytest.mark.parametrize(
    ("text", "name"),
    [("Stück", "stueck"), ("Größe (m²)", "groesse_m2"), ("Ærø café", "aeroe_cafe"), ("İl", "il"), ("東京", "column")],
)
def test_identifiers_spell_letters_out(text: str, name: str) -> None:
    """Umlauts become two letters and accents go; no letter is lost where there is a way to write it."""
    assert identifier(text) == name


def test_init_survives_hostile_columns(kputui: Kputui, tmp_path: Path) -> None:
    """Names with quotes, brackets, escapes, keywords and none at all still give a workspace without errors."""
    names = [
        "date",
        'a "quoted" name',
        "select",
        "[red]x[/]",
        "it's",
        "\x1b[31mred",
        "東京",
        "",
        "1st",
        "a\\b",
        "A b",
        "a_b",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = [",".join((f"2026-01-{day:02}", *(str(day * 1.5) for _ in names[1:]))) for day in range(1, 29)]
    file = tmp_path / "odd.csv"
    file.write_text("\n".join((header, *rows)) + "\n")
    folder = tmp_path / "odd"
    assert kputui("init", folder, "--from", file).code == 0
    answer = kputui("-w", folder, "check")
    assert answer.code == 0, answer.out
    assert "\x1b" not in answer.out


def test_init_with_one_column_counts_rows(kputui: Kputui, tmp_path: Path) -> None:
    """A file of nothing but dates still makes a goal: the count of rows."""
    file = tmp_path / "calls.csv"
    file.write_text("called on\n" + "".join(f"2026-03-{day:02}\n" for day in range(1, 32)))
    assert kputui("init", tmp_path / "calls", "--from", file).code == 0
    answer = kputui("-w", tmp_path / "calls", "check")
    assert answer.code == 0, answer.out


@given(st.text(max_size=60))
def test_any_text_is_a_toml_string(text: str) -> None:
    """What init writes as a string reads back as it was (a lone surrogate as its replacement)."""
    expected = text.encode("utf-8", "replace").decode().replace("?", "?") if text.isprintable() else text
    read = tomllib.loads(f"x = {toml_text(text)}")["x"]
    assert read == "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in expected)


@given(st.text(min_size=1, max_size=40))
def test_any_column_can_be_named(name: str) -> None:
    """A column's name, whatever it is, is written so that the expression means that column."""
    if not any(0xD800 <= ord(character) <= 0xDFFF for character in name):
        assert columns_of(parse(column_expression(name))) == {name}


@given(st.lists(st.text(max_size=20), max_size=8))
def test_identifiers_are_valid_and_differ(names: list[str]) -> None:
    """Names of metrics are valid ids, and no two are the same."""
    taken: list[str] = []
    for name in names:
        taken.append(identifier(name, taken))
    assert len(set(taken)) == len(taken)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in taken)
