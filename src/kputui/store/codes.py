"""The problem codes of the program's own files: code -> its meaning in one line."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "S01": "The snapshot of accountability cannot be read; nobody is shown as accountable.",
        "S02": "The snapshot of accountability is damaged; nobody is shown as accountable.",
        "S03": "An entry of the snapshot is not understood and left out.",
        "S04": "The snapshot names a metric that is not defined.",
        "S05": "The snapshot names a team that is not defined.",
        "S06": "The snapshot names a person who is not in the team.",
        "S07": "The snapshot decides a link that is not declared.",
    }
)
