# ruff: noqa: INP001 - a script, not a package
"""Write the demo's state/ with the program's own commands, as the invented people made it: `python docs/demo_state.py`.

A test fails when what is shipped is not what this writes.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId
from kputui.model.ownership import Role
from kputui.session.commands import apply
from kputui.session.naming import assignee_named
from kputui.session.open import open_workspace

CONFIG = Path(__file__).parents[1] / "config"
FILES = ("accountability.toml", "journal.jsonl")
ZONE = ZoneInfo("America/New_York")
UIDS = {"dana": 1001, "luis": 1002, "priya": 1004, "rosa": 1008, "ines": 1011, "sam": 1013}
A, R, C, I = Role.ACCOUNTABLE, Role.RESPONSIBLE, Role.CONSULTED, Role.INFORMED  # noqa: E741 - the matrix's letters


@dataclass(frozen=True)
class Made:
    """One change: when (New York time), by whom, what, why. `is_override`: against a rule, with the reason."""

    at: str
    login: str
    metric: str
    role: Role
    assignee: str
    reason: str
    is_override: bool = False


MADE = (
    Made("2013-01-14 09:10", "luis", "gate_late15", A, "station/rosa",
         "the doors close when her people say so; the link can be tested while she works", is_override=True),
    Made("2013-01-14 09:11", "luis", "gate_late15", R, "station", "boarding is theirs"),
    Made("2013-01-14 09:12", "luis", "gate_late15", C, "ramp", "they push back"),
    Made("2013-01-14 09:12", "luis", "gate_late15", I, "operations", "they hold the slots"),
    Made("2013-01-14 09:20", "luis", "taxi45", A, "network/tom",
         "the queue begins with how many flights we plan into one quarter of an hour", is_override=True),
    Made("2013-01-14 09:21", "luis", "taxi45", R, "ramp", "they have the aircraft once the doors are closed"),
    Made("2013-02-18 10:00", "dana", "diverted", R, "operations", "they choose where a flight ends"),
    Made("2013-02-18 10:02", "dana", "small_jet", R, "network", "they pick the aircraft of a route"),
    Made("2013-02-18 10:03", "dana", "small_jet", I, "care", "they hear about it first"),
    Made("2013-03-04 08:30", "dana", "taxi45", A, "ramp/sam",
         "after the blizzard we saw that the queue is decided on the ramp, not in the plan", is_override=True),
    Made("2013-03-04 08:31", "dana", "taxi45", C, "network", "they can move departures apart"),
    Made("2013-03-04 08:31", "dana", "taxi45", C, "operations", "they talk to the tower"),
    Made("2013-03-04 08:32", "dana", "taxi45", I, "care", "they explain it to passengers"),
    Made("2013-03-04 08:40", "dana", "evening_cancelled", A, "operations/dana",
         "somebody decides every evening who stays here; that is me until the link is tested", is_override=True),
    Made("2013-03-04 08:41", "dana", "evening_cancelled", R, "operations", "they cancel and rebook"),
    Made("2013-03-04 08:42", "dana", "evening_cancelled", C, "crews", "no crew, no flight"),
    Made("2013-03-04 08:42", "dana", "evening_cancelled", I, "care", "hotels and meals"),
    Made("2013-04-15 14:00", "rosa", "first_wave_late", R, "station", "gates open at five"),
    Made("2013-04-15 14:01", "ines", "first_wave_late", R, "crews", "aircraft and crews are ready or not"),
    Made("2013-04-15 14:05", "rosa", "first_wave_late", C, "network", "first departures are planned tight"),
    Made("2013-04-15 14:05", "rosa", "first_wave_late", I, "operations", "the day starts here"),
    Made("2013-05-06 11:00", "ines", "evening_wait60", R, "crews", "crews run out of hours in the evening"),
    Made("2013-05-06 11:01", "ines", "evening_wait60", C, "operations", "they know what will be cancelled"),
    Made("2013-05-06 11:01", "ines", "evening_wait60", I, "care", "people ask them how long"),
    Made("2013-05-06 11:10", "ines", "made_up", R, "crews/bo", "he flies and teaches the fast profiles"),
    Made("2013-05-06 11:11", "ines", "made_up", I, "operations", "a fast flight burns fuel"),
    Made("2013-06-03 16:00", "rosa", "late60", R, "station/kit", "runs the transfer desk"),
    Made("2013-06-03 16:01", "rosa", "late60", R, "care", "rebooks who missed it"),
    Made("2013-06-03 16:02", "rosa", "late60", C, "operations", "they can hold a connection"),
)  # fmt: skip


def make(folder: Path) -> dict[str, bytes]:
    """The state's files after all changes; `folder` becomes a workspace without data to make them in."""
    for file in CONFIG.glob("*.toml"):
        shutil.copyfile(file, folder / file.name)
    for made in MADE:
        moment = datetime.strptime(made.at, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        opened = open_workspace(folder, today=moment.date(), now=partial(_same, moment))
        command = Assign(MetricId(made.metric), made.role, assignee_named(opened.workspace, made.assignee))
        author = Author(made.login, UIDS[made.login], "tower")
        apply(opened, command, reason=made.reason, override=made.is_override, author=author)
    return {name: (folder / "state" / name).read_bytes() for name in FILES}


def _same(moment: datetime) -> datetime:
    return moment


def main() -> None:
    """Write the files of the demo that differ."""
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
    for name, content in made.items():
        path = CONFIG / "state" / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


if __name__ == "__main__":
    main()
