"""Signals on the board: limits of whole periods, what is new, who explained it, and what is only routine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine, week
from tests.unit.session.linked import Linked

from kputui.analysis.signals import chart as chart_module
from kputui.analysis.signals.charting import KINDS, RULES
from kputui.analysis.signals.reading import Assurance, Variation
from kputui.engine.compute import Engine
from kputui.model.change import Explain
from kputui.model.ids import MetricId
from kputui.model.signals import ChartKind, SignalRules
from kputui.session import commands
from kputui.session.board import Board
from kputui.session.explaining import is_asked
from kputui.session.judges import Memo, Work, judged_figures
from kputui.session.signal_views import SignalView
from kputui.session.signalling import signalled
from kputui.session.views import Quantity

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.analysis.signals.reading import ProcessChart
    from kputui.session.open import Opened
    from kputui.session.views import BoardView, DetailView, RowView

MINUTES, LATE = MetricId("minutes"), MetricId("late_share")


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


def charts(opened: Opened) -> dict[MetricId, ProcessChart]:
    return dict(judged_figures(opened, (signalled,)).signals)


def shown(board: Board) -> BoardView:
    *_, last = board.refresh()
    return last


def row_of(view: BoardView, metric: MetricId) -> RowView:
    return next(row for row in view.rows if row.metric == metric)


def detail_of(view: BoardView, metric: MetricId) -> DetailView:
    return view.details[row_of(view, metric).key]


def facts_of(view: BoardView, metric: MetricId) -> dict[str, str]:
    return {fact.name: fact.text for fact in detail_of(view, metric).facts}


def test_a_new_signal_is_marked_counted_and_told(tmp_path: Path) -> None:
    """A week far above the limits asks for an explanation: in the tree, in the header and in the detail."""
    view = shown(Board(Depot(tmp_path, outlier).open()))
    row = row_of(view, MINUTES)
    assert (row.has_signal, row.state) == (True, "concern")
    assert view.header.signals == 1
    (signal, *_) = detail_of(view, MINUTES).signals
    assert (signal.since, signal.is_new, signal.is_open) == (week(WEEKS - 1), True, True)
    assert signal.value.value == 48.0
    assert "concern" in facts_of(view, MINUTES)["variation"]


def test_routine_variation_is_not_marked(tmp_path: Path) -> None:
    """Nothing stands out: no mark, no count, and the limits are there all the same."""
    view = shown(Board(Depot(tmp_path).open()))
    assert not row_of(view, MINUTES).has_signal
    assert view.header.signals == 0
    detail = detail_of(view, MINUTES)
    assert detail.signals == ()
    assert facts_of(view, MINUTES)["variation"] == "common cause"
    limits = next(fact for fact in detail.facts if fact.name == "limits")
    assert limits.quantity is not None
    assert limits.until is not None
    assert limits.quantity.value is not None
    assert limits.until.value is not None
    assert limits.quantity.value < 28.7
    assert limits.until.value > 31.2


def test_an_explained_signal_asks_no_more(tmp_path: Path) -> None:
    """Once somebody wrote what was behind it, mark and count are gone, and the detail says who, when and what."""
    board = Board(Depot(tmp_path, outlier).open())
    before = shown(board)
    since = detail_of(before, MINUTES).signals[0].since
    done = commands.apply(board, Explain(MINUTES, since, "a closed bridge"), reason="")
    assert done.change is not None
    assert "a closed bridge" in done.message
    view = board.view()
    assert view.header.signals == 0
    assert not row_of(view, MINUTES).has_signal
    (signal, *_) = detail_of(view, MINUTES).signals
    assert (signal.explanation, signal.on, signal.is_open) == ("a closed bridge", date(2026, 10, 11), False)
    commands.undo(board)
    assert board.view().header.signals == 1


def test_the_running_week_is_not_judged(tmp_path: Path) -> None:
    """In the middle of the week its spike is drawn as running, and no signal yet."""
    view = shown(Board(Depot(tmp_path, outlier).open(today=date(2026, 10, 7))))
    assert not row_of(view, MINUTES).has_signal
    chart = detail_of(view, MINUTES).chart
    assert chart is not None
    assert chart.running_from == WEEKS - 1
    limits = next(line for line in chart.lines if line.name == "limits")
    assert limits.values[-1] is None
    assert limits.values[-2] is not None


def test_the_chart_draws_limits_mean_and_signals(tmp_path: Path) -> None:
    """Upper limit, lower limit and mean are lines by name, and the signal's week is marked."""
    chart = detail_of(shown(Board(Depot(tmp_path, outlier).open())), MINUTES).chart
    assert chart is not None
    assert [line.name for line in chart.lines] == ["target", "limits", "limits", "mean"]
    assert chart.signals == (WEEKS - 1,)


