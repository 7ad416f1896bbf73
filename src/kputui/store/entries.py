"""The snapshot's entries as model values; what is not understood becomes a warning."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kputui.errors import Place, Problem, Severity, did_you_mean
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkDecision, LinkState
from kputui.model.ownership import Assignee, Assignment, Role
from kputui.store.lines import assignee_of, plain_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.model.workspace import Workspace

_MAX_SHOWN = 60
_MAX_PROBLEMS = 100
_LISTED_ROLES = (Role.RESPONSIBLE, Role.CONSULTED, Role.INFORMED)


class Entries:
    """Decodes one snapshot, and collects its warnings in `problems`.

    Against a workspace, what it does not define is left out; without one, all names are taken as they are.
    """

    def __init__(self, file: str, text: str, workspace: Workspace | None) -> None:
        """Keep the text to find the lines of entries."""
        self.problems: list[Problem] = []
        self._file = file
        self._lines = text.split("\n")
        self._workspace = workspace

    def assignments(self, table: dict[str, Any]) -> dict[MetricId, Assignment]:
        """The assignments of known metrics."""
        found: dict[MetricId, Assignment] = {}
        for name, entry in table.items():
            metric = MetricId(name)
            path = ("assignments", name)
            if self._workspace is not None and metric not in self._workspace.metrics:
                self.warn("S04", f"no metric {_shown(name)}", path, (name, self._workspace.metrics))
            elif not isinstance(entry, dict):
                self.warn("S03", "the assignment is not a table", path)
            else:
                found[metric] = self._assignment(metric, entry)
        return found

    def decisions(self, table: dict[str, Any]) -> dict[tuple[MetricId, MetricId], LinkDecision]:
        """The decisions about declared links; keys of the table are `cpi->kpi`."""
        links = self._workspace.links if self._workspace is not None else ()
        declared = {(link.cpi, link.kpi) for link in links}
        found: dict[tuple[MetricId, MetricId], LinkDecision] = {}
        for name, entry in table.items():
            cpi, arrow, kpi = name.partition("->")
            pair = (MetricId(cpi.strip()), MetricId(kpi.strip()))
            path = ("links", name)
            if not arrow or not isinstance(entry, dict):
                self.warn("S03", f"{_shown(name)} is not a decision about a link", path)
            elif self._workspace is not None and pair not in declared:
                known = (f"{one}->{other}" for one, other in declared)
                self.warn("S07", f"no link {_shown(name)} is declared", path, (name, known))
            elif (decision := self._decision(pair, entry, path)) is not None:
                found[pair] = decision
        return found

    def exceptions(self, table: dict[str, Any], assignments: Iterable[MetricId]) -> dict[MetricId, str]:
        """The reasons for accountability before confirmation, of the assignments that were understood."""
        found: dict[MetricId, str] = {}
        for metric in assignments:
            reason = table[metric].get("exception", "")
            if not isinstance(reason, str):
                self.warn("S03", '"exception" is not text', ("assignments", metric, "exception"))
            elif reason:
                found[metric] = reason
        return found

    def warn(self, code: str, message: str, path: tuple[str, ...], near: tuple[str, Iterable[str]] = ("", ())) -> None:
        """Note a warning about the entry at `path`; `near` is a wrong name and the known ones.

        Only the first `_MAX_PROBLEMS` are kept: a snapshot with more is not the program's own.
        """
        if len(self.problems) >= _MAX_PROBLEMS:
            return
        hint = did_you_mean(*near) if len(near[0]) <= 2 * _MAX_SHOWN else ""
        line = self._line_of(path)
        place = Place(self._file, line, 1, self._lines[line - 1])
        key = ".".join(path)
        width = max(1, len(place.source_line))
        self.problems.append(Problem(code, message, Severity.WARNING, place, key, hint, width))

    def _assignment(self, metric: MetricId, entry: dict[str, Any]) -> Assignment:
        path = ("assignments", str(metric))
        accountable = self._assignees(entry.get("accountable"), (*path, Role.ACCOUNTABLE))
        if len(accountable) > 1:
            self.warn("S03", "more than one is accountable; the first is taken", (*path, Role.ACCOUNTABLE))
        listed = {str(role): self._assignees(entry.get(role), (*path, role)) for role in _LISTED_ROLES}
        since = self._day(entry.get("since"), (*path, "since"))
        return Assignment(metric, accountable[0] if accountable else None, since=since, **listed)

    def _assignees(self, value: object, path: tuple[str, ...]) -> tuple[Assignee, ...]:
        if value is None or value == "":
            return ()
        texts = value if isinstance(value, list) else [value]
        found: list[Assignee] = []
        for text in texts:
            assignee = self._assignee(text, path)
            if assignee is not None and assignee not in found:
                found.append(assignee)
        return tuple(found)

    def _assignee(self, value: object, path: tuple[str, ...]) -> Assignee | None:
        if not isinstance(value, str):
            self.warn("S03", 'wants "team" or "team/person"', path)
            return None
        name, _, handle = value.partition("/")
        if self._workspace is None:
            return assignee_of(value)
        team = self._workspace.teams.get(TeamId(name))
        if team is None:
            self.warn("S05", f"no team {_shown(name)}", path, (name, self._workspace.teams))
            return None
        if not handle:
            return Assignee(team.id)
        person = PersonId(handle)
        if person not in team.members and person != team.lead:
            people: Iterable[str] = (*team.members, *((team.lead,) if team.lead else ()))
            self.warn("S06", f"{_shown(handle)} is not in the team {team.id}", path, (handle, people))
        return Assignee(team.id, person)

    def _decision(
        self, pair: tuple[MetricId, MetricId], entry: dict[str, Any], path: tuple[str, ...]
    ) -> LinkDecision | None:
        word = entry.get("state")
        if not isinstance(word, str) or word not in set(LinkState):
            self.warn("S03", f"the state is not one of: {', '.join(LinkState)}", (*path, "state"))
            return None
        texts: dict[str, str] = {}
        for key in ("decided_by", "method", "reason", "cpi_hash", "kpi_hash"):
            text = entry.get(key, "")
            if isinstance(text, str):
                texts[key] = text
            else:
                self.warn("S03", f'"{key}" is not text', (*path, key))
        decided_on = self._day(entry.get("decided_on"), (*path, "decided_on"))
        return LinkDecision(
            cpi=pair[0],
            kpi=pair[1],
            state=LinkState(word),
            decided_by=texts.get("decided_by", ""),
            decided_on=decided_on,
            method=texts.get("method", ""),
            reason=texts.get("reason", ""),
            evidence=plain_evidence(entry.get("evidence", {})),
            cpi_hash=texts.get("cpi_hash", ""),
            kpi_hash=texts.get("kpi_hash", ""),
        )

    def _day(self, value: object, path: tuple[str, ...]) -> date | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        self.warn("S03", "is not a date", path)
        return None

    def _line_of(self, path: tuple[str, ...]) -> int:
        """The line of a key's own line below its table's header, as the program lays the file out."""
        table, name, *rest = (*path, "")[:3] if len(path) < 3 else path
        headers = {f"[{table}.{name}]", f'[{table}."{name}"]'} if name else {f"[{table}]"}
        header = next((i for i, line in enumerate(self._lines) if line.strip() in headers), None)
        if header is None:
            return 1
        key = rest[0] if rest else ""
        for index in range(header + 1, len(self._lines)):
            line = self._lines[index].lstrip()
            if not key or line.startswith("["):
                break
            if line.startswith(key) and line[len(key) :].lstrip().startswith("="):
                return index + 1
        return header + 1


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= _MAX_SHOWN else f'"{text[:_MAX_SHOWN]}…"'
