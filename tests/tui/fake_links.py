"""Links with fixed figures for the three airports, and a table of any size."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from tests.tui.fake_board import BY_ID, TEAMS, view_of

from kputui.model.ids import GoalId, MetricId, TeamId
from kputui.model.link import LinkState
from kputui.model.metric import NumberFormat
from kputui.session.link_views import EvidenceView, LinkCellView, LinksView, ProfileView
from kputui.session.views import BoardView, Fact, Quantity, Tone

OPEN, CONFIRMED, EXPIRED, REFUTED = (
    LinkState.HYPOTHESIS,
    LinkState.CONFIRMED,
    LinkState.EXPIRED,
    LinkState.REFUTED,
)
TESTING = LinkState.TESTING
# Of each link: CPI, KPI, expected sign, strength, state, verdict, what is missing, tone.
LINKS = (
    ("taxi45", "ontime_arrivals", "-", -0.83, CONFIRMED, "ready to confirm", "", Tone.GOOD),
    ("taxi45", "legs_per_aircraft", "-", -0.21, TESTING, "leaning", "about 40 more weeks", Tone.PLAIN),
    ("gate_late15", "ontime_arrivals", "-", -0.77, TESTING, "moves together, direction unknown", "a lag", Tone.PLAIN),
    ("first_wave_late", "afternoon_ontime", "-", -0.52, TESTING, "ready to confirm", "your word: c", Tone.CAUTION),
    ("small_jet", "afternoon_ontime", "-", 0.04, REFUTED, "rejected", "", Tone.MUTED),
    ("evening_wait60", "clean_start", "-", -0.37, EXPIRED, "ready to confirm", "a decision", Tone.CAUTION),
    ("evening_cancelled", "completion", "-", None, OPEN, "refused", "it is a part of the KPI", Tone.MUTED),
    ("late60", "delay_hours", "+", 0.11, CONFIRMED, "not enough data", "", Tone.CAUTION),
    ("made_up", "long_delays", "-", 0.31, TESTING, "contradicted", "the sign is the other one", Tone.BAD),
    ("diverted", "long_delays", "+", None, OPEN, "", "", Tone.MUTED),
)
CPIS = tuple(dict.fromkeys(link[0] for link in LINKS))
KPIS = tuple(dict.fromkeys(link[1] for link in LINKS))
GOAL_OF = {"ontime_arrivals": "arrive_as_promised", "afternoon_ontime": "arrive_as_promised"}


def links_view() -> LinksView:
    """The airports' ten links, and a CPI without one."""
    cells = {
        (cpi, kpi): LinkCellView(
            MetricId(cpi), MetricId(kpi), sign, strength, state, verdict, missing, tone, is_exception=cpi == "late60"
        )
        for cpi, kpi, sign, strength, state, verdict, missing, tone in LINKS
    }
    cpis = (*CPIS, "lonely")
    return LinksView(
        columns=tuple((MetricId(kpi), BY_ID[kpi][1]) for kpi in KPIS),
        rows=tuple((MetricId(cpi), BY_ID[cpi][1] if cpi in BY_ID else "Nobody knows what for") for cpi in cpis),
        cells=tuple(tuple(cells.get((cpi, kpi)) for kpi in KPIS) for cpi in cpis),
        teams=tuple(frozenset({TeamId(TEAMS[index % len(TEAMS)][0])}) for index in range(len(cpis))),
        goals=tuple(frozenset({GoalId(GOAL_OF.get(kpi, "keep_timetable"))}) for kpi in KPIS),
        team_labels=tuple((TeamId(id_), label) for id_, label in TEAMS),
        goal_labels=(
            (GoalId("arrive_as_promised"), "People arrive when we said they would"),
            (GoalId("keep_timetable"), "The flights in the timetable really fly"),
        ),
    )


def evidence_view(cpi: str = "taxi45", kpi: str = "ontime_arrivals") -> EvidenceView:
    """The evidence of a link that is ready to be confirmed."""
    draw = random.Random(7)  # noqa: S311 - the same scatter each time
    scatter = tuple((x := draw.gauss(0, 1), -0.8 * x + draw.gauss(0, 0.6)) for _ in range(52))
    r = (0.03, -0.83, -0.41, -0.08, 0.05, -0.02)
    return EvidenceView(
        MetricId(cpi),
        MetricId(kpi),
        (BY_ID[cpi][1], BY_ID[kpi][1]),
        "expected negative, after 0-1 weeks: minutes lost in the queue for the runway are not in the timetable",
        "testing",
        "When Stuck on the taxiway rises, On-time arrivals falls after 0-1 weeks: it leads it.",
        Tone.GOOD,
        (
            Fact("rows", text="51 weeks, 5 Feb to 29 Dec 2013"),
            Fact("strength", Quantity(-0.83, NumberFormat.NUMBER2), "[-0.90, -0.72]"),
            Fact("against luck", text="2 400 : 1"),
            Fact("after correction", text="q = 0.001 over 9 open links"),
            Fact("effect", text="-1.9 [-2.3, -1.4] points for each point"),
        ),
        ProfileView(
            (-1, 0, 1, 2, 3, 4),
            r,
            tuple(one - 0.2 for one in r),
            tuple(one + 0.2 for one in r),
            (False, True, True, False, False, False),
            "weeks",
        ),
        scatter,
        (BY_ID[cpi][1], BY_ID[kpi][1]),
        ("what is left after trend and season is no longer correlated with itself", "both halves agree in sign"),
        ("the strongest lag is at the edge of the declared window",),
        ("before the declaration on 1 Mar 2013: 8 weeks, too few", "after it: 43 weeks, r = -0.84, 900 : 1"),
        ("if Stuck on the taxiway falls by 1 point, On-time arrivals is expected to rise by 1.4 to 2.3 points",),
        ("2 Jan 2014 Dana confirmed it: seen at the apron", "1 Mar 2013 declared"),
    )


def board_with_links(generation: int = 1, *, has_evidence: bool = True) -> BoardView:
    """The airports' board with its links."""
    view = links_view()
    evidence = {
        (cell.cpi, cell.kpi): evidence_view(cell.cpi, cell.kpi) for cells in view.cells for cell in cells if cell
    }
    return replace(view_of(generation), links=view, evidence=evidence if has_evidence else {})


def large_links(cpis: int = 200, kpis: int = 50) -> LinksView:
    """Three links a CPI, all over the table."""
    rows = []
    for row in range(cpis):
        cells: list[LinkCellView | None] = [None] * kpis
        for step in range(3):
            column = (row * 7 + step * 17) % kpis
            strength = math.sin(row + step)
            cells[column] = LinkCellView(
                MetricId(f"c{row}"), MetricId(f"k{column}"), "-", strength, TESTING, "leaning", "more weeks"
            )
        rows.append(tuple(cells))
    return LinksView(
        tuple((MetricId(f"k{index}"), f"What we want number {index}") for index in range(kpis)),
        tuple((MetricId(f"c{index}"), f"What passengers feel {index}") for index in range(cpis)),
        tuple(rows),
        tuple(frozenset({TeamId(f"t{index % 40}")}) for index in range(cpis)),
        tuple(frozenset({GoalId(f"g{index % 20}")}) for index in range(kpis)),
        tuple((TeamId(f"t{index}"), f"Team {index}") for index in range(40)),
        tuple((GoalId(f"g{index}"), f"Goal {index}") for index in range(20)),
    )
