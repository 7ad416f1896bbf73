"""docs/rules.md: every rule with its level, what it means and what to do."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.review import cpis, data, goals, kpis, links, wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kputui.review.finding import Rule

_SUBJECTS: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "Goals": goals.RULES,
        "Words": wording.RULES,
        "KPIs, guardrails, and metrics of every kind": kpis.RULES,
        "CPIs, the journey, and teams": cpis.RULES,
        "Links": links.RULES,
        "What only the data shows": data.RULES,
    }
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_HEAD = """\
# Rules of the method

<!-- Made by docs/make.py from kputui.review; a test fails when it is stale. -->

`kputui check` and the board report what falls short of the method. A warning makes `check` exit with 1, a
note does not. A workspace sets the level of each rule, and excepts places:

```toml
[lint]
M10 = "off"                        # off | note | warning | error
M16 = "warning"

[lint.ignore]
"metrics.rain" = ["M08"]           # also "goals.x", "journey.x", "teams.x"
```

A finding about a link is excepted at its CPI. Rules about words know English and
ask; all but M04 are notes."""


def reference() -> str:
    """The rules, subject by subject, in the order of their codes."""
    return "\n".join([_HEAD, *(line for title, rules in _SUBJECTS.items() for line in _section(title, rules))]) + "\n"


def _section(title: str, rules: tuple[Rule, ...]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| code | level | finding | what to do |", "|---|---|---|---|")
    for rule in sorted(rules, key=lambda rule: rule.code):
        yield f"| {rule.code} | {_LEVELS[rule.severity]} | {_cell(rule.meaning)} | {_cell(rule.remedy)} |"


def _cell(text: str) -> str:
    return (text[:1].upper() + text[1:]).replace("|", "\\|")
