"""Fields of a dialog, without a screen."""

from __future__ import annotations

from kputui.tui.form import Choosing, Item


def test_a_name_that_begins_as_typed_comes_before_one_that_only_holds_it() -> None:
    """Typing "tom" offers Tom before everybody in customer care."""
    labels = ("Customer care", "Customer care (Amara)", "Network planning (Tom)")
    field = Choosing("to", tuple(Item(label, label) for label in labels), text="tom")
    assert [one.label for one in field.matching] == ["Network planning (Tom)", "Customer care", "Customer care (Amara)"]
    assert field.value == "Network planning (Tom)"


def test_without_typing_the_options_keep_their_order() -> None:
    """Nothing typed, nothing moved: teams with influence stay first."""
    labels = ("Ramp and taxi", "Customer care", "Network planning")
    field = Choosing("to", tuple(Item(label, label) for label in labels))
    assert [one.label for one in field.matching] == list(labels)
