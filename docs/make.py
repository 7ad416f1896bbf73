# ruff: noqa: INP001 - a script, not a package
"""Write the generated pages beside this file: `python docs/make.py`. A test fails when one is stale."""

from __future__ import annotations

from pathlib import Path

from kputui import config
from kputui.cli import manual, problem_codes
from kputui.review.reference import reference
from kputui.tui import actions

PAGES = {
    "commands.md": manual.as_markdown,
    "problems.md": problem_codes.as_markdown,
    "rules.md": reference,
    "config-reference.md": config.reference,
    "keys.md": actions.reference,
}


def main() -> None:
    """Write every page that differs."""
    for name, make in PAGES.items():
        path = Path(__file__).parent / name
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
