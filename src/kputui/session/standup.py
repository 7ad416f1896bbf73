"""The stand-up: what changed or asks since the last one, in the order in which a team takes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.session.standup_views import StandUpView

if TYPE_CHECKING:
    from datetime import date

    from kputui.session.figures import Figures
    from kputui.session.open import Opened

USUAL_DAYS = 7
"""How far back a first stand-up looks."""


def stand_up(opened: Opened, now: Figures, since: date | None = None) -> StandUpView:
    """Everything that changed after the evening of `since` or asks now; in a worker: the figures of then are computed.

    `since` is the last stand-up held before today when left out, a week ago when none was.
    """
    day = since or opened.clock.today - timedelta(days=USUAL_DAYS)
    return StandUpView(opened.workspace.project.name, opened.clock.today, day, newest_data=now.newest_data)
