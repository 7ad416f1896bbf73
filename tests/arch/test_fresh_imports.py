"""Each layer alone in a fresh interpreter: what it drags in, and what it must not."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "kputui"
HEAVY = (
    "textual",
    "rich",
    "polars",
    "plotext",
    "numpy",
    "tomli_w",
    "duckdb",
    "deltalake",
    "pyiceberg",
    "obstore",
    "ssl",
)
LAYERS = ("errors", "model", "config", "store", "engine", "analysis", "review", "session", "render", "cli", "__main__")


def loaded_by(code: str) -> set[str]:
    """The top-level names of all modules that a fresh interpreter holds after `code`."""
    names = "sorted({m.partition('.')[0] for m in sys.modules})"
    script = f"{code}\nimport sys, json\nprint(file=sys.stderr); json.dump({names}, sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def modules_of(layer: str) -> list[str]:
    """All module names of a layer; of the engine those that promise to work without polars."""
    if layer == "engine":
        return [
            "kputui.engine.request",
            "kputui.engine.files",
            "kputui.engine.listing",
            "kputui.engine.remote",
            "kputui.engine.codes",
            "kputui.engine.expression",
        ]
    path = SOURCES / layer
    if not path.is_dir():
        return [f"kputui.{layer}"]
    return sorted(
        "kputui." + str(file.relative_to(SOURCES).with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for file in path.rglob("*.py")
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_alone_is_light(layer: str) -> None:
    """Importing any module of a layer drags in no heavy library but the one that the layer is for."""
    loaded = loaded_by("\n".join(f"import {module}" for module in modules_of(layer)))
    allowed = {"store": {"tomli_w"}, "analysis": {"numpy"}}.get(layer, set())
    assert not loaded & (set(HEAVY) - allowed)


def test_the_package_itself_imports_nothing() -> None:
    """`import kputui` loads no submodule: it runs for every one of them."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, kputui; print([m for m in sys.modules if m.startswith('kputui.')])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["check", "--help"], ["query", "--help"], ["nonsense"]])
def test_help_is_light(words: list[str]) -> None:
    """Help, the version and a mistyped command import no heavy library and not even the session."""
    loaded = loaded_by(f"from kputui.cli import main\nmain({words!r}, None)")
    assert not loaded & set(HEAVY)
    script = (
        f"import sys\nfrom kputui.cli import main\nmain({words!r}, None)\nassert 'kputui.session' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_the_board_without_a_terminal_imports_no_textual(tmp_path: Path) -> None:
    """A board that cannot be shown is refused before Textual is imported."""
    script = f"from kputui.cli import main\nmain(['-w', {str(tmp_path)!r}], None)"
    assert "textual" not in loaded_by(script)


NOT_BEFORE_THE_FIRST_PAINT = {
    "kputui.analysis.pace": "only the worker judges goals",
    "kputui.analysis.rates": "as above",
    "kputui.engine.compute": "it imports polars",
    "kputui.engine.expression": "only a decision that recorded a hash is compared with its definition",
    "kputui.engine.request": "only the worker asks",
    "kputui.render.chart": "charts are drawn by their own thread",
    "kputui.analysis.evidence": "only the worker judges links",
    "kputui.analysis.signals": "as above",
    "kputui.review.rules": "the worker runs the rules, with the data",
    "kputui.session.explaining": "no start has a signal",
    "kputui.session.journey": "a screen of its own",
    "kputui.session.judging": "only the worker judges goals",
    "kputui.session.links": "a screen of its own",
    "kputui.session.metric_detail": "a start shows a goal",
    "kputui.session.outlooks": "no start has a forecast",
    "kputui.session.query": "a command of its own",
    "numpy": "0.1 s",
    "plotext": "only a chart needs it",
    "polars": "0.2 s",
    "statistics": "it costs as much as five rooms of ours",
    "tomli_w": "only a save writes TOML",
}
"""Module -> why nothing before the first paint may import it."""


def test_nothing_is_imported_before_the_first_paint_that_it_does_not_need() -> None:
    """All that the board does up to its first view imports no module of the worker, of a save or of a page."""
    script = (
        "import sys\n"
        "from kputui.cli import main\n"
        "import kputui.cli.board as command\n"
        "command.has_terminal = lambda: True\n"
        "def open_board(board, options):\n"
        "    import kputui.tui.app\n"
        "    view = board.first()\n"
        "    assert view.rows\n"
        "    print(sorted(sys.modules), file=sys.stderr)\n"
        "    return 0\n"
        f"sys.exit(main(['-w', {str(SOURCES.parents[1] / 'config')!r}], open_board))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(ast.literal_eval(done.stderr))
    assert not sorted(loaded & set(NOT_BEFORE_THE_FIRST_PAINT))
