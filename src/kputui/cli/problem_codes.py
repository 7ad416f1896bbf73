"""Every problem code of every room, and docs/problems.md made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui import config, store
from kputui.analysis.gaming import codes as gaming_codes
from kputui.engine import codes as engine_codes
from kputui.engine import expression
from kputui.review import codes as review_codes
from kputui.session import codes as session_codes

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOMS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("The workspace's files", config.CODES),
    ("Expressions: `expr`, `filter`, `--where`", expression.CODES),
    ("Data", {**engine_codes.CODES, **session_codes.DATA_CODES}),
    ("The program's own files under `state/`", store.CODES),
    ("Rules of the method", review_codes.CODES),
    ("Rules of accountability", session_codes.CODES),
    ("Questions that the figures raise", gaming_codes.CODES),
)
"""What each room's codes are about, and its table code -> meaning."""


_PREFACE = """\
# Problem codes

<!-- Made by docs/make.py from the rooms' tables of codes; a test fails when it is stale. -->

What `kputui check`, `status`, `query` and the board name by code. A code never changes its meaning.
Errors in the workspace's files stop the start; a metric that fails shows its problem and leaves the
others alone; findings ask for attention."""


def as_markdown() -> str:
    """docs/problems.md: every code and its meaning, room by room."""
    parts = [_PREFACE]
    for title, codes in ROOMS:
        rows = "\n".join(f"| {code} | {_sentence(meaning)} |" for code, meaning in sorted(codes.items()))
        parts.append(f"## {title}\n\n| code | meaning |\n|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def _sentence(meaning: str) -> str:
    words = meaning[:1].upper() + meaning[1:]
    return (words if words.endswith(".") else f"{words}.").replace("|", "\\|")
