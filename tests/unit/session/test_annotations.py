"""Dated notes, from people's files and from the journal: they are on every chart that they touch, and on no other."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.depot import Depot

from kputui.model.ids import GoalId, MetricId, SourceId
from kputui.model.remark import Subject, SubjectKind
from kputui.session import commands
from kputui.session.charts import goal_chart, metric_chart
from kputui.session.judges import judged_figures

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.open import Opened

DAY = date(2026, 9, 1)
CHARTS = {"soon", "minutes", "late_share", "wear"}


def marked(opened: Opened, words: str) -> set[str]:
    """The goals and metrics whose chart has a mark with these words."""
    figures = judged_figures(opened, ())
    workspace = figures.workspace
    goal = workspace.goals[GoalId("soon")]
    charts = {str(name): metric_chart(figures, metric) for name, metric in workspace.metrics.items()}
    charts["soon"] = goal_chart(figures, goal, workspace.metrics[MetricId("minutes")], figures.paces[goal.id])
    return {name for name, chart in charts.items() if chart is not None and words in [m.label for m in chart.marks]}


ABOUT = [
    (Subject(SubjectKind.METRIC, MetricId("wear")), "metrics", {"wear"}),
    (Subject(SubjectKind.METRIC, MetricId("minutes")), "metrics", {"minutes", "soon"}),
    (Subject(SubjectKind.GOAL, GoalId("soon")), "goals", {"minutes", "soon", "late_share"}),
    (Subject(SubjectKind.SOURCE, SourceId("rides")), "sources", {"minutes", "soon", "wear"}),
    (Subject(), "", CHARTS),
]


@pytest.mark.parametrize(("subject", "key", "expected"), ABOUT)
def test_a_note_of_the_journal_is_on_the_charts_it_touches(
    tmp_path: Path, subject: Subject, key: str, expected: set[str]
) -> None:
    """A metric's note is on its chart and its goal's, a goal's on those that serve it, a source's on what it feeds."""
    del key
    depot = Depot(tmp_path)
    commands.note(depot.open(), subject, DAY, "new scanners")
    assert marked(depot.open(), "new scanners") == expected


@pytest.mark.parametrize(("subject", "key", "expected"), ABOUT)
def test_an_annotation_of_the_files_is_on_the_same_charts(
    tmp_path: Path, subject: Subject, key: str, expected: set[str]
) -> None:
    """Whether people write it into the workspace or press `n`, it is seen at the same places."""
    depot = Depot(tmp_path)
    about = f'{key} = ["{subject.name}"]\n' if key else ""
    depot.add(f'\n[[annotations]]\non = 2026-09-01\nnote = "new scanners"\n{about}')
    assert marked(depot.open(), "new scanners") == expected


def test_contexts_and_owners_are_marks_too(tmp_path: Path) -> None:
    """A planned slow time is on all charts of its goal, a change of owner on that of its CPI alone."""
    depot = Depot(tmp_path)
    depot.add('\n[[contexts]]\nfrom = 2026-08-03\nto = 2026-08-16\nnote = "holidays"\npace_factor = 0.5\n')
    depot.give("vans", date(2026, 9, 7))
    assert marked(depot.open(), "holidays") == CHARTS
    assert marked(depot.open(), "accountable: Vans") == {"late_share"}
