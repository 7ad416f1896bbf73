# ruff: noqa: INP001 - a script, not a package
"""Write docs/board.svg from the demo, as the board shows it: `python docs/picture.py`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from kputui.session.board import Board
from kputui.session.open import open_workspace
from kputui.tui.app import BoardApp
from kputui.tui.picture import picture

ROOT = Path(__file__).parent.parent
KEYS = ("t", *("down",) * 10)
"""The dark theme, and the cursor on a CPI, so that its owner stands out in the matrix."""


async def main() -> None:
    """Open the demo at 140x40 without a terminal, press the keys, write the picture."""
    opened = open_workspace(ROOT / "config", today=None, now=lambda: datetime.now(UTC))
    app = BoardApp(Board(opened))
    async with app.run_test(size=(140, 40)) as pilot:
        while app.board_screen.view is None or app.board_screen.view.header.is_computing:
            await pilot.pause(0.05)
        await pilot.press(*KEYS)
        app.board_screen.say("")
        await pilot.pause(1)
        (ROOT / "docs" / "board.svg").write_text(picture(app), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
