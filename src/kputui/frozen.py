"""`dataclass(frozen=True, slots=True)` that is made three times as fast as the standard library's.

A start makes some 120 such classes, and compiling the six methods of each was two thirds of the time
that our own imports took. Here only `__init__` is compiled; all classes share the other methods. To
type checkers, `fields`, `replace`, `match`, `copy` and `pickle` the classes are plain dataclasses.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - type checkers see the real one
    from typing import Literal

_Class = TypeVar("_Class", bound=type)
_set = object.__setattr__


def _frozen(*, frozen: Literal[True], slots: Literal[True]) -> Callable[[_Class], _Class]:  # noqa: ARG001 - as it reads where it is used
    """Give a decorator for classes of values: without bases that have fields, without `__post_init__`."""
    return _made


def _made(cls: _Class) -> _Class:
    plain: type[Any] = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    fields = dataclasses.fields(plain)
    names = tuple(field.name for field in fields)
    body = {name: value for name, value in vars(plain).items() if name not in {*names, "__dict__", "__weakref__"}}
    shared = {
        "__init__": _init_of(fields, cls),
        "__repr__": _repr,
        **_comparison_of(tuple(field.name for field in fields if field.compare)),
        "__setattr__": _refuse_setting,
        "__delattr__": _refuse_deleting,
        "__getstate__": _values,
        "__setstate__": _restore,
    }
    own = {name: method for name, method in shared.items() if vars(cls).get(name) is None}
    return type(cls)(cls.__name__, cls.__bases__, {**body, **own, "__slots__": names, "__qualname__": cls.__qualname__})


def _init_of(fields: tuple[Field[Any], ...], cls: type) -> Callable[..., None]:
    """The compiled `__init__`, with annotations and defaults for those who ask for its signature."""
    space: dict[str, Any] = {"_set": _set, "_MISSING": MISSING}
    heads, lines = [], []
    for field in fields:
        name, value = field.name, field.name
        head = name
        if field.default is not MISSING:
            space[f"_default_{name}"] = field.default
            head = f"{name}=_default_{name}"
        elif field.default_factory is not MISSING:
            space[f"_factory_{name}"] = field.default_factory
            head = f"{name}=_MISSING"
            value = f"_factory_{name}() if {name} is _MISSING else {name}"
        heads.append(head)
        lines.append(f" _set(self, {name!r}, {value})")
    exec(f"def __init__(self, {', '.join(heads)}):\n" + ("\n".join(lines) or " pass"), space)  # noqa: S102 - as dataclasses does; the names are our own fields'
    init: Callable[..., None] = space["__init__"]
    init.__annotations__ = {**{field.name: field.type for field in fields}, "return": "None"}
    init.__module__, init.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
    return init


def _values(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__slots__]


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, field in self.__dataclass_fields__.items() if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _comparison_of(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """`__eq__` and `__hash__` over some fields."""
    if len(names) > 1:
        compared: Callable[[Any], Any] = attrgetter(*names)
    else:

        def compared(value: object) -> tuple[Any, ...]:
            return tuple([getattr(value, name) for name in names])

    def eq(self: Any, other: object) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def hash_(self: Any) -> int:
        return hash(compared(self))

    return {"__eq__": eq, "__hash__": hash_}


def _refuse_setting(_self: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _restore(self: Any, values: list[Any]) -> None:
    for name, value in zip(self.__slots__, values, strict=True):
        _set(self, name, value)


if not TYPE_CHECKING:
    dataclass = _frozen
