"""The codes of the questions that figures raise."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

CODES: Final = MappingProxyType(
    {
        "G01": "the KPI rose after a date, and the outcome is lower than the KPI implies: does it still mean the same?",
        "G02": "a guardrail got worse while its KPI improved: what pays for the improvement?",
        "G03": "many values lie just past the target and few just short of it: how were they measured?",
        "G04": "a share improved because its denominator moved: who is (or is no longer) counted?",
        "G05": "the total improved while most of its segments did not: did only the mix change?",
        "G06": "values rise at the end of each period and are missing right after: was work only moved?",
        "G07": "rows are missing from the day on which the improvement starts: is the data complete?",
        "G08": "the definition changed where the improvement starts: which of the two changed the figure?",
    }
)
