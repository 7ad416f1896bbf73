"""The views of the links: the grid with what it can be filtered by, the evidence behind one, and what if."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.linked import Linked

from kputui.model.change import Decide
from kputui.model.ids import GoalId, MetricId, TeamId
from kputui.model.link import LinkState
from kputui.session import commands
from kputui.session.board import Board
from kputui.session.deciding import with_grounds
from kputui.session.link_evidence import evidence_view
from kputui.session.link_what_if import expected, refused_words
from kputui.session.links import EvidenceViews, links_view
from kputui.session.views import Tone

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.figures import Figures

WAIT, SMILES, SALES = MetricId("wait"), MetricId("smiles"), MetricId("sales")
TEAMS = """
[teams.kitchen]
label = "Kitchen"
lead = "ada"
influences = ["wait"]

[teams.room]
label = "Room"
lead = "ben"
influences = ["smiles"]
"""


@pytest.fixture
def tea(tmp_path: Path) -> Linked:
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales", more='declared = 2024-03-04\nmechanism = "who waits goes next door"')
    tea.link("smiles", "sales", "positive", lag="1 week")
    tea.links.append(TEAMS)
    tea.metrics["wait"] = "targets = [{ from = 2023-01-01, value = 5 }]"
    tea.write()
    return tea


def confirmed(tea: Linked) -> Figures:
    """The figures after the link from waiting to sales was confirmed with evidence."""
    opened = tea.open()
    evidence = tea.weighed().evidence[WAIT, SALES]
    command = with_grounds(opened.workspace, Decide(WAIT, SALES, LinkState.CONFIRMED), evidence)
    commands.apply(opened, command, reason="twelve evenings")
    return tea.weighed()


def test_the_grid_has_linked_metrics_only(tea: Linked) -> None:
    """Linked CPIs are rows, linked KPIs columns; a cell has sign, strength, state, verdict and what is missing."""
    view = links_view(tea.weighed())
    assert view.rows == ((WAIT, "Minutes waited"), (SMILES, "Smiles"))
    assert view.columns == ((SALES, "Pots sold"),)
    ((first,), (second,)) = view.cells
    assert first is not None
    assert second is not None
    assert (first.sign, first.state, first.verdict) == ("-", LinkState.TESTING, "ready to confirm")
    assert (first.missing, first.tone) == ("a person's decision", Tone.GOOD)
    assert first.strength is not None
    assert first.strength < -0.5
    assert second.sign == "+"
    assert not view.is_weighing


def test_the_grid_can_be_filtered_by_team_and_goal(tea: Linked) -> None:
    """Each row names the teams that influence it, each column the goals that it measures."""
    view = links_view(tea.weighed())
    assert view.teams == (frozenset({TeamId("kitchen")}), frozenset({TeamId("room")}))
    assert view.goals == (frozenset({GoalId("fed")}),)
    assert dict(view.team_labels)[TeamId("room")] == "Room"
    assert dict(view.goal_labels) == {"fed": "Guests come back"}


def test_before_the_first_look_the_grid_says_so(tea: Linked) -> None:
    """The first paint has no links at all; then they are there without a verdict until the data was looked at."""
    board = Board(tea.open())
    assert board.first().links is None
    view = next(board.refresh())
    assert view.links is not None
    assert view.links.is_weighing
    cell = view.links.cells[0][0]
    assert cell is not None
    assert (cell.state, cell.verdict, cell.missing) == (LinkState.HYPOTHESIS, "", "not looked at yet")
    assert view.evidence[WAIT, SALES].sentence == "the data has not been looked at yet"


def test_the_evidence_of_a_link(tea: Linked) -> None:
    """The hypothesis as written, the verdict in a sentence, every figure, the lag profile and the scatter."""
    view = evidence_view(tea.weighed(), WAIT, SALES)
    assert view.title == ("Minutes waited", "Pots sold")
    assert view.hypothesis == ("expected negative, after 1-3 weeks: who waits goes next door (declared on 4 Mar 2024)")
    assert view.sentence.startswith("Minutes waited leads Pots sold: one min more goes with ")
    facts = {fact.name: fact.text for fact in view.facts}
    assert {"data", "strength", "over all lags", "effect", "odds", "p", "bound"} <= facts.keys()
    assert facts["strength"].endswith("at lag 2 weeks")
    assert re.search(r"n = \d+ weeks, .*: \d+ of 120 weeks lost to the lag", facts["data"])
    assert facts["bound"].startswith("with 95 % certainty not stronger than 0.")
    assert view.profile is not None
    assert [lag for lag, declared in zip(view.profile.lags, view.profile.is_declared, strict=True) if declared] == [
        1,
        2,
        3,
    ]
    assert view.profile.unit == "weeks"
    assert len(view.scatter) > 100
    assert view.scatter_names == ("Minutes waited", "Pots sold, 2 weeks later")
    assert [part.partition(":")[0] for part in view.parts] == ["before", "since"]
    assert view.held
    assert view.what_if == ("this link is in testing: only a confirmed one tells what if",)
    assert view.refusal == ""


def test_a_link_of_an_unknown_day_says_so(tea: Linked) -> None:
    """Without `declared` nobody can tell what was seen before."""
    view = evidence_view(tea.weighed(), SMILES, SALES)
    assert view.hypothesis.endswith("(declared on an unknown day)")
    assert "unknown day" in view.parts[0]


def test_a_confirmed_link_tells_what_if_and_its_history(tea: Linked) -> None:
    """By its target; the decision with its verdict stands in the history."""
    figures = confirmed(tea)
    view = evidence_view(figures, WAIT, SALES)
    assert view.state.startswith("confirmed by ")
    (words,) = view.what_if
    assert words.startswith("if Minutes waited falls by ")
    assert "(to its target), Pots sold is expected to rise by " in words
    assert 'of what is missing to the goal "Guests come back"' in words
    (past,) = view.history
    assert "confirmed, by " in past
    assert "the data said: ready to confirm, " in past
    assert past.endswith(": twelve evenings")


def test_what_if_follows_the_effect(tea: Linked) -> None:
    """The expected change is slope times change with the interval's ends, at the lag, as a share of the goal's gap."""
    figures = confirmed(tea)
    evidence = figures.evidence[WAIT, SALES]
    assert evidence.effect is not None
    assert refused_words(figures, evidence) == ""
    found = expected(figures, evidence, 0.5)
    assert found is not None
    assert (found.change, found.is_to_target, found.found.lag) == (-0.5, False, 2)
    assert found.found.expected == pytest.approx(-0.5 * evidence.effect.slope)
    assert found.found.low == pytest.approx(-0.5 * evidence.effect.high)
    assert found.goal == "fed"
    assert found.gap is not None
    pace = figures.paces[GoalId("fed")]
    assert pace.target is not None
    assert pace.actual is not None
    assert found.gap == pytest.approx(pace.target - pace.actual)
    assert found.found.share == pytest.approx(found.found.expected / found.gap)


def test_what_if_is_refused_with_its_reason(tea: Linked) -> None:
    """Nothing is expected of a link that nobody confirmed, nor of a confirmed one without an effect."""
    figures = tea.weighed()
    assert refused_words(figures, figures.evidence[WAIT, SALES]).startswith("this link is in testing")
    figures = confirmed(tea)
    without = replace(figures.evidence[WAIT, SALES], effect=None)
    assert refused_words(figures, without).startswith("the data at hand gives no effect")
    assert expected(figures, without, 1.0) is None


def test_evidence_is_made_when_looked_at(tea: Linked) -> None:
    """A board of many links makes the page of one only when it is opened; an unknown pair is no page."""
    views = EvidenceViews(tea.weighed())
    assert list(views) == [(WAIT, SALES), (SMILES, SALES)]
    assert len(views) == 2
    assert views[WAIT, SALES] is views[WAIT, SALES]
    with pytest.raises(KeyError):
        views[SALES, WAIT]


def test_the_metrics_detail_has_the_verdict(tea: Linked) -> None:
    """On the board the detail of a CPI says in a few words what the data says of its links."""
    board = Board(tea.open())
    *_, view = board.refresh()
    detail = view.details["cpi:fed/sales/wait"]
    assert "; the data says: ready to confirm, r = -0." in detail.links[0]
    assert detail.links[0].startswith("testing: expected to lead Pots sold")


def test_nobody_decides_on_evidence_for_another_definition(tea: Linked) -> None:
    """Once a metric is defined anew, what the data said before is gone until the data was looked at again."""
    board = Board(tea.open())
    *_, _ = board.refresh()
    assert (WAIT, SALES) in board.evidence
    file = tea.folder / "kputui.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('expr = "wait"', 'expr = "queue"'), encoding="utf-8")
    views = board.refresh()
    next(views)
    assert (WAIT, SALES) not in board.evidence
    assert (SMILES, SALES) in board.evidence
    *_, _ = views
    assert (WAIT, SALES) in board.evidence
