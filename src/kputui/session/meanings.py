"""Every problem code of every room, and what it means in one line."""

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


def meaning_of(code: str) -> str:
    """What a code means, in one sentence; empty for a code of no room."""
    words = next((codes[code] for _, codes in ROOMS if code in codes), "")
    words = words[:1].upper() + words[1:]
    return words if not words or words.endswith(".") else f"{words}."
