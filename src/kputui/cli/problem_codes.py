"""docs/problems.md, made of every room's problem codes."""

from __future__ import annotations

from kputui.session.meanings import ROOMS, meaning_of

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
        rows = "\n".join(f"| {code} | {_cell(code)} |" for code in sorted(codes))
        parts.append(f"## {title}\n\n| code | meaning |\n|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def _cell(code: str) -> str:
    return meaning_of(code).replace("|", "\\|")
