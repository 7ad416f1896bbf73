"""Accountability by keys alone, over a real workspace with its real store: what a lead presses, sees and saves."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.unit.session.shop import Shop

from kputui import store
from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.ownership import Assignee, Role
from kputui.session.board import Board
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

SIZES = [(80, 24), (140, 40)]
LATE, WAIT = MetricId("late"), MetricId("wait")
ME = store.whoami()
DANA = Author("dana", 4712, "tower")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def app_of(shop: Shop) -> BoardApp:
    return BoardApp(Board(shop.open()))


def text_of(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


async def until(pilot: Pilot[Any], words: str) -> str:
    """The screen's text once it holds the words, or after 3 s."""
    for _ in range(300):
        await pilot.pause(0.01)
        if words in (text := "\n".join(lines_of(pilot.app))):
            return text
    return "\n".join(lines_of(pilot.app))


def journal(shop: Shop) -> list[dict[str, Any]]:
    path = shop.folder / "state" / "journal.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def held(shop: Shop, metric: MetricId, role: Role) -> list[str]:
    assignment = store.open_store(shop.folder).ownership.assignments[metric]
    return [one.written for one in assignment.holders(role)]


def as_dana(shop: Shop, role: Role, assignee: Assignee, metric: MetricId = LATE) -> None:
    """Another lead saves a change at the same moment on the same files."""
    store.save(shop.folder, Assign(metric, role, assignee), now=shop.now(), reason="asked for it", identity=DANA)


async def to_late(pilot: Pilot[Any]) -> None:
    """The matrix over the whole screen, the cursor on Late deliveries and Logistics, all numbers computed."""
    for _ in range(500):
        header = pilot.app.board_screen.view.header  # type: ignore[attr-defined]  # every app here is a BoardApp
        if header.newest_data is not None and not header.is_computing:
            break
        await pilot.pause(0.01)
    await settle(pilot)
    await pilot.press("3", "home")


@pytest.mark.parametrize("size", SIZES)
async def test_the_matrix_shows_who_is_what(shop: Shop, size: tuple[int, int]) -> None:
    """`3` opens the matrix whole: letters, the load, and in words what stands under the cursor."""
    app = app_of(shop)
    async with app.run_test(size=size) as pilot:
        await to_late(pilot)
        assert_frame(app, f"matrix_{size[0]}x{size[1]}")
        assert is_grid_intact(app, size[0])
        assert "A Tarek, R team since 3 Feb 2026" in text_of(app)


@pytest.mark.parametrize("size", SIZES)
async def test_reassigning_names_what_will_change_and_asks_for_the_reason(shop: Shop, size: tuple[int, int]) -> None:
    """`r`, a name, why, Enter: refused by the rule, overridden in writing, on disk, then on the screen."""
    app = app_of(shop)
    async with app.run_test(size=size) as pilot:
        await to_late(pilot)
        await pilot.press("r", *"mia")
        text = text_of(app)
        assert "accountable: Logistics (Tarek) → Logistics (Mia)" in text
        assert "refused: no link of Late deliveries is confirmed" in text
        await pilot.press("enter")
        assert_frame(app, f"reassign_{size[0]}x{size[1]}")
        await pilot.press("enter")
        assert "an exception needs a written reason" in text_of(app)
        assert journal(shop) == []
        await pilot.press(*"she drives", "enter")
        text = await until(pilot, "u takes it back")
        assert "accountable: Logistics (Tarek) → Logistics (Mia) · u takes it back" in lines_of(app)[-1]
        assert "A Mia, R team" in text
        assert journal(shop)[-1]["override"] is True
        assert journal(shop)[-1]["reason"] == "she drives"
        assert held(shop, LATE, Role.ACCOUNTABLE) == ["logistics/mia"]


async def test_the_reassign_dialog_opens_on_a_cpi_of_the_goals(shop: Shop) -> None:
    """On a CPI's row of the goals `r` asks the same; on a goal it says what to select."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("r")
        assert "people are accountable for CPIs: select one" in lines_of(app)[-1]
        await pilot.press("slash", *"late", "enter", "r")
        assert "Reassign: Late deliveries" in text_of(app)
        await pilot.press("escape")
        assert app.screen is app.board_screen


async def test_a_letter_is_set_under_the_cursor_and_taken_back(shop: Shop) -> None:
    """`C` makes the team consulted at once; `u` names the change, Enter takes it back; `H` shows both."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("right", "C")
        await until(pilot, "u takes it back")
        assert "consulted: nobody → Desk · u takes it back" in lines_of(app)[-1]
        assert held(shop, LATE, Role.CONSULTED) == ["desk"]
        await pilot.press("u")
        assert "Late deliveries, consulted: Desk → nobody" in text_of(app)
        assert_frame(app, "undo_80x24")
        await pilot.press("enter")
        await until(pilot, "undone")
        assert held(shop, LATE, Role.CONSULTED) == []
        await pilot.press("H")
        text = await until(pilot, "History: Late deliveries")
        assert "consulted: nobody -> Desk" in text
        assert "(undoes " in text
        assert ME.login[:12] in text


async def test_a_rule_without_a_way_round_is_said_at_once(shop: Shop) -> None:
    """A team that cannot move the CPI is not made responsible, and the line says what would be needed."""
    app = app_of(shop)
    async with app.run_test(size=(140, 40)) as pilot:
        await to_late(pilot)
        await pilot.press("right", "R")
        assert "refused: Desk does not list Late deliveries under what it influences" in lines_of(app)[-1]
        assert journal(shop) == []


