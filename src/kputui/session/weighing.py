"""The evidence for each declared link, for the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.session.figures import Figures
    from kputui.session.judges import Work


def weighed(figures: Figures, work: Work) -> Figures:  # noqa: ARG001
    """The evidence for each declared link, for the figures."""
    return figures
