"""SVG as text: elements whose attributes are ours and whose text is made safe and escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from kputui.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Point = tuple[float, float]

_IN_NUMBER = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|%)")
"""The spaces of `10 912` and `76.0 %`: no line ends there."""


def text_of(words: str) -> str:
    """Text of files as HTML and SVG show it: no control, no tag, no entity, and fit for an attribute too."""
    return _IN_NUMBER.sub("\u00a0", escape(safe(words), quote=True))


def num(value: float) -> str:
    """A coordinate with a tenth at most: `12`, `12.5`."""
    return f"{value:.1f}".removesuffix(".0")


def tag(name: str, /, *children: str, **attributes: float | str) -> str:
    """An element; attribute names with `_` for `-`, `class_` for `class`. Children are markup already."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{num(value) if isinstance(value, int | float) else value}"'
        for key, value in attributes.items()
    )
    inside = "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def line(start: Point, end: Point, class_: str) -> str:
    """A straight line."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def path(points: Sequence[Point], class_: str, *, is_closed: bool = False) -> str:
    """Points joined by straight lines; "" for fewer than two."""
    if len(points) < 2:
        return ""
    return tag("path", d=way(points) + ("Z" if is_closed else ""), class_=class_)


def way(points: Iterable[Point]) -> str:
    """The `d` of a path through points."""
    return "".join(f"{'L' if index else 'M'}{num(x)} {num(y)}" for index, (x, y) in enumerate(points))


def words(at: Point, text: str, class_: str, *, anchor: str = "start") -> str:
    """A text at a point of its base line; `anchor` start, middle or end."""
    return tag("text", text_of(text), x=at[0], y=at[1], class_=class_, text_anchor=anchor)
