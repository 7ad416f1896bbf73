"""Words for values in messages, and labels for things that people gave only a name."""

from __future__ import annotations

MAX_SHOWN = 60


def label_of(name: str) -> str:
    """A readable label from an id: `late_share` -> `Late share`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else name


def shown(value: object) -> str:
    """A value as a message quotes it: in quotes when text, cut when long."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= MAX_SHOWN else f'"{value[:MAX_SHOWN]}…"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 256:
        return "a very long number"
    return str(value)


def type_name(value: object) -> str:
    """The type of a TOML value in plain words."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")
