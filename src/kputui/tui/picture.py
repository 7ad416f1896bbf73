"""The screen as an SVG that needs nothing from the network."""

from __future__ import annotations

import re
from pathlib import Path
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


def save_picture(app: App[Any]) -> str:
    """Write the picture into the folder that the user is in, never over an older one; what to say about it."""
    names = ("kputui-board.svg", *(f"kputui-board-{number}.svg" for number in range(2, 100)))
    path = next((path for name in names if not (path := Path.cwd() / name).exists()), Path.cwd() / names[-1])
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(picture(app))
    except OSError as error:
        return f"! the screenshot was not written: {error.strerror}"
    return f"saved {path.name}"
