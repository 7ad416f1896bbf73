"""signals, compare and explain: what they print and answer, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine, week

from kputui.render.lines import text_of
from kputui.render.signal_reports import overview_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path, outlier)


def as_json(text: str) -> Any:
    """The JSON of a command, with no number that JSON does not know."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_a_line_a_metric_and_how_many_are_open(kputui: Kputui, depot: Depot) -> None:
    """Newest value, limits and variation of each metric, the new signal below its own, and the count at the end."""
    answer = kputui("-w", depot.folder, "signals")
    assert (answer.code, answer.err) == (0, "")
    first, below, *_, last = answer.out.splitlines()
    assert first.startswith("Minutes to the door  48.0 min")
    assert first.endswith("concern")
    assert "week of 5 Oct 2026, 48.0 min" in below
    assert below.endswith("not explained")
    assert last == "1 signal to explain"


def test_values_judged_on_residuals_are_told_apart_from_the_limits(kputui: Kputui, depot: Depot) -> None:
    """Where neighbours depend on each other a routine value may lie outside the limits; else nothing is said."""
    out = " ".join(kputui("-w", depot.folder, "signals").out.split())
    assert "common cause (judged on residuals)" in out
    assert "may lie outside the limits shown and be routine" in out
    assert "residuals" not in "".join(text_of(line) for line in overview_lines(()))


def test_one_metric_tells_limits_rules_and_their_price(kputui: Kputui, depot: Depot) -> None:
    """With a metric: each phase's limits, the points behind them, the rules and how often they are wrong."""
    out = kputui("-w", depot.folder, "signals", "minutes").out
    assert "upper limit" in out
    assert "40 points: firm limits" in out
    assert "rules: wheeler: a false alarm every 127 periods on average" in " ".join(out.split())


def test_json_holds_every_figure(kputui: Kputui, depot: Depot) -> None:
    """Values, limits a phase, signals, autocorrelation and run length, dates in ISO form."""
    found = as_json(kputui("-w", depot.folder, "signals", "minutes", "--format", "json").out)
    (metric,) = found["metrics"]
    assert (found["last_day"], metric["metric"], metric["starts"][0]) == ("2026-10-11", "minutes", "2026-01-05")
    chart = metric["chart"]
    assert len(metric["values"]) == WEEKS
    assert len(chart["limits"][0]["upper"]) == WEEKS
    assert {"autocorrelation", "run_length", "firmness", "assurance", "variation", "rules"} <= chart.keys()
    newest = metric["signals"][0]
    assert (newest["since"], newest["is_new"], newest["explanation"]) == (week(WEEKS - 1).isoformat(), True, "")


def test_a_signal_is_explained_from_the_command_line(kputui: Kputui, depot: Depot) -> None:
    """The newest unexplained signal is meant; then it asks no more, `log` tells it, undo brings the question back."""
    answer = kputui("-w", depot.folder, "explain", "minutes", "--reason", "a closed bridge")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Minutes to the door, signal of week of 5 Oct 2026: a closed bridge")
    out = kputui("-w", depot.folder, "signals").out
    assert "a closed bridge" in out
    assert out.splitlines()[-1] == "0 signals to explain"
    assert "a closed bridge" in " ".join(kputui("-w", depot.folder, "log", "minutes").out.split())
    (entry,) = as_json(kputui("-w", depot.folder, "log", "--format", "json").out)
    assert (entry["metric"], entry["signal"], entry["after"]) == ("minutes", "2026-10-05", ["a closed bridge"])
    assert kputui("-w", depot.folder, "undo", "--reason", "wrong week").code == 0
    assert kputui("-w", depot.folder, "signals").out.splitlines()[-1] == "1 signal to explain"
    assert "no problems" in kputui("-w", depot.folder, "journal", "verify").out


def test_what_is_routine_takes_no_explanation(kputui: Kputui, depot: Depot) -> None:
    """A metric without a signal is not explained, a day without one neither; the sentence names those there are."""
    answer = kputui("-w", depot.folder, "explain", "late_share", "--reason", "x")
    assert answer.code == 2
    assert "no new signal to explain" in answer.err
    answer = kputui("-w", depot.folder, "explain", "minutes", "--since", "2026-02-02", "--reason", "x")
    assert answer.code == 2
    assert "its signals: 2026-10-05" in answer.err


def test_a_text_too_long_for_the_journal_is_refused(kputui: Kputui, depot: Depot) -> None:
    """A novel is refused with the size that fits, and nothing is written."""
    answer = kputui("-w", depot.folder, "explain", "minutes", "--reason", "ü" * 1_000)
    assert answer.code == 5
    assert "the text has 2000 bytes, and an explanation or a note holds 1400" in answer.err
    assert not (depot.folder / "state" / "journal.jsonl").exists()


def test_before_and_after_in_sentences_and_in_figures(kputui: Kputui, depot: Depot) -> None:
    """A day that is asked about gives the step with its interval; JSON has every figure behind it."""
    out = " ".join(kputui("-w", depot.folder, "compare", "minutes", "--at", week(20).isoformat()).out.split())
    assert "since 25 May 2026: " in out
    assert "no change is shown" in out
    assert "20 periods before, 20 from that day on" in out
    found = as_json(
        kputui("-w", depot.folder, "compare", "minutes", "--at", week(20).isoformat(), "--format", "json").out
    )
    (change,) = found["changes"]
    assert change["low"] < change["step"] < change["high"]
    assert (change["before"], change["after"], change["is_shown"]) == (20, 20, False)


def test_before_and_after_without_a_day_says_what_there_is(kputui: Kputui, depot: Depot) -> None:
    """Nothing declared and nothing found is said; too few periods yet as well."""
    assert "--at DATE asks" in " ".join(kputui("-w", depot.folder, "compare", "minutes").out.split())
    depot.add(f'\n[[annotations]]\non = {week(37)}\nnote = "second shift"\nintervention = true\n')
    out = kputui("-w", depot.folder, "compare", "minutes").out
    assert "not enough points yet" in out
    assert "second shift" in out


def test_a_misspelt_metric_is_told(kputui: Kputui, depot: Depot) -> None:
    """The nearest name is offered."""
    for words in (("signals", "minuets"), ("compare", "minuets"), ("explain", "minuets", "--reason", "x")):
        answer = kputui("-w", depot.folder, *words)
        assert answer.code == 2
        assert "minutes" in answer.err


def test_no_phase_has_a_limit_below_what_is_possible(kputui: Kputui, tmp_path: Path) -> None:
    """Minutes were never negative: neither the head nor a phase's line shows a lower limit below 0."""
    out = kputui("-w", Depot(tmp_path, lambda number: 2.0 + 3 * (number % 2)).folder, "signals", "minutes").out
    assert "limits up to" in out
    assert "from 5 Jan 2026: mean" in out
    assert "lower limit" not in out
