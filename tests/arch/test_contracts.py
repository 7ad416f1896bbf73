"""The layer contracts hold, and each of them fails when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `folder` over the sources of `folder`."""
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the sources and the contracts, to break."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, module: str, line: str) -> None:
    """Add a line at the end of a module, which is made when it is missing."""
    path = house / "src" / "kputui" / module
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def test_the_house_keeps_its_contracts() -> None:
    """Imports run strictly downwards, and each vendor stays in its room."""
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("model/goal.py", "import kputui.session.views", "The house"),
        ("config/__init__.py", "import kputui.store", "The house"),
        ("cli/check.py", "import kputui.tui", "The house"),
        ("errors.py", "import kputui.model.ids", "The house"),
        ("stray.py", '"""A module that belongs to no layer."""', "The house"),
        ("tui/panes/planted.py", "import polars", "polars only in engine"),
        ("session/views.py", "import polars", "polars only in engine"),
        ("render/safe.py", "import textual", "Textual and Rich only in tui"),
        ("cli/out.py", "import rich", "Textual and Rich only in tui"),
        ("engine/__init__.py", "import plotext", "plotext only in render"),
    ],
)
def test_a_planted_import_is_caught(house: Path, module: str, line: str, contract: str) -> None:
    """An import upwards, a vendor in a foreign room and a module outside the layers break a contract by name."""
    plant(house, module, line)
    done = lint(house)
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(row.startswith(contract) and row.rstrip().endswith("BROKEN") for row in done.stdout.splitlines())


def test_panes_that_meet_are_caught(house: Path) -> None:
    """A pane that imports another pane breaks their independence."""
    plant(house, "tui/panes/planted_first.py", "import kputui.tui.panes.planted_second")
    plant(house, "tui/panes/planted_second.py", '"""Another pane."""')
    done = lint(house)
    assert done.returncode == 1
    assert "Panes never meet BROKEN" in done.stdout


def test_an_untouched_copy_passes(house: Path) -> None:
    """What the planted tests find is what they planted, not the copying."""
    assert lint(house).returncode == 0
