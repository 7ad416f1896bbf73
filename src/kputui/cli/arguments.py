"""The commands and their options as data: the parser, the help and docs/commands.md are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable


class Count(StrEnum):
    """How many words an argument takes, and how often it may stand."""

    FLAG = "flag"
    ONE = "one"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Option:
    """An option that starts with a dash. `metavar` is the value's name in help; `choices` its words."""

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    count: Count = Count.ONE
    choices: tuple[str, ...] = ()
    default: str | None = None
    convert: Callable[[str], object] = str

    @property
    def name(self) -> str:
        """The attribute that holds the value: `--group-by` gives `group_by`, `--from` gives `from_`."""
        name = self.flags[-1].removeprefix("--").replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    @property
    def usage(self) -> str:
        """How it is written: `-w, --workspace DIR`."""
        value = "|".join(self.choices) or self.metavar
        return ", ".join(self.flags) + (f" {value}" if value else "")


@dataclass(frozen=True, slots=True)
class Positional:
    """A word without a dash; `arity` is argparse's: "" for exactly one, "?" for at most one, "+" for some."""

    name: str
    help: str
    arity: str = ""

    @property
    def usage(self) -> str:
        """How it is written: `DIR`, `[DIR]`, `METRIC...`."""
        return {"": self.name, "?": f"[{self.name}]", "+": f"{self.name}..."}[self.arity]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is for, what it takes, what it answers, and a line to try."""

    name: str
    summary: str
    about: str
    examples: tuple[str, ...]
    positionals: tuple[Positional, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def usage(self) -> str:
        """The whole line: `kputui query METRIC... [--grain G] ...`."""
        words = ["kputui", *([] if self.name == BOARD else [self.name]), *(p.usage for p in self.positionals)]
        for option in self.options:
            required = option.default == REQUIRED
            value = option.metavar or "|".join(option.choices)
            text = f"{option.flags[0]} {value}" if value else option.flags[0]
            words.append(text if required else f"[{text}]" + ("..." if option.count is Count.REPEATED else ""))
        return " ".join(words)


REQUIRED = "\0required"
"""The `default` of an option that must be given."""

BOARD = "board"
"""The command that runs when none is named."""


def day(text: str) -> date:
    """The date that `text` writes as YYYY-MM-DD; raises `UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is not a date', "write it as 2026-11-20") from None


def one_of(option: Option) -> Callable[[str], str]:
    """What checks a word against the option's choices; raises `UsageError` that names the nearest."""

    def check(text: str) -> str:
        if text in option.choices:
            return text
        known = ", ".join(option.choices)
        near = did_you_mean(text, option.choices)
        raise UsageError(f'{option.flags[-1]}: no "{text}"; known: {known}', near)

    return check


GLOBAL_OPTIONS = (
    Option(
        ("-w", "--workspace"),
        "the workspace's folder; without it ./config, else the folder of the nearest kputui.toml upwards",
        "DIR",
        convert=Path,
    ),
    Option(
        ("--today",), "what the clock says, as YYYY-MM-DD: for reviews of the past and for tests", "DATE", convert=day
    ),
    Option(
        ("--allow-root",),
        "a further folder that data may be read from; may be repeated",
        "DIR",
        Count.REPEATED,
        convert=Path,
    ),
    Option(("--as",), "whose board `mine` shows; the journal names who is logged in, whatever this says", "USER"),
    Option(("--no-color",), "words and glyphs only; the variable NO_COLOR does the same", count=Count.FLAG),
    Option(("--version",), "print the version and leave", count=Count.FLAG),
)

HELP = Option(("-h", "--help"), "print help and leave", count=Count.FLAG)

_TEXT_OR_JSON = Option(("--format",), "text for people, json for programs", choices=("text", "json"), default="text")
_REASON = Option(("--reason",), "why, in a sentence for the journal; on a terminal it is asked for", "TEXT")
_OVERRIDE = Option(
    ("--override",),
    "make an exception from a rule that allows one; it stays on the list of exceptions",
    count=Count.FLAG,
)
_LINK = (Positional("CPI", "the CPI's name"), Positional("KPI", "the name of the KPI that it is linked to"))
_FOLDER = Positional("DIR", "the workspace's folder", "?")

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(
            BOARD,
            "the board; the command that runs when none is named",
            "Opens the board. Without a terminal (a pipe, a log, TERM=dumb) it prints what `kputui status` "
            "prints and answers 2.",
            ("kputui", "kputui ~/nordlicht", "kputui --today 2013-06-30"),
            (_FOLDER,),
        ),
        Command(
            "demo",
            "copy the demo workspace into a folder and open it",
            "Copies the demo (three airports, one real year) to DIR, ./kputui-demo when none is named, and opens "
            "the board there. A second run opens the folder again and changes nothing in it. Without a terminal "
            "it copies, prints the goals and how to open the board.",
            ("kputui demo", "kputui demo ~/airports"),
            (Positional("DIR", "where the copy goes; ./kputui-demo when left out", "?"),),
        ),
        Command(
            "init",
            "a working workspace, guessed from a data file's columns",
            "Writes commented TOML files into DIR and copies the data file to DIR/data. What only people can know "
            "is marked TODO. No existing file is ever changed.",
            ("kputui init shop --from orders.csv", "kputui shop"),
            (Positional("DIR", "the folder to write; made when it is missing"),),
            (Option(("--from",), "the data: .csv, .csv.gz or .parquet", "FILE", default=REQUIRED, convert=Path),),
        ),
        Command(
            "check",
            "all problems of the workspace and its data, and all rule findings",
            "Lists every problem with file, line and column. Answers 0 when there is none, 1 with findings, "
            "2 when the workspace cannot be read. Notes (severity info) are listed and do not change the answer.",
            ("kputui check", "kputui check --format json"),
            (),
            (_TEXT_OR_JSON,),
        ),
        Command(
            "status",
            "a line a goal: state, actual, target, pace, required rate",
            "JSON holds every figure behind the state. With --fail-on the answer is 1 when a goal is in that "
            "state or a worse one.",
            ("kputui status", "kputui status --fail-on off_track", "kputui status --today 2013-06-30 --format json"),
            (),
            (
                Option(
                    ("--fail-on",),
                    "answer 1 when a goal is at_risk (or off_track, or missed), or only off_track (or missed)",
                    choices=("at_risk", "off_track"),
                ),
                _TEXT_OR_JSON,
            ),
        ),
        Command(
            "query",
            "the numbers of one or more metrics by period",
            "Reads all rows unless --to or --today is given. A range widens to whole periods. JSON is a list of row "
            "objects with `metric_time`, the group columns and a column a metric; CSV holds full precision, and text "
            "that a spreadsheet would run gets a leading apostrophe. A metric that cannot be computed is "
            "told on stderr and answered with 5.",
            (
                "kputui query ontime_arrivals taxi45 --grain week --group-by origin --format csv",
                "kputui query delay_hours --from 2013-06-01 --to 2013-08-31 --where \"origin = 'JFK'\"",
            ),
            (Positional("METRIC", "the names of metrics", "+"),),
            (
                Option(
                    ("--grain",),
                    "the periods' length; without it the metrics' own",
                    "G",
                    choices=("day", "week", "month", "quarter", "year"),
                ),
                Option(("--group-by",), "a dimension to break down by; may be repeated", "COL", Count.REPEATED),
                Option(("--from",), "the first day, as YYYY-MM-DD", "D", convert=day),
                Option(("--to",), "the last day, as YYYY-MM-DD", "D", convert=day),
                Option(("--where",), "an SQL expression over the row; other rows do not count", "SQL"),
                Option(
                    ("--format",),
                    "table for people, the others for programs",
                    choices=("table", "csv", "json", "parquet"),
                    default="table",
                ),
                Option(
                    ("-o", "--output"),
                    "write to this file, whole or not at all; never over a file of the workspace",
                    "FILE",
                    convert=Path,
                ),
            ),
        ),
        Command(
            "assign",
            "give a team, or a person in it, a role for a CPI; or take it away",
            "There is exactly one accountable: assigning it replaces the one before. Responsible, consulted and "
            "informed are added to. Nobody becomes accountable before a link of the CPI is confirmed; --override "
            "with a written reason makes an exception. Answers 4 when a rule refuses, 3 when somebody else was first.",
            (
                'kputui assign taxi45 network --person priya --reason "the slots are hers"',
                'kputui assign taxi45 ramp/noor --role responsible --reason "on the apron all week"',
                'kputui assign taxi45 care --role informed --remove --reason "they asked not to be"',
            ),
            (Positional("METRIC", "the CPI's name"), Positional("TEAM", "the team's name, or team/person")),
            (
                Option(
                    ("--role",),
                    "the role",
                    choices=("accountable", "responsible", "consulted", "informed"),
                    default="accountable",
                ),
                Option(("--person",), "one person in the team", "P"),
                Option(("--remove",), "take the role away instead", count=Count.FLAG),
                _REASON,
                _OVERRIDE,
            ),
        ),
        Command(
            "confirm",
            "confirm a link: a person's judgement, with the reason",
            "Records that you judge the CPI to move the KPI. Without a test it is shown as a judgement. It expires "
            "when a definition of the two changes or its `review_every` passes, and then asks for a decision again.",
            ('kputui confirm taxi45 ontime_arrivals --reason "twelve debriefings and the weekly chart"',),
            _LINK,
            (_REASON,),
        ),
        Command(
            "refute",
            "refute a link: a person's judgement, with the reason",
            "Records that you judge the CPI not to move the KPI. Whoever is accountable stays so and is listed as an "
            "exception when no other link of the CPI is confirmed.",
            ('kputui refute small_jet afternoon_ontime --reason "no difference on days with free slots"',),
            _LINK,
            (_REASON,),
        ),
        Command(
            "undo",
            "take a change back: your last one, or the one of that number",
            "A new change puts back what was there before; the journal only grows. A change that somebody else has "
            "changed since is not undone: the answer is 3 and says who.",
            ("kputui undo", 'kputui undo 14 --reason "wrong team"'),
            (Positional("SEQ", "the number of a change, as `log` lists it", "?"),),
            (_REASON,),
        ),
        Command(
            "log",
            "who changed what, when and why; newest first",
            "Lists the changes of accountability and the decisions about links, from state/journal.jsonl.",
            ("kputui log", "kputui log taxi45", "kputui log --team ramp --since 2013-03-01 --format json"),
            (Positional("METRIC", "only changes of this metric and its links", "?"),),
            (
                Option(("--team",), "only changes that name this team or one of its people", "T"),
                Option(("--person",), "only changes that name this person, or that this login made", "P"),
                Option(("--since",), "only changes saved on this day or later", "DATE", convert=day),
                Option(
                    ("--format",), "table for people, json for programs", choices=("table", "json"), default="table"
                ),
            ),
        ),
        Command(
            "journal",
            "check the journal, or decide about an edit made by hand",
            "`verify` checks every line of state/journal.jsonl against the one before, and the snapshot against the "
            "journal; it changes nothing and answers 0 when all is well, 1 with findings, 5 when history was edited "
            "or cannot be read. `import` takes an edit of state/accountability.toml over as changes of yours; "
            "`discard` puts it aside.",
            ("kputui journal verify", 'kputui journal import --reason "agreed in the meeting"'),
            (Positional("ACTION", "verify, import or discard"),),
            (_REASON,),
        ),
        Command(
            "mine",
            "what you are accountable and responsible for, and your private board",
            "Your person in teams.toml is the one whose handle is your login name, or --as. The private board is a "
            "workspace of your own in ~/.config/kputui/mine (or below XDG_CONFIG_HOME), readable by you alone; it is "
            "in no report, export, journal or other screen. --init writes an example to start from.",
            ("kputui mine", "kputui mine --as sam", "kputui mine --init"),
            (),
            (Option(("--init",), "write a commented example of a private board", count=Count.FLAG),),
        ),
        Command(
            "schema",
            "the JSON schema of a workspace's files, for editors",
            "Prints the schema that editors use to complete and check the workspace's TOML files.",
            ("kputui schema > kputui.schema.json",),
        ),
    )
}