def test_a_share_gets_limits_of_its_denominator(tmp_path: Path) -> None:
    """The average of something true or false is a share of its rows: p limits, and never outside 0 to 1."""
    chart = charts(Depot(tmp_path, late=lambda number: (0, 2, 1, 3, 0, 1)[number % 6]).open())[LATE]
    assert chart.kind.startswith("p")
    lower, upper = chart.limits[-1].lower[-1], chart.limits[-1].upper[-1]
    assert lower == 0.0
    assert upper is not None
    assert 0.03 < upper < 0.2


def test_people_choose_rules_rebase_days_and_the_chart(tmp_path: Path) -> None:
    """`rules`, `rebase`, `freeze` and `chart` in the workspace are what the chart is made with."""
    depot = Depot(tmp_path, lambda number: routine(number) + (6.0 if number >= 20 else 0.0))
    depot.set('gaming = "short rides only"', f'gaming = "x"\nsignals = {{ rebase = [{week(20)}], rules = "nelson" }}')
    depot.set('need = "expectation"', f'need = "expectation"\nsignals = {{ chart = "xmr", freeze = {week(30)} }}')
    found = charts(depot.open())
    assert [limits.first for limits in found[MINUTES].limits] == [0, 20]
    assert found[MINUTES].rules == "nelson"
    assert found[LATE].kind.startswith("XmR")
    assert found[LATE].n < WEEKS


def test_the_projects_rules_hold_for_every_metric(tmp_path: Path) -> None:
    """`signal_rules` of the project is what metrics without rules of their own use."""
    depot = Depot(tmp_path)
    depot.set("today = 2026-10-11", 'today = 2026-10-11\nsignal_rules = "nhs"')
    assert {chart.rules for chart in charts(depot.open()).values()} == {"nhs"}


def test_limits_begin_anew_at_a_shift_that_nobody_declared(tmp_path: Path) -> None:
    """A step of many times the routine is found, the limits follow it, and the detail says so."""
    depot = Depot(tmp_path, lambda number: routine(number) + (6.0 if number >= 20 else 0.0))
    view = shown(Board(depot.open()))
    detail = detail_of(view, MINUTES)
    assert any("begin anew" in note for note in detail.notes)
    (effect,) = detail.effects
    assert effect.is_found
    assert effect.day == week(20)
    assert effect.step is not None
    assert effect.step.value == pytest.approx(6.0, abs=0.6)
    assert not row_of(view, MINUTES).has_signal


def test_declared_rebase_days_take_the_place_of_detected_ones(tmp_path: Path) -> None:
    """Who declares rebase days has the last word on where limits begin."""
    depot = Depot(tmp_path, lambda number: routine(number) + (6.0 if number >= 20 else 0.0))
    depot.set('gaming = "short rides only"', f'gaming = "x"\nsignals = {{ rebase = [{week(30)}] }}')
    assert [limits.first for limits in charts(depot.open())[MINUTES].limits] == [0, 30]


def test_the_target_in_force_is_held_against_the_limits(tmp_path: Path) -> None:
    """A target above all routine values is met every time; the newest one counts."""
    depot = Depot(tmp_path)
    assert charts(depot.open())[MINUTES].assurance is Assurance.CONSISTENT_PASS
    depot.set("value = 35 }]", "value = 35 }, { from = 2026-06-01, value = 20 }]")
    assert charts(depot.open())[MINUTES].assurance is Assurance.CONSISTENT_FAIL


def test_too_small_a_sample_is_not_judged(tmp_path: Path) -> None:
    """A week of fewer rows than `min_sample` takes no part in limits and signals."""
    depot = Depot(tmp_path, outlier)
    depot.set('gaming = "short rides only"', 'gaming = "x"\nmin_sample = 8')
    chart = charts(depot.open())[MINUTES]
    assert chart.refusal.startswith("not enough points yet")


