"""The stand-up by keys alone: an item a page, what its keys write, and how it ends and is found again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.tui.test_explaining import computed, text_of, until
from tests.unit.session.depot import WEEKS, Depot, routine
from textual import events

from kputui.session.board import Board
from kputui.session.standup_place import PlaceFile
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

SIZES = [(80, 24), (140, 40)]
CONTEXT = '\n[[contexts]]\nfrom = 2026-10-06\nto = 2026-10-14\nnote = "a road is closed"\n'


@pytest.fixture(autouse=True)
def _own_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stand-up was left is kept apart from the developer's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state_of_user"))


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


def busy(folder: Path) -> Depot:
    """A depot with two items: a signal that asks, and a context that began."""
    depot = Depot(folder, outlier)
    depot.add(CONTEXT)
    return depot


def app_of(depot: Depot, **more: Any) -> BoardApp:
    return BoardApp(Board(depot.open()), **more)


def journal(depot: Depot) -> list[dict[str, Any]]:
    path = depot.folder / "state" / "journal.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


async def begun(pilot: Pilot[Any], words: str = "1 of 2") -> str:
    """The stand-up is open on its first page, its chart drawn."""
    await computed(pilot)
    await pilot.press("5")
    await until(pilot, words)
    for _ in range(200):
        if not pilot.app._desk.is_busy:  # type: ignore[attr-defined]  # every app here is a BoardApp
            break
        await pilot.pause(0.01)
    await settle(pilot)
    return text_of(pilot.app)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("size", SIZES)
async def test_an_item_a_page(tmp_path: Path, size: tuple[int, int]) -> None:
    """The kind and the question first, then what happened, its goal, the chart; the second page, and the end."""
    app = app_of(busy(tmp_path), has_colour=False)
    async with app.run_test(size=size) as pilot:
        text = await begun(pilot)
        assert "signal · new  Minutes to the door  What was behind it?" in text
        assert "0 of 10 min · since 4 Oct 2026" in text
        assert "Space next" in lines_of(app)[-1]
        assert is_grid_intact(app, size[0])
        assert_frame(app, f"standup_{size[0]}x{size[1]}")
        await pilot.press("space")
        assert "context  a road is closed" in await until(pilot, "2 of 2")
        await pilot.press("space")
        await until(pilot, "the end")
        assert "1 item left without an answer" in text_of(app)
        assert_frame(app, f"standup_end_{size[0]}x{size[1]}")


async def test_keys_go_forth_and_back(tmp_path: Path) -> None:
    """Space and right go on, b, backspace and left go back, Home and End to the ends; the last page says it is last."""
    app = app_of(busy(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        for key, words in (
            ("space", "2 of 2"),
            ("b", "1 of 2"),
            ("right", "2 of 2"),
            ("backspace", "1 of 2"),
            ("end", "the end"),
            ("left", "2 of 2"),
            ("home", "1 of 2"),
        ):
            await pilot.press(key)
            assert words in lines_of(app)[0], key
        await pilot.press("end", "space")
        assert "this is the last page" in lines_of(app)[-1]


async def test_explain_note_and_not_now_are_written_down(tmp_path: Path) -> None:
    """`e`, `n` and `z` each ask, save, and show on the page what was answered."""
    depot = busy(tmp_path)
    app = app_of(depot)
    async with app.run_test(size=(140, 40)) as pilot:
        await begun(pilot)
        await pilot.press("e")
        assert "Explain a signal: Minutes to the door" in await until(pilot, "Explain a signal")
        await pilot.press(*"a closed bridge", "enter")
        text = await until(pilot, "u takes it back")
        assert "now: Minutes to the door, signal of week of 5 Oct 2026: a closed bridge" in text
        await pilot.press("n")
        await until(pilot, "Note: Minutes to the door")
        await pilot.press(*"ask the drivers", "enter")
        assert "note for 11 Oct 2026: ask the drivers" in await until(pilot, "ask the drivers · u")
        await pilot.press("space", "z")
        assert "it comes back on 18 Oct 2026" in await until(pilot, "Not now: a road is closed")
        await pilot.press("enter")
        assert "left out until 18 Oct 2026" in await until(pilot, "left out until")
        assert [line["command"] for line in journal(depot)] == ["explain", "note", "snooze"]
        await pilot.press("u", "enter")
        await until(pilot, "undone")
        assert [line["command"] for line in journal(depot)][-1] == "undo"
        assert "now: a road is closed" not in text_of(app)


async def test_a_note_may_have_another_day_and_be_about_everything(tmp_path: Path) -> None:
    """The day and the subject can be changed; a wrong day is not saved."""
    depot = busy(tmp_path)
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("n", *"strike", "tab", "right", "tab", "ctrl+u", *"2026-10-3x", "tab", "enter")
        await pilot.pause()
        assert journal(depot) == []
        assert "the day is written as YYYY-MM-DD" in text_of(app)
        await pilot.press("shift+tab", "backspace", "backspace", *"03", "enter", "enter")
        await until(pilot, "u takes it back")
        assert journal(depot)[0]["cell"] == ["note", "everything", "2026-10-03", "1"]


async def test_a_note_from_the_board_marks_the_chart(tmp_path: Path) -> None:
    """`n` on a row of the board writes about that row, and its day is a mark on the chart and in the detail."""
    depot = Depot(tmp_path)
    app = app_of(depot)
    async with app.run_test(size=(140, 40)) as pilot:
        await computed(pilot)
        await pilot.press("slash", *"minutes", "enter", "n")
        await until(pilot, "Note: Minutes to the door")
        await pilot.press(*"new vans", "enter")
        await until(pilot, "u takes it back")
        assert journal(depot)[0]["cell"] == ["note", "metric/minutes", "2026-10-11", "1"]
        await pilot.press("down", "up")
        assert "new vans" in await until(pilot, "11 Oct new vans")


async def test_the_end_records_that_it_was_held(tmp_path: Path) -> None:
    """Enter on the last page writes the stand-up with what was decided in it; `5` then looks again."""
    depot = busy(tmp_path)
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("e", *"a closed bridge", "enter")
        await until(pilot, "u takes it back")
        await pilot.press("end")
        assert "1 change in this stand-up" in text_of(app)
        await pilot.press("enter")
        assert "held today by" in await until(pilot, "held today by")
        line = journal(depot)[-1]
        assert (line["command"], line["cell"]) == ("hold", ["stand-up", "2026-10-11", ""])
        assert (line["after"]["since"], line["after"]["changes"]) == ("2026-10-04", [1])
        await pilot.press("escape", "5")
        assert "explained signal  Minutes to the door" in await until(pilot, "explained signal")
        await pilot.press("end")
        assert "a second look: held today by" in await until(pilot, "the end")


async def test_leaving_and_returning_goes_on_where_it_was(tmp_path: Path) -> None:
    """Esc, a look at the board, `5`: the same page of the same stand-up."""
    app = app_of(busy(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("space", "escape")
        assert app.screen is app.board_screen
        await pilot.press("down", "5")
        assert "2 of 2" in await until(pilot, "2 of 2")


async def test_a_closed_board_finds_the_stand_up_where_it_was(tmp_path: Path) -> None:
    """The next day's stand-up begins anew, but the same day's goes on with its page, its time and its decisions."""
    depot = busy(tmp_path)
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("e", *"a closed bridge", "enter")
        await until(pilot, "u takes it back")
        await pilot.press("space")
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "context  a road is closed" in await begun(pilot, "2 of")
        await pilot.press("end")
        assert "1 change in this stand-up" in await until(pilot, "the end")
        await pilot.press("enter")
        await until(pilot, "held today by")
        assert journal(depot)[-1]["after"]["changes"] == [1]
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "1 of" in await begun(pilot, "1 of")


async def test_a_place_that_is_no_place_is_passed_over(tmp_path: Path) -> None:
    """Whatever stands in the file of the user's state folder, the stand-up begins."""
    depot = busy(tmp_path)
    file = PlaceFile(depot.folder)
    file.path.parent.mkdir(parents=True)
    for content in (b"", b"[]", b'{"day": 3}', b'{"day": "2026-10-11", "seq": 0, "key": [], "elapsed_s": "nan"}'):
        file.path.write_bytes(content)
        assert file.read() is None
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "1 of 2" in await begun(pilot)


