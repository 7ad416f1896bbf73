"""The bottom line: a notice, the filter being typed, or the keys."""

from __future__ import annotations

from kputui.render.lines import Ink, Line, Span, width_of
from kputui.render.safe import safe
from kputui.tui.linepane import LinePane

_ALWAYS = 2
"""The last keys, help and quit, are shown whatever the width."""


class FooterPane(LinePane):
    """Shows one of three things: a notice before a filter, a filter before the keys."""

    keys: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    is_filtering: bool = False
    filter: str = ""
    matches: str = ""

    def say(self, notice: str) -> None:
        """Show a notice until the next key; an empty one brings the keys back."""
        self.notice = notice
        self.repaint()

    def show_filter(self, text: str, matches: str, *, is_filtering: bool) -> None:
        """Show the filter while it is typed, and that there is one afterwards."""
        self.filter, self.matches, self.is_filtering = text, matches, is_filtering
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """One line."""
        del height
        if self.notice:
            return (((f" {safe(self.notice)}", Ink.STRONG),),)
        if self.is_filtering:
            end = f"{self.matches} · Enter keeps · Esc shows all"
            text = safe(self.filter)
            room = max(width - len(end) - 6, 8)
            shown = text if len(text) < room else "…" + text[-room + 1 :]
            return (((" /", Ink.KEY), (shown, Ink.PLAIN), ("▌", Ink.PLAIN), (f"  {end}", Ink.MUTED)),)
        return (self._keys(width),)

    def _keys(self, width: int) -> Line:
        spans: list[Span] = []
        if self.filter:
            spans += [(" ", Ink.PLAIN), (f"/{safe(self.filter, 20)}", Ink.CAUTION), (f" {self.matches}", Ink.MUTED)]
        keys = [((" ", Ink.PLAIN), (key, Ink.KEY), (f" {label} ", Ink.MUTED)) for key, label in self.keys]
        keys, last = keys[:-_ALWAYS], keys[-_ALWAYS:]
        room = width - sum(map(width_of, last))
        for each in keys:
            if width_of(spans) + width_of(each) > room:
                break
            spans += each
        return (*spans, *(span for each in last for span in each))