def test_better_or_worse_follows_the_direction(tmp_path: Path) -> None:
    """The same spike is an improvement where more is better, and only a change where nothing is."""
    depot = Depot(tmp_path, outlier)
    depot.set('direction = "decrease"\nformat = "number1"', 'direction = "increase"\nformat = "number1"')
    assert charts(depot.open())[MINUTES].variation is Variation.IMPROVEMENT
    depot.set('direction = "increase"\nformat = "number1"', 'direction = "neutral"\nformat = "number1"')
    assert row_of(shown(Board(depot.open())), MINUTES).state == "signal"


def test_nothing_is_computed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh that brings the same values asks for no chart again; new values of one source ask for its own."""
    depot = Depot(tmp_path)
    board = Board(depot.open())
    shown(board)
    asked: list[int] = []
    real = chart_module.process_chart

    def counted(*given: object, **more: object) -> ProcessChart:
        asked.append(1)
        return real(*given, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(chart_module, "process_chart", counted)
    *_, _ = board.refresh(is_forced=True)
    assert asked == []


def test_the_words_of_the_workspace_are_those_of_the_charts() -> None:
    """What people can write is what the charts can be asked for."""
    assert tuple(rules.value for rules in SignalRules) == RULES
    assert tuple(kind.value for kind in ChartKind) == KINDS


def test_what_is_known_of_the_days_stands_beside_the_signal(tmp_path: Path) -> None:
    """A planned slow time or a note in the signal's week is named, so that nobody has to look it up."""
    depot = Depot(tmp_path, outlier)
    depot.add(f'\n[[contexts]]\nfrom = {week(WEEKS - 1)}\nto = {week(WEEKS - 1)}\nnote = "a closed bridge"\n')
    depot.add(f'\n[[annotations]]\non = {week(WEEKS - 2)}\nnote = "the week before"\n')
    (signal, *_) = detail_of(shown(Board(depot.open())), MINUTES).signals
    assert signal.known == ("a closed bridge",)


def test_a_number_of_hundreds_of_digits_breaks_nothing(tmp_path: Path) -> None:
    """A week of 1e300 minutes is left out of the limits, and every judgement of the others still comes."""
    depot = Depot(tmp_path, lambda number: 1e300 if number == 20 else routine(number))
    chart = charts(depot.open())[MINUTES]
    assert not chart.refusal
    assert chart.n == WEEKS - 1
    assert (chart.limits[-1].upper[-1] or 0.0) < 100.0
    assert detail_of(shown(Board(depot.open())), MINUTES).facts


def test_a_share_is_known_again_when_its_file_is_back(tmp_path: Path) -> None:
    """A board that once could not read the columns draws p limits as soon as it can."""
    depot = Depot(tmp_path)
    figures = judged_figures(depot.open(), ())
    memo, file, away = Memo(), depot.folder / "data" / "parcels.csv", tmp_path / "away.csv"
    file.rename(away)
    blind = Work(Engine(depot.open().workspace), memo, lambda: False)
    assert signalled(figures, blind).signals[LATE].kind == "XmR"
    away.rename(file)
    sighted = Work(Engine(depot.open().workspace), memo, lambda: False)
    assert signalled(judged_figures(depot.open(), ()), sighted).signals[LATE].kind in {"p", "p'"}


def test_what_is_only_looked_at_asks_for_nothing(tmp_path: Path) -> None:
    """The signals of a diagnostic that serves no goal are shown, and not counted as to be explained."""
    tea = Linked(tmp_path / "tea")
    tea.link("wait", "sales")
    tea.write()
    workspace = tea.open().workspace
    assert is_asked(workspace, workspace.metrics[MetricId("wait")])
    assert not is_asked(workspace, workspace.metrics[MetricId("rain")])
    day = date(2026, 1, 5)
    view = SignalView(MetricId("rain"), day, day, "that week", Quantity(1.0), "limits", "above", is_new=True)
    assert (view.is_open, replace(view, asks=False).is_open) == (True, False)
    assert replace(view, asks=False).is_unexplained
