"""References between tables: that each name exists, has the right kind, and leads in no circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.config.cursor import Cursor, Decoding, Reference
from kputui.config.merge import dotted
from kputui.config.wording import shown
from kputui.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SINGULAR: Mapping[str, str] = {
    "goals": "goal",
    "metrics": "metric",
    "sources": "source",
    "journey": "stage",
    "teams": "team",
    "grains": "grain",
}
_MAX_CIRCLES = 50
_INPUT_KEYS = frozenset(
    {"numerator", "denominator", "input_metrics", "input_metric", "base_metric", "conversion_metric"}
)


def known_names(decoding: Decoding) -> dict[str, set[str]]:
    """The names that each table defines, also those whose entries have problems."""
    data = decoding.tree.data
    names = {table: set(data.get(table, {})) for table in ("goals", "metrics", "sources", "teams", "grains")}
    stages = (entry.get("stage") for entry in data.get("journey", []))
    names["journey"] = {stage for stage in stages if isinstance(stage, str)}
    return names


def check_references(decoding: Decoding) -> None:
    """Note every reference that dangles, has the wrong kind, or closes a circle."""
    names = known_names(decoding)
    metrics = decoding.tree.data.get("metrics", {})
    for reference in decoding.references:
        at = Cursor(reference.path, decoding)
        known = names[reference.table]
        if reference.name not in known:
            word = SINGULAR[reference.table]
            at.refuse("C20", f"no {word} {shown(reference.name)}", decoding.near(reference.name, known))
        elif reference.kind is not None:
            _check_kind(reference, metrics[reference.name], at)
    for edges in (_parents(decoding.references), _inputs(decoding.references)):
        for circle in _circles(edges):
            _note_circle(circle, decoding)


def _check_kind(reference: Reference, metric: object, at: Cursor) -> None:
    kind = metric.get("kind") if isinstance(metric, dict) else None
    if isinstance(kind, str) and kind != reference.kind:
        at.refuse("C22", f"{shown(reference.name)} is a {kind}, not a {reference.kind}")


def _parents(references: Iterable[Reference]) -> dict[str, list[Reference]]:
    """Per goal the reference to its parent."""
    edges: dict[str, list[Reference]] = {}
    for reference in references:
        if len(reference.path) == 3 and reference.path[0] == "goals" and reference.path[2] == "parent":
            edges.setdefault(str(reference.path[1]), []).append(reference)
    return edges


def _inputs(references: Iterable[Reference]) -> dict[str, list[Reference]]:
    """Per metric the references to the metrics it is made of."""
    edges: dict[str, list[Reference]] = {}
    for reference in references:
        if len(reference.path) >= 3 and reference.path[0] == "metrics" and reference.path[2] in _INPUT_KEYS:
            edges.setdefault(str(reference.path[1]), []).append(reference)
    return edges


def _circles(edges: Mapping[str, list[Reference]]) -> list[list[Reference]]:
    """A circle for each reference that closes one, `_MAX_CIRCLES` at most; no recursion: chains may be long."""
    circles: list[list[Reference]] = []
    done: set[str] = set()
    for root in edges:
        if root in done:
            continue
        trail = [root]
        position = {root: 0}
        taken: list[Reference] = []
        pending = [iter(edges[root])]
        while pending and len(circles) < _MAX_CIRCLES:
            reference = next(pending[-1], None)
            if reference is None:
                pending.pop()
                name = trail.pop()
                del position[name]
                done.add(name)
                del taken[-1:]
            elif reference.name in position:
                circles.append([*taken[position[reference.name] :], reference])
            elif reference.name not in done:
                taken.append(reference)
                position[reference.name] = len(trail)
                trail.append(reference.name)
                pending.append(iter(edges.get(reference.name, ())))
    return circles


def _note_circle(circle: list[Reference], decoding: Decoding) -> None:
    places = [found for reference in circle if (found := decoding.tree.value(reference.path)) is not None]
    names = [str(circle[0].path[1]), *(reference.name for reference in circle)]
    word = SINGULAR[circle[0].table]
    problem = Problem(
        "C21",
        f"{word}s in a circle: {' -> '.join(names[:12])}{' …' if len(names) > 12 else ''}",
        place=places[0].place if places else None,
        width=places[0].width if places else 1,
        key=dotted(circle[0].path),
        hint="one of them must go",
        others=tuple(written.place for written in places[1:]),
    )
    decoding.problems.append(problem)
