"""Links weighed on real files: at which grain, with what left out, and what the data says then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.linked import FIRST, Linked

from kputui.analysis.evidence.verdict import Verdict
from kputui.engine.compute import Engine
from kputui.model.change import Decide
from kputui.model.ids import MetricId
from kputui.model.link import LinkState
from kputui.model.metric import Grain
from kputui.session import commands
from kputui.session.board import Board
from kputui.session.deciding import with_grounds
from kputui.session.judges import Memo, Work
from kputui.session.link_search import Exploration, Search
from kputui.session.link_words import missing_words
from kputui.session.weighing import weighed

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.session.figures import Figures

WAIT, QUEUE, SMILES, SALES = (MetricId(name) for name in ("wait", "queue", "smiles", "sales"))


@pytest.fixture
def tea(tmp_path: Path) -> Linked:
    return Linked(tmp_path / "tea")


def only(figures: Figures) -> Evidence:
    (found,) = figures.evidence.values()
    return found


def test_a_real_lead_is_ready_to_confirm(tea: Linked) -> None:
    """A CPI that leads two weeks ahead is found at that lag, with its effect in pots a minute and the weeks used."""
    tea.link("wait", "sales")
    tea.write()
    found = only(tea.weighed())
    assert (found.verdict, found.grain) == (Verdict.CONFIRMED, Grain.WEEK)
    assert found.best is not None
    assert found.best.lag == 2
    assert found.effect is not None
    assert found.effect.low < -1.5 < found.effect.high
    assert (found.data_from, found.data_to) == (FIRST, FIRST + timedelta(days=7 * 120 - 1))
    assert found.data_hash


def test_noise_is_never_confirmed(tea: Linked) -> None:
    """A CPI that has nothing to do with the KPI is not confirmed."""
    tea.link("smiles", "sales", "positive")
    tea.write()
    assert only(tea.weighed()).verdict in {Verdict.NOT_ENOUGH, Verdict.REJECTED}


def test_the_wrong_sign_is_contradicted(tea: Linked) -> None:
    """A link declared the other way round is contradicted, not confirmed."""
    tea.link("wait", "sales", "positive")
    tea.write()
    assert only(tea.weighed()).verdict is Verdict.CONTRADICTED


def test_a_lag_in_days_is_tested_by_day(tea: Linked) -> None:
    """Metrics shown by week are tested by day when the lag is in days and the data has a row a day."""
    tea.link("day_wait", "day_sales", lag="1 day")
    tea.write()
    found = only(tea.weighed())
    assert (found.verdict, found.grain) == (Verdict.CONFIRMED, Grain.DAY)
    assert found.best is not None
    assert found.best.lag == 1


def test_data_that_comes_by_month_makes_the_test_monthly(tea: Linked) -> None:
    """One export a month is never spread over weeks: both are compared by month, and the screen says so."""
    tea.weeks = 170
    tea.link("wait", "loyal", lag="4-8 weeks")
    tea.write()
    found = only(tea.weighed())
    assert found.grain is Grain.MONTH
    assert any("compared by month" in check.text and "0 to 2 months" in check.text for check in found.checks)
    assert missing_words(found, LinkState.HYPOTHESIS)


def test_too_little_data_says_how_much_is_missing(tea: Linked) -> None:
    """Below thirty periods there is no verdict, and the grid says how many are needed and how many are there."""
    tea.weeks = 20
    tea.link("wait", "sales")
    tea.write()
    found = only(tea.weighed())
    assert found.verdict is Verdict.NOT_ENOUGH
    assert missing_words(found, LinkState.HYPOTHESIS).startswith("needs ")


def test_gaps_are_told_and_never_filled(tea: Linked) -> None:
    """A metric without a value in every fourth week is not tested, and the grid says why."""
    tea.link("gappy", "sales", "positive")
    tea.write()
    found = only(tea.weighed())
    assert found.verdict is Verdict.NOT_ENOUGH
    assert missing_words(found, LinkState.HYPOTHESIS) == "gaps 25 %"


def test_a_metric_that_never_changes_is_named_as_people_know_it(tea: Linked) -> None:
    """The reason names the metric by its label."""
    tea.link("flat", "sales", "positive")
    tea.write()
    assert only(tea.weighed()).reason == "Tables never changes"


def test_a_metric_that_fails_says_why(tea: Linked) -> None:
    """When a metric can't be computed, the evidence has its failure and the other links are tested."""
    tea.link("wait", "sales")
    tea.link("smiles", "loyal", "positive")
    tea.write()
    (tea.folder / "data" / "months.csv").unlink()
    found = tea.weighed().evidence
    assert found[WAIT, SALES].verdict is Verdict.CONFIRMED
    failed = found[SMILES, MetricId("loyal")]
    assert failed.verdict is Verdict.NOT_ENOUGH
    assert failed.reason.startswith("Guests with a card: ")


def test_controls_and_the_smallest_effect_come_from_the_config(tea: Linked) -> None:
    """What a link names as control is held still, and its own smallest effect decides what is rejected."""
    tea.link("wait", "sales", more='controls = ["rain"]\nsmallest_effect = 0.5')
    tea.write()
    found = only(tea.weighed())
    assert (found.controls, found.smallest_effect) == ((MetricId("rain"),), 0.5)


