"""What people write becomes the model's values."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kputui.config import load
from kputui.errors import Severity
from kputui.model.calendar import Calendar
from kputui.model.goal import Context, Goal, GoalKind, Milestone, PlanKind
from kputui.model.journey import Stage
from kputui.model.link import Expect, Lag, Link
from kputui.model.metric import (
    Aggregation,
    Conversion,
    Cumulative,
    DatedTarget,
    Derived,
    Direction,
    Grain,
    Input,
    Metric,
    MetricKind,
    Need,
    NonAdditiveDimension,
    NumberFormat,
    Ratio,
    Simple,
)
from kputui.model.remark import Annotation
from kputui.model.signals import ChartKind, SignalRules, SignalSettings
from kputui.model.team import Team
from kputui.model.workspace import (
    ColumnKind,
    Compression,
    CsvOptions,
    DataTest,
    Display,
    Freshness,
    Incomplete,
    Join,
    Project,
    Source,
    Weekday,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.config import Loaded

GOOD = Path(__file__).parents[2] / "data" / "good_configs"


def named(name: str) -> Any:
    """A name as whichever id is wanted."""
    return name


@pytest.fixture(scope="module")
def everything() -> Workspace:
    """The workspace that uses every key."""
    return load(GOOD / "everything")


def test_the_project_is_decoded(everything: Workspace) -> None:
    """Every key of [project] arrives."""
    assert everything.project == Project(
        name="Nordlicht Shop",
        timezone="Europe/Berlin",
        week_start=Weekday.SUNDAY,
        fiscal_year_start=4,
        incomplete=Incomplete.FLAG,
        today=date(2026, 11, 20),
        display=Display.STOCK,
        signal_rules=SignalRules.NELSON,
    )


def test_sources_are_decoded(everything: Workspace) -> None:
    """Every key of a source arrives: durations, tests, CSV options."""
    assert everything.sources[named("deliveries")] == Source(
        id=named("deliveries"),
        path="data/deliveries/*.csv",
        time="promised_on",
        source_timezone="UTC",
        time_format="%d.%m.%Y",
        primary_key=("region", "delivery_id"),
        freshness=Freshness(timedelta(days=2), timedelta(days=5)),
        tests=(
            DataTest("not_null", "delivery_id"),
            DataTest("unique", "delivery_id"),
            DataTest("accepted_values", "status", ("paid", "refunded", 3, 1.5, True)),
            DataTest("range", "days_late", (), 0.0, 60.5),
        ),
        csv=CsvOptions(
            ";", decimal_comma=True, null_words=("", "n/a"), encoding="cp1252", thousands=".", skip_rows=2, comment="#"
        ),
        compression=Compression.GZIP,
        columns=(("days_late", ColumnKind.NUMBER), ("delivery_id", ColumnKind.TEXT)),
        joins=(Join("order", named("orders"), "order", "order_id"),),
    )
    assert everything.sources[named("orders")].primary_key == ("order_id",)


def test_goals_and_contexts_are_decoded(everything: Workspace) -> None:
    """Every key of a goal and of a context arrives; numbers are floats."""
    assert everything.goals[named("loyal")] == Goal(
        id=named("loyal"),
        label="Customers come back on their own",
        why="Repeat buyers pay for the growth plan",
        owner=named("ines"),
        start=date(2026, 1, 1),
        due=date(2026, 12, 31),
        measured_by=named("repeat_customers"),
        kind=GoalKind.LEVEL,
        baseline=10_000.0,
        commit=11_000.0,
        target=12_000.5,
        stretch=13_000.0,
        plan=PlanKind.MILESTONES,
        milestones=(Milestone(date(2026, 6, 30), 10_700.0), Milestone(date(2026, 12, 31), 12_000.5)),
        parent=named("independent"),
    )
    assert everything.contexts == (
        Context(
            start=date(2026, 7, 6),
            end=date(2026, 7, 24),
            note="warehouse move, half capacity is planned",
            pace_factor=0.5,
            goals=(named("loyal"),),
            metrics=(named("late_share"),),
        ),
    )


def test_annotations_are_decoded(everything: Workspace) -> None:
    """A dated note arrives with all that it is about, and whether something was changed on purpose."""
    assert everything.annotations == (
        Annotation(
            on=date(2026, 3, 2),
            note="second shift at the depot",
            metrics=(named("late_share"),),
            goals=(named("loyal"),),
            sources=(named("deliveries"),),
            is_intervention=True,
        ),
    )


def test_a_metric_is_decoded(everything: Workspace) -> None:
    """Every key of a simple metric arrives."""
    assert everything.metrics[named("late_share")] == Metric(
        id=named("late_share"),
        kind=MetricKind.CPI,
        label="Late deliveries",
        definition=Simple(
            named("deliveries"),
            Aggregation.AVERAGE,
            "days_late > 0",
            "status <> 'cancelled'",
        ),
        grain=Grain.WEEK,
        direction=Direction.DECREASE,
        description="Share of deliveries after the promised day",
        unit="deliveries",
        format=NumberFormat.PERCENT1,
        dimensions=("carrier", "region"),
        stage=named("delivery"),
        need=Need.EXPECTATION,
        question="Is my parcel here on the promised day?",
        discovered="12 ride-alongs, 2025-10",
        min_sample=50,
        targets=(DatedTarget(date(2026, 1, 1), 0.08), DatedTarget(date(2026, 7, 1), 0.04)),
        guardrails=(named("promise_days"),),
        gaming="promising later days",
        outcome=named("repeat_customers"),
        signals=SignalSettings(SignalRules.NHS, (date(2026, 3, 2), date(2026, 7, 1)), date(2026, 10, 31), ChartKind.P),
    )


def test_all_metric_types_are_decoded(everything: Workspace) -> None:
    """Each type of metric has its own definition, with inputs by name or as tables."""
    definitions = {str(name): metric.definition for name, metric in everything.metrics.items()}
    name = "orders"
    assert definitions == definitions | {
        "promise_days": Simple(
            named("deliveries"),
            Aggregation.PERCENTILE,
            "days_promised",
            percentile=0.9,
            fill_nulls_with=0.0,
            join_to_timespine=True,
        ),
        "orders": Simple(named("orders"), Aggregation.COUNT),
        "stock": Simple(
            named("orders"),
            Aggregation.SUM,
            "stock",
            non_additive_dimension=NonAdditiveDimension("ordered_at", "min", ("shop",)),
        ),
        "repeat_share": Ratio(
            Input(named("repeat_customers"), "country = 'DE'"),
            Input(named(name)),
            "not is_test",
            0.0,
        ),
        "growth": Derived(
            "(now - before) / before + start",
            (
                Input(named(name), "country = 'DE'", "now"),
                Input(named(name), alias="before", offset_window="12 period445s"),
                Input(named(name), alias="start", offset_to_grain=Grain.YEAR),
            ),
            "not is_test",
            0.0,
        ),
        "orders_7d": Cumulative(Input(named(name)), window="7 days", period_agg="last", filter="not is_test"),
        "orders_mtd": Cumulative(Input(named(name), "not is_test"), grain_to_date=everything.grains["season"]),
        "conversion": Conversion(
            Input(named("late_share")),
            Input(named(name)),
            "customer_id",
            "7 days",
            "conversions",
            ("country",),
            "not is_test",
        ),
    }


def test_journey_links_teams_and_keys_are_decoded(everything: Workspace) -> None:
    """Stages, links, teams and key bindings arrive."""
    assert list(everything.stages.values()) == [
        Stage(named("delivery"), "Waiting and receiving", "It came when they said")
    ]
    assert everything.links == (
        Link(
            named("late_share"),
            named("repeat_customers"),
            Expect.NEGATIVE,
            Lag(0, 2, "week"),
            "a late first parcel stops the second order",
            date(2026, 1, 5),
            180,
            (named("promise_days"),),
            0.25,
        ),
    )
    assert everything.teams[named("logistics")] == Team(
        named("logistics"),
        "Logistics",
        named("tarek"),
        (named("tarek"), named("mia")),
        (named("late_share"), named("promise_days")),
    )
    assert everything.keys == {"reassign": "ctrl+r", "board.filter": "f"}


def test_what_is_left_out_has_the_models_default() -> None:
    """A goal of a name alone is a goal; its label is made from the name."""
    workspace = load(GOOD / "minimal")
    assert workspace.project == Project()
    assert list(workspace.goals.values()) == [Goal(named("loyal"), "Loyal")]
    assert workspace.folder == str(GOOD / "minimal")


def test_split_files_are_merged_in_the_order_of_their_names() -> None:
    """Tables spread over files become one workspace; lists are joined, [project] is filled from both."""
    workspace = load(GOOD / "split")
    assert (workspace.project.name, workspace.project.timezone) == ("Shop", "Europe/Berlin")
    assert list(workspace.goals) == ["loyal", "big"]
    assert list(workspace.stages) == ["buying", "delivery"]
    assert [context.note for context in workspace.contexts] == ["holiday", "move"]
    place = workspace.places["contexts", "1", "note"]
    assert (Path(place.file).name, place.line, place.source_line) == ("b.toml", 22, 'note = "move"')


def test_bom_and_crlf_are_accepted_and_counted_right() -> None:
    """A file from another system reads the same, and its lines and columns are those of an editor."""
    workspace = load(GOOD / "bom_and_crlf")
    assert workspace.project.name == "Läden"
    assert workspace.goals[named("loyal")].label == "Customers\ncome back"
    place = workspace.places["project", "name"]
    assert (place.line, place.column, place.source_line) == (2, 8, 'name = "Läden"')


def test_dense_writing_is_the_same_workspace() -> None:
    """Inline tables, dotted keys and quoted keys are as good as headers."""
    workspace = load(GOOD / "dense")
    assert workspace.goals[named("loyal")].due == date(2026, 12, 31)
    assert workspace.project.week_start is Weekday.SUNDAY
    assert workspace.teams[named("shop")].members == ("ines", "tarek")
    assert workspace.places["teams", "shop", "members", "1"].line == 6


def test_milestones_without_their_plan_are_a_warning(load_text: Callable[..., Loaded]) -> None:
    """Milestones that no plan uses are pointed out, and the workspace still opens."""
    loaded = load_text("[goals.a]\nmilestones = [ { on = 2026-01-01, value = 1 } ]\n")
    assert loaded.workspace is not None
    assert [(problem.code, problem.severity) for problem in loaded.problems] == [("C29", Severity.WARNING)]


@pytest.mark.parametrize(
    ("written", "lag"),
    [
        ("4 weeks", Lag(4, 4, "week")),
        ("0-2 weeks", Lag(0, 2, "week")),
        ("1 day", Lag(1, 1, "day")),
        ("3 - 6 months", Lag(3, 6, "month")),
        ("0 days", Lag(0, 0, "day")),
    ],
)
def test_a_lag_is_read_as_people_write_it(load_text: Callable[..., Loaded], written: str, lag: Lag) -> None:
    """A lag is one number or a range, with a unit in singular or plural."""
    text = (
        '[goals.a]\n[sources.s]\npath = "s.csv"\ntime = "t"\n'
        '[metrics.c]\nkind = "cpi"\nsource = "s"\nagg = "count"\n'
        '[metrics.k]\nkind = "kpi"\nsource = "s"\nagg = "count"\n'
        f'[[links]]\ncpi = "c"\nkpi = "k"\nexpect = "positive"\nlag = "{written}"\n'
    )
    workspace = load_text(text).workspace
    assert workspace is not None
    assert workspace.links[0].lag == lag


def test_names_in_any_script_are_texts_not_ids(load_text: Callable[..., Loaded]) -> None:
    """Labels may hold anything, control characters included; making them safe is the screen's work."""
    workspace = load_text('[goals.a]\nlabel = "[red]\\u001b[31m 目標 a[/]b"\n').workspace
    assert workspace is not None
    assert workspace.goals[named("a")].label == "[red]\x1b[31m 目標 a[/]b"


def test_tables_of_periods_are_decoded(everything: Workspace) -> None:
    """A table of a file has its rows as periods with labels; of a list each day ends the period before it."""
    file, season = everything.grains["period445"], everything.grains["season"]
    assert file.calendar == Calendar(
        (date(2025, 12, 29), date(2026, 1, 26), date(2026, 2, 23)),
        (date(2026, 1, 26), date(2026, 2, 23), date(2026, 3, 30)),
        ("P01", "P02", "P03"),
    )
    assert season.calendar is not None
    assert season.calendar.starts == (date(2026, 3, 2), date(2026, 6, 1), date(2026, 9, 7))
    assert season.calendar.ends[-1] == date(2026, 11, 30)
    assert everything.files[-1].endswith("periods.csv")
    assert [grain.value for grain in everything.all_grains] == [
        "day",
        "week",
        "month",
        "period445",
        "quarter",
        "season",
        "year",
    ]
