"""The whole board of one moment, made from the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.metric import MetricKind
from kputui.review import parts_of, supporting
from kputui.session.details import Details
from kputui.session.matrix import matrix_view
from kputui.session.rows import board_rows
from kputui.session.views import BoardView, HeaderView

if TYPE_CHECKING:
    from kputui.session.figures import Figures


def board_view(figures: Figures, generation: int) -> BoardView:
    """Header, rows, lazily made details, matrix and findings."""
    rows = board_rows(figures)
    return BoardView(
        generation,
        header_view(figures),
        rows,
        Details(figures, rows),
        matrix_view(figures),
        computed_at=figures.tried_at,
        findings=figures.findings,
    )


def header_view(figures: Figures) -> HeaderView:
    """The top line. Diagnostics that are only parts of other metrics are not counted."""
    workspace = figures.workspace
    parts, supported = parts_of(workspace), supporting(workspace)
    counted = [
        metric.id
        for metric in workspace.metrics.values()
        if not (metric.kind is MetricKind.DIAGNOSTIC and metric.id in parts)
    ]
    return HeaderView(
        workspace.project.name,
        figures.clock.today,
        figures.clock.is_fixed,
        figures.newest_data,
        sum(name in supported for name in counted),
        len(counted),
        len(figures.findings),
        figures.is_computing,
        figures.banner,
    )
