"""The goals tree as a person sees it: what is folded, what the filter keeps, where the cursor stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.session.views import RowKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.views import RowView

MAX_FILTER = 200
"""Characters of a filter that are looked at; a longer paste is cut."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The rows, the folded keys, the filter's text and the cursor's key. Every change gives a new one."""

    rows: tuple[RowView, ...] = ()
    folded: frozenset[str] = frozenset()
    filter: str = ""
    cursor: str | None = None

    @property
    def visible(self) -> tuple[RowView, ...]:
        """The rows to show: those whose label holds the filter, with what they hang under; else the unfolded."""
        if self.filter:
            return self._matching()
        hidden: set[str] = set()
        shown: list[RowView] = []
        for row in self.rows:
            if row.parent is not None and (row.parent in hidden or row.parent in self.folded):
                hidden.add(row.key)
            else:
                shown.append(row)
        return tuple(shown)

    def _matching(self) -> tuple[RowView, ...]:
        parents = {row.key: row.parent for row in self.rows}
        kept: set[str] = set()
        for row in self.rows:
            if _holds(row, self.filter):
                key: str | None = row.key
                while key is not None and key not in kept:
                    kept.add(key)
                    key = parents.get(key)
        return tuple(row for row in self.rows if row.key in kept)

    def index(self) -> int:
        """The cursor's place among the visible rows; 0 when it is not there."""
        return next((i for i, row in enumerate(self.visible) if row.key == self.cursor), 0)

    @property
    def row(self) -> RowView | None:
        """The row under the cursor."""
        visible = self.visible
        return visible[min(self.index(), len(visible) - 1)] if visible else None

    def with_rows(self, rows: Sequence[RowView]) -> Outline:
        """New rows; the cursor stays on its key, or as near as it can."""
        at = self.index()
        new = replace(self, rows=tuple(rows))
        visible = new.visible
        if visible and all(row.key != self.cursor for row in visible):
            new = replace(new, cursor=visible[min(at, len(visible) - 1)].key)
        return _off_heading(new, 1)

    def moved(self, steps: int) -> Outline:
        """The cursor `steps` rows down (up when negative), stopping at the ends and never on a heading."""
        visible = self.visible
        if not visible:
            return self
        at = min(max(self.index() + steps, 0), len(visible) - 1)
        return _off_heading(replace(self, cursor=visible[at].key), 1 if steps > 0 else -1)

    def at(self, key: str) -> Outline:
        """The cursor on a row, with everything above it unfolded."""
        parents = {row.key: row.parent for row in self.rows}
        if key not in parents:
            return self
        folded = set(self.folded)
        parent = parents[key]
        while parent is not None:
            folded.discard(parent)
            parent = parents.get(parent)
        return replace(self, folded=frozenset(folded), cursor=key)

    def toggled(self) -> Outline:
        """The row under the cursor folded or unfolded; a row without children changes nothing."""
        row = self.row
        if row is None or not row.has_children:
            return self
        return replace(self, folded=self.folded ^ {row.key}, cursor=row.key)

    def to_the_left(self) -> Outline:
        """Fold the row; when there is nothing to fold, go to the row that it hangs under."""
        row = self.row
        if row is None:
            return self
        if row.has_children and row.key not in self.folded:
            return self.toggled()
        return self if row.parent is None else _off_heading(replace(self, cursor=row.parent), -1)

    def to_the_right(self) -> Outline:
        """Unfold the row; when it is open, go to its first child."""
        row = self.row
        if row is None or not row.has_children:
            return self
        return self.toggled() if row.key in self.folded else self.moved(1)

    def filtered(self, text: str) -> Outline:
        """Only rows that hold each word of `text` and what they hang under; an empty text shows all again."""
        new = replace(self, filter=text[:MAX_FILTER])
        matching = [row for row in new.visible if _holds(row, new.filter)]
        if not new.filter or not matching or any(row.key == self.cursor for row in matching):
            return new
        return replace(new, cursor=matching[0].key)


def _holds(row: RowView, text: str) -> bool:
    there = f"{row.label} {row.state}".casefold()
    return all(word in there for word in text.casefold().split())


def _off_heading(outline: Outline, step: int) -> Outline:
    """The cursor off a heading: on in the direction of `step`, else back."""
    visible = outline.visible
    if not visible:
        return outline
    at = outline.index()
    ahead, behind = range(at, len(visible)), range(at, -1, -1)
    for index in (*ahead, *behind) if step > 0 else (*behind, *ahead):
        if visible[index].kind is not RowKind.HEADING:
            return replace(outline, cursor=visible[index].key)
    return outline
