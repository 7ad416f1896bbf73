"""The locator agrees with tomllib about every document, and with the writer about every place."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.config.locate import Lines, locate

if TYPE_CHECKING:
    from kputui.config.locate import Path

BARE = st.text("abcdefgXYZ0123456789_-", min_size=1, max_size=6)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\"'\\#=[]{}.,\n"), max_size=12)
SPACE = st.sampled_from(["", " ", "  ", "\t"])


def basic_string(text: str) -> str:
    """The text between double quotes, with what needs it escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


@st.composite
def key_parts(draw: st.DrawFn) -> tuple[str, str]:
    """A key's name and one way to write it."""
    style = draw(st.sampled_from(["bare", "basic", "literal"]))
    if style == "bare":
        name = draw(BARE)
        return name, name
    name = draw(ANY_TEXT)
    if style == "literal" and not set(name) & {"'", "\n"}:
        return name, f"'{name}'"
    return name, basic_string(name)


@st.composite
def strings(draw: st.DrawFn) -> str:
    """A string in one of the four ways to write it."""
    text = draw(ANY_TEXT)
    style = draw(st.sampled_from(["basic", "literal", "block", "literal block"]))
    if style == "literal" and not set(text) & {"'", "\n"}:
        return f"'{text}'"
    if style == "literal block" and "'''" not in text and not text.endswith("'"):
        return f"'''{draw(st.sampled_from(['', chr(10)]))}{text}'''"
    if style == "block":
        body = text.replace("\\", "\\\\").replace('"""', '""\\"')
        closing = draw(st.sampled_from(['"""', '""""', '"""""'])) if not body.endswith('"') else '\\\n """'
        return f'"""\n{body}{closing}'
    return basic_string(text)


