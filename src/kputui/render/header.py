"""The board's top line: the project, the day it stands on, the data's age, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.dates import month_text, weekday_text
from kputui.render.lines import Ink, Line, Span, filled, spread, width_of
from kputui.render.number import short_number
from kputui.render.safe import safe
from kputui.session.words import count_words

if TYPE_CHECKING:
    from kputui.engine.progress import Progress
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
    support = (f"{view.supporting_metrics} of {view.all_metrics} metrics support a goal", Ink.PLAIN)
    short = (f"{view.supporting_metrics}/{view.all_metrics} metrics", Ink.PLAIN)
    findings = [(count_words(view.findings, "finding"), Ink.CAUTION)] if view.findings else []
    signals = [(f"{count_words(view.signals, 'signal')} to explain", Ink.CAUTION)] if view.signals else []
    computing = _computing(view)
    return (
        *(_joined(words, *counts, *signals, *findings) for words in computing for counts in ([support], [short], [])),
        *map(_joined, computing[-2:]),
        _joined(support, *signals, *findings),
        _joined(short, *signals, *findings),
        *((_joined((f"{view.signals} to explain", Ink.CAUTION), *findings),) if signals else ()),
        _joined((f"{view.findings} findings", Ink.CAUTION)) if findings else _joined(),
    )


def _joined(*parts: Span) -> Line:
    """Parts with dots between them, and a cell behind the last."""
    line = [span for part in parts for span in ((" · ", Ink.PLAIN), part)]
    return (*line[1:], (" ", Ink.PLAIN))


def _computing(view: HeaderView) -> tuple[Span, ...]:
    """What is being computed and how far it has come, the fullest first, a few cells last; nothing when nothing is."""
    share, amounts, words = _share(view.progress)
    if view.is_stopped:
        stopped = f"stopped at {share}" if share else "stopped"
        return ((f"{stopped}, a goes on", Ink.CAUTION),)
    if not view.is_computing:
        return ()
    if not share:
        return (("computing", Ink.MUTED),)
    full = [f"{words[0]} {', '.join([share, *amounts[:count]])}" for count in range(len(amounts), 0, -1)]
    brief = f"{share} {words[1]}"
    return tuple((text, Ink.MUTED) for text in (*(f"{text}, Esc stops" for text in [*full, brief]), brief))


def _share(progress: Progress | None) -> tuple[str, list[str], tuple[str, str]]:
    """The part that is done, how much that is, and what is done to it; no part where that is not known."""
    if progress is None or progress.share is None:
        return "", [], ("", "")
    if progress.bytes_all:
        words = ("converting CSV", "converted")
        amounts = [f"{progress.bytes_done // _MB} of {progress.bytes_all // _MB} MB"]
    else:
        words = ("computing", "computed")
        amounts = [f"{_size(progress.rows_done)} of {_size(progress.rows_all)} rows"]
        if progress.since is not None:
            amounts.append(f"back to {month_text(progress.since)}")
    return f"{int(100 * progress.share)} %", amounts, words


def _size(count: int) -> str:
    return short_number(float(count))


def _banner(view: HeaderView) -> Line:
    return ((f" ! {safe(view.banner)} ", Ink.BAD),)
