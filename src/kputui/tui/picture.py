"""The screen as an SVG that needs nothing from the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_REMOTE_FONTS = re.compile(r"\s*@font-face\s*\{[^}]*\}")


def picture(app: App[Any]) -> str:
    """What the screen shows as SVG; the font is the reader's own monospace font.

    Textual's export names fonts on a public host: those lines are taken out. Spaces are kept by every
    reader, so that trees stay indented and columns aligned.
    """
    drawn = _REMOTE_FONTS.sub("", app.export_screenshot(title="kputui"))
    return drawn.replace("<svg ", '<svg xml:space="preserve" ', 1)
