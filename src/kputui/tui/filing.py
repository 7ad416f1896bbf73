"""What is asked before a file is written: which, and where to; and the writing, off the key path."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import KputuiError, UsageError
from kputui.render.form import Told
from kputui.session.exports import Exported, export_table, form_of
from kputui.session.output_file import refusal, write_output
from kputui.session.report import refuse_private, report_of
from kputui.session.views import Tone
from kputui.session.words import metric_words
from kputui.tui.form import Choosing, Form, Item, Words
from kputui.tui.messages import FileWritten, WorkFailed
from kputui.tui.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message
    from textual.screen import Screen

    from kputui.model.ids import MetricId
    from kputui.model.workspace import Workspace
    from kputui.session.board import Board
    from kputui.session.figures import Figures
    from kputui.session.open import Opened
    from kputui.tui.actions import Situation
    from kputui.tui.linepane import Look

_TO = "to"
_TABLES = {
    Exported.GOALS: "goals, with pace and forecast",
    Exported.METRICS: "metrics, with their newest values",
    Exported.SIGNALS: "signals, with what was said about them",
    Exported.LINKS: "links, with the evidence",
    Exported.ACCOUNTABILITY: "who is accountable for what",
    Exported.CHANGES: "changes, with their reasons",
    Exported.FINDINGS: "findings",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A file to write: its path, and what makes its content in the thread that writes it."""

    path: Path
    content: Callable[[], bytes]


class FileQuestion:
    """A form about one file. `job` is what Enter starts."""

    heading = ""
    enter = "writes it"

    def __init__(self, workspace: Workspace | None, form: Form) -> None:
        """Keep the form to start with; its file is named by the field at the end, and is none of the workspace's."""
        self._workspace = workspace
        self.form = form

    def told(self, form: Form) -> tuple[Told, ...]:
        """Where the file goes, what is there already, or why it can't go there."""
        path = self._path(form)
        if path is None:
            return (Told("name a file", Tone.MUTED),)
        if trouble := self.trouble(form, path):
            return (Told(f"✗ {trouble}", Tone.BAD),)
        place = Told(f"writes {path.resolve()}")
        return (place, Told("! a file is there: Enter replaces it", Tone.CAUTION)) if path.exists() else (place,)

    def job(self, form: Form) -> Job | None:
        """What to write; None while something is in the way."""
        path = self._path(form)
        if path is None or self.trouble(form, path):
            return None
        return Job(path, self.content(form, path))

    def trouble(self, form: Form, path: Path) -> str:
        """Why nothing is written there; "" when it can be."""
        del form
        if not path.resolve().parent.is_dir():
            return f'there is no folder "{path.resolve().parent}"'
        return refusal(path, self._workspace)

    def content(self, form: Form, path: Path) -> Callable[[], bytes]:
        """What makes the file's content."""
        raise NotImplementedError

    def _path(self, form: Form) -> Path | None:
        text = form.value(_TO).strip()
        try:
            return Path(text).expanduser() if text and "\0" not in text else None
        except RuntimeError:
            return None


class ReportQuestion(FileQuestion):
    """Where the stand-up's page goes; its name says whether it is HTML or Markdown."""

    heading = "Write the report"

    def __init__(self, opened: Opened, figures: Figures) -> None:
        """Offer a name with the day."""
        name = f"stand-up-{figures.clock.today.isoformat()}.html"
        super().__init__(opened.workspace, Form((Words(_TO, name, hint="a file, .html or .md"),)))
        self._opened, self._figures = opened, figures

    def told(self, form: Form) -> tuple[Told, ...]:
        """Besides: what kind of page it will be."""
        words = "one HTML file with its charts inside; end the name in .md for Markdown"
        return (*super().told(form), Told(words, Tone.MUTED))

    def trouble(self, form: Form, path: Path) -> str:
        """As for every file; and a name that says neither form."""
        is_known = path.suffix.lower() in {".html", ".md"}
        return super().trouble(form, path) if is_known else "end the name in .html or .md"

    def content(self, form: Form, path: Path) -> Callable[[], bytes]:
        """The page of the figures on show."""
        del form
        opened, figures, is_html = self._opened, self._figures, path.suffix.lower() == ".html"

        def make() -> bytes:
            from kputui.render.html_report import html_report  # noqa: PLC0415 - not needed to start
            from kputui.render.report_md import markdown_report  # noqa: PLC0415 - as above

            view = report_of(opened, figures)
            return (html_report(view) if is_html else markdown_report(view)).encode("utf-8", "replace")

        return make


