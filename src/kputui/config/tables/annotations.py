"""The table `[[annotations]]`, and a metric's `signals`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kputui.config.fields import Field, Record, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Day, Flag, ListOf, Named, Text, one_of
from kputui.model.remark import Annotation
from kputui.model.signals import ChartKind, SignalRules, SignalSettings

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor


def _annotation(_name: str, values: dict[str, Any], _at: Cursor) -> Annotation:
    return Annotation(**values)


def _signals(values: dict[str, Any], at: Cursor) -> Any:
    settings = SignalSettings(**values)
    if any(later <= earlier for earlier, later in pairwise(settings.rebase)):
        return at.into("rebase").refuse("C17", "rebase wants rising dates")
    if settings.freeze is not None and settings.rebase and settings.freeze <= settings.rebase[-1]:
        words = f"freeze {settings.freeze} is not after the last rebase {settings.rebase[-1]}"
        return at.into("freeze").refuse("C17", words)
    return settings


SIGNALS = Record(
    "signals",
    "How a metric's natural process limits and signals are found.",
    (
        Field("rules", one_of(SignalRules), "Which rules make a signal.", default="the project's `signal_rules`"),
        Field("rebase", ListOf(Day()), "Days on which the process was changed for good: limits begin anew."),
        Field("freeze", Day(), "The last limits are computed up to this day and then kept."),
        Field("chart", one_of(ChartKind), "How limits are computed.", default="p or u with a denominator, else xmr"),
    ),
    _signals,
)

ANNOTATIONS = Table(
    name="annotations",
    layout=Layout.LISTED,
    doc="Dated notes on metrics, goals or sources; on everything, when none is named. Charts show them.",
    example=(
        '[[annotations]]\non = 2026-03-02\nnote = "second shift at the depot"\n'
        'metrics = ["late_share"]\nintervention = true\n'
    ),
    build=_annotation,
    fields=(
        Field("on", Day(), "The day.", required=True),
        Field("note", Text(may_be_empty=False), "What happened.", required=True),
        Field("metrics", ListOf(Named("metrics")), "The metrics that it is about."),
        Field("goals", ListOf(Named("goals")), "The goals that it is about, with the metrics that support them."),
        Field("sources", ListOf(Named("sources")), "The sources that it is about, with the metrics made from them."),
        Field(
            "intervention",
            Flag(),
            "Something was changed on purpose: the metrics before and after it are compared.",
            default="false",
            attribute="is_intervention",
        ),
    ),
)
