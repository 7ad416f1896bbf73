"""The life of a link: a hypothesis, in testing, decided by a person on the data of that day, and one day expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.linked import FIRST, Linked

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.change import Decide
from kputui.model.ids import MetricId
from kputui.model.link import LinkState
from kputui.session import commands
from kputui.session.accountability import exceptions, is_against_verdict, link_state_on, todos
from kputui.session.board import Board
from kputui.session.check import check_opened
from kputui.session.choosing import preview
from kputui.session.deciding import is_by_evidence, warning_words, with_grounds
from kputui.session.links import links_view

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.accountability import LinkStanding
    from kputui.session.figures import Figures

WAIT, SMILES, SALES = MetricId("wait"), MetricId("smiles"), MetricId("sales")
LATER = FIRST + timedelta(days=7 * 120 + 30)


@pytest.fixture
def tea(tmp_path: Path) -> Linked:
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales", more='review_every = "90d"')
    tea.write()
    return tea


def decided(tea: Linked, state: LinkState = LinkState.CONFIRMED, cpi: MetricId = WAIT) -> None:
    """Decide about a link with what the data says, as both front ends do."""
    opened = tea.open()
    evidence = tea.weighed().evidence[cpi, SALES]
    command = with_grounds(opened.workspace, Decide(cpi, SALES, state), evidence)
    commands.apply(opened, command, reason="twelve evenings")


def standing(figures: Figures, cpi: MetricId = WAIT) -> LinkStanding:
    return link_state_on(
        figures.workspace, figures.ownership, cpi, SALES, figures.clock.today, evidence=figures.evidence
    )


def edit(tea: Linked, old: str, new: str) -> None:
    path = tea.folder / "kputui.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_without_a_look_at_the_data_it_is_a_hypothesis(tea: Linked) -> None:
    """At the first paint nothing has been tested; once there is enough data the link is in testing."""
    figures = tea.weighed()
    assert standing(replace(figures, evidence={})).state is LinkState.HYPOTHESIS
    assert standing(figures).state is LinkState.TESTING


def test_too_little_data_leaves_it_a_hypothesis(tmp_path: Path) -> None:
    """Below the fewest periods nothing is being tested yet."""
    tea = Linked(tmp_path / "tea", weeks=20)
    tea.link("wait", "sales")
    tea.write()
    assert standing(tea.weighed()).state is LinkState.HYPOTHESIS


def test_a_confirmation_keeps_what_the_data_said(tea: Linked) -> None:
    """The decision has verdict, figures, the span of the data with its hash, and both definitions."""
    decided(tea)
    figures = tea.weighed()
    found = standing(figures)
    assert found.state is LinkState.CONFIRMED
    assert found.decision is not None
    assert found.decision.method == "evidence"
    kept, now = found.decision.evidence, figures.evidence[WAIT, SALES]
    assert now.best is not None
    assert (kept["verdict"], kept["n"], kept["grain"], kept["lag"]) == ("ready to confirm", now.n, "week", 2)
    assert kept["r"] == pytest.approx(now.best.r, rel=1e-5)
    assert (kept["data_from"], kept["data_hash"]) == (FIRST.isoformat(), now.data_hash)
    assert found.decision.cpi_hash
    assert found.decision.kpi_hash
    assert not is_against_verdict(found.decision)


def test_more_data_of_the_same_kind_expires_nothing(tea: Linked) -> None:
    """New weeks come in, the weeks that were judged stay as they were: the confirmation stands."""
    early = FIRST + timedelta(days=7 * 110 - 1)
    evidence = tea.weighed(early).evidence[WAIT, SALES]
    opened = tea.open(early)
    commands.apply(
        opened, with_grounds(opened.workspace, Decide(WAIT, SALES, LinkState.CONFIRMED), evidence), reason="x"
    )
    figures = tea.weighed()
    assert figures.evidence[WAIT, SALES].data_hash != evidence.data_hash
    assert standing(figures).state is LinkState.CONFIRMED


def test_a_changed_past_expires_it(tea: Linked) -> None:
    """A week that was judged has another value now: the confirmation has expired, and says so."""
    decided(tea)
    tea.write_weeks(changed=60)
    found = standing(tea.weighed())
    assert found.state is LinkState.EXPIRED
    assert found.why == "the data up to 20 Apr 2025 has other values now than when it was confirmed"


def test_a_changed_definition_expires_it(tea: Linked) -> None:
    """The CPI counts something else now."""
    decided(tea)
    edit(
        tea, 'expr = "wait"\ngrain = "week"\ndirection = "decrease"\nunit = "min"', 'expr = "wait + 1"\ngrain = "week"'
    )
    found = standing(tea.weighed())
    assert found.state is LinkState.EXPIRED
    assert found.why.startswith("the definition of Minutes waited")


def test_confirming_again_starts_from_expired(tea: Linked) -> None:
    """The dialog says that the expired link would be confirmed, not that it is confirmed already."""
    decided(tea)
    tea.write_weeks(changed=60)
    evidence = tea.weighed().evidence
    command = with_grounds(tea.open().workspace, Decide(WAIT, SALES, LinkState.CONFIRMED), evidence[WAIT, SALES])
    shown = preview(tea.open(), command, evidence)
    assert (shown.old, shown.new, shown.is_change) == ("expired", "confirmed", True)


def test_another_declared_sign_or_lag_expires_it(tea: Linked) -> None:
    """What was confirmed is not what is declared now."""
    decided(tea)
    edit(tea, 'lag = "1-3 weeks"', 'lag = "0-3 weeks"')
    found = standing(tea.weighed())
    assert (found.state, found.why) == (
        LinkState.EXPIRED,
        "the declared sign or lag has changed since it was confirmed",
    )


def test_a_failed_test_expires_it(tea: Linked) -> None:
    """A link confirmed by judgement before the data was looked at, and the data says the opposite."""
    opened = tea.open()
    tea.write_weeks(sign=-1.0)
    commands.apply(opened, Decide(WAIT, SALES, LinkState.CONFIRMED), reason="everybody knows")
    figures = tea.weighed()
    assert figures.evidence[WAIT, SALES].verdict is Verdict.CONTRADICTED
    found = standing(figures)
    assert (found.state, found.why) == (LinkState.EXPIRED, "the data now contradicts it")
    assert [todo.code for todo in todos(tea.open().workspace, figures.ownership, day=LATER)] == ["R08"]
    asked = todos(figures.workspace, figures.ownership, day=figures.clock.today, evidence=figures.evidence)
    assert [todo.code for todo in asked] == ["R12"]


def test_a_review_that_is_due_expires_it(tea: Linked) -> None:
    """After `review_every` the link asks for a decision again."""
    decided(tea)
    figures = tea.weighed()
    day = figures.clock.today
    for days, state in ((90, LinkState.CONFIRMED), (91, LinkState.EXPIRED)):
        later = link_state_on(
            figures.workspace, figures.ownership, WAIT, SALES, day + timedelta(days), evidence=figures.evidence
        )
        assert later.state is state


def test_confirming_against_the_verdict_stays_on_the_list(tmp_path: Path) -> None:
    """It is possible and visible: a judgement, listed by check and on the board until the data is ready."""
    tea = Linked(tmp_path / "tea")
    tea.link("smiles", "sales", "positive")
    tea.write()
    decided(tea, cpi=SMILES)
    figures = tea.weighed()
    found = standing(figures, SMILES)
    assert found.state is LinkState.CONFIRMED
    assert found.decision is not None
    assert found.decision.method == "judgement"
    assert is_against_verdict(found.decision)
    assert exceptions(figures.workspace, figures.ownership, day=figures.clock.today) == {SMILES: "twelve evenings"}
    problems = [problem for problem in check_opened(tea.open()) if problem.code == "R14"]
    assert len(problems) == 1
    assert "was confirmed while the data said:" in problems[0].message
    assert "twelve evenings" in problems[0].message
    ((cell,),) = links_view(figures).cells
    assert cell is not None
    assert cell.is_exception


def test_what_was_decided_against_fails_nothing_a_second_time(tea: Linked) -> None:
    """Who confirms a link that the data contradicts has said so: it does not expire for the same verdict at once."""
    tea.write_weeks(sign=-1.0)
    decided(tea)
    found = standing(tea.weighed())
    assert found.state is LinkState.CONFIRMED
    assert is_against_verdict(found.decision)


def test_confirming_again_with_evidence_takes_it_off_the_list(tea: Linked) -> None:
    """A judgement becomes a confirmation by evidence when it is decided again on data that is ready."""
    tea.weeks = 20
    tea.write()
    decided(tea)
    assert is_against_verdict(standing(tea.weighed()).decision)
    tea.weeks = 120
    tea.write()
    decided(tea)
    found = standing(tea.weighed())
    assert found.state is LinkState.CONFIRMED
    assert not is_against_verdict(found.decision)


def test_a_decision_on_the_board_takes_the_data_on_show(tea: Linked) -> None:
    """The board hands its own evidence to the decision, and shows it as confirmed at once."""
    board = Board(tea.open())
    for _ in board.refresh():
        pass
    commands.apply(board, Decide(WAIT, SALES, LinkState.CONFIRMED), reason="seen")
    view = board.view()
    assert view.links is not None
    ((cell,),) = view.links.cells
    assert cell is not None
    assert (cell.state, cell.is_exception, cell.missing) == (LinkState.CONFIRMED, False, "")
    assert board.opened.ownership.decisions[WAIT, SALES].method == "evidence"


def test_what_a_decision_is_called_is_told_before(tea: Linked) -> None:
    """The form says whether the data is ready, and that a judgement stays on the list."""
    ready = tea.weighed().evidence[WAIT, SALES]
    assert is_by_evidence(LinkState.CONFIRMED, ready)
    assert not is_by_evidence(LinkState.REFUTED, ready)
    assert warning_words(LinkState.CONFIRMED, ready) == "recorded as decided on the evidence, with its figures"
    assert "an exception until it is ready" in warning_words(
        LinkState.CONFIRMED, replace(ready, verdict=Verdict.LEANING)
    )
    assert "not been looked at" in warning_words(LinkState.REFUTED, None)
    assert is_by_evidence(LinkState.REFUTED, replace(ready, verdict=Verdict.REJECTED))


def test_an_old_decision_without_evidence_stands(tea: Linked) -> None:
    """What a decision does not record cannot expire it: one made before there were tests stands."""
    opened = tea.open()
    commands.apply(opened, Decide(WAIT, SALES, LinkState.CONFIRMED), reason="as ever")
    tea.write_weeks(changed=60)
    figures = tea.weighed()
    assert figures.ownership.decisions[WAIT, SALES].evidence == {}
    assert standing(figures).state is LinkState.CONFIRMED
    assert date(2025, 4, 20) == figures.clock.today
