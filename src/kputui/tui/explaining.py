"""What is asked about a signal: which one, and what was behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.change import Explain, cell_of
from kputui.render.form import Told
from kputui.render.number import quantity_text
from kputui.session import commands
from kputui.session.views import Tone
from kputui.session.words import day_words, metric_words
from kputui.tui.changing import Wish
from kputui.tui.form import Choosing, Form, Item, Words
from kputui.tui.questions import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.model.change import Command
    from kputui.session.board import Board
    from kputui.session.signal_views import SignalView

_TEXT = "what happened"


class ExplainQuestion(Question):
    """What was behind a signal: what is shown, and a line for what people know about it."""

    def __init__(self, board: Board, signals: Sequence[SignalView]) -> None:
        """Start on the text when it is clear which signal is meant, else on the list; those still open come first."""
        self._signals = sorted(signals, key=lambda one: (not one.is_open, -one.start.toordinal()))
        options = tuple(
            Item(str(index), f"{one.period}, {quantity_text(one.value)}", _hint(one))
            for index, one in enumerate(self._signals)
        )
        fields = (Choosing("signal", options), Words(_TEXT, hint="in a sentence; it stays in the journal"))
        is_clear = len(self._signals) == 1 or sum(one.is_open for one in self._signals) == 1
        super().__init__(board, Form(fields, 1 if is_clear else 0))
        self.heading = f"Explain a signal: {metric_words(board.opened.workspace, self._signals[0].metric)}"

    def _chosen(self, form: Form) -> SignalView | None:
        value = form.value("signal")
        return self._signals[int(value)] if value else None

    def command(self, form: Form) -> Command | None:
        """An explanation; None while nothing is written."""
        one, text = self._chosen(form), form.value(_TEXT).strip()
        return Explain(one.metric, one.since, text) if one is not None and text else None

    def told(self, form: Form) -> tuple[Told, ...]:
        """Which rule fired, and what was said about it already."""
        one = self._chosen(form)
        if one is None:
            return (Told("choose a signal", Tone.MUTED),)
        cell_seen = Explain(one.metric, one.since, "")
        self._seen.setdefault(cell_of(cell_seen), commands.revision(self._board, cell_seen))
        told = [Told(f"{one.period}, {quantity_text(one.value)}: {one.text}")]
        if one.known:
            told.append(Told(f"known of these days: {', '.join(one.known)}"))
        if one.explanation:
            day = f" on {day_words(one.on)}" if one.on is not None else ""
            told.append(Told(f"{one.by} explained it{day}: {one.explanation}"))
            told.append(Told("what you write takes its place; both stay in the history", Tone.MUTED))
        elif not form.value(_TEXT).strip():
            told.append(Told("an explanation is what you know, not what you guess", Tone.MUTED))
        return tuple(told)

    def answered(self, form: Form) -> Wish | None:
        """The explanation; None while nothing is written."""
        command = self.command(form)
        return Wish(command, seen_revision=self._seen.get(cell_of(command))) if command is not None else None


def _hint(one: SignalView) -> str:
    if one.explanation:
        return f"explained by {one.by}"
    return "new" if one.is_new else "not explained"
