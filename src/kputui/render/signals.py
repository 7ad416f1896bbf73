"""Signals and changes as text: what stands out, what was said about it, what a date changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.dates import day_text
from kputui.render.lines import Ink
from kputui.render.number import grouped, number, quantity_text, unit_of
from kputui.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.signal_views import EffectView, SignalView
    from kputui.session.views import Quantity

MAX_OLDER = 3
"""How many signals that ask for nothing a detail lists; `kputui signals` has them all."""


def range_text(low: Quantity, high: Quantity) -> str:
    """`3.1 - 6.4 %`, with a dash; the unit once where both have the same."""
    if unit_of(low) == unit_of(high):
        return f"{number(low.value, low.format)} – {quantity_text(high)}"  # noqa: RUF001 - the dash of a range
    return f"{quantity_text(low)} – {quantity_text(high)}"  # noqa: RUF001 - as above


def signal_text(view: SignalView, way: str = "") -> str:
    """When, how much, which rule, and what was said: `week of 2 Sep 2013, 84.0 %: above the upper limit; Rosa: ...`.

    `way` is how one explains a new signal here.
    """
    what = f"{safe(view.period)}, {safe(quantity_text(view.value))}: {safe(view.text)}"
    if view.known:
        what += f"; known of these days: {', '.join(safe(words) for words in view.known)}"
    if view.explanation:
        day = f" on {day_text(view.on)}" if view.on is not None else ""
        return f"{what}; {safe(view.by)}{day}: {safe(view.explanation)}"
    return f"{what}; not explained" + (f" ({way})" if view.is_new and way else "")


def signal_rows(views: Sequence[SignalView]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The signals of a detail as (text, ink): the new ones; then a few older ones, and how many more there are."""
    new: list[tuple[str, str]] = [
        (f"{glyphs.SIGNAL} {signal_text(view, 'e explains it')}", Ink.CAUTION if view.is_open else Ink.PLAIN)
        for view in views
        if view.is_new
    ]
    older: list[tuple[str, str]] = [
        (f"{glyphs.SIGNAL} {signal_text(view)}", Ink.MUTED) for view in views if not view.is_new
    ]
    rest = len(older) - MAX_OLDER
    if rest > 0:
        older[MAX_OLDER:] = [(f"and {rest} earlier signal{'s' * (rest > 1)}", Ink.MUTED)]
    return new, older


def signed(quantity: Quantity) -> str:
    """A difference with its sign and unit: `-1.2 points`, `+30 flights`."""
    text = quantity_text(quantity)
    return text if text.startswith("-") or not (quantity.value or 0) > 0 else f"+{text}"


def effect_text(view: EffectView) -> str:
    """What a day changed, with its interval and what else was near; a change stands beside it, not as its cause."""
    what = f"since {day_text(view.day)}" + (f" ({safe(view.what)})" if view.what and not view.is_found else "")
    if view.is_found and view.step is not None:
        chance = f"; p {_p_text(view.p)}" if view.p is not None else ""
        text = f"{what}: {safe(view.what)}, {safe(signed(view.step))}{chance}"
    elif view.refusal or view.step is None:
        text = f"{what}: {safe(view.refusal)}"
    else:
        size = safe(signed(view.step))
        if view.low is not None and view.high is not None:
            size += f" [{number(view.low.value, view.low.format)}, {number(view.high.value, view.high.format)}]"
        verdict = "not called a cause" if view.is_shown else "no change is shown"
        text = f"{what}: {size}; {verdict}{_placebo_text(view)}"
    return f"{text}; near it: {', '.join(safe(words) for words in view.near)}" if view.near else text


def _placebo_text(view: EffectView) -> str:
    """How it compares with days on which nothing is known to have happened."""
    if view.placebo_rank is None:
        return ", too few other days to compare it with"
    if view.is_shown or view.placebo_rank <= 0.1:
        return ""
    return f": {100 * view.placebo_rank:.0f} % of other days show as much"


def _p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else grouped(p, 3)
