"""The figures of an earlier day: what a team saw of this workspace then, and who was accountable."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kputui.model.change import fold
from kputui.model.remark import Remark
from kputui.session.clock import Clock
from kputui.session.history import day_of, records_day
from kputui.session.judges import judged_figures

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.change import Change
    from kputui.model.ownership import Ownership
    from kputui.session.figures import Figures
    from kputui.session.open import Opened


def figures_of(opened: Opened, day: date) -> Figures:
    """All figures as the board showed them on `day`, from the rows up to it; raises DataError without an engine.

    The definitions are those of now: a goal that was written later is judged for then as well. In a worker.
    """
    earlier = replace(opened, clock=Clock(day, opened.clock.is_fixed))
    ownership = ownership_on(opened, day)
    return judged_figures(replace(earlier, state=replace(opened.state, ownership=ownership)))


def ownership_on(opened: Opened, day: date) -> Ownership:
    """Who was accountable and what was decided on the evening of `day`; as it is now when no change came later."""
    changes = opened.state.changes
    until = [change for change in changes if day_on(opened, change) <= day]
    return opened.ownership if len(until) == len(changes) else fold(until)


def changes_between(opened: Opened, since: date, until: date) -> tuple[Change, ...]:
    """The changes that hold from a day in (since, until], oldest first."""
    return tuple(change for change in opened.state.changes if since < day_on(opened, change) <= until)


def day_on(opened: Opened, change: Change) -> date:
    """The workspace's day on which a change was made.

    With a fixed clock what is saved now counts as of that clock's day: a review of the past is held on its day.
    """
    if isinstance(change.after, Remark) and change.undoes is None:
        return change.after.on
    if records_day(change):
        return day_of(opened.workspace, change)
    project = opened.workspace.project
    zone = ZoneInfo(project.timezone)
    saved, today = change.at.astimezone(zone).date(), opened.clock.today
    past = project.today or opened.now().astimezone(zone).date() - timedelta(days=1)
    return today if saved > max(today, past) else saved
