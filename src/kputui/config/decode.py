"""The merged tree as a `Workspace`, with all problems at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD, MAX_PROBLEMS, Cursor, Decoding
from kputui.config.fields import Table, decode_fields
from kputui.config.merge import Layout, dotted
from kputui.config.references import check_references
from kputui.config.shapes import bad_id, is_id
from kputui.config.tables import TABLES
from kputui.config.wording import shown
from kputui.errors import Problem, Severity
from kputui.model.lint import Lint
from kputui.model.workspace import Project, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kputui.config.merge import Tree
    from kputui.errors import Place


def decode(
    tree: Tree,
    folder: Path,
    roots: tuple[Path, ...],
    files: Sequence[str],
    *,
    is_complete: bool,
    remote: tuple[str, ...] = (),
) -> tuple[Workspace | None, list[Problem]]:
    """The workspace (None when it has errors) and its problems.

    References are checked only when `is_complete`: a file that could not be parsed would make
    everything that it defines look missing.
    """
    decoding = Decoding(tree, folder, roots, is_complete=is_complete, remote=remote)
    entries = {table.name: _entries(table, decoding) for table in TABLES}
    _check_unique("journey", "stage", decoding)
    _check_links(decoding)
    if is_complete:
        check_references(decoding)
    problems = decoding.problems
    if any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    workspace = Workspace(
        folder=str(folder),
        project=entries["project"].get("project", Project()),
        sources=entries["sources"],
        goals=entries["goals"],
        metrics=entries["metrics"],
        stages={stage.id: stage for stage in entries["journey"].values()},
        links=tuple(entries["links"].values()),
        teams=entries["teams"],
        contexts=tuple(entries["contexts"].values()),
        annotations=tuple(entries["annotations"].values()),
        keys=entries["keys"].get("keys", {}),
        lint=entries["lint"].get("lint", Lint()),
        grains=entries["grains"],
        places=_places(tree),
        files=(*files, *decoding.files),
    )
    return workspace, problems


def capped(problems: list[Problem]) -> list[Problem]:
    """The problems in the order of files and lines; of a flood the first errors, and how many more there are."""
    if len(problems) <= MAX_PROBLEMS:
        return sorted(problems, key=_order)
    kept = sorted(problems, key=lambda problem: problem.severity is not Severity.ERROR)[:MAX_PROBLEMS]
    rest = len(problems) - MAX_PROBLEMS
    return [*sorted(kept, key=_order), Problem("C28", f"{rest} more problems are not listed")]


def _order(problem: Problem) -> tuple[bool, str, int, int]:
    place = problem.place
    return (True, "", 0, 0) if place is None else (False, place.file, place.line, place.column)


def _entries(table: Table, decoding: Decoding) -> dict[Any, Any]:
    """What the table's entries became, by id, index, or the table's own name."""
    content = decoding.tree.data.get(table.name)
    if content is None:
        return {}
    at = Cursor((table.name,), decoding)
    if table.layout is Layout.SINGLE:
        value = _free(table, content, at) if table.free else _entry(table, "", content, at)
        return {} if value is BAD else {table.name: value}
    steps = enumerate(content) if table.layout is Layout.LISTED else content.items()
    entries = {}
    for step, entry in steps:
        spot = at.into(step)
        name = str(step)
        if table.layout is Layout.NAMED and not is_id(name):
            spot.refuse_key("C14", bad_id(name))
        value = _entry(table, name, entry, spot)
        if value is not BAD:
            entries[step] = value
    return entries


def _entry(table: Table, name: str, entry: Any, at: Cursor) -> Any:
    if not isinstance(entry, dict):
        hint = f"write {table.layout.value.format(name=table.name)}"
        return at.refuse_key("C11", f'"{name}" is not a table', hint)
    values, is_whole = decode_fields(table.fields_of(entry), entry, at, table.fields_elsewhere(entry))
    return table.build(name, values, at) if is_whole else BAD


def _free(table: Table, content: dict[str, Any], at: Cursor) -> Any:
    """A free map: each value of the same shape, but for those of the table's fields."""
    assert table.free is not None  # noqa: S101 - the caller asked
    shapes = dict.fromkeys(table.free_names, table.free) | {field.name: field.shape for field in table.fields}
    values = {}
    for key, value in content.items():
        spot = at.into(key)
        if table.free_names and key not in shapes:
            values[key] = spot.refuse_key("C10", f"unknown key {shown(key)}", at.decoding.near(key, shapes))
        else:
            values[key] = shapes.get(key, table.free).decode(value, spot)
    return BAD if any(value is BAD for value in values.values()) else table.build("", values, at)


def _check_unique(table: str, key: str, decoding: Decoding) -> None:
    """Note names that two elements of a list of tables define."""
    first: dict[str, int] = {}
    for index, entry in enumerate(decoding.tree.data.get(table, [])):
        name = entry.get(key)
        if not isinstance(name, str):
            continue
        if name in first:
            _note_double(f'"{name}"', (table, index, key), (table, first[name], key), decoding)
        else:
            first[name] = index


def _check_links(decoding: Decoding) -> None:
    """Note links that are declared twice."""
    first: dict[tuple[str, str], int] = {}
    for index, entry in enumerate(decoding.tree.data.get("links", [])):
        cpi, kpi = entry.get("cpi"), entry.get("kpi")
        if not (isinstance(cpi, str) and isinstance(kpi, str)):
            continue
        if (cpi, kpi) in first:
            paths = ("links", index, "cpi"), ("links", first[cpi, kpi], "cpi")
            _note_double(f"the link {cpi} -> {kpi}", *paths, decoding)
        else:
            first[cpi, kpi] = index


def _note_double(what: str, second: tuple[str | int, ...], first: tuple[str | int, ...], decoding: Decoding) -> None:
    written, before = decoding.tree.value(second), decoding.tree.value(first)
    if written is None or before is None:
        return
    place = before.place
    message = f"{what} is defined twice; first in {place.file}:{place.line}"
    key = dotted(second)
    decoding.problems.append(
        Problem("C09", message, place=written.place, width=written.width, key=key, others=(place,))
    )


def _places(tree: Tree) -> dict[tuple[str, ...], Place]:
    """Where everything is written: a table by its name, anything else by its value."""
    places = {}
    for path, written in tree.keys.items():
        places[tuple(map(str, path))] = written.place
    for path, written in tree.values.items():
        places[tuple(map(str, path))] = written.place
    return places
