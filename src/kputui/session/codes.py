"""The codes of the rules of accountability: code -> its meaning in one line."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "R01": "Only a defined CPI is given to people.",
        "R02": "The team, or the person in it, is not in the roster.",
        "R03": "A team that does not list the metric under `influences` is neither accountable nor responsible for it.",
        "R04": "No link of the CPI is confirmed, so nobody becomes accountable without a written reason.",
        "R05": "A confirmed CPI keeps exactly one accountable: reassign it, or remove it with a written reason.",
        "R06": "The assignee does not hold the role that is to be removed.",
        "R07": "Only a declared link is confirmed or refuted.",
        "R08": "A confirmed CPI has nobody accountable.",
        "R09": "A CPI with somebody accountable has nobody responsible.",
        "R10": "Somebody who holds a role is no longer in the team, or the team no longer in the roster.",
        "R11": "A team that is accountable or responsible no longer lists the CPI under `influences`.",
        "R12": "A confirmation has expired and asks for a decision.",
        "R13": "Somebody is accountable for a CPI none of whose links is confirmed: an exception.",
        "R14": "A link was confirmed although the test was not ready for it: an exception until the evidence is there.",
        "R20": "Only what is defined gets an explanation or a note.",
        "R21": "An item of the stand-up is put off until a day after today.",
        "R22": "A judgement is missing because of a bug in kputui; the numbers and the other judgements stand.",
    }
)

DATA_CODES = MappingProxyType({"D24": "A source has lost more than a fifth of its rows while the board is open."})
"""What only a board that stays open can see of the data."""
