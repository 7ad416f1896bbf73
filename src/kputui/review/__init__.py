"""Rules of the method: one function, one rule, one code. Findings are data with a place."""

from kputui.review.codes import CODES
from kputui.review.rules import RULES, Rule, place_of, run
from kputui.review.support import inputs_of, metrics_of, parts_of, supporting, unsupporting

__all__ = [
    "CODES",
    "RULES",
    "Rule",
    "inputs_of",
    "metrics_of",
    "parts_of",
    "place_of",
    "run",
    "supporting",
    "unsupporting",
]
