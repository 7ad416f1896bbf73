"""What is asked for a note and for putting an item of the stand-up off: a text and a day, or a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.model.change import Note, Snooze, cell_of
from kputui.model.remark import Subject, SubjectKind
from kputui.render.form import Told
from kputui.session import commands
from kputui.session.history import subject_words
from kputui.session.views import Tone
from kputui.session.words import day_words
from kputui.tui.changing import Wish
from kputui.tui.form import Form, Item, Row, Words
from kputui.tui.questions import Question

if TYPE_CHECKING:
    from kputui.model.change import Command
    from kputui.session.board import Board
    from kputui.session.standup_views import Item as StandUpItem
    from kputui.session.views import RowView

_TEXT, _DAY, _UNTIL = "note", "day", "until"
_DAYS_OFF = ((7, "a week"), (14, "two weeks"), (28, "four weeks"), (1, "tomorrow"))


class NoteQuestion(Question):
    """A dated note on a metric, a goal or everything."""

    def __init__(self, board: Board, subject: Subject) -> None:
        """Start on the text, the last field: Enter saves it for today, unless another day is written."""
        self._subjects = (subject,) if subject == Subject() else (subject, Subject())
        self._today = board.opened.clock.today
        words = [subject_words(board.workspace, one) for one in self._subjects]
        fields = (
            Row("about", tuple(Item(str(index), one) for index, one in enumerate(words))),
            Words(_DAY, self._today.isoformat()),
            Words(_TEXT, hint="what happened, in a sentence; it is shown on the charts"),
        )
        super().__init__(board, Form(fields, 2))
        self.heading = f"Note: {words[0]}"

    def command(self, form: Form) -> Command | None:
        """The note; None while the text or the day is missing."""
        text, day = form.value(_TEXT).strip(), _day(form.value(_DAY))
        return Note(self._subjects[int(form.value("about"))], day, text) if text and day is not None else None

    def told(self, form: Form) -> tuple[Told, ...]:
        """Where it will be seen, or what is missing."""
        if _day(form.value(_DAY)) is None:
            return (Told("the day is written as YYYY-MM-DD", Tone.CAUTION),)
        if not form.value(_TEXT).strip():
            return (Told("a note marks its day on every chart that it is about", Tone.MUTED),)
        about = subject_words(self._board.workspace, self._subjects[int(form.value("about"))])
        refusal = commands.refusal(self._board, command) if (command := self.command(form)) is not None else None
        if refusal is not None:
            return (Told(f"✗ refused: {refusal.message}", Tone.BAD),)
        return (Told(f"noted for {day_words(_day(form.value(_DAY)) or self._today)}: {about}"),)

    def answered(self, form: Form) -> Wish | None:
        """The note; None while something is missing or refused."""
        command = self.command(form)
        return Wish(command) if command is not None and commands.refusal(self._board, command) is None else None


class SnoozeQuestion(Question):
    """Until when an item of the stand-up is put off."""

    def __init__(self, board: Board, item: StandUpItem) -> None:
        """Start on a week; a day may be written instead."""
        self._item, self._today = item, board.opened.clock.today
        options = tuple(Item(str(days), words) for days, words in _DAYS_OFF)
        fields = (Words(_UNTIL, hint="a day as YYYY-MM-DD, in place of a length"), Row("for", options))
        super().__init__(board, Form(fields, 1))
        self.heading = f"Not now: {item.title}"

    def _until(self, form: Form) -> date | None:
        written = form.value(_UNTIL).strip()
        return _day(written) if written else self._today + timedelta(days=int(form.value("for")))

    def command(self, form: Form) -> Command | None:
        """The snooze; None while the day is not one."""
        until = self._until(form)
        return Snooze(self._item.key, until) if until is not None else None

    def told(self, form: Form) -> tuple[Told, ...]:
        """When it comes back, or why not so."""
        command = self.command(form)
        if not isinstance(command, Snooze) or command.until is None:
            return (Told("the day is written as YYYY-MM-DD", Tone.CAUTION),)
        self._seen.setdefault(cell_of(command), commands.revision(self._board, command))
        refusal = commands.refusal(self._board, command)
        if refusal is not None:
            return (Told(f"✗ refused: {refusal.message}", Tone.BAD),)
        return (
            Told(f"it comes back on {day_words(command.until)}; until then no stand-up shows it, to anybody"),
            Told("when the matter changes it comes back at once", Tone.MUTED),
        )

    def answered(self, form: Form) -> Wish | None:
        """The snooze; None while the day is not one, or is not after today."""
        command = self.command(form)
        if command is None or commands.refusal(self._board, command) is not None:
            return None
        return Wish(command, seen_revision=self._seen.get(cell_of(command)))


def subject_of(item: StandUpItem | None, row: RowView | None) -> Subject:
    """What a note is about: the item's metric or goal, else those of the row, else everything."""
    found = (item.metric, item.goal.goal if item.goal is not None else None) if item is not None else (None, None)
    if found == (None, None) and item is None and row is not None:
        found = (row.metric, row.goal)
    metric, goal = found
    if metric is not None:
        return Subject(SubjectKind.METRIC, metric)
    return Subject(SubjectKind.GOAL, goal) if goal is not None else Subject()


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None
