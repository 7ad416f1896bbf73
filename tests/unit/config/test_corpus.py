"""The corpus of good and bad workspaces: each bad one has one fault, told with its code and place."""

from __future__ import annotations

import csv
import shutil
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from kputui.config import CODES, Loaded, read, schema
from kputui.errors import Severity

DATA = Path(__file__).parents[2] / "data"
BAD = DATA / "bad_configs"
GOOD = sorted(path for path in (DATA / "good_configs").iterdir() if path.is_dir())
EXPECTED = list(csv.DictReader((BAD / "expected.csv").read_text().splitlines()))
VALIDATOR = jsonschema.Draft202012Validator(schema())


def read_bad(name: str, folder: Path) -> Loaded:
    """Read one bad workspace, alone in a folder."""
    if (BAD / name).is_dir():
        shutil.copytree(BAD / name, folder, dirs_exist_ok=True)
    else:
        shutil.copy(BAD / f"{name}.toml", folder)
    return read(folder)


def plain(value: Any) -> Any:
    """A TOML value as JSON has it: dates and times become text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["name"])
def test_each_fault_is_told_with_its_code_and_place(row: dict[str, str], tmp_path: Path) -> None:
    """A workspace with one fault gives exactly one problem, with the right code, file, line and column."""
    loaded = read_bad(row["name"], tmp_path)
    assert loaded.workspace is None
    assert [problem.code for problem in loaded.problems] == [row["code"]]
    problem = loaded.problems[0]
    assert problem.severity is Severity.ERROR
    assert problem.message
    place = problem.place
    assert place is not None
    assert (Path(place.file).name, place.line, place.column) == (row["file"], int(row["line"]), int(row["column"]))


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["name"])
def test_the_caret_lies_on_the_source_line(row: dict[str, str], tmp_path: Path) -> None:
    """Where a source line is shown, the caret underlines something that is on it."""
    for problem in read_bad(row["name"], tmp_path).problems:
        place = problem.place
        assert place is not None
        if place.source_line:
            assert problem.width >= 1
            assert place.column - 1 + problem.width <= len(place.source_line) + 1


@pytest.mark.parametrize("folder", GOOD, ids=lambda folder: folder.name)
def test_good_workspaces_are_read_without_a_problem(folder: Path) -> None:
    """A workspace with every table and key, split, dense, or with BOM and CRLF, is read whole."""
    loaded = read(folder)
    assert loaded.problems == ()
    assert loaded.workspace is not None


@pytest.mark.parametrize("file", [file for folder in GOOD for file in folder.glob("*.toml")], ids=str)
def test_good_files_fit_the_schema(file: Path) -> None:
    """An editor with the JSON schema marks nothing in a good file."""
    data = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    assert list(VALIDATOR.iter_errors(plain(data))) == []


@pytest.mark.parametrize("name", [row["name"] for row in EXPECTED if row["schema"]])
def test_wrong_types_words_and_keys_fail_the_schema(name: str) -> None:
    """An editor with the JSON schema marks each wrong type, word and key while it is typed."""
    data = tomllib.loads((BAD / f"{name}.toml").read_text())
    assert list(VALIDATOR.iter_errors(plain(data)))


def test_the_corpus_has_a_fault_of_every_code_a_file_can_show() -> None:
    """Each code that a file's content can earn is in the corpus."""
    elsewhere = {"C01", "C03", "C04", "C28", "C29"}
    assert {row["code"] for row in EXPECTED} | elsewhere == set(CODES)


def test_the_schema_is_a_schema() -> None:
    """The generated schema is valid JSON schema, 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_one_folder_with_many_faults_lists_them_all(tmp_path: Path) -> None:
    """Faults in many files are listed at once, in the order of files and lines."""
    names = [row["name"] for row in EXPECTED if row["code"] in {"C10", "C11", "C12", "C15"}]
    for name in names:
        text = (BAD / f"{name}.toml").read_text()
        start = max(text.find("[goals.more]"), 0)
        if start:
            (tmp_path / f"{name}.toml").write_text(text[start:].replace("[goals.more]", f"[goals.{name}]"))
    loaded = read(tmp_path)
    files = [Path(problem.place.file).stem for problem in loaded.problems if problem.place]
    assert len(files) >= 8
    assert files == sorted(path.stem for path in tmp_path.glob("*.toml"))
