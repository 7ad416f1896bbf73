"""The questions that the figures raise, metric by metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.session.figures import Figures
    from kputui.session.judges import Work


def questioned(figures: Figures, work: Work) -> Figures:  # noqa: ARG001
    """The questions that the figures raise, metric by metric."""
    return figures
