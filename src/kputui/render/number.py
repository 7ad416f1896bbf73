"""Numbers as people read them: grouped, with the metric's decimals, its unit beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat

if TYPE_CHECKING:
    from kputui.session.views import Quantity

NOTHING = "–"  # noqa: RUF001 - a dash, not a minus: there is no number
_DECIMALS = {
    NumberFormat.NUMBER0: 0,
    NumberFormat.NUMBER1: 1,
    NumberFormat.NUMBER2: 2,
    NumberFormat.NUMBER3: 3,
    NumberFormat.PERCENT: 1,
    NumberFormat.PERCENT0: 0,
    NumberFormat.PERCENT1: 1,
    NumberFormat.PERCENT2: 2,
}
_PERCENT = frozenset({NumberFormat.PERCENT, NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2})
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_STEPS_S = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def grouped(value: float, decimals: int) -> str:
    """`value` with `decimals` places and a space between thousands; -0 is written 0."""
    text = f"{value:,.{decimals}f}".replace(",", " ")
    return text[1:] if text.startswith("-") and not text.strip("-0 .") else text


def number(value: float | None, number_format: NumberFormat = NumberFormat.NUMBER) -> str:
    """The digits of `value` in a metric's format, without its unit; a dash for no data.

    `percent*` multiplies by 100. `number` keeps about three digits. `duration` takes seconds and gives
    them in the largest unit that leaves at least 1 (see `unit_of`).
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if number_format is NumberFormat.DURATION:
        step_s, _ = _step(value)
        return grouped(value / step_s, 1)
    if number_format in _PERCENT:
        return grouped(value * 100, _DECIMALS[number_format])
    if number_format is NumberFormat.NUMBER:
        return grouped(value, _free_decimals(value))
    return grouped(value, _DECIMALS[number_format])


def short_number(value: float) -> str:
    """Three digits of a large number and its size, for columns that can't hold it whole: `6.71 M`, `-12.3 k`."""
    for size, letter in _SIZES:
        if abs(value) >= size * 0.9995:
            shown = value / size
            return f"{shown:.{0 if abs(shown) >= 100 else 1 if abs(shown) >= 10 else 2}f} {letter}"
    return number(value)


def unit_of(quantity: Quantity) -> str:
    """The unit to write behind the digits: %, a duration's unit, or the metric's own."""
    if quantity.format in _PERCENT:
        return "%"
    if quantity.format is NumberFormat.DURATION:
        return _step(quantity.value or 0.0)[1]
    return quantity.unit


def quantity_text(quantity: Quantity) -> str:
    """Digits and unit in one text: `76.0 %`, `10 912 flights`; a dash alone for no data."""
    digits = number(quantity.value, quantity.format)
    unit = unit_of(quantity)
    return f"{digits} {unit}" if unit and digits != NOTHING else digits


def pace_text(pace: float, is_burn: bool) -> str:
    """A pace index with two decimals (`0.94`), a used share of an allowance as `burn 1.65`.

    Rounding never moves it over 1: an index of 0.998 is 0.99, a burn of 1.002 is 1.01.
    """
    if not math.isfinite(pace):
        return NOTHING
    shown = pace
    if is_burn and 1 < pace < 1.01:
        shown = math.ceil(pace * 100) / 100
    elif not is_burn and 0.99 < pace < 1:
        shown = math.floor(pace * 100) / 100
    text = grouped(shown, 2 if abs(pace) < 100 else 0)
    return f"burn {text}" if is_burn else text


def _free_decimals(value: float) -> int:
    if value == int(value):
        return 0
    size = abs(value)
    return 0 if size >= 1_000 else 1 if size >= 100 else 2 if size >= 1 else 3


def _step(value_s: float) -> tuple[float, str]:
    return next((step for step in _STEPS_S if abs(value_s) >= step[0]), _STEPS_S[-1])
