"""The findings as a person sees them: grouped by what they are about, folded, and where the cursor stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from kputui.errors import Problem, Severity


class About(StrEnum):
    """What a finding is about, in the order of groups that are as grave; the value is the group's heading."""

    FILES = "Cannot be read"
    DATA = "Data"
    RULES = "Rules of the method"
    PEOPLE = "Accountability"
    QUESTIONS = "Questions"


_BY_LETTER = {
    "C": About.FILES,
    "E": About.FILES,
    "S": About.FILES,
    "D": About.DATA,
    "M": About.RULES,
    "R": About.PEOPLE,
    "G": About.QUESTIONS,
}


def about(problem: Problem) -> About:
    """The group of a finding, by the first letter of its code."""
    return _BY_LETTER.get(problem.code[:1], About.RULES)


def _gravity(problem: Problem) -> int:
    return list(Severity).index(problem.severity)


@dataclass(frozen=True, slots=True)
class Row:
    """A heading with how many findings it has, or a finding."""

    about: About
    count: int = 0
    problem: Problem | None = None


@dataclass(frozen=True)
class FindingList:
    """The findings, the folded groups and the cursor. Every change gives a new list."""

    findings: tuple[Problem, ...] = ()
    folded: frozenset[About] = frozenset()
    cursor: int = 0

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows to show: each group that has findings, and under it its findings unless it is folded.

        The gravest first: groups by the worst in them, findings within a group, else in their order.
        """
        groups: dict[About, list[Problem]] = {one: [] for one in About}
        for problem in sorted(self.findings, key=_gravity):
            groups[about(problem)].append(problem)
        rows: list[Row] = []
        for one, found in sorted(groups.items(), key=lambda item: _gravity(item[1][0]) if item[1] else 0):
            if found:
                rows.append(Row(one, len(found)))
                if one not in self.folded:
                    rows += [Row(one, problem=problem) for problem in found]
        return tuple(rows)

    @property
    def at(self) -> int:
        """The cursor's place among the rows."""
        return max(0, min(self.cursor, len(self.rows) - 1))

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.at] if self.rows else None

    def moved(self, steps: int) -> FindingList:
        """The cursor `steps` rows down (up when negative), stopping at the ends."""
        return replace(self, cursor=max(0, min(self.at + steps, len(self.rows) - 1)))

    def pointed(self, index: int) -> FindingList:
        """The cursor on a row."""
        return replace(self, cursor=max(0, min(index, len(self.rows) - 1)))

    def toggled(self) -> FindingList:
        """The group of the row under the cursor folded or unfolded, with the cursor on its heading."""
        if self.row is None:
            return self
        return self._on(self.row.about, replace(self, folded=self.folded ^ {self.row.about}))

    def to_the_left(self) -> FindingList:
        """Fold the group of the row."""
        return self if self.row is None or self.row.about in self.folded else self.toggled()

    def to_the_right(self) -> FindingList:
        """Unfold the group; in an open one go to its first finding."""
        if self.row is None or self.row.problem is not None:
            return self
        return self.toggled() if self.row.about in self.folded else self.moved(1)

    def with_findings(self, findings: tuple[Problem, ...]) -> FindingList:
        """Newer findings; the cursor stays on its finding, or as near as it can."""
        before = self.row
        new = replace(self, findings=findings)
        if before is None:
            return new.pointed(1)
        if before.problem is None:
            return self._on(before.about, new)
        wanted = (before.problem.code, before.problem.key, before.problem.message)
        same = (
            index
            for index, row in enumerate(new.rows)
            if row.problem is not None and (row.problem.code, row.problem.key, row.problem.message) == wanted
        )
        return new.pointed(next(same, self.at))

    @staticmethod
    def _on(one: About, new: FindingList) -> FindingList:
        index = next((i for i, row in enumerate(new.rows) if row.about is one), new.at)
        return new.pointed(index)
