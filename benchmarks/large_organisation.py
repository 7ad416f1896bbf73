"""A large organisation to try the board on: 60 goals, 300 metrics, 40 teams, links and a year and a half of rows.

`python benchmarks/large_organisation.py FOLDER [--rows N] [--seed N]` writes the workspace; the same seed gives the
same bytes. Open it with `kputui FOLDER`. People, teams and numbers are invented; four of five links are real in the
data, so that the evidence has something to find.
"""

from __future__ import annotations

import argparse
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

AREAS = ("Parcels", "Counters", "Online", "Service", "Returns", "Lockers", "Freight", "Letters", "Customs", "Fleet")
RESULTS = (
    "People get what they came for",
    "Nobody waits for an answer",
    "Nobody has to ask twice",
    "What we say is what happens",
    "Mistakes are mended at once",
)
STAGES = (
    "Finding us",
    "Deciding",
    "Ordering",
    "Waiting",
    "Receiving",
    "Using",
    "Asking",
    "Paying",
    "Leaving",
    "Returning",
)
MEETS = ("wait over a minute", "asked twice", "late", "wrong item", "no answer", "sent away", "not told", "damaged")
QUESTION = "Does it work for me today?"
NEEDS = ("frustration", "expectation", "outcome")
REGIONS = ("north", "south", "east", "west", "centre")
START, DAYS = date(2025, 1, 1), 545
TODAY = date(2026, 6, 29)
CPIS_PER_GOAL, KPIS_PER_GOAL = 3, 2
SUBGOALS = 5
SIGNALS = 40
"""So many columns hold what customers meet; each is the 0 or 1 of one row."""


