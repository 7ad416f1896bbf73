"""Our quick frozen dataclasses behave as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field
from typing import Any

import pytest

from kputui.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Quick:
    """Every kind of field."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list, compare=False)
    unshown: str = field(default="", repr=False)

    @property
    def is_big(self) -> bool:
        """Methods stay."""
        return self.size > 10


@dataclasses.dataclass(frozen=True, slots=True)
class Slow:
    """The same, as the standard library makes it."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list, compare=False)
    unshown: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Empty:
    """No field."""


@dataclass(frozen=True, slots=True)
class Single:
    """One field, and an own way to be shown."""

    value: object = None

    def __repr__(self) -> str:
        """Its own."""
        return "<single>"


def test_it_looks_like_the_standard_one() -> None:
    """Fields, signature, doc, module and shown text are those of the standard dataclass."""
    assert [(one.name, one.type) for one in dataclasses.fields(Quick)] == [
        (one.name, one.type) for one in dataclasses.fields(Slow)
    ]
    assert inspect.signature(Quick).parameters.keys() == inspect.signature(Slow).parameters.keys()
    assert repr(Quick("a", 4, unshown="x")) == repr(Slow("a", 4, unshown="x")).replace("Slow", "Quick")
    assert (Quick.__module__, Quick.__qualname__, Quick.__match_args__) == (__name__, "Quick", Slow.__match_args__)
    assert Quick.__doc__ == "Every kind of field."
    assert dataclasses.asdict(Quick("a")) == dataclasses.asdict(Slow("a"))
    assert repr(Single(1)) == "<single>"


def test_equality_and_hash_follow_the_compared_fields() -> None:
    """Values are equal when their compared fields are, and never to another class."""
    assert Quick("a", notes=["x"]) == Quick("a", notes=["y"])
    assert hash(Quick("a", notes=["x"])) == hash(Quick("a", notes=["y"]))
    assert Quick("a") != Quick("a", unshown="s")
    assert Quick("a") != Slow("a")  # type: ignore[comparison-overlap]
    assert Empty() == Empty() != Single()  # type: ignore[comparison-overlap]
    assert Single(float("inf")) == Single(float("inf"))
    assert len({Empty(), Empty(), Single(1), Single(1), Single(2)}) == 3
    nan = float("nan")
    assert Single(nan) == Single(nan)


@pytest.mark.parametrize("value", [Quick("a", 12, ("t",), ["n"]), Empty(), Single("x")])
def test_copies_are_equal(value: Any) -> None:
    """copy, deepcopy, pickle and replace give an equal value."""
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes
    assert dataclasses.replace(value) == value


def test_nothing_can_be_changed() -> None:
    """Fields can't be set or deleted, and there is no place for others."""
    value = Quick("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        value.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        del value.name
    with pytest.raises(dataclasses.FrozenInstanceError, match="other"):
        value.other = 1  # type: ignore[attr-defined]
    assert not hasattr(value, "__dict__")
    assert value.name == "a"
    assert not value.is_big


def test_defaults_are_made_anew() -> None:
    """A default factory is asked for each value; a missing field is a TypeError."""
    assert Quick("a").notes is not Quick("a").notes
    assert dataclasses.replace(Quick("a"), size=11).is_big
    with pytest.raises(TypeError, match="name"):
        Quick()  # type: ignore[call-arg]
    match Quick("a", 7):
        case Quick(name, size):
            assert (name, size) == ("a", 7)
