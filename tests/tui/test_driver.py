"""Keys that come faster than anybody types are a paste."""

from __future__ import annotations

from textual import events

from kputui.tui.driver import BURST_KEYS, merged


def key(name: str) -> events.Key:
    """The event of a key; text keys are named by their character."""
    return events.Key(name, name if len(name) == 1 else {"enter": "\r"}.get(name))


def test_a_burst_of_text_is_one_paste() -> None:
    """Text pasted by a terminal without bracketed paste is one event, its lines included, and not a repaint a key."""
    burst = [key(name) for name in [*"early", "enter"] * BURST_KEYS]
    (paste,) = merged(burst, BURST_KEYS)
    assert isinstance(paste, events.Paste)
    assert paste.text == "early\n" * BURST_KEYS


def test_keys_that_are_typed_stay_keys() -> None:
    """A few keys that waited together, and keys that no text holds, arrive one by one and in order."""
    typed = [key("j")] * (BURST_KEYS - 1) + [key("down")] * 200 + [key("q")]
    assert list(merged(typed, BURST_KEYS)) == typed


def test_a_key_after_a_burst_keeps_its_place() -> None:
    """Esc behind pasted text is obeyed after the text."""
    first, last = merged([*[key("x")] * BURST_KEYS, key("escape")], BURST_KEYS)
    assert isinstance(first, events.Paste)
    assert isinstance(last, events.Key)
    assert last.key == "escape"
