"""A form in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.form import FieldLook, Told, form_lines
from kputui.render.lines import Frame, Ink, Line, framed
from kputui.render.safe import safe
from kputui.tui.form import Choosing, Field, Form, Row
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from collections.abc import Sequence


class FormPane(LinePane):
    """Shows a form, what its answer would do, and the keys."""

    def __init__(self, id: str, title: str, form: Form) -> None:  # noqa: A002 - Textual's own name for it
        """Start with a form as it is."""
        super().__init__(id)
        self._title = title
        self.form = form
        self.told: tuple[Told, ...] = ()
        self.keys = ""

    def show(self, form: Form, told: Sequence[Told], keys: str) -> None:
        """Show the form after a key."""
        self.form, self.told, self.keys = form, tuple(told), keys
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The form in its frame."""
        has_one_list = sum(isinstance(field, Choosing) for field in self.form.fields) == 1
        fields = [
            _look(field, is_active=field is self.form.field, is_open=has_one_list or field is self.form.field)
            for field in self.form.fields
        ]
        body = form_lines(fields, self.told, self.keys, max(width - 2, 0), max(height - 2, 0))
        return framed(body, Frame(((safe(self._title), Ink.TITLE),), is_active=True), width, height)


def _look(field: Field, *, is_active: bool, is_open: bool) -> FieldLook:
    """How a field is drawn; of several lists only the one that the keys go to is open."""
    if isinstance(field, Row):
        options = tuple((one.label, one.hint) for one in field.options)
        return FieldLook(field.name, options=options, at=field.at, is_row=True, is_active=is_active)
    if isinstance(field, Choosing) and not is_open:
        return FieldLook(field.name, next((one.label for one in field.matching[field.at :]), ""))
    if isinstance(field, Choosing):
        matching = field.matching
        options = tuple((one.label, one.hint) for one in matching)
        at = min(field.at, len(matching) - 1) if matching else None
        return FieldLook(field.name, field.text, "", options, at, has_list=True, is_active=is_active)
    return FieldLook(field.name, field.text, field.hint, is_active=is_active)
