"""Rules about links: what was not written down before looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.model.link import Expect
from kputui.model.metric import Direction
from kputui.review.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.link import Link
    from kputui.review.known import Known

_SIGNS = {Direction.INCREASE: 1, Direction.DECREASE: -1}


def without_mechanism(known: Known) -> Iterator[Finding]:
    """Links that do not say why the KPI should follow."""
    for index, link in enumerate(known.workspace.links):
        if not link.mechanism.strip():
            yield _finding(index, link, f"the link {link.cpi} -> {link.kpi} does not say why the KPI should follow")


def without_review(known: Known) -> Iterator[Finding]:
    """Links whose confirmation would hold for ever."""
    for index, link in enumerate(known.workspace.links):
        if link.review_every_days is None:
            yield _finding(index, link, f"the link {link.cpi} -> {link.kpi}, once confirmed, is never tested again")


def against_directions(known: Known) -> Iterator[Finding]:
    """Links by whose sign a better CPI makes the KPI worse."""
    metrics = known.workspace.metrics
    for index, link in enumerate(known.workspace.links):
        cpi, kpi = metrics.get(link.cpi), metrics.get(link.kpi)
        if cpi is None or kpi is None:
            continue
        sign = 1 if link.expect is Expect.POSITIVE else -1
        if _SIGNS.get(cpi.direction, 0) * _SIGNS.get(kpi.direction, 0) * sign < 0:
            yield _finding(
                index,
                link,
                f'by the link {link.cpi} -> {link.kpi} a better "{cpi.label}" makes "{kpi.label}" worse: is it so?',
                "expect",
            )


def _finding(index: int, link: Link, message: str, *key: str) -> Finding:
    return Finding(("links", str(index), *key), message, about=("metrics", link.cpi))


RULES: tuple[Rule, ...] = (
    Rule(
        "M38",
        Severity.INFO,
        "a link does not say why the KPI should follow",
        "write it in `mechanism` before looking at the data",
        without_mechanism,
    ),
    Rule(
        "M39",
        Severity.INFO,
        "a link would never be tested again",
        'say in `review_every` after how long it is to be decided anew: "180d"',
        without_review,
    ),
    Rule(
        "M40",
        Severity.INFO,
        "a link's sign says that a better CPI makes the KPI worse",
        "turn `expect` or a metric's `direction` round; if customers really pay for the KPI, say so in `mechanism`",
        against_directions,
    ),
)
