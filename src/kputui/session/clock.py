"""The clock: which day it is for this workspace, and which day is the last that counts as over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from kputui.engine.request import Request
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain
    from kputui.model.workspace import Project


@dataclass(frozen=True, slots=True)
class Clock:
    """The day that the board stands on.

    Fixed (`--today`, or the project's `today`) it is the evening of that day; live the day is running.
    """

    today: date
    is_fixed: bool = False

    @property
    def last_day(self) -> date:
        """The last day that counts as over: a fixed day itself, else yesterday."""
        return self.today if self.is_fixed else self.today - timedelta(days=1)

    def request(self, metrics: tuple[MetricId, ...], grain: Grain | None = None, start: date | None = None) -> Request:
        """The metrics with the rows up to today; what has not ended by `last_day` is running."""
        from kputui.engine.request import Request  # noqa: PLC0415 - nothing is asked before the first paint

        return Request(metrics, grain=grain, start=start, last_day=self.today, over_day=self.last_day)


def clock_of(project: Project, asked: date | None, now: datetime) -> Clock:
    """The workspace's clock: `asked` first, then the project's `today`, then `now` in the project's zone.

    A naive `now` counts as UTC.
    """
    fixed = asked if asked is not None else project.today
    if fixed is not None:
        return Clock(fixed, is_fixed=True)
    aware = now if now.tzinfo is not None else now.replace(tzinfo=UTC)
    return Clock(aware.astimezone(ZoneInfo(project.timezone)).date())
