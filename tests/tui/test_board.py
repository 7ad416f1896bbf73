"""The board by keys alone: what a person presses, and what the screen then says."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle

from kputui.tui.app import BoardApp
from kputui.tui.messages import ReadingsReady

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(140, 40), (120, 40), (80, 24), (60, 20), (40, 10)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_looks_as_drawn(size: tuple[int, int]) -> None:
    """At every size that people use, the whole screen is as the frame on file says."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "down", "down")
        await settle(pilot)
        assert_frame(app, f"board_{size[0]}x{size[1]}")
        assert is_grid_intact(app, size[0])


async def test_names_are_there_before_any_number() -> None:
    """The first paint waits for no data: names stand, values are empty, and the header says it computes."""
    app = BoardApp(FakeBoard(delay_s=5))
    async with app.run_test(size=(140, 40)):
        text = "\n".join(lines_of(app))
        assert "On-time arrivals" in text
        assert "75.8" not in text
        assert "computing" in text


async def test_nothing_moves_when_numbers_arrive() -> None:
    """Every name stands in the same cell before and after the numbers."""
    app = BoardApp(FakeBoard(delay_s=5))
    async with app.run_test(size=(140, 40)) as pilot:
        before = lines_of(app)
        app.post_message(ReadingsReady(view_of(1)))
        await settle(pilot)
        after = lines_of(app)
        for name in ("On-time arrivals", "Left late", "Miles flown"):
            assert [line.find(name) for line in before] == [line.find(name) for line in after]


async def test_the_detail_follows_the_selection_in_the_same_frame() -> None:
    """One key: the cursor and the detail's title change together."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("down", "down")
        assert "Flights that left · KPI" in lines_of(app)[1]


async def test_an_older_view_never_replaces_a_newer() -> None:
    """A worker that was overtaken cannot bring old numbers back."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        newer = replace(view_of(7), header=replace(view_of(7).header, project="Newer"))
        older = replace(view_of(6), header=replace(view_of(6).header, project="Older"))
        app.post_message(ReadingsReady(newer))
        app.post_message(ReadingsReady(older))
        await settle(pilot)
        assert lines_of(app)[0].startswith(" Newer")


async def test_the_cursor_stays_on_its_row_when_numbers_are_new() -> None:
    """A refresh never moves the selection."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("down", "down", "down")
        key = app.board_screen.goals.outline.cursor
        app.post_message(ReadingsReady(view_of(9)))
        await settle(pilot)
        assert app.board_screen.goals.outline.cursor == key


async def test_folding_hides_what_hangs_below() -> None:
    """Space on a goal hides its KPIs, and shows them again."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("down", "space")
        assert "Flights that left" not in "\n".join(lines_of(app))
        await pilot.press("space")
        assert "Flights that left" in "\n".join(lines_of(app))


async def test_filter_keeps_matches_and_what_they_hang_under() -> None:
    """Typing shows only rows that hold the text, with their goals; Esc shows all again."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"early")
        text = "\n".join(line[:70] for line in lines_of(app))
        assert "Early risers" in text
        assert "People arrive when we said" in text
        assert "Miles flown" not in text
        assert "Early risers" in lines_of(app)[1]
        await pilot.press("escape")
        assert "Miles flown" in "\n".join(lines_of(app))


async def test_a_huge_paste_into_the_filter_is_cut() -> None:
    """100 kB pasted into the filter neither blocks nor breaks the screen."""
    from textual import events

    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash")
        app.post_message(events.Paste("x\x1b[31m漢" * 20_000))
        await settle(pilot)
        assert len(app.board_screen.goals.outline.filter) == 200
        full = app.board_screen.goals.outline
        await pilot.press("x")
        assert app.board_screen.goals.outline is full
        assert is_grid_intact(app, 80)


async def test_a_filter_that_nothing_holds_says_so() -> None:
    """An empty list is explained."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"zzzz")
        assert "no row holds this text" in "\n".join(lines_of(app))
        await pilot.press("down", "up", "enter", "o", "space", "left", "right", "end")
        assert is_grid_intact(app, 80)


async def test_tab_on_a_small_terminal_swaps_the_panes() -> None:
    """At 80x24 Tab shows the detail whole, then the matrix whole, then the goals again."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "down", "tab")
        await settle(pilot)
        assert_frame(app, "detail_80x24")
        await pilot.press("tab")
        await settle(pilot)
        assert "Accountability" in lines_of(app)[1]
        await pilot.press("tab")
        await settle(pilot)
        assert "Goals" in lines_of(app)[1]


async def test_tab_on_a_large_terminal_only_moves_the_marker() -> None:
    """With all three panes on screen Tab lays nothing out anew: the panes keep their places."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        before = [pane.region for pane in app.board_screen.children]
        await pilot.press("tab")
        assert [pane.region for pane in app.board_screen.children] == before
        assert "▌" in lines_of(app)[1][70:]


async def test_the_matrix_selects_the_cpi() -> None:
    """Moving in the matrix shows that CPI's detail."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("tab", "tab", "down", "down")
        assert "Evening waits over an hour · CPI" in lines_of(app)[1] or "Left late · CPI" in lines_of(app)[1]


@pytest.mark.parametrize(
    ("keys", "name"), [("question_mark", "help"), ("6", "check"), ("down,down,down,o", "source"), ("ctrl+p", "palette")]
)
async def test_pages_open_and_close(keys: str, name: str) -> None:
    """Help, check, a number's origin and the palette open over the board, and Esc comes back to it."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press(*keys.split(","))
        await settle(pilot)
        assert_frame(app, f"{name}_100x30")
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.board_screen


