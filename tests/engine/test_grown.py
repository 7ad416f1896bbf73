"""Entries of which little changes at a time: what is written when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.engine.grown import PAUSE_S, GrownEntries
from kputui.engine.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_PARTS = dict.fromkeys(range(40), "first")


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _kept(entries: GrownEntries, states: dict[int, str]) -> None:
    def made(parts: Collection[int]) -> tuple[dict[str, object], list[bytes]]:
        return {"parts": {str(part): states[part] for part in parts}}, []

    entries.keep("key", states, made)


def _found(folder: Path) -> dict[str, str]:
    """What another process finds."""
    found: dict[str, str] = {}
    for entry in GrownEntries(Shelf(folder)).read("key"):
        parts = entry.head["parts"]
        assert isinstance(parts, dict)
        found.update(parts)
    return found


def test_what_changes_every_second_is_not_written_every_second(tmp_path: Path) -> None:
    """What changed within the pause is written together with what changes after it, and all of it is found."""
    clock = _Clock()
    entries = GrownEntries(Shelf(tmp_path), clock)
    _kept(entries, _PARTS)
    for second in range(1, PAUSE_S):
        clock.seconds = float(second)
        _kept(entries, {**_PARTS, 39: f"second {second}"})
    assert _found(tmp_path)["39"] == "first"
    clock.seconds = PAUSE_S + 1.0
    _kept(entries, {**_PARTS, 38: "late", 39: "later"})
    assert [_found(tmp_path)[part] for part in ("37", "38", "39")] == ["first", "late", "later"]


def test_a_new_process_writes_what_changed_at_once(tmp_path: Path) -> None:
    """The pause is that of a process that stays: one that only answers a question leaves nothing to the next."""
    _kept(GrownEntries(Shelf(tmp_path)), _PARTS)
    entries = GrownEntries(Shelf(tmp_path))
    (base,) = entries.read("key")
    entries.note("key", base, _PARTS)
    _kept(entries, {**_PARTS, 39: "late"})
    assert _found(tmp_path)["39"] == "late"


def test_many_changes_are_written_at_once(tmp_path: Path) -> None:
    """Where much is new it is written in the place of what was there, however soon."""
    entries = GrownEntries(Shelf(tmp_path), _Clock())
    _kept(entries, _PARTS)
    _kept(entries, {**_PARTS, **dict.fromkeys(range(20), "new")})
    assert list(_found(tmp_path).values()) == ["new"] * 20 + ["first"] * 20


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    """Files that are too young to be told apart leave what is kept as it is."""
    clock = _Clock()
    entries = GrownEntries(Shelf(tmp_path), clock)
    _kept(entries, _PARTS)
    clock.seconds = 10.0 * PAUSE_S
    _kept(entries, {part: state for part, state in _PARTS.items() if part < 39})
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_as_it_was_first_is_not_found_in_another_state(tmp_path: Path) -> None:
    """A part that changed and changed back is found as it is, by every process after."""
    clock = _Clock()
    entries = GrownEntries(Shelf(tmp_path), clock)
    _kept(entries, _PARTS)
    for seconds, state in ((2.0 * PAUSE_S, "other"), (4.0 * PAUSE_S, "first")):
        clock.seconds = seconds
        _kept(entries, {**_PARTS, 39: state})
        assert _found(tmp_path)["39"] == state
