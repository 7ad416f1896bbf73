"""The screen of the journey: stages side by side, CPIs by need, holes, and the KPI whose CPIs are lit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.tui.fake_board import FakeBoard, values_of, view_of
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.tui.test_accountability import app_of as real_app_of
from tests.tui.test_hostile import ALL
from tests.unit.session.shop import Shop

from kputui.model.ids import MetricId
from kputui.model.metric import NumberFormat
from kputui.session.journey import JourneyCpiView, JourneyStageView, JourneyView
from kputui.session.views import Quantity, Tone
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from pathlib import Path

KPIS = (
    (MetricId("ontime_arrivals"), "On-time arrivals"),
    (MetricId("afternoon_ontime"), "Afternoon on-time arrivals"),
)


def cpi(
    metric: str, label: str, need: str, *kpis: str, state: str = "hypothesis", question: str = ""
) -> JourneyCpiView:
    values = values_of(metric)
    return JourneyCpiView(
        MetricId(metric),
        label,
        need,
        Quantity(values[-2], NumberFormat.PERCENT1),
        values[-8:],
        is_last_running=True,
        state=state,
        tone=Tone.MUTED if kpis else Tone.CAUTION,
        owner="Ramp (Tarek)" if kpis else "",
        question=question,
        discovered="12 ride-alongs" if question else "",
        links=tuple((MetricId(kpi), state) for kpi in kpis),
    )


VIEW = JourneyView(
    (
        JourneyStageView(
            "Before leaving home", "I know that it will fly", (cpi("small_jet", "Put on a small jet", ""),)
        ),
        JourneyStageView(
            "At the gate",
            "The doors close when the board says",
            (
                cpi("evening_wait60", "Evening waits over an hour", "frustration", "clean_start"),
                cpi("gate_late15", "Left late", "expectation", "ontime_arrivals", question="When do we go?"),
                cpi(
                    "first_wave_late", "Early risers kept waiting", "expectation", "afternoon_ontime", state="confirmed"
                ),
            ),
        ),
        JourneyStageView("In the queue", "Somebody says why"),
        JourneyStageView("On the taxiway", "We roll", (cpi("taxi45", "Stuck", "frustration", "ontime_arrivals"),)),
        JourneyStageView("On arrival", "I make my connection"),
    ),
    KPIS,
)


def app_of(view: JourneyView = VIEW, *, is_ascii: bool = False) -> BoardApp:
    return BoardApp(FakeBoard(replace(view_of(1), journey=lambda: view)), is_ascii=is_ascii)


def text_of(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (140, 40)])
async def test_the_journey_looks_as_drawn(size: tuple[int, int]) -> None:
    """`2` opens the stages with their CPIs; the one under the cursor with its question and how it was found."""
    app = app_of()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("2", "right", "down")
        assert_frame(app, f"journey_{size[0]}x{size[1]}")
        assert is_grid_intact(app, size[0])


async def test_a_stage_without_cpis_is_a_hole() -> None:
    """Holes are counted, named in their column, and the cursor goes to them like to any stage."""
    app = app_of()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        assert "5 stages, 2 holes" in lines_of(app)[0]
        assert text_of(app).count("nobody measures") == 2
        await pilot.press("right", "right")
        assert "what they want: Somebody says why" in text_of(app)
        await pilot.press("enter")
        assert "no CPI stands here" in lines_of(app)[-1]
        await pilot.press("down", "up", "left", "end")
        assert "linked to Afternoon on-time arrivals (confirmed)" in text_of(app)


async def test_a_kpi_lights_the_cpis_that_are_linked_to_it() -> None:
    """Tab lights one KPI after the other; Esc puts the light out before it leaves."""
    app = app_of()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("2", "tab")
        lit = [line for line in lines_of(app) if "● " in line]
        assert "On-time arrivals" in lit[0]
        assert any("● Left late" in line for line in lit)
        assert any("● Stuck" in line for line in lit)
        assert "● Early risers" not in text_of(app)
        await pilot.press("tab")
        assert "● Early risers" in text_of(app)
        await pilot.press("escape")
        assert "●" not in text_of(app)
        await pilot.press("shift+tab")
        assert "● Early risers" in text_of(app)
        await pilot.press("tab", "escape")
        assert app.screen is app.board_screen


async def test_enter_goes_to_the_cpi_on_the_board_and_back() -> None:
    """Enter selects the CPI's row on the board, and `2` on a CPI opens the journey at it."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("2", "right", "down", "enter")
        await pilot.pause()
        row = app.board_screen.selection.row
        assert row is not None
        assert row.metric == "gate_late15"
        await pilot.press("2")
        assert "When do we go?" in text_of(app)


async def test_without_a_journey_the_key_says_so() -> None:
    """A workspace without stages has no journey, and the press says what to add."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        assert "no stages of a journey are named" in lines_of(app)[-1]


@pytest.mark.parametrize("name", ALL)
async def test_hostile_names_stay_text(name: str) -> None:
    """Whatever a stage, a CPI or a question is called, the grid stays whole, in ASCII too."""
    bad = cpi("taxi45", name, "frustration", "ontime_arrivals", question=name)
    view = JourneyView((JourneyStageView(name, name, (bad, bad)), JourneyStageView(name, name)), ((KPIS[0][0], name),))
    app = app_of(view, is_ascii=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        for key in ("2", "tab", "down", "right"):
            await pilot.press(key)
            assert is_grid_intact(app, 60)
            assert text_of(app).isascii()


async def test_the_journey_of_a_real_workspace(tmp_path: Path) -> None:
    """From files to the screen: the shop's stages with their CPIs."""
    shop = Shop(tmp_path)
    app = real_app_of(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        stages = shop.open().workspace.stages
        for stage in stages.values():
            assert (stage.label or stage.id) in text_of(app)
        assert "Late deliveries" in text_of(app)
