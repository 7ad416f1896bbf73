"""Names of other models in a dbt project's filters: columns and metrics that are reached by an entity."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.session.dbt.project import Model, Project

_COLUMN = re.compile(r"""^\s*"?([A-Za-z_][\w ]*?)"?\s*$""")
_NAMES = re.compile(r"""['"]([^'"]+)['"]""")


def plain_column(sql: str) -> str:
    """The column's name when the SQL is no more than that, else ""."""
    match = _COLUMN.match(sql)
    return match[1] if match and match[1].lower() not in {"true", "false", "null"} else ""


@dataclass(slots=True)
class Joins:
    """The joins that filters have asked for, by model and entity.

    A join is a table of a source's keys: `source` (the model there), `name` (the entity), `key` and `to`.
    """

    project: Project
    found: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def column(self, model: Model, link: str, name: str) -> str:
        """The name of another model's dimension for the rows of this one; "" when it cannot be reached."""
        there = [other for other in self._others(model, link) if name in other.dimensions]
        column = plain_column(there[0].dimensions[name]) if len(there) == 1 else ""
        return f"{link}__{column}" if column and self._join(model, link, there[0]) else ""

    def metric(self, model: Model, name: str, entities: str) -> str:
        """The name of a metric by the row's entity, `entities` being the text of its grouping; "" when it has none."""
        links = _NAMES.findall(entities)
        if len(links) != 1 or name not in self.project.metrics:
            return ""
        (link,) = links
        others = self._others(model, link)
        there = others[0] if len(others) == 1 else model
        columns = {plain_column(sql) for sql in (*there.dimensions.values(), *there.entities.values())}
        if there is not model and name in columns:
            return ""
        return f"{link}__{name}" if self._join(model, link, there) else ""

    def of(self, model: str) -> Mapping[str, Mapping[str, str]]:
        """The joins of a model by entity."""
        return self.found.get(model, {})

    def _others(self, model: Model, link: str) -> list[Model]:
        return [other for other in self.project.models.values() if link in other.keys and other is not model]

    def _join(self, model: Model, link: str, there: Model) -> bool:
        key, to = (plain_column(one.entities.get(link, "")) for one in (model, there))
        if not (key and to):
            return False
        self.found.setdefault(model.name, {})[link] = {"source": there.name, "name": link, "key": key, "to": to}
        return True
