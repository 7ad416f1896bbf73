"""The board's top line: the project, the day it stands on, the data's age, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.dates import weekday_text
from kputui.render.lines import Ink, Line, filled, spread, width_of
from kputui.render.number import short_number
from kputui.render.safe import safe

if TYPE_CHECKING:
    from kputui.session.views import HeaderView

_MB = 10**6


def header_line(view: HeaderView, width: int) -> Line:
    """The header in `width` cells; a banner takes the place of the counts at the right."""
    left = _left(view)
    lefts = (left, left[:-1]) if view.newest_data == view.today else (left,)  # that data is fresh asks for nothing
    for right in _rights(view):
        for one in lefts:
            if width_of(one) + width_of(right) + 3 <= width:
                return spread(one, right, width)
    if view.banner:
        return filled(_banner(view), width)
    return filled(left, width)


def _left(view: HeaderView) -> Line:
    day = weekday_text(view.today)
    parts: list[tuple[str, str]] = [
        (" ", Ink.PLAIN),
        (safe(view.project, 40), Ink.STRONG),
        (f" · as of {day}" if view.is_today_fixed else f" · {day}", Ink.PLAIN),
    ]
    if view.newest_data is not None:
        age_days = (view.today - view.newest_data).days
        words = f"data {age_days} d old" if age_days > 0 else "data up to this day"
        parts.append((f" · {words}", Ink.MUTED))
    return tuple(parts)


def _rights(view: HeaderView) -> tuple[Line, ...]:
    """What may stand at the right, the fullest first."""
    if view.banner:
        return (_banner(view),)
    computing, briefly = _computing(view)
    support: Line = ((f"{view.supporting_metrics} of {view.all_metrics} metrics support a goal", Ink.PLAIN),)
    findings: Line = ()
    if view.findings:
        noun = "finding" if view.findings == 1 else "findings"
        findings = ((f" · {view.findings} {noun}", Ink.CAUTION),)
    signals: Line = ()
    if view.signals:
        noun = "signal" if view.signals == 1 else "signals"
        signals = ((f" · {view.signals} {noun} to explain", Ink.CAUTION),)
    end: Line = ((" ", Ink.PLAIN),)
    short: Line = ((f"{view.supporting_metrics}/{view.all_metrics} metrics", Ink.PLAIN),)
    line: Line = (*briefly, *short, *signals, *findings, *end)
    return (
        (*computing, *support, *signals, *findings, *end),
        *((line, (*briefly, *end)) if view.rows_all or view.bytes_all or view.is_stopped else ()),
        (*support, *signals, *findings, *end),
        (*short, *signals, *findings, *end),
        *((((f"{view.signals} to explain", Ink.CAUTION), *findings, *end),) if signals else ()),
        ((f"{view.findings} findings", Ink.CAUTION), *end) if view.findings else end,
    )


def _computing(view: HeaderView) -> tuple[Line, Line]:
    """What is being computed and how far it has come, in full and in a few cells; empty when nothing is."""
    is_converting = bool(view.bytes_all)
    done, whole = (view.bytes_done, view.bytes_all) if is_converting else (view.rows_done, view.rows_all)
    share = f"{100 * min(done, whole) // whole} %" if whole else ""
    if view.is_stopped:
        words = f"stopped at {share}" if share else "stopped"
        return ((f"{words}, a goes on · ", Ink.CAUTION),), ((f"{words}, a goes on · ", Ink.CAUTION),)
    if not view.is_computing:
        return (), ()
    if not share:
        return (("computing · ", Ink.MUTED),), (("computing · ", Ink.MUTED),)
    if is_converting:
        amount, doing, did = f"{done // _MB} of {whole // _MB} MB", "converting CSV", "converted"
    else:
        amount, doing, did = f"{_size(done)} of {_size(whole)} rows", "computing", "computed"
    return ((f"{doing} {share}, {amount}, Esc stops · ", Ink.MUTED),), ((f"{share} {did} · ", Ink.MUTED),)


def _size(count: int) -> str:
    return short_number(float(count))


def _banner(view: HeaderView) -> Line:
    return ((f" ! {safe(view.banner)} ", Ink.BAD),)
