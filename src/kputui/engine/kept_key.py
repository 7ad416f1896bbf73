"""What kept periods depend on: a text for their definitions, and the files of the sources joined to theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.engine.borrowed import joined_name
from kputui.engine.date_parts import DATE_PARTS
from kputui.engine.kept import VERSION, event_text, leaf_text
from kputui.errors import DataError

if TYPE_CHECKING:
    from kputui.engine.files import FileStamp
    from kputui.engine.library import Library
    from kputui.engine.periods import Periods
    from kputui.engine.source import OpenSource
    from kputui.engine.states import SourceWork


@dataclass(frozen=True, slots=True)
class Key:
    """A `text` that is the same only where the same rows give the same finished periods.

    The rows of `joined` sources decide together with those of the source itself.
    """

    text: str
    joined: tuple[OpenSource, ...] = ()

    @property
    def stamps(self) -> tuple[FileStamp, ...]:
        """The files of the joined sources as they were read."""
        return tuple(stamp for other in self.joined for stamp in other.fingerprint.stamps)

    def state(self, now: int, young_ns: int) -> str | None:
        """The state of the joined sources; None when one was written too lately to be told apart."""
        for other in self.joined:
            read_ns = min(other.read_ns, now)
            if any(read_ns - stamp.mtime_ns < young_ns for stamp in other.fingerprint.stamps):
                return None
        return repr([other.fingerprint for other in self.joined])


def key_of(opened: OpenSource, work: SourceWork, library: Library, periods: Periods) -> Key | None:
    """What the finished periods of a work depend on; None for what is not kept, or when its columns can't be told.

    Not kept is what depends on CSV files that are read whole, or on other metrics by key.
    """
    try:
        return _key_of(opened, work, library, periods)
    except DataError:
        return None


def _key_of(opened: OpenSource, work: SourceWork, library: Library, periods: Periods) -> Key | None:
    if opened.is_whole:
        return None
    others: dict[str, OpenSource] = {}
    types = [(opened.source.time, str(opened.type_of(opened.source.time)), str(opened.kind(opened.source.time)))]
    for name in work.columns():
        if name in opened.column_names:
            types.append((name, str(opened.type_of(name)), str(opened.kind(name))))
        elif name not in DATE_PARTS:
            found = joined_name(opened.source.joins, name)
            if found is None:
                return None
            join, column = found
            other = others[join.name] = library.joined(join)
            if column not in other.column_names:
                return None
            types.append((name, repr(join), f"{opened.type_of(join.key)} {other.kind(column)}"))
    joined = tuple(others[name] for name in sorted(others))
    leaves = [(repr(grain), sorted(map(leaf_text, found))) for grain, found in work.grains.items()]
    events = sorted(map(event_text, work.events))
    definition = (sorted(leaves), sorted(map(leaf_text, work.booked)), events, work.dims, types)
    workspace = library.workspace
    calendar = (workspace.project.timezone, workspace.project.fiscal_year_start, periods)
    sources = (opened.source, *(other.source for other in joined))
    return Key(repr((VERSION, workspace.folder, sources, calendar, definition)), joined)
