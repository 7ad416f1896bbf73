"""How problems read: nearest names, all places, keys."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kputui.config import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.config import Loaded

SOURCE = '[goals.loyal]\n[sources.orders]\npath = "orders.csv"\ntime = "day"\n'


def test_an_unknown_key_is_told_with_the_nearest(load_text: Callable[..., Loaded]) -> None:
    """A typing error in a key shows the key that was meant, its line, and how much to underline."""
    (problem,) = load_text('[goals.loyal]\nlable = "x"\n').problems
    assert (problem.hint, problem.key, problem.width) == ("nearest: label", "goals.loyal.lable", 5)
    assert problem.place is not None
    assert problem.place.source_line == 'lable = "x"'


def test_a_key_of_another_type_says_which(load_text: Callable[..., Loaded]) -> None:
    """A ratio's key in a simple metric is told to belong to ratios."""
    text = SOURCE + '[metrics.m]\nkind = "kpi"\nsource = "orders"\nagg = "count"\nnumerator = "m"\n'
    (problem,) = load_text(text).problems
    assert problem.hint == 'goes with type = "ratio"'


def test_a_dangling_name_is_told_with_the_nearest(load_text: Callable[..., Loaded]) -> None:
    """A reference to a name that is not there offers the nearest one of that table."""
    (problem,) = load_text('[goals.keep_customers]\n[goals.b]\nparent = "keep_custmers"\n').problems
    assert (problem.message, problem.hint) == ('no goal "keep_custmers"', "nearest: keep_customers")


def test_a_circle_names_all_its_places(load_text: Callable[..., Loaded]) -> None:
    """A circle of goals over two files gives every line that closes it."""
    (problem,) = load_text(
        a='[goals.a]\nparent = "b"\n', b='[goals.b]\nparent = "c"\n[goals.c]\nparent = "a"\n'
    ).problems
    assert problem.place is not None
    places = [problem.place, *problem.others]
    assert [(Path(place.file).name, place.line) for place in places] == [("a.toml", 2), ("b.toml", 2), ("b.toml", 4)]


def test_two_circles_are_two_problems(load_text: Callable[..., Loaded]) -> None:
    """Each circle of metrics is told once, also when they share a metric."""
    ratio = '[metrics.{0}]\nkind = "kpi"\ntype = "ratio"\nnumerator = "{1}"\ndenominator = "{2}"\n'
    text = "[goals.g]\n" + ratio.format("a", "b", "c") + ratio.format("b", "a", "a") + ratio.format("c", "a", "a")
    problems = load_text(text).problems
    assert {problem.code for problem in problems} == {"C21"}
    assert {problem.key.rsplit(".", 1)[0] for problem in problems} == {"metrics.a"}


def test_a_name_in_two_files_names_both_places(load_text: Callable[..., Loaded]) -> None:
    """A goal defined in two files points at both."""
    (problem,) = load_text(a="\n[goals.loyal]\n", b="[goals.loyal]\n").problems
    assert problem.place is not None
    (first,) = problem.others
    assert (Path(problem.place.file).name, problem.place.line) == ("b.toml", 1)
    assert (Path(first.file).name, first.line) == ("a.toml", 2)


def test_a_key_written_twice_names_both_lines(load_text: Callable[..., Loaded]) -> None:
    """Keys that TOML itself refuses are all told, each with both lines."""
    problems = load_text('[goals.a]\nlabel = "x"\nlabel = "y"\nwhy = "z"\nwhy = "z"\n').problems
    assert [(problem.place.line, problem.others[0].line) for problem in problems if problem.place] == [(3, 2), (5, 4)]


def test_a_broken_file_does_not_make_others_look_wrong(load_text: Callable[..., Loaded]) -> None:
    """While one file cannot be parsed, names that it may define are not called missing."""
    problems = load_text(a='[goals.b]\nparent = "loyal"\nlable = "x"\n', z="[goals.loyal\n").problems
    assert [problem.code for problem in problems] == ["C10", "C06"]


def test_many_faults_of_one_table_are_told_together(load_text: Callable[..., Loaded]) -> None:
    """One reading tells every fault of a metric, dangling names included."""
    text = SOURCE + '[metrics.m]\nkind = "kip"\nsource = "order"\nagg = "mean"\ngrain = 7\ngoals = ["loyl"]\nxyz = 1\n'
    assert [problem.code for problem in load_text(text).problems] == ["C12", "C20", "C12", "C11", "C20", "C10"]


def test_an_unknown_type_does_not_make_its_keys_unknown(load_text: Callable[..., Loaded]) -> None:
    """A typing error in the type is one problem, not one a key."""
    text = SOURCE + '[metrics.m]\nkind = "kpi"\ntype = "ration"\nnumerator = "n"\ndenominator = "n"\n'
    text += '[metrics.n]\nkind = "kpi"\nsource = "orders"\nagg = "count"\n'
    assert [problem.code for problem in load_text(text).problems] == ["C12"]


@pytest.mark.parametrize("zone", ["", "/etc/passwd", "Europe", "a" * 5_000, "Europe/\\u0000"])
def test_an_odd_time_zone_is_a_problem(load_text: Callable[..., Loaded], zone: str) -> None:
    """Folders, paths and nonsense in place of a zone are refused by the zone's code."""
    assert [p.code for p in load_text(f'[goals.a]\n[project]\ntimezone = "{zone}"\n').problems] == ["C19"]


def test_a_system_without_zones_is_told_what_to_install(
    load_text: Callable[..., Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system has no time zone database, the hint is the package that brings one."""
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    (problem,) = load_text('[goals.a]\n[project]\ntimezone = "Nowhere/Town"\n').problems
    assert "tzdata" in problem.hint


def test_every_code_has_a_line_of_documentation() -> None:
    """Codes are numbered without gaps, and each meaning is a sentence."""
    assert list(CODES) == [f"C{number:02}" for number in range(1, len(CODES) + 1)]
    assert all(meaning.endswith(".") for meaning in CODES.values())
