"""What import-linter cannot say: which single file may import a library, and what files may be called."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "kputui"
FILES = sorted(SOURCES.rglob("*.py"))
MAX_LINES = 400
LONGER_FOR_A_REASON: dict[str, str] = {}
"""File -> why it is longer than MAX_LINES."""


def imports(path: Path) -> list[tuple[str, bool]]:
    """The top-level package of each import in a file, and whether it runs when the module is imported."""
    found: list[tuple[str, bool]] = []

    def visit(node: ast.AST, *, runs: bool) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.orelse:
                visit(statement, runs=runs)
            return
        if isinstance(node, ast.Import):
            found.extend((alias.name.partition(".")[0], runs) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module.partition(".")[0], runs))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, runs=runs and not inside)

    visit(ast.parse(path.read_text(encoding="utf-8")), runs=True)
    return found


def importers(package: str) -> set[str]:
    """The files that import `package`, other than for types only."""
    return {str(path.relative_to(SOURCES)) for path in FILES if package in {name for name, _ in imports(path)}}


def test_plotext_has_one_door() -> None:
    """Plotext is imported by the chart file only, and only when a chart is drawn."""
    assert importers("plotext") <= {"render/chart.py"}
    assert ("plotext", True) not in [entry for path in FILES for entry in imports(path)]


def test_tomli_w_has_one_room() -> None:
    """Only the store writes TOML; people's files are never rewritten."""
    assert all(name.startswith("store/") for name in importers("tomli_w"))


def test_polars_has_one_room() -> None:
    """Only the engine knows polars."""
    assert all(name.startswith("engine/") for name in importers("polars"))


@pytest.mark.parametrize(
    ("package", "door"),
    [
        ("deltalake", "engine/delta_table.py"),
        ("pyiceberg", "engine/iceberg_table.py"),
        ("obstore", "engine/object_store.py"),
        ("urllib", "engine/http_store.py"),
    ],
)
def test_an_extra_has_one_door(package: str, door: str) -> None:
    """Optional libraries, and the network, are known to one file each; an extra is imported only where it is used."""
    if package == "urllib":
        opening = {str(path.relative_to(SOURCES)) for path in FILES if "urllib.request" in path.read_text("utf-8")}
        assert opening == {door}
        return
    assert importers(package) == {door}
    assert (package, True) not in [entry for path in FILES for entry in imports(path)]


def test_textual_and_rich_have_one_room() -> None:
    """Only the board knows Textual and Rich."""
    assert all(name.startswith("tui/") for name in importers("textual") | importers("rich"))


def test_numpy_has_one_room() -> None:
    """Only the judgements know numpy."""
    assert all(name.startswith("analysis/") for name in importers("numpy"))


@pytest.mark.parametrize("package", ["duckdb", "scipy", "statsmodels", "pandas", "pyarrow", "requests", "urllib3"])
def test_nothing_undeclared_is_imported(package: str) -> None:
    """No source file leans on a library that the package does not install."""
    assert not importers(package)


def test_the_doors_of_standard_streams() -> None:
    """Nothing prints but the two files of the command line that own the streams, and the board that was closed."""
    printing = {
        str(path.relative_to(SOURCES))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.stdout.write", "sys.stderr.write"})
    }
    assert printing <= {"tui/app.py"}


def test_broad_catches_stand_at_the_edges_only() -> None:
    """A broad `except` stands at a worker's edge or in the command line's main, and nowhere else."""
    broad = {
        str(path.relative_to(SOURCES))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    assert all(name.startswith(("cli/program", "engine/", "tui/", "session/")) for name in broad)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_a_file_is_named_after_a_thing(path: Path) -> None:
    """No file is called by what it is not: utils, helpers, common, manager, types."""
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "types", "misc", "base"}
    assert path.stem not in vague
    assert path.parent.name not in vague


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_a_file_fits_in_a_head(path: Path) -> None:
    """A source file has at most 400 lines, or a written reason."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES or str(path.relative_to(SOURCES)) in LONGER_FOR_A_REASON
