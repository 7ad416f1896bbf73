"""Rules of the method: one function, one rule, one code. Findings are data with a place.

The package itself gives only what a board shows at its start; the rules are in `review.rules`.
"""

from kputui.review.support import (
    Alignment,
    alignment,
    inputs_of,
    kpis_of,
    metrics_of,
    parts_deep,
    parts_of,
    place_of,
    standing_alone,
    supporting,
    unsupporting,
)

__all__ = [
    "Alignment",
    "alignment",
    "inputs_of",
    "kpis_of",
    "metrics_of",
    "parts_deep",
    "parts_of",
    "place_of",
    "standing_alone",
    "supporting",
    "unsupporting",
]