SCALARS = st.one_of(
    strings(),
    st.integers(-(10**12), 10**12).map(str),
    st.sampled_from(["0x1F", "0o17", "0b101", "1_000", "+5", "inf", "-inf", "nan", "1e400", "-0.0", "6.02_2e+2_3"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr).map(lambda text: text.replace("e+", "e")),
    st.booleans().map(lambda flag: "true" if flag else "false"),
    st.dates().map(lambda day: f"{day:%Y-%m-%d}".rjust(10, "0")),
    st.sampled_from(["07:32:00", "07:32:00.999", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00-07:00"]),
)


class Writer:
    """Writes a document piece by piece and remembers where each key and value begins and ends."""

    def __init__(self) -> None:
        self.text = ""
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}

    def put(self, piece: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += piece
        return start, len(self.text)

    def value(self, draw: st.DrawFn, path: Path, depth: int, *, is_inline: bool) -> None:
        start = len(self.text)
        form = draw(st.sampled_from(["scalar", "scalar", "array", "inline"])) if depth < 3 else "scalar"
        if form == "array":
            self.array(draw, path, depth, is_inline=is_inline)
        elif form == "inline":
            self.inline(draw, path, depth)
        else:
            self.put(draw(SCALARS))
        self.values[path] = (start, len(self.text))

    def array(self, draw: st.DrawFn, path: Path, depth: int, *, is_inline: bool) -> None:
        gaps = SPACE if is_inline else st.sampled_from(["", " ", "\n", ' # note ] } "\n\t'])
        self.put("[" + draw(gaps))
        count = draw(st.integers(0, 3))
        for index in range(count):
            self.value(draw, (*path, index), depth + 1, is_inline=is_inline)
            is_last = index == count - 1
            comma = draw(st.sampled_from([",", ""])) if is_last else ","
            self.put(draw(gaps) + comma + draw(gaps))
        self.put("]")

    def inline(self, draw: st.DrawFn, path: Path, depth: int) -> None:
        self.put("{" + draw(SPACE))
        parts = draw(st.lists(key_parts(), max_size=3, unique_by=lambda part: part[0]))
        for index, (name, written) in enumerate(parts):
            self.put(", " if index else "")
            self.keys[(*path, name)] = self.put(written)
            self.put(draw(SPACE) + "=" + draw(SPACE))
            self.value(draw, (*path, name), depth + 1, is_inline=True)
        self.put(draw(SPACE) + "}")

    def pairs(self, draw: st.DrawFn, path: Path, taken: set[str]) -> None:
        for name, written in draw(st.lists(key_parts(), max_size=3, unique_by=lambda part: part[0])):
            if name in taken:
                continue
            taken.add(name)
            self.put(draw(SPACE))
            self.keys[(*path, name)] = self.put(written)
            inner: Path = (*path, name)
            for deeper, how in draw(st.lists(key_parts(), max_size=2)):
                self.put(draw(SPACE) + "." + draw(SPACE))
                inner = (*inner, deeper)
                self.keys[inner] = self.put(how)
            self.put(draw(SPACE) + "=" + draw(SPACE))
            self.value(draw, inner, 0, is_inline=False)
            self.put(draw(st.sampled_from(["\n", "  # a comment = 1\n", "\n\n"])))


@st.composite
def documents(draw: st.DrawFn) -> Writer:
    """A document with root keys, tables, and arrays of tables."""
    writer = Writer()
    taken: set[str] = set()
    writer.pairs(draw, (), taken)
    for name, written in draw(st.lists(key_parts(), max_size=4, unique_by=lambda part: part[0])):
        if name in taken:
            continue
        taken.add(name)
        elements = draw(st.integers(0, 3))
        for index in range(max(1, elements)):
            writer.put("[[" if elements else "[")
            writer.put(draw(SPACE))
            place = writer.put(written)
            writer.keys.setdefault((name,), place)
            path: Path = (name, index) if elements else (name,)
            writer.keys[path] = place
            writer.put(draw(SPACE))
            writer.put("]]\n" if elements else "]\n")
            inside: set[str] = set()
            writer.pairs(draw, path, inside)
            for deeper, how in draw(st.lists(key_parts(), max_size=1)):
                if deeper not in inside:
                    writer.put("[" + written + " . ")
                    writer.keys[(*path, deeper)] = writer.put(how)
                    writer.put("]\n")
                    writer.pairs(draw, (*path, deeper), set())
    return writer


def leaves(value: Any, path: Path = ()) -> dict[Path, Any]:
    """All values by path, tables and lists included."""
    found = {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        found |= leaves(inner, (*path, step))
    return found


def same(one: Any, other: Any) -> bool:
    """Equal, where nan equals nan."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_places_are_where_the_writer_wrote(writer: Writer) -> None:
    """Every key and value of a document is found exactly where it was written, and nothing else is."""
    tomllib.loads(writer.text)
    found = locate(writer.text)
    assert {path: (mark.start, mark.end) for path, mark in found.keys.items()} == writer.keys
    assert {path: (mark.start, mark.end) for path, mark in found.values.items()} == writer.values
    assert not found.doubles


@settings(max_examples=150, deadline=None)
@given(documents())
def test_the_text_at_a_place_is_the_value(writer: Writer) -> None:
    """What stands between a value's marks is, read alone, the value that tomllib gives for that path."""
    values = leaves(tomllib.loads(writer.text))
    for path, mark in locate(writer.text).values.items():
        alone = tomllib.loads(f"x = {writer.text[mark.start : mark.end]}")["x"]
        assert same(alone, values[path]), path


@settings(max_examples=100, deadline=None)
@given(documents(), st.data())
def test_any_broken_text_ends_the_scan_quietly(writer: Writer, data: st.DataObject) -> None:
    """A text cut or damaged at any place never makes the locator fail or hang."""
    at = data.draw(st.integers(0, len(writer.text)))
    junk = data.draw(st.sampled_from(["", '"', "'''", "[", "]]", "{", "=", ".", "\\", "\n", "}", '"""']))
    locate(writer.text[:at] + junk + writer.text[at + 1 :])
    locate(writer.text[:at])


@given(st.text(max_size=60), st.integers(0, 60))
def test_lines_count_as_people_do(text: str, offset: int) -> None:
    """An offset's line and column, counted from 1, are those of an editor."""
    offset = min(offset, len(text))
    line, column = Lines(text).at(offset)
    before = text[:offset].split("\n")
    assert (line, column) == (len(before), len(before[-1]) + 1)