class ExportQuestion(FileQuestion):
    """Which table, and where it goes; the file's name says in which form."""

    heading = "Export a table"

    def __init__(self, figures: Figures, metric: MetricId | None) -> None:
        """Offer the values of the selected metric first, then every table."""
        self._figures, self._metric = figures, metric
        items = [Item(one.value, words) for one, words in _TABLES.items()]
        if metric is not None:
            label = metric_words(figures.workspace, metric)
            items.insert(0, Item(Exported.VALUES.value, f"values of {label}, by period"))
        hint = "a file, .csv, .json or .parquet"
        super().__init__(figures.workspace, Form((Choosing("table", tuple(items)), Words(_TO, hint=hint))))

    def trouble(self, form: Form, path: Path) -> str:
        """As for every file; no table chosen, and a name that says no form."""
        try:
            form_of(path)
        except UsageError as error:
            return error.hint
        return super().trouble(form, path) if form.value("table") else "choose a table"

    def content(self, form: Form, path: Path) -> Callable[[], bytes]:
        """The table of the figures on show."""
        what, figures, metric = Exported(form.value("table")), self._figures, self._metric

        def make() -> bytes:
            from kputui.render.table import table_bytes  # noqa: PLC0415 - not needed to start

            return table_bytes(export_table(figures, what, metric), form_of(path), figures.workspace)

        return make


class PictureQuestion(FileQuestion):
    """Where the picture of the screen goes, which was taken before the question came up."""

    heading = "Save a picture of the screen"

    def __init__(self, workspace: Workspace | None, picture: str) -> None:
        """Offer a name that is free."""
        names = ("kputui-board.svg", *(f"kputui-board-{number}.svg" for number in range(2, 100)))
        name = next((name for name in names if not Path(name).exists()), names[-1])
        super().__init__(workspace, Form((Words(_TO, name, hint="a file, .svg"),)))
        self._picture = picture

    def trouble(self, form: Form, path: Path) -> str:
        """As for every file; and a name that is none of a picture."""
        return super().trouble(form, path) if path.suffix.lower() == ".svg" else "end the name in .svg"

    def content(self, form: Form, path: Path) -> Callable[[], bytes]:
        """The picture."""
        del form, path
        return lambda: self._picture.encode("utf-8", "replace")


class Filing:
    """Opens the questions about files over the board, and writes them in a thread.

    Without a `board` there are only pictures. `push` shows a screen, `say` is the board's one notice line, `post`
    hands a message to the app from any thread.
    """

    def __init__(
        self,
        board: Board | None,
        push: Callable[[Screen[None]], object],
        look: Callable[[], Look],
        say: Callable[[str], None],
        post: Callable[[Message], object],
        log: Callable[[BaseException], str],
    ) -> None:
        """Nothing is asked yet."""
        self._board = board
        self._push, self._look, self._say, self._post, self._log = push, look, say, post, log
        self._open: tuple[FileQuestion, FormScreen] | None = None

    def act(self, action_id: str, situation: Situation, picture: Callable[[], str]) -> None:
        """Ask about a file; `picture` takes the screen as it is."""
        board, row = self._board, situation.row
        if action_id == "screenshot":
            self._ask(PictureQuestion(board.workspace if board is not None else None, picture()))
            return
        if board is None or situation.view is None or situation.view.header.is_computing:
            self._say("the figures are still being computed")
            return
        try:
            refuse_private(board.opened)
        except UsageError as error:
            self._say(error.message)
            return
        if action_id == "report":
            self._ask(ReportQuestion(board.opened, board.figures))
        else:
            self._ask(ExportQuestion(board.figures, row.metric if row is not None else None))

    def _ask(self, question: FileQuestion) -> None:
        screen = FormScreen(question, self._answered, self._look)
        self._open = (question, screen)
        self._push(screen)

    def _answered(self, form: Form) -> None:
        if self._open is None:
            return
        question, screen = self._open
        job = question.job(form)
        if job is None:
            screen.fill(form)
            return
        screen.dismiss(None)
        self._say(f"writing {job.path.name} ...")
        threading.Thread(target=self._write, args=(job,), name="kputui-file", daemon=True).start()

    def _write(self, job: Job) -> None:
        try:
            write_output(job.path, job.content(), self._board.workspace if self._board is not None else None)
        except KputuiError as error:
            self._post(FileWritten(f"! not written: {error.message}"))
        except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
            self._post(WorkFailed("writing the file", self._log(error)))
        else:
            self._post(FileWritten(f"wrote {job.path}"))
