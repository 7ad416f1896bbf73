"""No text reaches Textual by a door that reads markup: the board's only door is a line of safe text."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TUI = Path(__file__).parents[2] / "src" / "kputui" / "tui"
FILES = sorted(TUI.rglob("*.py"))
MARKUP_WIDGETS = {
    "Static", "Label", "Button", "DataTable", "Tree", "OptionList", "Option", "Input", "Markdown", "RichLog",
    "Log", "TextArea", "Select", "Header", "Footer", "Tabs", "Tooltip", "Toast", "Rule",
}  # fmt: skip
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "title", "sub_title"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TUI)))
def test_no_door_takes_plain_strings(path: Path) -> None:
    """No stock widget, no border title, no tooltip, no toast, no rendering of markup anywhere in the front end."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("textual.widgets", "rich.text", "rich.markup")
        ):
            pytest.fail(f"line {node.lineno}: {node.module} draws strings as markup")
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            assert name not in MARKUP_WIDGETS, f"line {node.lineno}: {name}"
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            assert node.attr not in MARKUP_ATTRIBUTES, f"line {node.lineno}: {node.attr}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"notify", "from_markup"}, f"line {node.lineno}: {node.func.attr}"


def test_segments_are_made_in_one_place() -> None:
    """Only the line pane turns text into Textual's segments; everything else hands it lines."""
    makers = {
        path.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Segment"
    }
    assert makers == {"linepane.py"}
