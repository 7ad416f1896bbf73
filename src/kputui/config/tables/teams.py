"""The table `[teams.<id>]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kputui.config.fields import Field, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Id, ListOf, Named, Text
from kputui.config.wording import label_of
from kputui.model.ids import TeamId
from kputui.model.team import Team

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor


def _team(name: str, values: dict[str, Any], _at: Cursor) -> Team:
    return Team(**({"id": TeamId(name), "label": label_of(name)} | values))


TEAMS = Table(
    name="teams",
    layout=Layout.NAMED,
    doc="Teams: who is in them, and which metrics they can move.",
    example='[teams.logistics]\nlabel = "Logistics"\nlead = "tarek"\nmembers = ["tarek", "mia"]\n',
    build=_team,
    fields=(
        Field("label", Text(may_be_empty=False), "What people call it.", default="from the id"),
        Field("lead", Id("person"), "The person who leads it."),
        Field("members", ListOf(Id("person")), "The people in it."),
        Field("influences", ListOf(Named("metrics")), "The metrics that it can move."),
    ),
)
