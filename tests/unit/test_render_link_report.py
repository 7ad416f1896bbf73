"""The links on the command line: they fit a narrow terminal, let no text act on it, and JSON holds only numbers."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.linked import Linked

from kputui.analysis.evidence.verdict import Evidence, Hint, Verdict
from kputui.model.change import Decide
from kputui.model.ids import MetricId
from kputui.model.link import LinkState
from kputui.model.metric import Grain
from kputui.render.lines import text_of, width_of
from kputui.render.link_report import hint_lines, link_records, pair_lines, table_lines
from kputui.session import commands
from kputui.session.link_reports import HintReport, LinkReport, link_reports, pair_report

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.open import Opened

CPI, KPI = MetricId("cpi"), MetricId("kpi")


def report(label: str = "Waiting", e: float | None = None) -> LinkReport:
    evidence = Evidence(CPI, KPI, Verdict.NOT_ENOUGH, "too short", e=e)
    return LinkReport(CPI, KPI, label, "Sales", None, LinkState.HYPOTHESIS, "", None, "", "too short", evidence)


def confirmed(tea: Linked) -> Opened:
    decision = Decide(MetricId("wait"), MetricId("sales"), LinkState.CONFIRMED)
    commands.apply(tea.open(), decision, reason="twelve evenings")
    return tea.open()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_loses_nothing(tmp_path: Path, width: int) -> None:
    """Where the table has no room each link takes a few lines, none wider than the terminal."""
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales")
    tea.write()
    opened = tea.open()
    lines = table_lines(link_reports(opened), width)
    assert max(width_of(line) for line in lines) <= width
    words = " ".join(" ".join(text_of(line) for line in lines).split())
    assert "Minutes waited -> Pots sold" in words
    assert "a person's decision" in words
    shown = pair_lines(*pair_report(confirmed(tea), "wait", "sales", 0.5), width)
    assert max(width_of(line) for line in shown) <= width


def test_labels_do_not_act_on_the_terminal() -> None:
    """Control characters of a label are shown, not carried out."""
    text = "".join(text_of(line) for line in table_lines([report("a\x1b[31mb")]))
    assert "\x1b" not in text


def test_no_links_and_no_hints_say_so() -> None:
    """Nothing declared, and nothing that could be searched."""
    assert text_of(table_lines([])[0]) == "no links are declared"
    assert text_of(hint_lines([])[-1]) == "no undeclared pair has enough data"


def test_many_hints_are_counted() -> None:
    """The strongest are listed, the others counted."""
    hint = HintReport("Waiting", "Sales", Hint(CPI, KPI, Grain.WEEK, 2, -0.4, 50, 0.01, 0.2))
    lines = [text_of(line) for line in hint_lines([hint] * 25)]
    assert lines[-1] == "and 5 weaker pairs"
    assert sum("Waiting" in line for line in lines) == 20


def test_json_has_no_infinite_numbers() -> None:
    """Odds of two series without any noise are null, so that every reader can read the rest."""
    (record,) = link_records([report(e=math.inf)])
    assert json.loads(json.dumps(record, allow_nan=False))["evidence"]["e"] is None


def test_a_search_that_finds_no_more_than_luck_says_so() -> None:
    """A ranking always has a first; where no q is small, the last line says that it means nothing."""
    faint = HintReport("Waiting", "Sales", Hint(CPI, KPI, Grain.WEEK, 2, -0.4, 50, 0.01, 0.84))
    assert "none of the 3 stands out" in text_of(hint_lines([faint] * 3)[-1])
    clear = HintReport("Waiting", "Sales", Hint(CPI, KPI, Grain.WEEK, 2, -0.7, 50, 0.0001, 0.01))
    assert "stands out" not in "".join(text_of(line) for line in hint_lines([clear, faint]))


def test_one_what_if_is_told_and_not_beyond_what_can_be(tmp_path: Path) -> None:
    """The change that was asked for takes the place of the usual one; what no metric can do is said first."""
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales")
    tea.write()
    opened = confirmed(tea)
    report, view = pair_report(opened, "wait", "sales", 500.0)
    words = " ".join(" ".join(text_of(line) for line in pair_lines(report, view, 100)).split())
    assert words.count("What if") == 1
    assert "Minutes waited can't go so far from where it stands; if Minutes waited falls by 500 min" in words
    assert "can't go so far" not in pair_report(opened, "wait", "sales", 0.5)[0].what_if_words
