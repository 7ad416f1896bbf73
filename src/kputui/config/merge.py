"""All files of a folder as one tree, with the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from kputui.config.wording import shown, type_name
from kputui.errors import Place, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kputui.config.locate import Path
    from kputui.config.read import Document


class Layout(Enum):
    """How a top-level table is written."""

    SINGLE = "[{name}]"
    NAMED = "[{name}.<id>]"
    LISTED = "[[{name}]]"


_FORMS = {
    Layout.SINGLE: "one table",
    Layout.NAMED: "a table of named tables",
    Layout.LISTED: "a list of tables",
}


@dataclass(frozen=True, slots=True)
class Written:
    """Where something is written, and how many columns of its line it takes."""

    place: Place
    width: int


@dataclass(slots=True)
class Tree:
    """The merged values, and where each is written: `keys` for names, `values` for values."""

    data: dict[str, Any] = field(default_factory=dict)
    keys: dict[Path, Written] = field(default_factory=dict)
    values: dict[Path, Written] = field(default_factory=dict)

    def key(self, path: Path) -> Written | None:
        """Where the name of `path` is written, or that of the nearest table around it."""
        return self._nearest(path, self.keys, self.values)

    def value(self, path: Path) -> Written | None:
        """Where the value of `path` is written, or the name of the nearest table around it."""
        return self._nearest(path, self.values, self.keys)

    @staticmethod
    def _nearest(path: Path, *maps: Mapping[Path, Written]) -> Written | None:
        for length in range(len(path), 0, -1):
            for places in maps:
                if (found := places.get(path[:length])) is not None:
                    return found
        return None


def dotted(path: Path) -> str:
    """A path as people write it: `metrics.wait.goals`, `links[2].cpi` (counted from 1)."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def merge(documents: Iterable[Document], layouts: Mapping[str, Layout], problems: list[Problem]) -> Tree:
    """One tree of all documents. A name defined in two files is a problem that names both places."""
    tree = Tree()
    for document in documents:
        for name, content in document.data.items():
            layout = layouts.get(name)
            if layout is None:
                _refuse_unknown(name, document, layouts, problems)
            elif layout is Layout.LISTED:
                _append(name, content, document, tree, problems)
            else:
                _unite(name, content, document, layout, tree, problems)
    return tree


def _refuse_unknown(name: str, document: Document, known: Iterable[str], problems: list[Problem]) -> None:
    place, width = document.key_place((name,))
    message = f"unknown table {shown(name)}"
    problems.append(Problem("C10", message, place=place, width=width, key=name, hint=did_you_mean(name, known)))


def _refuse_shape(name: str, document: Document, layout: Layout, problems: list[Problem]) -> None:
    place, width = document.key_place((name,))
    hint = f"write {layout.value.format(name=name)}"
    message = f'"{name}" wants {_FORMS[layout]}, found {type_name(document.data[name])}'
    problems.append(Problem("C11", message, place=place, width=width, key=name, hint=hint))


def _unite(name: str, content: object, document: Document, layout: Layout, tree: Tree, problems: list[Problem]) -> None:
    if not isinstance(content, dict):
        _refuse_shape(name, document, layout, problems)
        return
    united = tree.data.setdefault(name, {})
    doubled = set()
    for key, value in content.items():
        if key in united:
            doubled.add(key)
            place, width = document.key_place((name, key))
            before = tree.key((name, key))
            first = before.place if before else place
            message = f"{shown(key)} is defined twice; first in {first.file.rpartition('/')[2]}:{first.line}"
            full_key = f"{name}.{key}"
            problems.append(Problem("C09", message, place=place, width=width, key=full_key, others=(first,)))
        else:
            united[key] = value
    for marks, places in ((document.located.keys, tree.keys), (document.located.values, tree.values)):
        for path, mark in marks.items():
            if path[0] == name and path[1:2] and path[1] not in doubled:
                places[path] = Written(*document.place(mark))
            elif path == (name,):
                places.setdefault(path, Written(*document.place(mark)))


def _append(name: str, content: object, document: Document, tree: Tree, problems: list[Problem]) -> None:
    if not isinstance(content, list) or not all(isinstance(element, dict) for element in content):
        _refuse_shape(name, document, Layout.LISTED, problems)
        return
    elements = tree.data.setdefault(name, [])
    shift = len(elements)
    elements.extend(content)
    for marks, places in ((document.located.keys, tree.keys), (document.located.values, tree.values)):
        for path, mark in marks.items():
            if path[0] != name:
                continue
            if len(path) > 1 and isinstance(path[1], int):
                places[(name, path[1] + shift, *path[2:])] = Written(*document.place(mark))
            else:
                places.setdefault(path, Written(*document.place(mark)))
