"""A form over the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.screen import ModalScreen

from kputui.tui.form import Choosing
from kputui.tui.panes.form import FormPane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from kputui.render.form import Told
    from kputui.tui.form import Form
    from kputui.tui.linepane import Look

MAX_WIDTH, MAX_HEIGHT = 90, 24
_OTHER_LINES = 12


class Asked(Protocol):
    """What a form screen needs of a question."""

    heading: str
    enter: str
    form: Form

    def told(self, form: Form) -> Sequence[Told]:
        """What the answer would do."""
        ...


class FormScreen(ModalScreen[None], inherit_bindings=False):
    """Lets a question's form be filled in; `answer` takes it, Esc closes."""

    DEFAULT_CSS: ClassVar[str] = "FormScreen { overflow: hidden; background: transparent; }"

    def __init__(self, question: Asked, answer: Callable[[Form], None], look: Callable[[], Look]) -> None:
        """Keep what to ask, and who takes the answer."""
        super().__init__()
        self._question, self._answer, self._look = question, answer, look
        self._news: tuple[Told, ...] = ()
        self.pane = FormPane("form", question.heading, question.form)

    @property
    def form(self) -> Form:
        """The form as it is filled in."""
        return self.pane.form

    def compose(self) -> ComposeResult:
        """The form alone; the board stays visible around it."""
        yield self.pane

    def on_mount(self) -> None:
        """Take the look of the board."""
        self.pane.look = self._look()
        self.fill(self.form)

    def on_resize(self, event: events.Resize) -> None:
        """Stand in the middle, as high as the fields need."""
        width, height = event.size
        longest = max((len(field.options) for field in self.form.fields if isinstance(field, Choosing)), default=-2)
        wanted = longest + len(self.form.fields) + _OTHER_LINES
        cells = MAX_WIDTH if width > MAX_WIDTH + 4 else max(width, 1)
        rows = max(min(height - 2, MAX_HEIGHT, wanted), 1)
        self.pane.styles.offset = ((width - cells) // 2, max((height - rows) // 2, 0))
        self.pane.styles.width, self.pane.styles.height = cells, rows

    def apply_look(self) -> None:
        """Show in the theme of now."""
        self.pane.look = self._look()
        self.pane.repaint_all()

    def fill(self, form: Form) -> None:
        """Show the form so, with what its answer would do."""
        enter = f"Enter {self._question.enter}" if form.is_at_end else "Enter goes on"
        tab = "Tab next field   " if len(form.fields) > 1 else ""
        self.pane.show(form, (*self._question.told(form), *self._news), f"{enter}   {tab}Esc cancels")

    def tell(self, *news: Told) -> None:
        """Say something below the form, until the next key."""
        self._news = news
        self.fill(self.form)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self.fill(self.form.pasted(event.text))

    def on_key(self, event: events.Key) -> None:
        """Fill in, answer or leave."""
        event.stop()
        self._news = ()
        if event.key in {"escape", "ctrl+c"}:
            self.dismiss(None)
        elif event.key == "enter" and self.form.is_at_end:
            self._answer(self.form)
        elif event.key == "enter":
            self.fill(self.form.moved(1))
        else:
            self.fill(self.form.typed(event.key, event.character if event.is_printable else None))