async def test_a_letter_that_needs_a_reason_asks_for_it(shop: Shop) -> None:
    """`A` before confirmation opens the dialog on the reason; a reason and Enter make it an exception."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("down", "right", "A")
        assert "Reassign: Wait to answer" in text_of(app)
        await pilot.press(*"jo asked", "enter")
        await until(pilot, "u takes it back")
        assert held(shop, WAIT, Role.ACCOUNTABLE) == ["desk"]
        assert "an exception" in text_of(app)


async def test_removing_asks_which_when_there_are_several(shop: Shop) -> None:
    """`x` on a cell with A and R asks; on a cell with one letter it removes that one."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("x")
        assert_frame(app, "remove_80x24")
        await pilot.press("down", "enter", "enter")
        await until(pilot, "u takes it back")
        assert held(shop, LATE, Role.RESPONSIBLE) == []
        await pilot.press("right", "x")
        await until(pilot, "informed: Desk → nobody")
        assert held(shop, LATE, Role.INFORMED) == []
        await pilot.press("x")
        assert "nobody has a part here" in lines_of(app)[-1]


async def test_people_are_inside_their_team(shop: Shop) -> None:
    """Enter opens a team into its people; a letter there is that person's."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("enter", "right", "right")
        assert "Tarek" in text_of(app)
        assert "Mia" in text_of(app)
        await pilot.press("C")
        await until(pilot, "u takes it back")
        assert held(shop, LATE, Role.CONSULTED) == ["logistics/mia"]
        await pilot.press("enter")
        assert "Mia" not in "\n".join(lines_of(app)[:6])


async def test_confirming_is_a_judgement_with_a_reason(shop: Shop) -> None:
    """`c` says what the data says, wants the reason, and without enough data the link is judged, not tested."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("c", "enter")
        text = text_of(app)
        assert "recorded as your judgement, an exception" in " ".join(text.replace("│", " ").split())
        assert "a decision needs a written reason" in text
        assert_frame(app, "confirm_80x24")
        await pilot.press(*"seen on the road", "enter")
        await until(pilot, "u takes it back")
        assert "confirmed (judgement)" in text_of(app)
        assert journal(shop)[-1]["reason"] == "seen on the road"
        await pilot.press("A")
        await until(pilot, "Logistics (Tarek) → Logistics")
        assert held(shop, LATE, Role.ACCOUNTABLE) == ["logistics"]


async def test_a_conflict_shows_who_was_first(shop: Shop) -> None:
    """While the dialog is open another lead sets the same cell: keep leaves theirs, replace saves over it."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("r", *"mia", "enter", *"why not", "enter")
        as_dana(shop, Role.ACCOUNTABLE, Assignee(TeamId("logistics")))
        await pilot.press("enter")
        await until(pilot, "Somebody else was first")
        text = text_of(app)
        assert "Dana set it to Logistics 0 s ago" in text
        assert "keep / replace / cancel" in text
        assert_frame(app, "conflict_80x24")
        await pilot.press("enter")
        assert app.screen is app.board_screen
        assert held(shop, LATE, Role.ACCOUNTABLE) == ["logistics"]


async def test_a_conflict_can_be_replaced_or_left(shop: Shop) -> None:
    """Cancel goes back to the dialog with all that was typed; replace saves and keeps both in the journal."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await pilot.press("r", *"mia", "enter", *"why not", "enter")
        as_dana(shop, Role.ACCOUNTABLE, Assignee(TeamId("logistics")))
        await pilot.press("enter")
        await until(pilot, "Somebody else was first")
        await pilot.press("c", "enter")
        await until(pilot, "why not")
        assert "Reassign: Late deliveries" in text_of(app)
        await pilot.press("enter")
        await until(pilot, "u takes it back")
        assert held(shop, LATE, Role.ACCOUNTABLE) == ["logistics/mia"]
        assert [line["login"] for line in journal(shop)[-2:]] == ["dana", ME.login]


async def test_another_leads_change_appears_marked(shop: Shop) -> None:
    """A change of another cell by somebody else is on the open board within two seconds, with who and when."""
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        await settle(pilot, 0.5)
        as_dana(shop, Role.CONSULTED, Assignee(TeamId("desk"), PersonId("jo")))
        text = await until(pilot, "C*")
        assert "C*" in text or "CI*" in text
        assert "Dana set Late deliveries, consulted to Desk (Jo) at 12:00, before nobody" in text


async def test_without_permission_the_keys_say_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where state/ cannot be written everything is seen, and each key that would change says why not."""
    may = os.access
    monkeypatch.setattr(
        "kputui.store.folder.os.access", lambda path, mode, **more: not mode & os.W_OK and may(path, mode, **more)
    )
    app = app_of(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_late(pilot)
        for key in "rARCIxcu":
            await pilot.press(key)
            assert "read-only: no write permission on state/" in lines_of(app)[-1]
        await pilot.press("H")
        assert "History: Late deliveries" in text_of(app)


async def test_mine_shows_what_i_hold_and_my_private_board(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`m` lists what is mine, then the goals of the private board with their pace."""
    private = tmp_path / "home" / "kputui" / "mine"
    private.mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("kputui.toml", "goals.toml", "metrics.toml", "journey.toml", "teams.toml"):
        text = (shop.folder / name).read_text(encoding="utf-8").replace('"data/', f'"{shop.folder}/data/')
        (private / name).write_text(text.replace("The shop sells", "My shelf sells"), encoding="utf-8")
        (private / name).chmod(0o600)
    monkeypatch.setattr("kputui.session.mine.login", lambda: "tarek")
    app = app_of(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("m")
        text = await until(pilot, "My shelf sells")
        assert "Late deliveries" in text
        assert "Tarek" in text
        assert "My shelf sells" in text
        await pilot.press("escape")
        assert "My shelf" not in text_of(app)
