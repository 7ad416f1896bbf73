"""Keys are data: documented, unique, remappable, and honest about clashes."""

from __future__ import annotations

from pathlib import Path

from kputui.tui import actions

DOCUMENT = Path(__file__).parents[2] / "docs" / "keys.md"


def test_the_key_table_in_the_docs_is_fresh() -> None:
    """docs/keys.md is what the action table says; write it anew with `python docs/make.py` or by hand."""
    assert DOCUMENT.read_text(encoding="utf-8") == actions.reference()


def test_no_key_and_no_id_is_given_twice() -> None:
    """Out of the box nothing clashes."""
    assert actions.key_map({}).notices == ()
    assert len({action.id for action in actions.ACTIONS}) == len(actions.ACTIONS)


def test_every_action_is_explained() -> None:
    """Each key has a label and a sentence of help."""
    assert all(action.label and action.help for action in actions.ACTIONS)


def test_daily_keys_need_no_control_key() -> None:
    """What is pressed every day works on a plain terminal: control keys have a second way or are rare."""
    rare = {"palette", "repaint", "suspend"}
    only_ctrl = {a.id for a in actions.ACTIONS if a.keys and all(key.startswith("ctrl+") for key in a.keys)}
    assert only_ctrl <= rare


def test_remapping_by_id() -> None:
    """A workspace gives an action other keys, as people write them."""
    keys = actions.key_map({"filter": "w, Ctrl+F", "last": "PgDn", "page_down": "J"})
    assert keys.action_of["w"].id == keys.action_of["ctrl+f"].id == "filter"
    assert keys.action_of["pagedown"].id == "last"
    assert keys.action_of["J"].id == "page_down"
    assert "slash" not in keys.action_of
    assert keys.notices == ()


def test_a_clash_and_an_unknown_id_are_told() -> None:
    """The remapped action gets the key; what lost it is named. Unknown ids come with the nearest known."""
    keys = actions.key_map({"filter": "q", "qit": "x"})
    assert keys.action_of["q"].id == "filter"
    assert keys.action_of["ctrl+c"].id == "quit"
    assert any("q is both filter and quit" in notice for notice in keys.notices)
    assert any("nearest: quit" in notice for notice in keys.notices)
