"""The outlook of each goal with a due date, for the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.session.figures import Figures
    from kputui.session.judges import Work


def forecast(figures: Figures, work: Work) -> Figures:  # noqa: ARG001
    """The outlook of each goal with a due date, for the figures."""
    return figures
