"""Rules of the method: one function, one rule, one code. Findings are data with a place."""

from kputui.review.codes import CODES
from kputui.review.finding import Finding, Rule
from kputui.review.known import Known
from kputui.review.reference import reference
from kputui.review.rules import RULES, place_of, run, severity_of
from kputui.review.support import (
    Alignment,
    alignment,
    inputs_of,
    kpis_of,
    metrics_of,
    parts_deep,
    parts_of,
    standing_alone,
    supporting,
    unsupporting,
)

__all__ = [
    "CODES",
    "RULES",
    "Alignment",
    "Finding",
    "Known",
    "Rule",
    "alignment",
    "inputs_of",
    "kpis_of",
    "metrics_of",
    "parts_deep",
    "parts_of",
    "place_of",
    "reference",
    "run",
    "severity_of",
    "standing_alone",
    "supporting",
    "unsupporting",
]
