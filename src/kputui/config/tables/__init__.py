"""The field tables of a workspace, one module a group of tables."""

from kputui.config.tables.goals import CONTEXTS, GOALS
from kputui.config.tables.journey import JOURNEY, LINKS
from kputui.config.tables.metrics import METRICS
from kputui.config.tables.project import KEYS, PROJECT
from kputui.config.tables.sources import SOURCES
from kputui.config.tables.teams import TEAMS

TABLES = (PROJECT, SOURCES, GOALS, CONTEXTS, METRICS, JOURNEY, LINKS, TEAMS, KEYS)
"""Every top-level table, in the order in which the reference shows them."""

__all__ = ["CONTEXTS", "GOALS", "JOURNEY", "KEYS", "LINKS", "METRICS", "PROJECT", "SOURCES", "TABLES", "TEAMS"]
