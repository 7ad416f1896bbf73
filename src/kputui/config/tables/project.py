"""The tables `[project]` and `[keys]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kputui.config.fields import Field, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Day, Integer, Text, Word, one_of
from kputui.config.time_shapes import Zone
from kputui.model.signals import SignalRules
from kputui.model.workspace import Display, Incomplete, Project, Weekday

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor


def _project(_name: str, values: dict[str, Any], _at: Cursor) -> Project:
    return Project(**values)


def _keys(_name: str, values: dict[str, Any], _at: Cursor) -> dict[str, Any]:
    return values


PROJECT = Table(
    name="project",
    layout=Layout.SINGLE,
    doc="What holds for the whole workspace.",
    example='[project]\nname = "Nordlicht Shop"\ntimezone = "Europe/Berlin"\n',
    build=_project,
    fields=(
        Field("name", Text(may_be_empty=False), "The workspace's name, shown in the top line.", default='"kputui"'),
        Field("timezone", Zone(), "Where a day begins.", default='"UTC"'),
        Field(
            "week_start",
            Word({day.name.lower(): day for day in Weekday}),
            "The first day of a week.",
            default='"monday"',
        ),
        Field("fiscal_year_start", Integer(1, 12), "The month in which years and quarters begin.", default="1"),
        Field(
            "incomplete",
            one_of(Incomplete),
            "The running period: marked, left out, or shown as any other. Goals count whole days.",
            default='"flag"',
        ),
        Field(
            "today",
            Day(),
            "Fixes the clock: the board stands on the evening of this day. For data that ended long ago.",
            default="the real today",
        ),
        Field(
            "display",
            one_of(Display),
            "How the board writes to the terminal: only cells that differ, or as the toolkit does it.",
            default='"diff"',
        ),
        Field(
            "signal_rules",
            one_of(SignalRules),
            "Which rules make a signal, for metrics that name none.",
            default='"wheeler"',
        ),
    ),
)

KEYS = Table(
    name="keys",
    layout=Layout.SINGLE,
    doc="Other keys for the board's actions: the action's id, as the key help shows it, and the key.",
    example='[keys]\nreassign = "ctrl+r"\n',
    build=_keys,
    fields=(),
    free=Text(may_be_empty=False, longest=40),
)