def main() -> None:
    """Write the workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    (options.folder / "data").mkdir(parents=True)
    _rows(options.rows, options.seed).write_parquet(options.folder / "data" / "contacts.parquet")
    for name, text in _files(random.Random(options.seed)).items():  # noqa: S311 - invented names, no secrets
        (options.folder / name).write_text(text, encoding="utf-8")


def _rows(count: int, seed: int) -> pl.DataFrame:
    """One row a contact: when, where, what was met, what it cost and whether the customer came back a week later."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, DAYS, count))
    area = rng.integers(0, len(AREAS), count)
    weeks = DAYS // 7 + 2
    columns: dict[str, object] = {
        "on": [START + timedelta(days=int(one)) for one in day],
        "area": np.array(AREAS)[area],
        "region": np.array(REGIONS)[rng.integers(0, len(REGIONS), count)],
    }
    wave = np.zeros(weeks)
    for number in range(SIGNALS):
        share = 0.12 + 0.04 * rng.standard_normal(weeks)
        columns[f"met_{number:02}"] = rng.random(count) < np.clip(share, 0.01, 0.9)[day // 7]
        wave += share if number % 5 else 0.0
    lead = np.roll(wave - wave.mean(), 1)
    columns["came_back"] = rng.random(count) < np.clip(0.55 - 0.25 * lead, 0.05, 0.95)[day // 7]
    columns["amount"] = np.round(rng.gamma(2.0, 12.0, count), 2)
    columns["minutes"] = np.round(rng.gamma(1.5, 6.0, count), 1)
    return pl.DataFrame(columns)


def _files(rng: random.Random) -> dict[str, str]:
    """The five files of the workspace."""
    handles = [
        f"{first}{number}" for number in range(12) for first in ("ana", "ben", "cem", "dia", "eli", "fay", "gus")
    ]
    goals, metrics, links = [], [], []
    influences: dict[int, list[str]] = {team: [] for team in range(40)}
    for place, area in enumerate(AREAS):
        top = f"goal_{place}"
        goals.append(_goal(top, f"{area}: customers stay", handles[place], None, None))
        for number, result in enumerate(RESULTS):
            goal = f"{top}_{number}"
            kpis = [f"{goal}_kpi_{n}" for n in range(KPIS_PER_GOAL)]
            goals.append(_goal(goal, f"{area}: {result.lower()}", rng.choice(handles), top, kpis[0]))
            metrics += [_kpi(kpi, area, n, REGIONS[number], goal) for n, kpi in enumerate(kpis)]
            for n in range(CPIS_PER_GOAL):
                met = rng.randrange(SIGNALS)
                cpi = f"{goal}_cpi_{n}"
                metrics.append(_cpi(cpi, area, met, place, number * CPIS_PER_GOAL + n, rng))
                links.append(_link(cpi, kpis[n % KPIS_PER_GOAL], rng))
                influences[rng.randrange(40)].append(cpi)
        metrics += [_guard(f"guard_{place}_{n}", area, n, top) for n in range(5)]
    stages = (
        f'[[journey]]\nstage = "stage_{n}"\nlabel = "{stage}"\noutcome = "It went well"\n'
        for n, stage in enumerate(STAGES)
    )
    teams = (
        f'[teams.team_{team}]\nlabel = "Team {team + 1} of {AREAS[team % 10]}"\nlead = "{handles[team]}"\n'
        f"members = [{', '.join(_quoted({handles[team], handles[team + 40]}))}]\n"
        f"influences = [{', '.join(_quoted(named))}]\n"
        for team, named in influences.items()
    )
    return {
        "kputui.toml": f'[project]\nname = "Large organisation"\ntimezone = "Europe/Berlin"\ntoday = {TODAY}\n\n'
        '[sources.contacts]\npath = "data/contacts.parquet"\ntime = "on"\n',
        "goals.toml": "\n".join(goals),
        "metrics.toml": "\n".join(metrics),
        "journey.toml": "\n".join((*stages, *links)),
        "teams.toml": "\n".join(teams),
    }


def _quoted(names: object) -> list[str]:
    return [f'"{name}"' for name in sorted(names)]  # type: ignore[call-overload]  # any names


def _goal(name: str, label: str, owner: str, parent: str | None, kpi: str | None) -> str:
    lines = [f"[goals.{name}]", f'label = "{label}"', 'why = "They pay for next year"', f'owner = "{owner}"']
    lines += [f"start = {date(2026, 1, 1)}", f"due = {date(2026, 12, 31)}"]
    lines += [f'parent = "{parent}"'] if parent else []
    lines += (
        [f'measured_by = "{kpi}"', 'kind = "level"', "baseline = 0.50", "commit = 0.56", "target = 0.60"] if kpi else []
    )
    return "\n".join(lines) + "\n"


_SIMPLE = 'type = "simple"\nsource = "contacts"\ngrain = "week"\ndimensions = ["region"]\n'


def _kpi(name: str, area: str, number: int, region: str, goal: str) -> str:
    label, agg, expr, form = (
        ("Came back", "average", "came_back", "percent1"),
        ("Spent", "sum", "amount", "number0"),
    )[number]
    return (
        f'[metrics.{name}]\nkind = "kpi"\nlabel = "{label}, {area} {region}"\n'
        f'{_SIMPLE}agg = "{agg}"\nexpr = "{expr}"\nfilter = "area = \'{area}\' and region = \'{region}\'"\n'
        'direction = "increase"\n'
        f'format = "{form}"\nmin_sample = 30\ngoals = ["{goal}"]\ngaming = "counting a call as a visit"\n'
    )


def _cpi(name: str, area: str, met: int, place: int, number: int, rng: random.Random) -> str:
    what = MEETS[met % len(MEETS)]
    return (
        f'[metrics.{name}]\nkind = "cpi"\nlabel = "{area}, {what} ({number + 1})"\n{_SIMPLE}agg = "average"\n'
        f'expr = "met_{met:02}"\nfilter = "area = \'{area}\'"\ndirection = "decrease"\nformat = "percent1"\n'
        f'min_sample = 30\nstage = "stage_{(place + number) % len(STAGES)}"\nneed = "{rng.choice(NEEDS)}"\n'
        f'question = "{QUESTION}"\ndiscovered = "{rng.randrange(3, 20)} interviews, 2025-10"\n'
        "targets = [{ from = 2025-01-01, value = 0.10 }]\n"
    )


def _guard(name: str, area: str, number: int, goal: str) -> str:
    agg, expr, label = (
        ("average", "minutes", "Minutes a contact"),
        ("median", "minutes", "Minutes in the middle"),
        ("count", "amount", "Contacts"),
        ("percentile", "minutes", "Minutes of the slowest tenth"),
        ("max", "amount", "Largest amount"),
    )[number]
    more = "percentile = 0.9\n" if agg == "percentile" else ""
    return (
        f'[metrics.{name}]\nkind = "diagnostic"\nlabel = "{label}, {area}"\n{_SIMPLE}agg = "{agg}"\n'
        f'{more}expr = "{expr}"\nfilter = "area = \'{area}\'"\ndirection = "decrease"\nformat = "number1"\n'
        f'goals = ["{goal}"]\n'
    )


def _link(cpi: str, kpi: str, rng: random.Random) -> str:
    lag = rng.choice(("0-1", "1-2", "1-4"))
    return (
        f'[[links]]\ncpi = "{cpi}"\nkpi = "{kpi}"\nexpect = "negative"\nlag = "{lag} weeks"\n'
        'mechanism = "who meets this does not come again"\ndeclared = 2025-12-01\nreview_every = "180d"\n'
    )


if __name__ == "__main__":
    main()
