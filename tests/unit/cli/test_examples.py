"""The example workspaces: what the board and `check` say of a bank and of a contact centre."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.tui.screen_text import lines_of, settle

from kputui.session.board import Board
from kputui.session.open import open_workspace
from kputui.session.views import Tone
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from types import ModuleType

    from tests.unit.cli.conftest import Kputui

    from kputui.session.views import BoardView

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
KPI = "kpi:worth_it/accounts_per_customer"


def generate() -> ModuleType:
    """docs/examples/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate_examples", EXAMPLES / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / "bank", tmp_path / "bank"))


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / "contact_centre", tmp_path / "contact_centre"))


def board_of(folder: Path) -> BoardView:
    """The complete board."""
    return list(Board(open_workspace(folder)).refresh())[-1]


def test_the_data_is_what_the_script_writes() -> None:
    """The files come from a committed script with a fixed seed, and are small."""
    for name, make in generate().FILES.items():
        text = make()
        assert (EXAMPLES / name).read_text(encoding="utf-8") == text
        assert len(text) < 200_000


def test_the_bank_is_asked_at_once(bank: Path) -> None:
    """The KPI meets its target, the goal is off track, and the board asks instead of praising."""
    view = board_of(bank)
    rows = {row.key: row for row in view.rows}
    assert rows["goal:worth_it"].state == "off track"
    assert (rows[KPI].state, rows[KPI].tone) == ("question", Tone.CAUTION)
    assert rows[f"guard:{KPI[4:]}/complaint_rate"].state == "worse"
    for key in (KPI, "goal:worth_it"):
        asked = [fact.text for fact in view.details[key].facts if fact.name == "question"]
        assert asked[0].startswith("Complaints per 1,000 got worse while Accounts per customer improved")
        assert asked[1].startswith("Accounts per customer improved, and Fee revenue is lower than that implies")
        assert all(text.endswith("(since 7 Apr 2025)") for text in asked)
        assert len(asked) == 2
    assert any(note.startswith("behind G01: kpi step ") for note in view.details[KPI].notes)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_first_screen_of_the_bank_asks(bank: Path, size: tuple[int, int]) -> None:
    """Without a key pressed, on a small screen too: the row's mark and the question in words."""
    app = BoardApp(Board(open_workspace(bank)))
    async with app.run_test(size=size) as pilot:
        text = ""
        for _ in range(300):
            await settle(pilot)
            text = "\n".join(lines_of(app))
            if "? question" in text:
                break
            await pilot.pause(0.05)
        row = next(line for line in text.splitlines() if "● Accounts per customer" in line)
        assert "? question" in row
        words = " ".join(text.replace("│", " ").split())
        assert "Complaints per 1,000 got worse while Accounts per customer" in words


def test_check_lists_the_banks_questions_with_their_figures(bank: Path, kputui: Kputui) -> None:
    """Two warnings at the KPI, each with every number behind it."""
    answer = kputui("-w", bank, "check", "--format", "json")
    assert answer.code == 1
    report = json.loads(answer.out)
    found = {problem["code"]: problem for problem in report["problems"]}
    assert [problem["code"] for problem in report["problems"]] == ["G02", "G01", "M19"]
    guardrail, diverging = found["G02"], found["G01"]
    assert {problem["key"] for problem in (guardrail, diverging)} == {"metrics.accounts_per_customer"}
    assert guardrail["figures"]["other"] == "complaint_rate"
    assert max(guardrail["figures"]["kpi_p"], guardrail["figures"]["guardrail_p"]) < 0.05
    assert diverging["figures"]["other"] == "fee_revenue"
    assert diverging["figures"]["since"] == "2025-04-07"
    assert diverging["figures"]["kpi_step"] > 0 > diverging["figures"]["outcome_step_given_kpi"]
    assert report["alignment"] == {"metrics": 5, "with_data": 5, "supporting": 5}


def test_an_honest_bank_is_not_asked(bank: Path) -> None:
    """When fees rise with the accounts and complaints stay, the same rise of the KPI raises no question."""
    (bank / "data" / "branches.csv").write_text(generate().bank(is_honest=True), encoding="utf-8")
    shown = {row.key: row for row in board_of(bank).rows}
    assert shown[KPI].state != "question"


def test_a_guardrail_within_its_limit_asks_nothing(bank: Path) -> None:
    """As long as the limit that people agreed on is kept, nothing was given up for the KPI."""
    metrics = bank / "metrics.toml"
    text = metrics.read_text(encoding="utf-8")
    assert text.count("value = 3 }") == 1
    metrics.write_text(text.replace("value = 3 }", "value = 9 }"), encoding="utf-8")
    assert [problem.code for problem in board_of(bank).findings if problem.code.startswith("G")] == ["G01"]


def test_the_outcome_is_the_goals_measure_where_none_is_named(bank: Path) -> None:
    """A KPI that names no outcome stands for what measures its goal."""
    metrics = bank / "metrics.toml"
    lines = metrics.read_text(encoding="utf-8").splitlines(keepends=True)
    metrics.write_text("".join(line for line in lines if not line.startswith("outcome")), encoding="utf-8")
    asked = [problem for problem in board_of(bank).findings if problem.code == "G01"]
    assert [dict(problem.figures)["other"] for problem in asked] == ["fee_revenue"]


def test_a_guardrail_of_longer_periods_is_held_against_the_kpi(bank: Path) -> None:
    """A KPI by week and a guardrail by month are compared by month."""
    metrics = bank / "metrics.toml"
    head, guard, tail = metrics.read_text(encoding="utf-8").partition("[metrics.complaint_rate]")
    metrics.write_text(head + guard + tail.replace('grain = "week"', 'grain = "month"', 1), encoding="utf-8")
    asked = {problem.code: dict(problem.figures) for problem in board_of(bank).findings}
    assert float(asked["G02"]["points"]) < 24


def test_a_question_can_be_switched_off(bank: Path) -> None:
    """[lint] silences a question everywhere, by code or at one place."""
    with (bank / "kputui.toml").open("a", encoding="utf-8") as file:
        file.write('\n[lint]\nG02 = "off"\n\n[lint.ignore]\n"metrics.accounts_per_customer" = ["G01"]\n')
    view = board_of(bank)
    assert {row.key: row for row in view.rows}[KPI].state != "question"
    assert not [problem for problem in view.findings if problem.code.startswith("G")]


def test_a_workspace_says_how_loud_a_question_is(bank: Path, kputui: Kputui) -> None:
    """An error stands first; a note alone lets check answer 0."""
    settings = bank / "kputui.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '\n[lint]\nG01 = "error"\n', encoding="utf-8")
    report = json.loads(kputui("-w", bank, "check", "--format", "json").out)
    assert [(one["code"], one["severity"]) for one in report["problems"][:2]] == [("G01", "error"), ("G02", "warning")]
    settings.write_text(text + '\n[lint]\nG01 = "note"\nG02 = "note"\n', encoding="utf-8")
    assert kputui("-w", bank, "check").code == 0


def test_a_contact_centre_tracks_more_than_it_steers_by(centre: Path, kputui: Kputui) -> None:
    """94 % of the metrics have data, 59 % support a goal; each of the others is named."""
    answer = kputui("-w", centre, "check")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[-2] == "metrics: 32 of 34 (94 %) have data, 20 of 34 (59 %) support a goal"
    strays = [line for line in lines if "note M08" in line]
    assert len(strays) == 14
    assert any("metrics.call_quality" in line for line in strays)
    header = board_of(centre).header
    assert (header.supporting_metrics, header.all_metrics) == (20, 34)
