"""`kputui links`, and decisions with evidence, on generated files and on the demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.linked import Linked

from kputui import store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui


@pytest.fixture
def tea(tmp_path: Path) -> Linked:
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales")
    tea.link("smiles", "sales", "positive", lag="1 week")
    tea.write()
    return tea


def test_all_links_in_a_table(kputui: Kputui, tea: Linked) -> None:
    """A line a link: state, verdict, lag, strength, odds, what is missing."""
    answer = kputui("-w", tea.folder, "links")
    head, first, second = answer.out.splitlines()
    assert answer.code == 0
    assert head.split() == ["CPI", "KPI", "state", "verdict", "lag", "r", "odds", "missing"]
    assert first.startswith("Minutes waited  Pots sold  testing  ready to confirm  2 weeks  -0.")
    assert first.endswith("a person's decision")
    assert second.startswith("Smiles ")
    assert kputui("-w", tea.folder, "links", "smiles").out.splitlines()[1].split() == second.split()


def test_json_has_each_figure(kputui: Kputui, tea: Linked) -> None:
    """Programs get the declared link, the state, the verdict and all figures behind it."""
    report = json.loads(kputui("-w", tea.folder, "links", "wait", "sales", "--format", "json").out)
    (link,) = report["links"]
    assert report["last_day"] == "2025-04-20"
    assert (link["cpi"], link["kpi"], link["state"], link["declared"]["expect"]) == (
        "wait",
        "sales",
        "testing",
        "negative",
    )
    evidence = link["evidence"]
    assert evidence["verdict"] == "ready to confirm"
    assert {"n", "p", "q", "e", "best", "total", "profile", "effect", "upper", "checks", "data_hash"} <= evidence.keys()
    assert evidence["best"]["lag"] == 2
    assert evidence["data_to"] == "2025-04-20"
    everything = json.loads(kputui("-w", tea.folder, "links", "--format", "json").out)
    assert [one["cpi"] for one in everything["links"]] == ["wait", "smiles"]


def test_all_about_one_link(kputui: Kputui, tea: Linked) -> None:
    """The sentence first, then the lags, the figures, the assumptions."""
    shown = kputui("-w", tea.folder, "links", "wait", "sales").out
    assert shown.startswith("Minutes waited → Pots sold · testing")
    assert "Minutes waited leads Pots sold" in shown
    assert "Strength by lag, in weeks" in shown
    assert shown.count("declared\n") >= 3
    assert "this link is in testing: only a confirmed one tells what if" in shown


@pytest.mark.parametrize(
    ("cpi", "told"),
    [
        ("wait", "this link is in testing: only a confirmed one tells what if"),
        ("queue", "nobody has declared this link: only a confirmed one tells what if"),
    ],
)
def test_what_if_is_refused_without_a_confirmed_link(kputui: Kputui, tea: Linked, cpi: str, told: str) -> None:
    """Nothing is promised of a link that nobody confirmed, and the option is never passed over in silence."""
    answer = kputui("-w", tea.folder, "links", cpi, "sales", "--if-improves", "0.5")
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err
    assert f"kputui links {cpi} sales shows what the data says" in answer.err


def test_an_undeclared_pair_is_exploratory(kputui: Kputui, tea: Linked) -> None:
    """It is shown, called exploratory, and cannot be confirmed."""
    shown = " ".join(kputui("-w", tea.folder, "links", "queue", "sales").out.split())
    assert "People in the queue → Pots sold · exploratory: it can't be confirmed" in shown
    assert "nobody has declared this link" in shown
    refused = kputui("-w", tea.folder, "confirm", "queue", "sales", "--reason", "I saw it")
    assert refused.code == 2
    assert "declare it in [[links]] first" in refused.err


def test_the_search_is_marked_as_exploratory(kputui: Kputui, tea: Linked) -> None:
    """Undeclared pairs by strength, with p and q corrected for the search, and a warning on top."""
    shown = kputui("-w", tea.folder, "links", "--search").out
    assert shown.startswith("exploratory: ")
    assert "People in the queue" in shown
    assert "Minutes waited  Pots sold " not in " ".join(shown.split(" "))
    report = json.loads(kputui("-w", tea.folder, "links", "--search", "--format", "json").out)
    assert report["hints"][0]["is_exploratory"] is True
    assert report["hints"][0]["q"] <= 0.05


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("links", "wiat"), "nearest: wait"),
        (("links", "wait", "slaes"), "nearest: sales"),
        (("links", "--search", "wait"), "looks at all undeclared pairs"),
        (("links", "--if-improves", "1"), "needs one link"),
        (("links", "wait", "sales", "--if-improves", "-1"), "is not an amount"),
        (("links", "wait", "sales", "--if-improves", "much"), "is not an amount"),
    ],
)
def test_what_goes_wrong_is_told(kputui: Kputui, tea: Linked, words: tuple[str, ...], told: str) -> None:
    """A wrong name gets the nearest; options that do not fit say so."""
    answer = kputui("-w", tea.folder, *words)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err


def test_confirming_says_what_the_data_says_and_keeps_it(kputui: Kputui, tea: Linked) -> None:
    """The verdict is told first, the figures are recorded, and the link tells what if from then on."""
    answer = kputui("-w", tea.folder, "confirm", "wait", "sales", "--reason", "twelve evenings")
    assert answer.out.startswith("Minutes waited -> Pots sold: confirmed, before undecided")
    assert "Minutes waited leads Pots sold" in answer.err
    assert "recorded as decided on the evidence" in answer.err
    ((_, decision),) = store.open_store(tea.folder).ownership.decisions.items()
    assert (decision.method, decision.evidence["verdict"]) == ("evidence", "ready to confirm")
    assert "What if" in kputui("-w", tea.folder, "links", "wait", "sales").out


def test_confirming_against_the_verdict_is_an_exception(kputui: Kputui, tea: Linked) -> None:
    """It is possible, said, and on the list of `check` until the data is ready."""
    answer = kputui("-w", tea.folder, "confirm", "smiles", "sales", "--reason", "guests say so")
    assert answer.code == 0
    assert "confirmed (judgement)" in answer.out
    assert "an exception until it is ready" in answer.err
    assert "R14" in kputui("-w", tea.folder, "check").out
    assert "was confirmed while the data said" in " ".join(kputui("-w", tea.folder, "check").out.split())


def test_a_decision_is_possible_without_data(kputui: Kputui, tea: Linked) -> None:
    """Files that are gone keep nobody from deciding; the evidence says why there is none."""
    (tea.folder / "data" / "weeks.csv").unlink()
    answer = kputui("-w", tea.folder, "refute", "smiles", "sales", "--reason", "guests say so")
    assert answer.code == 0
    assert "refuted (judgement)" in answer.out


def test_the_demo(kputui: Kputui, demo: Path) -> None:
    """A bad evening leads a bad morning, by day; one measure from two sides and a part are refused."""
    answer = kputui("-w", demo, "--today", "2013-12-31", "links", "evening_wait60", "clean_start")
    assert "Evening waits over an hour leads Clean start" in " ".join(answer.out.split())
    assert "one day later" in answer.out
    refused = " ".join(kputui("-w", demo, "links", "first_wave_late", "clean_start").out.split())
    assert "they are one measure seen from two sides" in refused
    table = kputui("-w", demo, "--today", "2013-12-31", "links", "--format", "json").out
    verdicts = {(link["cpi"], link["kpi"]): link["evidence"]["verdict"] for link in json.loads(table)["links"]}
    assert verdicts["evening_cancelled", "completion"] == "refused"
    assert verdicts["evening_wait60", "clean_start"] == "ready to confirm"
    assert verdicts["small_jet", "afternoon_ontime"] in {"not enough data", "rejected"}
    ready = [pair for pair, verdict in verdicts.items() if verdict == "ready to confirm"]
    assert ready == [("evening_wait60", "clean_start")]


def test_a_metric_that_cannot_be_read_is_told(kputui: Kputui, tea: Linked) -> None:
    """A link whose data is gone says so beside the others and answers 5, as `status` and `query` do."""
    tea.link("day_wait", "sales", lag="1 week")
    tea.write()
    (tea.folder / "data" / "days.csv").unlink()
    answer = kputui("-w", tea.folder, "links", "--format", "json")
    told = {one["cpi"]: [unread["metric"] for unread in one["unread"]] for one in json.loads(answer.out)["links"]}
    assert answer.code == 5
    assert told == {"wait": [], "smiles": [], "day_wait": ["day_wait"]}
    assert answer.err.startswith("kputui: Minutes waited that day: ")
    assert kputui("-w", tea.folder, "links", "wait", "sales").code == 0
    assert kputui("-w", tea.folder, "links", "--search").code == 5
