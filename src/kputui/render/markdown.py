"""Markdown as text: whatever files say is shown letter for letter, and neither formats, links nor runs anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kputui.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_INLINE = re.compile(r"([\\`*_\[\]<|~$&@])|(?<=[A-Za-z])(:)(?=//)|(?<=\bwww)(\.)")
_AT_START = re.compile(r"^(?:(>|[#+=-](?=[#+=\s-]|$))|(\d{1,9})([.)])(?=\s|$))")


def md(text: str) -> str:
    """Plain text as Markdown that shows it as it is, wherever in a line it stands."""
    shown = _INLINE.sub(lambda found: "\\" + found[0], safe(text).strip())
    return _AT_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", shown)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table's lines: heads plain text, cells Markdown; nothing for no rows."""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    if not lines:
        return []
    return [f"| {' | '.join(map(md, heads))} |", f"|{' --- |' * len(heads)}", *lines]
