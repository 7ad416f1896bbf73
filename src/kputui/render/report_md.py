"""The report as Markdown: for chats, wikis and mails, and for whoever reads it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import report_words
from kputui.render.markdown import md, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.session.report_views import ItemPart, ReportView
    from kputui.session.standup_views import GoalStanding


def markdown_report(view: ReportView) -> str:
    """The whole page, a paragraph a line."""
    standup = view.standup
    lines = [f"# {md(report_words.title(standup))}", "", md(report_words.when_words(standup))]
    if standup.refusal:
        lines += ["", md(f"Nothing is known of then: {standup.refusal}")]
    lines += ["", md(", ".join(f"{number} {words}" for number, words in report_words.summary(view)))]
    if not standup.items:
        lines += ["", report_words.NO_NEWS]
    for heading, inside in (
        ("Goals", _goals(view)),
        ("What asks for an answer", _items(view.asking)),
        ("What else changed", _items(view.telling)),
        ("Decisions and notes", _entries(view)),
        ("What leads what", _links(view)),
        ("Put off", [f"- {md(report_words.snoozed_words(item))}" for item in standup.snoozed]),
        ("Findings of the rules", _findings(view)),
    ):
        if inside:
            lines += ["", f"## {heading}", "", *inside]
    lines += ["", "---", "", report_words.HOW_TO_READ, "", md(report_words.held_line(standup))]
    return "\n".join(lines) + "\n"


def _goals(view: ReportView) -> list[str]:
    heads = ("Goal", "State", "Reached", "Pace", "Forecast", "Owner")
    return table(heads, (_goal(part.standing) for part in view.goals))


def _goal(standing: GoalStanding) -> Sequence[str]:
    sign = report_words.glyph_of(standing)
    return (
        "&ensp;" * 2 * standing.depth + md(standing.name),
        f"{sign} {md(report_words.state_words(standing))}".strip(),
        md(report_words.reached_words(standing)),
        md(report_words.pace_words(standing)),
        md(report_words.forecast_words(standing)),
        md(standing.owner or "nobody"),
    )


def _items(parts: Sequence[ItemPart]) -> list[str]:
    blocks = [line for part in parts for line in (*_item(part), "")]
    return blocks[:-1]


def _item(part: ItemPart) -> Iterator[str]:
    item = part.item
    yield f"### {md(item.title)} ({md(report_words.kind_words(item))})"
    yield ""
    yield from (f"- {md(words)}" for words in (item.text, *item.more))
    named = [f"{fact.name} {report_words.fact_words(fact)}".strip() for fact in item.facts]
    facts = "; ".join(named) if len(named) <= report_words.MOST_FACTS else ""
    goal = report_words.goal_line(item)
    lines = [facts, f"goal: {goal}" if goal else "", item.owner]
    yield from (f"- {md(words)}" for words in lines if words)
    yield from (f"- {md(words)}" for words in report_words.said_lines(item))
    if item.asks:
        yield f"- **{md(item.asks)}**"


def _entries(view: ReportView) -> list[str]:
    rows = (tuple(map(md, report_words.entry_words(entry))) for entry in view.standup.entries)
    return table(("Day", "Who", "What", "Why"), rows)


def _links(view: ReportView) -> list[str]:
    rows = ((md(f"{link.cpi} → {link.kpi}"), md(link.expected), md(link.state), md(link.said)) for link in view.links)
    return table(("CPI → KPI", "Expected beforehand", "Decided", "The data says"), rows)


def _findings(view: ReportView) -> list[str]:
    return [
        f"- {md(one.code)} {md(one.key)}: {md(one.text)}" + (f" ({md(one.hint)})" if one.hint else "")
        for one in view.findings
    ]
