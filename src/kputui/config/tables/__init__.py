"""The field tables of a workspace, one module a group of tables."""

from kputui.config.tables.annotations import ANNOTATIONS
from kputui.config.tables.goals import CONTEXTS, GOALS
from kputui.config.tables.grains import GRAINS
from kputui.config.tables.journey import JOURNEY, LINKS
from kputui.config.tables.lint import LINT
from kputui.config.tables.metrics import METRICS
from kputui.config.tables.project import KEYS, PROJECT
from kputui.config.tables.sources import SOURCES
from kputui.config.tables.teams import TEAMS

TABLES = (PROJECT, SOURCES, GRAINS, GOALS, CONTEXTS, ANNOTATIONS, METRICS, JOURNEY, LINKS, TEAMS, LINT, KEYS)
"""Every top-level table, in the order in which the reference shows them; metrics need the grains before them."""

__all__ = [
    "ANNOTATIONS",
    "CONTEXTS",
    "GOALS",
    "GRAINS",
    "JOURNEY",
    "KEYS",
    "LINKS",
    "LINT",
    "METRICS",
    "PROJECT",
    "SOURCES",
    "TABLES",
    "TEAMS",
]
