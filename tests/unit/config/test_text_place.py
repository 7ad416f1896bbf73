"""Carets inside a text value, for expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.config.text_place import place_in_text
from kputui.errors import Place


@pytest.mark.parametrize(
    ("line", "offset", "column"),
    [
        ('expr = "a + b"', 4, 13),
        ("expr = 'a + b'", 0, 9),
        ('expr = """a + b"""', 4, 15),
        ('expr = "\\"a\\" + b"', 6, 17),
        ('expr = "\\u00e9 + b"', 1, 15),
    ],
)
def test_the_caret_stands_below_the_character(line: str, offset: int, column: int) -> None:
    """Quotes and escapes are counted as they are written."""
    assert place_in_text(Place("m.toml", 3, 8, line), offset).column == column


@pytest.mark.parametrize("line", ["", 'expr = """', "expr = 5"])
def test_a_text_that_cannot_be_followed_keeps_its_place(line: str) -> None:
    """A text over several lines, or a line too long to keep, is marked at its start."""
    place = Place("m.toml", 3, 8, line)
    assert place_in_text(place, 2) == place


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), st.data())
def test_the_character_at_the_column_is_the_one_meant(text: str, data: st.DataObject) -> None:
    """Whatever the text, the column shows the character at the offset, or the escape that spells it."""
    offset = data.draw(st.integers(0, len(text) - 1))
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    line = f'filter = "{escaped}"'
    place = place_in_text(Place("m.toml", 1, 10, line), offset)
    assert line[place.column - 1 :].removeprefix("\\")[0] == text[offset] or text[offset] == "\\"
