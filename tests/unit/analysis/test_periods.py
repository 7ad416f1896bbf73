"""Periods one after the other, places on a common axis, and seasons, also where a table lists the periods."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from kputui.analysis.evidence.align import aligned, place_from, start_of
from kputui.analysis.evidence.column import Column
from kputui.analysis.evidence.season import season_of
from kputui.analysis.periods import following, periods_until, season_length
from kputui.model.calendar import Calendar
from kputui.model.ids import MetricId
from kputui.model.metric import Grain
from kputui.session.words import period_words, periods_words

_DAYS = (date(2026, 1, 5), date(2026, 2, 2), date(2026, 3, 9), date(2026, 4, 6))
_ENDS = (date(2026, 2, 2), date(2026, 3, 2), date(2026, 4, 6), date(2026, 5, 4))
OWN = Grain("own", Calendar(_DAYS, _ENDS))
NAMED = Grain("named", Calendar(_DAYS, _ENDS, ("P1", "P2", "P3", "P4")))
_FOURS = tuple(date(2024, 1, 1) + timedelta(weeks=4 * number) for number in range(31))
YEARS = Grain("fours", Calendar(_FOURS[:-1], _FOURS[1:]))


def test_the_periods_ahead_are_those_of_the_table_and_no_more() -> None:
    """Days that it leaves out are jumped over, and behind its last period there is nothing."""
    assert following(OWN, _DAYS[1]) == date(2026, 3, 2)
    assert periods_until(OWN, date(2026, 3, 2), date(2027, 1, 1), 9) == tuple(zip(_DAYS[2:], _ENDS[2:], strict=True))
    assert periods_until(OWN, _DAYS[0], date(2026, 2, 3), 9) == tuple(zip(_DAYS[:2], _ENDS[:2], strict=True))
    assert periods_until(OWN, _DAYS[0], date(2027, 1, 1), 1) == ((_DAYS[0], _ENDS[0]),)
    with pytest.raises(OverflowError):
        following(OWN, date(2026, 3, 4))


def test_places_on_the_axis_count_the_tables_periods() -> None:
    """Days left out are no place of their own; the place behind the last period begins where it ends."""
    assert [place_from(_DAYS[1], day, OWN) for day in _DAYS] == [-1, 0, 1, 2]
    assert [start_of(_DAYS[1], place, OWN) for place in (0, 1, 2, 3)] == [*_DAYS[1:], _ENDS[-1]]
    one, other = Column(MetricId("a"), (1.0, 2.0), _DAYS[:2]), Column(MetricId("b"), (3.0,), (_DAYS[3],))
    held = aligned([one, other], OWN)
    assert held.starts == _DAYS
    assert [[None if math.isnan(cell) else cell for cell in row] for row in held.values.tolist()] == [
        [1.0, 2.0, None, None],
        [None, None, None, 3.0],
    ]


def test_a_season_of_a_table_is_the_periods_of_a_year_or_none() -> None:
    """Thirteen periods of four weeks make a year; an odd table has no season."""
    assert season_length(YEARS) == 13
    assert season_of(YEARS) == 13.0
    assert season_length(OWN) is None
    assert season_of(OWN) is None
    assert (season_length(Grain.WEEK), season_length(Grain.YEAR)) == (52, None)


def test_a_period_is_named_by_its_label_or_its_first_day() -> None:
    """Labels stand for themselves; without them the grain's name and the day do."""
    assert period_words(NAMED, _DAYS[2]) == "P3"
    assert periods_words(NAMED, _DAYS[0], _DAYS[2]) == "P1 to P3"
    assert period_words(OWN, _DAYS[2]) == "own of 9 Mar 2026"
    assert periods_words(OWN, _DAYS[0], _DAYS[2]) == "owns of 5 Jan to 9 Mar 2026"