def test_evidence_before_and_after_the_declaration_is_apart(tea: Linked) -> None:
    """With a day of declaration the test is told for the data before it and since."""
    tea.link("wait", "sales", more="declared = 2024-03-04")
    tea.write()
    before, since = only(tea.weighed()).parts
    assert before.n + since.n <= 120
    assert min(before.n, since.n) > 40


def test_a_part_is_refused_without_a_test(tea: Linked) -> None:
    """A CPI that the KPI is made of is refused by definition, whatever the data."""
    tea.metrics["sales"] = ""
    tea.link("wait", "sales")
    tea.write()
    text = (tea.folder / "kputui.toml").read_text(encoding="utf-8")
    block = text[text.index("[metrics.sales]") : text.index("[metrics.rain]")]
    ratio = (
        '[metrics.sales]\nkind = "kpi"\nlabel = "Pots a minute"\ntype = "ratio"\nnumerator = "rain"\n'
        'denominator = "wait"\ngrain = "week"\n'
    )
    (tea.folder / "kputui.toml").write_text(text.replace(block, ratio), encoding="utf-8")
    found = only(tea.weighed())
    assert (found.verdict, found.reason) == (Verdict.REFUSED, "Minutes waited is a part of Pots a minute")


def test_the_same_inputs_are_not_computed_again(tea: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look at unchanged figures asks the engine nothing and changes nothing."""
    tea.link("day_wait", "day_sales", lag="1 day")
    tea.write()
    board = Board(tea.open())
    for _ in board.refresh():
        pass
    before = board.evidence
    monkeypatch.setattr(Engine, "readings", lambda *_: pytest.fail("asked again"))
    for _ in board.refresh():
        pass
    assert board.evidence == before


def test_a_cancelled_look_leaves_the_figures_as_they_were(tea: Linked) -> None:
    """When the work is cancelled half-way, no half evidence is shown."""
    tea.link("day_wait", "day_sales", lag="1 day")
    tea.write()
    figures = replace(tea.weighed(), evidence={})
    work = Work(Engine(figures.workspace), Memo(), lambda: True)
    assert weighed(figures, work) is figures


def test_confirmed_cpis_of_one_kpi_are_fitted_together(tea: Linked) -> None:
    """When two CPIs of a KPI are confirmed, each shows what it adds beside the other."""
    tea.link("wait", "sales")
    tea.link("queue", "sales")
    tea.write()
    opened = tea.open()
    evidence = tea.weighed().evidence
    assert all(one.joint is None for one in evidence.values())
    for cpi in (WAIT, QUEUE):
        command = with_grounds(opened.workspace, Decide(cpi, SALES, LinkState.CONFIRMED), evidence[cpi, SALES])
        commands.apply(opened, command, reason="seen")
        opened = tea.open()
    joint = tea.weighed().evidence
    for cpi, slope in ((WAIT, -1.5), (QUEUE, -1.0)):
        effect = joint[cpi, SALES].joint
        assert effect is not None
        assert effect.low < slope < effect.high


def test_an_undeclared_pair_is_explored_and_gets_no_verdict(tea: Linked) -> None:
    """Whatever an undeclared pair shows, it is never ready to confirm."""
    tea.write()
    figures = tea.weighed()
    work = Work(Engine(figures.workspace), Memo(), lambda: False)
    found = Exploration(WAIT, SALES)(figures, work).evidence[WAIT, SALES]
    assert (found.verdict, found.q) == (Verdict.LEANING, None)
    assert found.best is not None
    assert found.best.lag == 2


def test_the_search_finds_what_nobody_declared(tea: Linked) -> None:
    """The strongest undeclared pair comes first; declared ones are left out."""
    tea.link("queue", "sales")
    tea.write()
    figures = tea.weighed()
    search = Search()
    assert search(figures, Work(Engine(figures.workspace), Memo(), lambda: False)) is figures
    first = search.hints[0]
    assert (first.cpi, first.kpi) in {(WAIT, SALES), (MetricId("day_wait"), MetricId("day_sales"))}
    assert (WAIT, SALES) in {(hint.cpi, hint.kpi) for hint in search.hints if hint.q <= 0.05}
    assert (QUEUE, SALES) not in {(hint.cpi, hint.kpi) for hint in search.hints}


def test_running_weeks_are_not_used(tea: Linked) -> None:
    """On a Wednesday the week that has not ended is left out of the test."""
    tea.link("wait", "sales")
    tea.write()
    wednesday = FIRST + timedelta(days=7 * 100 + 2)
    found = only(tea.weighed(wednesday))
    assert found.data_to == FIRST + timedelta(days=7 * 100 - 1)
    assert date(2024, 12, 1) == found.data_to


def test_data_without_weekends_is_pointed_to_weeks(tea: Linked) -> None:
    """Working days alone leave gaps by day; the reason says that a lag in weeks would do."""
    tea.link("day_wait", "day_sales", lag="1 day")
    tea.write()
    path = tea.folder / "data" / "days.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if date.fromisoformat(row[:10]).weekday() < 5]
    path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    found = only(tea.weighed())
    assert (found.verdict, found.grain) == (Verdict.NOT_ENOUGH, Grain.DAY)
    assert missing_words(found, LinkState.HYPOTHESIS) == "gaps 28 %"
    assert found.reason.endswith("a lag in weeks would compare whole weeks")