async def test_a_key_that_cannot_be_done_says_why() -> None:
    """Where a goal has no number to open, the key answers with the reason."""
    view = view_of(1)
    plain = replace(view, details={key: replace(detail, provenance=()) for key, detail in view.details.items()})
    app = BoardApp(FakeBoard(plain))
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("o")
        assert "this row has no number to open" in lines_of(app)[-1]
        await pilot.press("down")
        assert "keys" in lines_of(app)[-1]


async def test_the_palette_goes_to_a_row() -> None:
    """A metric is found by typing a piece of its name."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"taxiway", "enter")
        await settle(pilot)
        assert "Stuck on the taxiway" in lines_of(app)[1]


async def test_a_worker_that_fails_leaves_the_board_working() -> None:
    """Even a panic of the engine is a sentence with an id; the keys go on."""
    board = FakeBoard()
    board.error = BaseException("a panic")
    app = BoardApp(board)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert "reading the data failed (error " in lines_of(app)[-1]
        await pilot.press("down")
        assert "keys" in lines_of(app)[-1]


async def test_a_changed_file_is_read_again() -> None:
    """When the poll sees a change, the workspace is read again and the numbers follow."""
    board = FakeBoard()
    app = BoardApp(board)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        board.changed.set()
        await settle(pilot, 1.5)
        assert board.reloads == 1


async def test_remapped_keys_work_and_a_clash_is_told() -> None:
    """The workspace's [keys] table moves an action; a key asked for twice is reported at the start."""
    app = BoardApp(FakeBoard(delay_s=5), keys={"filter": "f", "quitt": "x", "help": "f"})
    async with app.run_test(size=(140, 40)) as pilot:
        assert 'no action "quitt"' in lines_of(app)[-1]
        await pilot.press("f", *"taxi")
        assert "/taxi" in lines_of(app)[-1]


async def test_themes_take_turns_and_q_leaves() -> None:
    """`t` goes through the themes; `q` leaves with exit code 0."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        assert "dark" in lines_of(app)[-1]
        await pilot.press("t", "t")
        assert "terminal" in lines_of(app)[-1]
        await pilot.press("q")
    assert app.return_value == 0


async def until_written(app: BoardApp) -> None:
    """A file that was asked for is on disk, and said to be."""
    for _ in range(500):
        await asyncio.sleep(0.01)
        if "wrote" in lines_of(app)[-1]:
            return


async def test_the_screenshot_is_written_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A free name in the current folder is offered, never that of an older one; the picture keeps its spaces."""
    monkeypatch.chdir(tmp_path)
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for _ in range(2):
            await pilot.press("ctrl+p", *"write the screen", "enter")
            await settle(pilot)
            await pilot.press("enter")
            await until_written(app)
    names = await asyncio.to_thread(os.listdir, tmp_path)
    assert sorted(names) == ["kputui-board-2.svg", "kputui-board.svg"]
    drawn = await asyncio.to_thread((tmp_path / "kputui-board.svg").read_text, encoding="utf-8")
    assert 'xml:space="preserve"' in drawn


async def test_any_size_is_survived() -> None:
    """Down to 1x1 and up again: too small says so, and the board comes back whole."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        before = lines_of(app)
        for width, height in ((39, 9), (40, 10), (1, 1), (2, 50), (300, 3), (140, 40)):
            await pilot.resize_terminal(width, height)
            await settle(pilot)
            assert is_grid_intact(app, width)
            if (width, height) == (39, 9):
                assert "kputui needs 40x10, this is 39x9" in lines_of(app)[0]
            await pilot.press("down", "up", "tab", "shift+tab")
        assert lines_of(app) == before


async def test_without_utf8_only_ascii_is_sent() -> None:
    """Where the locale is not UTF-8 every glyph has its ASCII stand-in, as wide."""
    app = BoardApp(FakeBoard(), is_ascii=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("down", "down")
        await settle(pilot)
        assert "\n".join(lines_of(app)).isascii()
        assert_frame(app, "board_ascii_140x40")


async def test_without_colour_states_still_read() -> None:
    """With NO_COLOR no cell has a colour, and every state has its glyph and its word."""
    app = BoardApp(FakeBoard(), has_colour=False)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        styles = [
            segment.style for strip in app.screen._compositor.render_strips() for segment in strip if segment.style
        ]
        assert all(style.color is None or style.color.is_default for style in styles)
        text = "\n".join(lines_of(app))
        assert all(words in text for words in ("✗ off track", "! at risk", "✓ on track"))


async def test_shrunken_data_is_taken_when_it_is_accepted() -> None:
    """`y` has nothing to accept while nothing is held back; else the board takes what is there."""
    board = FakeBoard()
    app = BoardApp(board)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("y")
        assert "no data is held back" in lines_of(app)[-1]
        assert board.forced == 0
        app.post_message(ReadingsReady(replace(view_of(7), is_held_back=True)))
        await settle(pilot)
        await pilot.press("y")
        assert "to take what is there" in lines_of(app)[-1]
        for _ in range(100):
            await pilot.pause(0.01)
            if board.forced:
                break
        assert board.forced == 1


async def test_the_page_of_a_metric_has_a_large_chart() -> None:
    """Enter on a metric opens its page, with a chart over the words."""
    app = BoardApp(FakeBoard())
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("down", "down", "down", "enter")
        await settle(pilot)
        text = lines_of(app)
        assert "└" in "".join(text[10:21])
        assert any("by week" in line for line in text[12:21])
        assert is_grid_intact(app, 100)
