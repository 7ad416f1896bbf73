"""Problems as text: the caret stands below what is meant, and nothing acts on the terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.errors import Place, Problem, Severity
from kputui.render.lines import text_of
from kputui.render.problem import problem_lines, problem_record, summary, wrap
from kputui.render.safe import cell_width


def shown(problem: Problem, width: int = 80) -> list[str]:
    return [text_of(line) for line in problem_lines(problem, width)]


def located(source_line: str, column: int, width: int = 1, line: int = 12) -> Problem:
    return Problem("C20", 'no metric "x"', place=Place("goals.toml", line, column, source_line), width=width)


def test_a_problem_says_where_what_and_what_to_do() -> None:
    """File, line, column, code, key, cause, hint, the source line and a caret stand in four lines."""
    problem = Problem(
        "C20",
        'no metric "miles_flwn"',
        place=Place("goals.toml", 12, 15, 'measured_by = "miles_flwn"'),
        key="goals.far.measured_by",
        hint="nearest: miles_flown",
        width=12,
    )
    assert shown(problem) == [
        "goals.toml:12:15  error C20  goals.far.measured_by",
        '  no metric "miles_flwn"; nearest: miles_flown',
        '  12 | measured_by = "miles_flwn"',
        "     |               ^^^^^^^^^^^^",
    ]


def test_further_places_are_named() -> None:
    """A name defined twice shows both places."""
    problem = Problem("C09", "is defined twice", place=Place("b.toml", 2), others=(Place("a.toml", 7, 3),))
    assert shown(problem)[-1] == "  see also a.toml:7:3"


def test_a_finding_without_a_place_is_one_or_two_lines() -> None:
    """What stands in no file has its code and key alone."""
    problem = Problem("M03", "has no measure", severity=Severity.WARNING, key="goals.far")
    assert shown(problem) == ["warning M03  goals.far", "  has no measure"]


@pytest.mark.parametrize(
    "before", ["\t", "東京 = ", "e\u0301te\u0301 = ", "a\x1b[31m = ", "\u202eabc = ", "a\ufe0f = "]
)
def test_the_caret_stands_below_what_is_meant(before: str) -> None:
    """Tabs, wide characters, marks and control characters before it don't move the caret."""
    *_, source, caret = shown(located(f"{before}HERE", len(before) + 1))
    assert cell_width(source[: source.index("HERE")]) == caret.index("^")


def test_a_long_line_is_cut_around_the_caret() -> None:
    """A line of thousands of characters shows the part that is meant, within the width."""
    *_, source, caret = shown(located("a" * 3_000 + "WRONG" + "b" * 3_000, 3_001, 5))
    assert source[caret.index("^") : caret.rindex("^") + 1] == "WRONG"
    assert cell_width(source) <= 80


def test_counts_are_spoken() -> None:
    """The summary counts by severity and says so when there is nothing."""
    assert summary([]) == "no problems"
    error, note = Problem("C01", "x"), Problem("M01", "x", severity=Severity.INFO)
    assert summary([error, note, error]) == "2 errors, 1 note"


def test_a_record_is_plain_json() -> None:
    """Programs get every part of a problem under its own name."""
    record = problem_record(located("a = 1", 5))
    assert json.loads(json.dumps(record))["line"] == 12
    assert problem_record(Problem("M01", "x"))["file"] is None


@given(st.text(max_size=300), st.integers(1, 320), st.integers(0, 320), st.integers(20, 100))
def test_no_text_acts_on_the_terminal(text: str, column: int, marked: int, width: int) -> None:
    """Whatever stands in a file, a problem's lines are printable and its source lines fit the width."""
    place = Place("f.toml", 7, column, text)
    lines = shown(Problem("C10", text, place=place, key=text, hint=text, width=marked), max(width, 40))
    assert all(character.isprintable() for line in lines for character in line)
    assert all(cell_width(line) <= max(width, 40) for line in lines[1:])


@given(st.text(max_size=200), st.integers(2, 40))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    """Wrapping keeps every line within its cells, long words included."""
    assert all(cell_width(line) <= width for line in wrap(text, width))


@pytest.mark.parametrize("words", ["79 %", "34 : 1", "15 464 : 1", "12 min", "7 230 h", "2 : 1, 80 %"])
def test_a_number_stays_with_its_unit(words: str) -> None:
    """No line ends between a number and what it counts, wherever the line has to end."""
    text = f"at most {words} of it"
    parts = words.split(", ")
    for width in range(max(map(len, parts)) + 1, len(text)):
        lines = wrap(text, width)
        assert " ".join(lines) == text
        assert all(any(part in line for line in lines) for part in parts)
