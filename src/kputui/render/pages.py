"""The pages over the board: keys, where a number comes from, everything about a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.detail import fact_lines, full_lines
from kputui.render.lines import Ink, Line
from kputui.render.problem import wrap
from kputui.render.safe import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.views import DetailView


def help_lines(rows: Sequence[tuple[str, str]], width: int) -> tuple[Line, ...]:
    """Keys and what they do, and how to read the board."""
    lines: list[Line] = [()]
    for keys, words in rows:
        first, *others = wrap(words, max(width - 20, 10))
        lines.append(((f"  {fit(keys, 15)} ", Ink.KEY), (first, Ink.PLAIN)))
        lines += [((" " * 18 + other, Ink.PLAIN),) for other in others]
    lines += [
        (),
        (("  How to read the board", Ink.TITLE),),
        (("  ● KPI   ╰ CPI   ◆ guardrail   ▾ ▸ folded or not", Ink.PLAIN),),
        (("  ✓ on track, met   ! at risk   ✗ off track, missed   ? hypothesis", Ink.PLAIN),),
        (("  ◉ a signal: more than routine variation; e writes down what was behind it", Ink.PLAIN),),
        (("  0.94 is the pace: 1 is on plan. burn 1.65 is the used share of an allowance:", Ink.PLAIN),),
        (("  more than 1 is too fast. The last bar of a sparkline is dim while its period runs.", Ink.PLAIN),),
    ]
    return tuple(lines)


def source_lines(view: DetailView, width: int) -> tuple[Line, ...]:
    """Where a row's number comes from."""
    return ((), *fact_lines(view.provenance, width - 1))


def everything_lines(view: DetailView, width: int) -> tuple[Line, ...]:
    """All figures, links and notes of a row, then where its number comes from."""
    lines: list[Line] = [(), *full_lines(view, width)]
    if view.provenance:
        lines += [(), ((" Where the number comes from", Ink.TITLE),), *source_lines(view, width)]
    return tuple(lines)
