"""What is asked before a change of accountability: a form, what its answer would do, and the wish it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.change import Assign, Decide, Unassign, cell_of
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkState
from kputui.model.ownership import Assignee, Role
from kputui.render.form import Told
from kputui.session import choosing, commands, deciding
from kputui.session.views import Tone
from kputui.session.words import assignee_words, metric_words
from kputui.tui.changing import Wish
from kputui.tui.form import Choosing, Form, Item, Row, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.model.cell import Cell
    from kputui.model.change import Command
    from kputui.session.board import Board
    from kputui.session.commands import Conflict
    from kputui.session.history import Entry

_REASON_HINT = "why; it stays in the journal"
_NEEDED = "an exception needs a written reason"


class Question:
    """A form about one change. `told` is asked after every key, `answered` when Enter is pressed at the end."""

    heading = ""
    enter = "saves"

    def __init__(self, board: Board, form: Form) -> None:
        """Keep the form to start with."""
        self._board = board
        self.form = form
        self._seen: dict[Cell, int] = {}
        self._override: Command | None = None

    def command(self, form: Form) -> Command | None:
        """What the form asks for; None while something is missing."""
        raise NotImplementedError

    def told(self, form: Form) -> tuple[Told, ...]:
        """What the answer would do, or why it is refused, and the way out."""
        command = self.command(form)
        if command is None:
            return (Told("choose somebody", Tone.MUTED),)
        preview = choosing.preview(self._board.opened, command, self._board.evidence)
        self._seen.setdefault(cell_of(command), preview.revision)
        change = f"what will change   {self._subject(command)}: {preview.old} → {preview.new}"
        told = [Told(change if preview.is_change else f"nothing will change: it is {preview.old} already")]
        refusal = commands.refusal(self._board, command)
        if refusal is None:
            return (*told, *self._more(command))
        told.append(Told(f"✗ refused: {refusal.message}", Tone.BAD))
        if not refusal.can_override:
            return (*told, *([Told(refusal.hint, Tone.MUTED)] if refusal.hint else ()))
        if self._override == command:
            words = "Enter makes it an exception that stays on the list" if form.value("reason").strip() else _NEEDED
            return (*told, Told(f"! {words}", Tone.CAUTION))
        return (*told, Told("Enter, with a written reason, makes an exception", Tone.MUTED))

    def _subject(self, command: Command) -> str:
        return str(command.role) if isinstance(command, Assign | Unassign) else "link"

    def _more(self, command: Command) -> Sequence[Told]:
        del command
        return ()

    def insist(self, form: Form) -> None:
        """Offer the override for what the form asks now."""
        self._override = self.command(form)

    def answered(self, form: Form) -> Wish | None:
        """The wish that the form is; None when something is still to be written."""
        command = self.command(form)
        if command is None:
            return None
        refusal = commands.refusal(self._board, command)
        if refusal is not None and not refusal.can_override:
            return None
        if refusal is not None and (self._override != command or not form.value("reason").strip()):
            self._override = command
            return None
        return Wish(command, form.value("reason"), refusal is not None, self._seen.get(cell_of(command)))

    def look_again(self) -> None:
        """Somebody else was first, and the person has been told: what is there now is what they saw."""
        self._seen.clear()


class ReassignQuestion(Question):
    """Who is to hold a role for a metric."""

    def __init__(
        self, board: Board, metric: MetricId, role: Role = Role.ACCOUNTABLE, chosen: Assignee | None = None
    ) -> None:
        """Start on the list of teams and people; `chosen` is where its cursor stands."""
        opened = board.opened
        self._metric = metric
        options = tuple(Item(one.assignee.written, one.label, one.hint) for one in choosing.candidates(opened, metric))
        at = next((i for i, one in enumerate(options) if chosen is not None and one.value == chosen.written), 0)
        roles = tuple(Item(one.value, one.value) for one in Role)
        fields = (
            Row("role", roles, list(Role).index(role)),
            Choosing("to", options, at=at),
            Words("reason", hint=_REASON_HINT),
        )
        super().__init__(board, Form(fields, 1))
        self.heading = f"Reassign: {metric_words(opened.workspace, metric)}"

    def command(self, form: Form) -> Command | None:
        """An assignment."""
        team, _, person = form.value("to").partition("/")
        if not team:
            return None
        assignee = Assignee(TeamId(team), PersonId(person) if person else None)
        return Assign(self._metric, Role(form.value("role")), assignee)

    def _more(self, command: Command) -> Sequence[Told]:
        if isinstance(command, Assign) and command.role is Role.ACCOUNTABLE:
            return (Told("who was accountable stays in the history; u takes it back", Tone.MUTED),)
        return ()


class RemoveQuestion(Question):
    """Which of several roles is to be taken away, or why a last one is."""

    def __init__(self, board: Board, metric: MetricId, held: Sequence[choosing.Holder]) -> None:
        """Start on the roles that are held."""
        workspace = board.opened.workspace
        self._metric = metric
        self._held = tuple(held)
        options = tuple(Item(str(index), one.words) for index, one in enumerate(held))
        super().__init__(board, Form((Choosing("remove", options), Words("reason", hint=_REASON_HINT))))
        self.heading = f"Remove: {metric_words(workspace, metric)}"

    def command(self, form: Form) -> Command | None:
        """A removal."""
        if not form.value("remove"):
            return None
        one = self._held[int(form.value("remove"))]
        return Unassign(self._metric, one.role, one.assignee)


_DECISIONS = (
    (LinkState.CONFIRMED, "confirm"),
    (LinkState.REFUTED, "refute"),
    (LinkState.HYPOTHESIS, "back to hypothesis"),
)


class DecideQuestion(Question):
    """Whether a link holds: a person decides beside what the data says, with the reason written down."""

    def __init__(self, board: Board, metric: MetricId, kpi: MetricId | None = None) -> None:
        """Start on the links of a CPI when there are several and none is chosen by `kpi`, else on the reason."""
        opened = board.opened
        links = choosing.links_of(opened, metric, board.evidence)
        self._metric = metric
        options = tuple(Item(str(one.cell.kpi), one.label, one.state) for one in links)
        at = next((index for index, one in enumerate(links) if one.cell.kpi == kpi), 0)
        fields = (
            Choosing("leads", options, at=at),
            Row("decision", tuple(Item(state.value, words) for state, words in _DECISIONS)),
            Words("reason", hint="what you have seen; it stays in the journal"),
        )
        super().__init__(board, Form(fields, 0 if len(links) > 1 and kpi is None else 2))
        self.heading = f"Confirm a link: {metric_words(opened.workspace, metric)}"

    def command(self, form: Form) -> Command | None:
        """A decision, with what the data on show says."""
        kpi = form.value("leads")
        if not kpi:
            return None
        command = Decide(self._metric, MetricId(kpi), LinkState(form.value("decision")))
        return deciding.with_grounds(self._board.workspace, command, self._evidence(kpi))

    def _evidence(self, kpi: str) -> Evidence | None:
        return self._board.evidence.get((self._metric, MetricId(kpi)))

    def _subject(self, command: Command) -> str:
        assert isinstance(command, Decide)  # noqa: S101 - this question asks for nothing else
        return f"→ {metric_words(self._board.opened.workspace, command.kpi)}"

    def told(self, form: Form) -> tuple[Told, ...]:
        """Besides: what the data says, and what the decision is called then."""
        kpi = form.value("leads")
        evidence = self._evidence(kpi)
        state = LinkState(form.value("decision"))
        said = deciding.told_words(self._board.workspace, evidence)
        tone = Tone.MUTED if evidence is None or deciding.is_by_evidence(state, evidence) else Tone.CAUTION
        words = (Told(said), Told(deciding.warning_words(state, evidence), tone))
        missing = () if form.value("reason").strip() else (Told("a decision needs a written reason", Tone.CAUTION),)
        return (*super().told(form), *(one for one in words if one.text), *missing)

    def answered(self, form: Form) -> Wish | None:
        """Only with a reason."""
        return super().answered(form) if form.value("reason").strip() else None


class UndoQuestion(Question):
    """Whether one's own last change is to be taken back."""

    heading = "Undo"
    enter = "takes it back"

    def __init__(self, board: Board, entry: Entry) -> None:
        """Name the change."""
        self._entry = entry
        super().__init__(board, Form((Words("reason", hint="may stay empty"),)))

    def command(self, form: Form) -> Command | None:
        """An undo is no command of its own."""
        del form
        return None

    def told(self, form: Form) -> tuple[Told, ...]:
        """What is undone."""
        del form
        entry = self._entry
        age_s = max(0.0, (self._board.opened.now() - entry.at).total_seconds())
        told = [
            Told(f"undo your change {entry.seq}, {commands.age_words(age_s)}"),
            Told(f"what will change   {entry.subject}: {entry.new} → {entry.old}"),
        ]
        if entry.reason:
            told.append(Told(f"your reason was: {entry.reason}", Tone.MUTED))
        return tuple(told)

    def answered(self, form: Form) -> Wish | None:
        """The undo."""
        return Wish(None, form.value("reason"), undoes=self._entry.seq)


