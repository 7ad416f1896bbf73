"""The process behaviour chart of each metric, for the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.session.figures import Figures
    from kputui.session.judges import Work


def signalled(figures: Figures, work: Work) -> Figures:  # noqa: ARG001
    """The process behaviour chart of each metric, for the figures."""
    return figures
