"""What makes a terminal ring or show a notification of the desktop: escape sequences around safe text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

BELL = "\a"
_MAX_CELLS = 200
_KNOWS_777 = ("rxvt", "foot")


def notification(title: str, text: str, environ: Mapping[str, str]) -> str:
    """The sequence that shows a notification: OSC 777 where the terminal is known for it, else OSC 9.

    Title and text come from files: they are made safe, so that neither ends the sequence nor begins another.
    """
    body = safe(text, _MAX_CELLS)
    if environ.get("VTE_VERSION") or environ.get("TERM", "").startswith(_KNOWS_777):
        return f"\x1b]777;notify;{safe(title, 60).replace(';', ',')};{body.replace(';', ',')}\a"
    return f"\x1b]9;{safe(title, 60)}: {body}\a"
