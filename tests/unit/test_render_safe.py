"""Text from files is shown letter for letter, on one line, and never acts on the screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kputui.render.safe import cell_width, fit, fit_right, safe

ANY_TEXT = st.text(alphabet=st.characters(), max_size=40)


@pytest.mark.parametrize("name", ["[red]x", "a[/]b", "[@click=app.bell]x[/]", r"\[b]"])
def test_markup_is_kept_letter_for_letter(name: str) -> None:
    """Markup in a name is just letters."""
    assert safe(name) == name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\x00\x07\x08\r\x7fb", "a␀␇␈␍␡b"),
        ("a\nb\tc", "a b c"),
        ("a\x9b31mb", "a\ufffd31mb"),
        ("a\ud800b", "a\ufffdb"),
        ("ab\u202ecd", "ab·cd"),
        ("\u2067x\u2069\u200b\ufeff", "·x···"),
        ("a\u2028b\u00a0c", "a b c"),
        ("👩\u200d💻", "👩·💻"),
        ("\u26a0\ufe0f!", "\u26a0!"),
        ("e" + "\u0301" * 60, "e" + "\u0301" * 3),
        ("\u0301e", "\ufffde"),
    ],
)
def test_what_would_act_is_drawn_instead(raw: str, shown: str) -> None:
    """Controls become pictures, direction and joining marks a dot, stacks of marks stay low."""
    assert safe(raw) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_a_long_text_is_cut_by_cells_and_says_so(text: str, width: int, shown: str) -> None:
    """A cut text ends in an ellipsis and never takes more cells than it was given."""
    assert safe(text, width) == shown


@given(ANY_TEXT)
def test_nothing_raw_comes_out(text: str) -> None:
    """Whatever goes in, no control, surrogate or format character comes out."""
    shown = safe(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}]


@given(ANY_TEXT)
def test_the_width_agrees_with_the_screen_library(text: str) -> None:
    """What `safe` gives is as wide as the library that draws it thinks."""
    shown = safe(text)
    assert cell_width(shown) == cell_len(shown)


def test_every_single_character_agrees_with_the_screen_library() -> None:
    """The same for each code point alone, so that no rare script breaks a column."""
    wrong = [
        hex(code) for code in range(0x20, 0x110000) if cell_width(shown := safe("x" + chr(code))) != cell_len(shown)
    ]
    assert wrong == []


@given(ANY_TEXT, st.integers(0, 12))
def test_a_cell_is_filled_exactly(text: str, width: int) -> None:
    """A padded cell has exactly the columns that it was given, on both sides."""
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


@given(ANY_TEXT)
def test_safe_text_stays_as_it_is(text: str) -> None:
    """Making safe text safe again changes nothing."""
    assert safe(safe(text)) == safe(text)
