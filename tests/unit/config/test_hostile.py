"""Files made to break a reader: each is a list of problems, never a traceback or a long wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kputui.config import CODES, read
from kputui.config.cursor import MAX_PROBLEMS
from kputui.config.read import MAX_BYTES
from kputui.config.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kputui.config import Loaded

HOSTILE = {
    "nested arrays": "x = " + "[" * 5_000,
    "nested arrays, closed": "x = " + "[" * 5_000 + "]" * 5_000,
    "nested inline tables": "x = " + "{a = " * 5_000 + "1" + "}" * 5_000,
    "long dotted key": ".".join("a" * 100_000) + " = 1",
    "long header": "[" + ".".join("a" * 100_000) + "]",
    "long integer": "[goals.a]\ntarget = " + "9" * 5_000,
    "long hexadecimal": "[goals.a]\ntarget = 0x" + "f" * 5_000,
    "long fraction": "[goals.a]\ntarget = 0." + "3" * 5_000,
    "integer that no float holds": "[goals.a]\ntarget = " + "9" * 390,
    "integer that no text shows": "[project]\nfiscal_year_start = 0x" + "f" * 390,
    "only quotes": '"' * 5_000,
    "unclosed block": 'x = """' + "\\n" * 50_000,
    "nul": "[goals.a]\nlabel = \0",
    "lone carriage return": '[goals.a]\rlabel = "x"',
    "long name": f"[goals.{'a' * 100_000}]",
    "long word": f'[goals.a]\nplan = "{"linear" * 20_000}"',
    "long parent": f'[goals.a]\nparent = "{"b" * 100_000}"',
    "long unknown key": f"[goals.a]\n{'k' * 100_000} = 1",
    "long unknown table": f"[{'k' * 100_000}]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_problems(load_text: Callable[..., Loaded], text: str) -> None:
    """Bombs of brackets, digits, dots and quotes give a problem with a documented code."""
    loaded = load_text(text)
    assert loaded.workspace is None
    assert loaded.problems
    for problem in loaded.problems:
        assert problem.code in CODES
        assert len(problem.message) < 400


def test_a_flood_of_problems_is_cut_and_counted(load_text: Callable[..., Loaded]) -> None:
    """Thousands of faults are listed up to a cap, with the number of the rest."""
    text = "[goals.a]\n" + "".join(f'[goals.g{i}]\nparent = "nope{i}"\n' for i in range(3_000))
    problems = load_text(text).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].code == "C28"
    assert str(3_000 - MAX_PROBLEMS) in problems[-1].message


def test_more_entries_than_any_workspace_has_are_refused(write: Callable[..., Path]) -> None:
    """A file, or files together, of hundreds of thousands of keys are refused before they cost time."""
    keys = "".join(f"k{index} = 1\n" for index in range(30_000))
    many = "[goals.a]\n" + "".join(f"x{number}{line}\n" for number in range(3) for line in keys.splitlines())
    assert [problem.code for problem in read(write(many)).problems] == ["C04"]
    write("[goals.a]\n")
    folder = write(**{name: f"[goals.{name}]\n{keys}" for name in ("p", "q")})
    assert "C04" in {problem.code for problem in read(folder).problems}


def test_a_very_long_chain_of_parents_is_no_circle(load_text: Callable[..., Loaded]) -> None:
    """Deep hierarchies are walked without recursion."""
    count = 5_000
    text = "".join(f'[goals.g{i}]\nparent = "g{i + 1}"\n' for i in range(count)) + f"[goals.g{count}]\n"
    loaded = load_text(text)
    assert loaded.problems == ()
    closed = load_text(text + f'parent = "g{count // 2}"\n')
    (problem,) = closed.problems
    assert problem.code == "C21"
    assert len(problem.others) == count // 2


def test_a_full_sized_file_of_comments_is_read(load_text: Callable[..., Loaded]) -> None:
    """A file just under the cap is read."""
    goal = "[goals.a]\n"
    assert load_text(goal + "#" * (MAX_BYTES - len(goal))).problems == ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_workspace_or_problems(tmp_path: Path, content: bytes) -> None:
    """Whatever bytes a file has, reading gives a workspace or problems with codes and places."""
    (tmp_path / "x.toml").write_bytes(content)
    loaded = read(tmp_path)
    assert (loaded.workspace is None) == bool(loaded.problems)
    assert all(problem.code in CODES and problem.place for problem in loaded.problems)


VALUES = st.sampled_from(
    [
        '"text"',
        '"loyal"',
        "1",
        "-1.5",
        "nan",
        "true",
        "2026-01-01",
        "07:00:00",
        "[]",
        "[1]",
        "{}",
        '["loyal"]',
        '{name = "loyal"}',
    ]
)
KEYS = st.sampled_from(sorted({field.name for table in TABLES for field in table.fields_of({"type": "?"})} | {"x"}))
HEADS = st.sampled_from(
    [
        *(table.layout.value.format(name=table.name).replace("<id>", "loyal") for table in TABLES),
        "[goals]",
        "[[goals]]",
        "[metrics.loyal.numerator]",
        "[[metrics.loyal.input_metrics]]",
        "[sources.loyal.csv]",
        "[x]",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(HEADS, st.dictionaries(KEYS, VALUES, max_size=4)), max_size=6))
def test_any_value_at_any_key_is_a_workspace_or_problems(
    tmp_path: Path, tables: list[tuple[str, dict[str, str]]]
) -> None:
    """Any mixture of known tables, keys and values never raises, and each problem has its place."""
    text = "".join(
        f"{head}\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items()) for head, pairs in tables
    )
    (tmp_path / "x.toml").write_text(text)
    loaded = read(tmp_path)
    assert all(problem.code in CODES and problem.place for problem in loaded.problems)
