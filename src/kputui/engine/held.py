"""What is kept of one work's units, and how it is written down."""

from __future__ import annotations

import io
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

UNIT = "\0unit"
"""The column of the first day of each row's unit."""

State = tuple[str, str]
"""The states of the files that hold a unit's own days, and the days after them that its last periods reach into.

"" for files that are too young to be told apart. With "" for the second, what begins from there on is never used again.
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of one work: by a unit's first day its state and its counts, and frames of all units.

    A count is of rows seen, or of rows that passed a set of filters. `unfit` are a file's state, a column and
    its count of NaN and infinite values.
    """

    states: Mapping[int, State]
    counts: Mapping[int, Mapping[str, int]]
    frames: Mapping[str, pl.DataFrame]
    unfit: tuple[tuple[str, str, int], ...] = ()

    def only(self, starts: Collection[int]) -> Held:
        """The units that start on these days."""
        if len(starts) == len(self.states):
            return self
        states = {start: state for start, state in self.states.items() if start in starts}
        counts = {start: self.counts[start] for start in states}
        frames = {name: of_units(frame, states, self.states) for name, frame in self.frames.items()}
        return Held(states, counts, frames, self.unfit)

    def over(self, base: Held) -> Held:
        """All units of both, these where both have one."""
        below = base.only(base.states.keys() - self.states.keys())
        return Held(
            {**below.states, **self.states},
            {**below.counts, **self.counts},
            {name: pl.concat([below.frames[name], frame]) for name, frame in self.frames.items()},
            tuple(dict.fromkeys((*base.unfit, *self.unfit))),
        )

    def to_entry(self) -> tuple[dict[str, object], list[bytes]]:
        """As a shelf takes it."""
        head: dict[str, object] = {
            "states": [[start, state] for start, state in self.states.items()],
            "counts": [[start, dict(counts)] for start, counts in self.counts.items()],
            "frames": list(self.frames),
            "unfit": self.unfit,
        }
        return head, list(map(ipc_bytes, self.frames.values()))

    @classmethod
    def from_entry(cls, head: Mapping[str, object], blobs: Sequence[bytes]) -> Held:
        """What `to_entry` made; raises what a damaged one raises."""
        names: list[str] = head["frames"]  # type: ignore[assignment]  # as `to_entry` wrote it
        return cls(
            {start: (own, after) for start, (own, after) in head["states"]},  # type: ignore[attr-defined]
            dict(head["counts"]),  # type: ignore[call-overload]
            {name: pl.read_ipc(io.BytesIO(blob)) for name, blob in zip(names, blobs, strict=True)},
            tuple((state, column, count) for state, column, count in head["unfit"]),  # type: ignore[attr-defined]
        )


def in_units(starts: Collection[int], among: Collection[int]) -> pl.Expr:
    """Whether a row is of the units that start on these days; each row must be of one that starts on `among`.

    Of neighbours among those the first and the last are enough, which costs half of looking each row's unit up.
    """
    wanted, known = sorted(starts), sorted(among)
    first = bisect_left(known, wanted[0]) if wanted else 0
    if wanted and known[first : first + len(wanted)] == wanted:
        return pl.col(UNIT).is_between(wanted[0], wanted[-1])
    return pl.col(UNIT).is_in(pl.Series(wanted, dtype=pl.Int32).implode())


def of_units(frame: pl.DataFrame, starts: Collection[int], among: Collection[int]) -> pl.DataFrame:
    """The rows of the units that start on these days, where all rows are of those that start on `among`."""
    return frame.filter(in_units(starts, among))


def ipc_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as polars reads it again."""
    blob = io.BytesIO()
    frame.write_ipc(blob)
    return blob.getvalue()
