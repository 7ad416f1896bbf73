"""The tables `[[journey]]` and `[[links]]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kputui.config.fields import Field, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Day, Id, ListOf, Named, Number, Text, one_of
from kputui.config.time_shapes import LagText, WholeDays
from kputui.config.wording import label_of
from kputui.model.journey import Stage
from kputui.model.link import Expect, Link
from kputui.model.metric import MetricKind

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor


def _stage(_name: str, values: dict[str, Any], _at: Cursor) -> Stage:
    return Stage(**({"label": label_of(values["id"])} | values))


def _link(_name: str, values: dict[str, Any], at: Cursor) -> Any:
    link = Link(**values)
    if {link.cpi, link.kpi} & set(link.controls):
        return at.into("controls").refuse("C26", "a control is a third metric, neither the CPI nor the KPI")
    return link


JOURNEY = Table(
    name="journey",
    layout=Layout.LISTED,
    doc="The customer's journey: its stages, in order.",
    example='[[journey]]\nstage = "delivery"\nlabel = "Waiting and receiving"\n',
    build=_stage,
    fields=(
        Field("stage", Id(), "The stage's name, which metrics refer to.", required=True, attribute="id"),
        Field("label", Text(may_be_empty=False), "What people call it.", default="from the name"),
        Field("outcome", Text(), "What the customer wants there."),
    ),
)

LINKS = Table(
    name="links",
    layout=Layout.LISTED,
    doc="Hypotheses that a CPI leads a KPI. Sign, lag and mechanism are written before looking.",
    example='[[links]]\ncpi = "late_share"\nkpi = "repeat_customers"\nexpect = "negative"\nlag = "4 weeks"\n',
    build=_link,
    fields=(
        Field("cpi", Named("metrics", MetricKind.CPI), "The CPI that leads.", required=True),
        Field("kpi", Named("metrics", MetricKind.KPI), "The KPI that follows.", required=True),
        Field("expect", one_of(Expect), "Whether the KPI rises or falls when the CPI rises.", required=True),
        Field("lag", LagText(), "How much later the KPI follows.", required=True),
        Field("mechanism", Text(), "Why it should."),
        Field("declared", Day(), "When the link was written down; evidence before and after it is shown apart."),
        Field("review_every", WholeDays(), "After how long it is to be tested again.", attribute="review_every_days"),
        Field("controls", ListOf(Named("metrics")), "Metrics that may drive both, and are held still in the test."),
        Field(
            "smallest_effect",
            Number(0.05, 0.95),
            "The strength (a correlation, trend, season and memory taken out) below which a lead is of no interest.",
            default="0.3",
        ),
    ),
)