class ConflictQuestion(Question):
    """What to do when somebody else was first: keep theirs, replace it, or go back."""

    heading = "Somebody else was first"
    enter = "does it"

    def __init__(self, board: Board, wish: Wish, conflict: Conflict) -> None:
        """Start on keeping what the other one did."""
        self._wish, self._conflict = wish, conflict
        options = (
            Item("keep", "keep", conflict.value),
            Item("replace", "replace"),
            Item("cancel", "cancel"),
        )
        super().__init__(board, Form((Row("then", options),)))

    def command(self, form: Form) -> Command | None:
        """The command again, when it is to replace the other's."""
        return self._wish.command if form.value("then") == "replace" else None

    def told(self, form: Form) -> tuple[Told, ...]:
        """Who, what, when, and what each answer does."""
        told = [Told(f"{self._conflict.message}: keep / replace / cancel", Tone.CAUTION)]
        command = self._wish.command
        if isinstance(command, Assign):
            wanted = assignee_words(self._board.opened.workspace, command.assignee)
            told.append(Told(f"you wanted: {wanted}"))
        words = {
            "keep": f"keep leaves it at {self._conflict.value} and drops your change",
            "replace": "replace saves yours over it; both stay in the history",
            "cancel": "cancel goes back to what you were doing; nothing is changed",
        }
        return (*told, Told(words[form.value("then")], Tone.MUTED))

    def answered(self, form: Form) -> Wish | None:
        """The wish again, against what the other one left."""
        if form.value("then") != "replace":
            return None
        wish = self._wish
        return Wish(wish.command, wish.reason, wish.is_override, self._conflict.revision, wish.undoes)
