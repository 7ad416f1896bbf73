"""Entries on a shelf of which little changes at a time: what changed is written beside what was there."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kputui.engine.shelf import Entry, Shelf

    Part = TypeVar("Part")
    Made = tuple[dict[str, object], Sequence[bytes]]

SHARE = 8
"""What changed is written by itself while it is no more than this part of all that was written before."""

PAUSE_S = 30
"""So long after it was written an entry is not written again for the little that changed."""

_OF, _LATE = "of", "late"
"""In the head of what was written later: the digest of the entry that it belongs to, and that of its parts."""


@dataclass(frozen=True, slots=True)
class _Base:
    """An entry as it was written: its digest, and its parts with the state of each."""

    digest: str
    parts: Mapping[Any, object]


@dataclass(slots=True)
class GrownEntries:
    """Entries that consist of parts, each in a state; other processes may write and remove them too."""

    shelf: Shelf
    now: Callable[[], float] = time.monotonic
    _bases: dict[str, _Base] = field(default_factory=dict)
    _late: dict[str, str] = field(default_factory=dict)
    _written: dict[str, float] = field(default_factory=dict)

    def read(self, key: str) -> tuple[Entry, ...]:
        """What is kept under a key: an entry, and what changed since it was written; nothing when it is not whole."""
        self._bases.pop(key, None)
        self._late.pop(key, None)
        base = self.shelf.entry(key)
        if base is None:
            return ()
        late = self.shelf.entry(_late_key(key))
        if late is None or late.head.get(_OF) != base.digest:
            return (base,)
        self._late[key] = str(late.head.get(_LATE))
        return base, late

    def note(self, key: str, base: Entry, parts: Mapping[Part, object]) -> None:
        """Note the parts of the entry that was found under a key."""
        self._bases[key] = _Base(base.digest, dict(parts))

    def forget(self, key: str) -> None:
        """Note nothing more of a key."""
        for held in (self._bases, self._late, self._written):
            held.pop(key, None)

    def keep(self, key: str, parts: Mapping[Part, object], made: Callable[[Collection[Part]], Made]) -> None:
        """Write all parts, or the few that are in another state than they were written in; `made` makes an entry.

        Few are not written soon after others: files that change every second would have the disk written every second.
        They are written together with what changes later; a process that ends before that leaves them to the next one.
        """
        base = self._bases.get(key)
        late = {part: state for part, state in parts.items() if base is None or base.parts.get(part) != state}
        if base is not None and len(late) * SHARE <= len(base.parts) and self.shelf.use(key, base.digest):
            own = _digest_of(late)
            is_new = own != self._late.get(key, _digest_of({}))
            if is_new and self.now() >= self._written.get(key, -math.inf) + PAUSE_S:
                head, blobs = made(late)
                self.shelf.keep(_late_key(key), {**head, _OF: base.digest, _LATE: own}, blobs)
                self._late[key], self._written[key] = own, self.now()
            return
        self._late.pop(key, None)
        self._written[key] = self.now()
        digest = self.shelf.keep(key, *made(parts))
        if digest:
            self._bases[key] = _Base(digest, dict(parts))
        else:
            self.forget(key)


def _digest_of(parts: Mapping[Part, object]) -> str:
    return hashlib.blake2b(repr(sorted(map(repr, parts.items()))).encode(), digest_size=16).hexdigest()


def _late_key(key: str) -> str:
    return f"{key} since"
