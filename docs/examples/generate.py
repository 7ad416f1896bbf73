# ruff: noqa: INP001 - a script, not a package
"""Write the data of the two example workspaces: `python docs/examples/generate.py`. All of it is invented.

The random numbers have a fixed seed, so the same files come out each time; a test holds them equal.
"""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SEED = 20_160_908

BANK_WEEKS = 100
BANK_START = date(2024, 1, 1)
DRIVE = 66
"""The week in which branches begin to be ranked by accounts per customer."""
BRANCHES = {"harbour": 5_200, "market": 4_100, "station": 3_300, "hill": 2_400}

CENTRE_DAYS = 182
CENTRE_START = date(2025, 6, 2)
TEAMS = {"blue": 310, "green": 270, "amber": 220}


def bank(*, is_honest: bool = False) -> str:
    """A row a week and branch: accounts follow customers, and fees the accounts, until accounts are only opened.

    With `is_honest` as many more accounts are opened, but they are used and paid for, and nobody complains.
    """
    dice = random.Random(SEED)  # noqa: S311 - a simulation, not a secret
    lines = ["day,branch,customers,accounts,new_accounts,unused_accounts,fees,complaints,waiting_min"]
    mood = 0.0
    for week in range(BANK_WEEKS):
        day = BANK_START + timedelta(days=7 * week)
        mood = 0.6 * mood + dice.gauss(0, 0.02)
        season = 0.02 * math.sin(2 * math.pi * week / 52)
        pushed = 0.5 + 0.5 * (week - DRIVE) / (BANK_WEEKS - DRIVE) if week >= DRIVE else 0.0
        for branch, size in BRANCHES.items():
            customers = round(size * (1 + 0.0002 * week))
            wanted = customers * 4.1 * (1 + mood + dice.gauss(0, 0.004))
            only_opened = customers * 1.9 * pushed
            paid = wanted + only_opened * is_honest
            fees = 0.72 * paid * (1 + season + dice.gauss(0, 0.006))
            complaints = customers / 1000 * (2.1 + 3.2 * pushed * (not is_honest)) * (1 + dice.gauss(0, 0.10))
            asked_for, unasked = wanted * 0.012 * (1 + dice.gauss(0, 0.05)), customers * 0.05 * (pushed > 0)
            unused = asked_for * 0.08 * (1 + dice.gauss(0, 0.1)) + 0.85 * unasked
            waiting = 6.5 + dice.gauss(0, 0.5)
            lines.append(
                f"{day},{branch},{customers},{wanted + only_opened:.0f},{asked_for + unasked:.0f},{unused:.0f},"
                f"{fees:.2f},{complaints:.0f},{waiting:.1f}"
            )
    return "\n".join(lines) + "\n"


def contact_centre() -> str:
    """A row a day and team: everything that a telephone system and a survey tool can count."""
    dice = random.Random(SEED)  # noqa: S311 - as above
    names = (
        "day,team,calls,answered,abandoned,wait_s,talk_s,hold_s,after_s,transfers,repeats,resolved,promises,"
        "promises_kept,quality_points,quality_checks,script_points,surveys_sent,surveys_answered,score_sum,agents,"
        "agents_ill,logged_in_h,paid_h,adherent_h,emails,chats,trainings,greetings,channel"
    )
    return "\n".join([names, *_centre_rows(dice)]) + "\n"


def _centre_rows(dice: random.Random) -> Iterator[str]:
    for number in range(CENTRE_DAYS):
        day = CENTRE_START + timedelta(days=number)
        if day.weekday() == 6:
            continue
        load = (1.15, 1.05, 1.0, 0.98, 1.02, 0.55)[day.weekday()]
        for team, size in TEAMS.items():
            calls = round(size * load * (1 + dice.gauss(0, 0.06)))
            wait = max(8.0, 70 * load + dice.gauss(0, 12))
            answered = round(calls * (0.97 - 0.0004 * wait) + dice.gauss(0, 2))
            resolved = round(answered * (0.71 + dice.gauss(0, 0.015)))
            promises = round(answered * 0.22)
            checks = round(answered * 0.03) + 1
            sent = round(answered * 0.5)
            replied = round(sent * (0.11 + dice.gauss(0, 0.01)))
            agents = round(size / 28)
            paid = agents * 7.5
            row = (
                day, team, calls, answered, calls - answered, f"{wait * answered:.0f}", f"{265 * answered:.0f}",
                f"{31 * answered * (1 + dice.gauss(0, 0.1)):.0f}", f"{58 * answered:.0f}", round(answered * 0.09),
                round((answered - resolved) * 0.6), resolved, promises, round(promises * (0.83 + dice.gauss(0, 0.02))),
                round(checks * (88 + dice.gauss(0, 2))), checks, round(checks * (93 + dice.gauss(0, 1))), sent, replied,
                round(replied * (4.1 + dice.gauss(0, 0.1))), agents, round(agents * 0.05 + dice.random()),
                f"{paid * 0.93:.1f}", f"{paid:.1f}", f"{paid * (0.88 + dice.gauss(0, 0.01)):.1f}",
                round(calls * 0.3), round(calls * 0.2), round(dice.random()), round(answered * 0.97), "telephone",
            )  # fmt: skip
            yield ",".join(map(str, row))


FILES = {"bank/data/branches.csv": bank, "contact_centre/data/days.csv": contact_centre}


def main() -> None:
    """Write both files."""
    for name, make in FILES.items():
        (HERE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
