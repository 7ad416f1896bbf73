"""The report as one HTML page: goals, what asks, what changed, links, decisions and findings, each with its chart."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from kputui import __version__
from kputui.render import glyphs, html, report_words
from kputui.render.svg import text_of
from kputui.render.svg_chart import chart_svg, mark_words
from kputui.session.views import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.session.report_views import GoalPart, ItemPart, LinkPart, ReportView
    from kputui.session.standup_views import GoalStanding
    from kputui.session.views import ChartView

_DEEPEST = 3


class _Charts:
    """Figures with ids of their own on the page."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def figure(self, chart: ChartView | None, name: str) -> str:
        """A chart with what its letters mean; "" where there is nothing to draw."""
        drawn = chart_svg(chart, name, f"c{next(self._numbers)}") if chart is not None else ""
        if not drawn or chart is None:
            return ""
        marks = "; ".join(f"<b>{letter}</b> {text_of(words)}" for letter, words in mark_words(chart))
        return html.around("figure", drawn, html.around("figcaption", marks) if marks else "")


def html_report(view: ReportView) -> str:
    """The whole page."""
    charts, standup = _Charts(), view.standup
    sections = (
        _section("Goals", _goals(view, charts)),
        _section("What asks for an answer", _items(view.asking, charts)),
        _section("What else changed", _items(view.telling, charts)),
        _section("Decisions and notes", _entries(view)),
        _section("What leads what", _links(view.links)),
        _section("Put off", html.listing(text_of(report_words.snoozed_words(item)) for item in standup.snoozed)),
        _section("Findings of the rules", _findings(view)),
    )
    quiet = html.element("p", report_words.NO_NEWS) if not standup.items else ""
    body = (_header(view), html.around("main", quiet, "\n".join(filter(None, sections))), _footer(view))
    return html.page(report_words.title(standup), "\n".join(body))


def _header(view: ReportView) -> str:
    standup = view.standup
    counts = [html.element("b", number) + text_of(words) for number, words in report_words.summary(view)]
    return html.around(
        "header",
        html.element("h1", standup.project),
        html.element("p", report_words.when_words(standup), "lead"),
        html.element("p", f"Nothing is known of then: {standup.refusal}") if standup.refusal else "",
        html.listing(counts, "sum"),
    )


def _footer(view: ReportView) -> str:
    made = f"{report_words.held_line(view.standup)} Made by kputui {__version__} from the workspace's own data."
    return html.around("footer", html.element("p", report_words.HOW_TO_READ), html.element("p", made))


def _section(heading: str, inside: str) -> str:
    return html.around("section", html.element("h2", heading), inside) if inside else ""


def _chip(words: str, tone: Tone) -> str:
    sign = glyphs.TONE[tone].strip()
    return html.element("span", f"{sign} {words}".strip(), f"chip {tone.value}")


def _goals(view: ReportView, charts: _Charts) -> str:
    if not view.goals:
        return ""
    heads = ("Goal", "State", "Reached", "Pace", "Forecast", "Owner")
    rows = [_goal_row(part.standing) for part in view.goals]
    cards = [card for part in view.goals if (card := _goal_card(part, charts))]
    shown = html.table("Parents take the weakest state of the goals below them, never an average.", heads, rows)
    return shown + (html.around("div", *cards, class_="cards") if cards else "")


def _goal_row(standing: GoalStanding) -> Sequence[str]:
    depth = f"d{min(standing.depth, _DEEPEST)}" if standing.depth else ""
    return (
        html.element("th", standing.name, depth, scope="row", role="rowheader"),
        _chip(report_words.state_words(standing), standing.tone),
        text_of(report_words.reached_words(standing)),
        text_of(report_words.pace_words(standing)),
        text_of(report_words.forecast_words(standing)),
        text_of(standing.owner or "nobody"),
    )


def _goal_card(part: GoalPart, charts: _Charts) -> str:
    """A measured goal with its way to the due date."""
    standing = part.standing
    figure = charts.figure(part.chart, standing.name)
    if not figure:
        return ""
    named = [(fact.name, report_words.fact_words(fact)) for fact in part.headline if fact.name]
    return html.around(
        "article",
        html.around("p", _chip(report_words.state_words(standing), standing.tone), class_="kind"),
        html.element("h3", standing.name),
        html.facts(named),
        figure,
        class_="card",
    )


def _items(parts: Sequence[ItemPart], charts: _Charts) -> str:
    cards = [_item(part, charts) for part in parts]
    return html.around("div", *cards, class_="news") if cards else ""


def _item(part: ItemPart, charts: _Charts) -> str:
    item = part.item
    pairs = [(fact.name, report_words.fact_words(fact)) for fact in item.facts]
    goal = report_words.goal_line(item)
    inside: Iterator[str] = filter(
        None,
        (
            html.element("p", report_words.kind_words(item), "kind"),
            html.element("h3", item.title),
            html.element("p", item.text),
            *(html.element("p", words) for words in item.more),
            _figures(pairs),
            charts.figure(part.chart, item.title),
            html.element("p", f"Goal: {goal}", "soft") if goal else "",
            html.element("p", f"{item.owner[:1].upper()}{item.owner[1:]}.", "soft") if item.owner else "",
            *(html.element("blockquote", words) for words in report_words.said_lines(item)),
            html.element("p", item.asks, "asks") if item.asks else "",
        ),
    )
    tone = item.tone.value if item.tone in {Tone.GOOD, Tone.CAUTION, Tone.BAD} else ""
    return html.around("article", *inside, class_=f"card {tone}".strip())


def _figures(pairs: Sequence[tuple[str, str]]) -> str:
    """The figures behind an item; many of them folded, for whoever wants to look."""
    if len(pairs) <= report_words.MOST_FACTS:
        return html.facts(pairs)
    return html.around("details", html.element("summary", f"{len(pairs)} figures behind it"), html.facts(pairs))


def _entries(view: ReportView) -> str:
    rows = []
    for entry in view.standup.entries:
        day, who, what, reason = report_words.entry_words(entry)
        first = html.element("th", day, scope="row", role="rowheader")
        rows.append((first, text_of(who), text_of(what), text_of(reason)))
    caption = "Newest first, with the reason as it was written."
    return html.table(caption, ("Day", "Who", "What", "Why"), rows) if rows else ""


def _links(links: Sequence[LinkPart]) -> str:
    rows = [
        (
            html.element("th", f"{link.cpi} → {link.kpi}", scope="row", role="rowheader"),
            text_of(link.expected),
            _chip(link.state, link.tone) if link.tone is not Tone.PLAIN else text_of(link.state),
            text_of(link.said),
        )
        for link in links
    ]
    heads = ("CPI → KPI", "Expected beforehand", "Decided", "The data says")
    return html.table("A link was written down before anybody looked at the data.", heads, rows) if rows else ""


def _findings(view: ReportView) -> str:
    rows = []
    for one in view.findings:
        first = html.element("th", one.code, scope="row", role="rowheader")
        rows.append((first, text_of(one.key), text_of(one.text), text_of(one.hint)))
    caption = "What the check says today."
    return html.table(caption, ("Code", "About", "Finding", "What to do"), rows) if rows else ""