async def test_nothing_changed_is_a_page_of_one_line(tmp_path: Path) -> None:
    """A routine week: one line, and how it ends."""
    app = app_of(Depot(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        text = await begun(pilot, "nothing has changed")
        assert "nothing has changed since 4 Oct 2026, and nothing asks" in text
        assert "Enter records that it was held" in text


async def test_enter_opens_what_is_behind_an_item(tmp_path: Path) -> None:
    """The metric's page opens over the stand-up, `e` works from there, and Esc comes back to the item."""
    app = app_of(busy(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("enter")
        assert "Minutes to the door · KPI" in await until(pilot, "Minutes to the door · KPI")
        await pilot.press("escape")
        assert "1 of 2" in await until(pilot, "1 of 2")
        await pilot.press("enter")
        await pilot.pause(0.05)
        await pilot.press("e")
        assert "Explain a signal: Minutes to the door" in await until(pilot, "Explain a signal")


async def test_keys_say_why_not(tmp_path: Path) -> None:
    """A key that does not fit an item is answered in the last line; on the board `z` names the place of its items."""
    app = app_of(busy(tmp_path))
    async with app.run_test(size=(140, 40)) as pilot:
        await begun(pilot)
        await pilot.press("r")
        assert "people are accountable for CPIs" in lines_of(app)[-1]
        await pilot.press("space", "e")
        assert "no number here" in lines_of(app)[-1]
        await pilot.press("enter")
        assert "nothing more is behind this item" in lines_of(app)[-1]
        await pilot.press("escape", "z")
        assert "puts off an item of the stand-up" in lines_of(app)[-1]


async def test_it_works_at_40x10_without_colour_in_ascii(tmp_path: Path) -> None:
    """On the smallest terminal the words come first and scroll; nothing leaves the grid."""
    app = app_of(busy(tmp_path), has_colour=False, is_ascii=True)
    async with app.run_test(size=(40, 10)) as pilot:
        text = await begun(pilot, "What was behind it?")
        assert "signal . new  Minutes to the door" in text
        assert all(ord(sign) < 128 for sign in text)
        await pilot.press("pagedown")
        assert is_grid_intact(app, 40)


async def test_hostile_names_are_letters_on_every_page(tmp_path: Path) -> None:
    """Control characters and markup of labels, notes and explanations act on nothing, and the grid stays whole."""
    depot = busy(tmp_path)
    depot.set('label = "Minutes to the door"', 'label = "Mi[@click=app.quit]n\\u001b[31mutes[/]"')
    depot.set('note = "a road is closed"', 'note = "a \\u202eroad\\u0007[bold]"')
    app = app_of(depot)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await begun(pilot)
        assert "Mi[@click=app.quit]n␛[31mutes[/]" in text
        await pilot.press("e", *"a[/]b", "enter")
        text = await until(pilot, "u takes it back")
        assert "a[/]b" in text
        await pilot.press("space")
        assert "road␇[bold]" in await until(pilot, "2 of 2")
        await pilot.press("space")
        assert "a[/]b" in await until(pilot, "the end")
        assert is_grid_intact(app, 80)


async def test_keys_pressed_fast_close_one_screen_only(tmp_path: Path) -> None:
    """Two closing keys that arrive before the screen is gone close it once, and the board stays."""
    app = app_of(busy(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        for _ in range(3):
            app.screen.post_message(events.Key("escape", None))
        await pilot.pause(0.1)
        assert app.screen is app.board_screen
        assert not app.crash_id
