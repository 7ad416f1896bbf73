"""The commands that read: the board, its twins, numbers and checks."""

from __future__ import annotations

from pathlib import Path

from kputui.cli.words import BOARD, Command, Count, Option, Positional, amount, day, seconds

TEXT_OR_JSON = Option(("--format",), "text for people, json for programs", choices=("text", "json"), default="text")
_FOLDER = Positional("DIR", "the workspace's folder", "?")

READING = (
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
        "a working workspace, from a data file's columns and what you say",
        "Writes commented TOML files into DIR and copies the data file to DIR/data. With a folder and a file it "
        "guesses; without one of them it asks on the terminal: the goal first, then the KPI and a CPI. What only "
        "people can know and nobody said is marked TODO. No existing file is ever changed.",
        ("kputui init", "kputui init shop --from orders.csv", "kputui shop"),
        (Positional("DIR", "the folder to write; made when it is missing", "?"),),
        (Option(("--from",), "the data: .csv, .csv.gz or .parquet", "FILE", convert=Path),),
    ),
    Command(
        "check",
        "all problems of the workspace and its data, and all rule findings",
        "Lists every problem with file, line and column. Answers 0 when there is none, 1 with findings, "
        "2 when the workspace cannot be read. Notes (severity info) are listed and do not change the answer.",
        ("kputui check", "kputui check --format json"),
        (),
        (TEXT_OR_JSON,),
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
            TEXT_OR_JSON,
        ),
    ),
    Command(
        "forecast",
        "whether the goals will be met by their due dates, and how sure that is",
        "Tells for each goal how likely it is to be met, and where it will stand on its due date with the bands that "
        "hold 80 % and 95 % of the time; with a GOAL, period by period. Where the points at hand support no "
        "forecast, it says so. JSON holds every figure.",
        ("kputui forecast", "kputui forecast keep_timetable --today 2013-11-30", "kputui forecast --format json"),
        (Positional("GOAL", "the goal's name; all goals when left out", "?"),),
        (TEXT_OR_JSON,),
    ),
    Command(
        "links",
        "what the data says of each link from a CPI to a KPI",
        "Tests each declared link with its own sign and lag, trend, season and memory taken out, and says the verdict "
        "with odds against luck; a CPI leads a KPI, and nothing here says that it causes it. With CPI and KPI all the "
        "evidence; of a pair that nobody declared it is exploratory and can't be confirmed. --search ranks undeclared "
        "pairs as hints. --if-improves tells what a confirmed link expects of the KPI. JSON holds each figure "
        "behind each verdict.",
        (
            "kputui links",
            "kputui links taxi45 ontime_arrivals",
            "kputui links evening_wait60 clean_start --if-improves 0.02",
            "kputui links --search --format json",
        ),
        (
            Positional("CPI", "the CPI's name; all links when left out", "?"),
            Positional("KPI", "the KPI's name; all links of the CPI when left out", "?"),
        ),
        (
            Option(("--search",), "rank the pairs that nobody declared; hints, and no tests", count=Count.FLAG),
            Option(
                ("--if-improves",),
                "by how much the CPI of a confirmed link is to improve, in its own unit",
                "D",
                convert=amount,
            ),
            TEXT_OR_JSON,
        ),
    ),
    Command(
        "signals",
        "the natural limits of each metric, and what is more than routine variation",
        "Tells for each metric its newest whole period, its natural process limits and the new signals, the only ones "
        "that ask for an explanation; with a METRIC the limits of each phase, all signals with what was said about "
        "them, the rules with their price (how often they give a false alarm), and whether neighbouring values depend "
        "on each other. JSON holds every figure.",
        ("kputui signals", "kputui signals ontime_arrivals", "kputui signals --format json"),
        (Positional("METRIC", "the metric's name; all metrics when left out", "?"),),
        (TEXT_OR_JSON,),
    ),
    Command(
        "compare",
        "a metric before and after a change of owner, an intervention, a shift, or any day",
        "Compares the level of a metric before and after each known day with its 95 % interval, checks it against "
        "other days on which nothing is known to have happened, and lists what else was near. A change stands "
        "beside a day; it is not called its effect. Needs 8 periods before and 6 after.",
        ("kputui compare taxi45", "kputui compare ontime_arrivals --at 2013-09-02 --format json"),
        (Positional("METRIC", "the metric's name"),),
        (Option(("--at",), "only this day, as YYYY-MM-DD", "DATE", convert=day), TEXT_OR_JSON),
    ),
    Command(
        "standup",
        "what changed or asks since the last stand-up, first what needs a decision",
        "Compares the workspace with what it showed on the evening of the last stand-up held, or a week ago: "
        "guardrails, goals that turned, what is to be decided, links, signals, questions, data, who took over what, "
        "and what begins or ends. What was put off on the board stays out until its day. JSON holds every figure.",
        ("kputui standup", "kputui standup --today 2013-09-30 --since 2013-09-23", "kputui standup --format json"),
        (),
        (Option(("--since",), "the day to compare with, as YYYY-MM-DD", "DATE", convert=day), TEXT_OR_JSON),
    ),
    Command(
        "report",
        "the stand-up as a page to send: Markdown, or one HTML file",
        "Writes where the goals stand with pace and forecast, what asks for an answer, what else changed since the "
        "last stand-up, the links, what people decided and said, and what the rules find. The HTML is one file with "
        "its charts inside: it opens offline, on a phone, in light and dark, and on paper. A private board is never in "
        "it. Answers 5, with the page of what there is, when the data of a metric cannot be read.",
        (
            "kputui report > standup.md",
            "kputui report --format html -o standup.html",
            "kputui report --today 2013-09-30 --since 2013-09-23",
        ),
        (),
        (
            Option(("--since",), "look back to the evening of this day, as YYYY-MM-DD", "DATE", convert=day),
            Option(("--format",), "Markdown, or one HTML file", choices=("md", "html"), default="md"),
            Option(
                ("-o", "--output"),
                "write to this file, whole or not at all; never over a file of the workspace",
                "FILE",
                convert=Path,
            ),
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
            'kputui query delay_hours --grain month --compare "1 quarter"',
        ),
        (Positional("METRIC", "the names of metrics", "+"),),
        (
            Option(
                ("--grain",),
                "day, week, month, quarter, year, or a name from [grains]; without it the metrics' own",
                "G",
            ),
            Option(
                ("--group-by",),
                "a dimension, or a date part such as weekday, to break down by; may be repeated",
                "COL",
                Count.REPEATED,
            ),
            Option(("--from",), "the first day, as YYYY-MM-DD", "D", convert=day),
            Option(("--to",), "the last day, as YYYY-MM-DD", "D", convert=day),
            Option(("--where",), "an SQL expression over the row; other rows do not count", "SQL"),
            Option(
                ("--compare",),
                "the value so much earlier and the change since as a share of it; none beside a running period",
                "LENGTH",
            ),
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
        "export",
        "a table of the board for a spreadsheet or a program",
        "Writes one table with its raw values: goals with pace and forecast, metrics, the values of one metric by "
        "period with target and limits, signals, links, who is accountable, changes, or findings. Without --format the "
        "file's name says which form (.csv, .json, .parquet). In CSV, text that a spreadsheet would run gets a leading "
        "apostrophe; numbers are left alone.",
        (
            "kputui export goals -o goals.csv",
            "kputui export values ontime_arrivals --format json",
            "kputui export links -o links.parquet",
        ),
        (
            Positional("TABLE", "goals, metrics, values, signals, links, accountability, changes or findings"),
            Positional("METRIC", "whose values; for the table values only", "?"),
        ),
        (
            Option(("--format",), "csv when neither this nor a file says more", choices=("csv", "json", "parquet")),
            Option(
                ("-o", "--output"),
                "write to this file, whole or not at all; never over a file of the workspace",
                "FILE",
                convert=Path,
            ),
        ),
    ),
    Command(
        "watch",
        "a line when a goal turns, a signal appears, a guardrail gets worse or data gets old",
        "Needs no screen and tells each thing once, also over several runs: what was told is kept in your state "
        "folder. The first run tells what it starts from. Looks every minute whether a file, the workspace or the day "
        "has changed, and computes only then. With --once one look for cron or a systemd timer: 0 nothing new, 1 news, "
        "5 data cannot be read (a timer's unit wants SuccessExitStatus=1). SIGTERM ends it with 0, Ctrl-C with 130.",
        ("kputui watch --bell", "kputui watch --once", "kputui watch --every 5m --format json"),
        (),
        (
            Option(("--every",), "how long between two looks: 30s, 5m, 1h", "TIME", default="60s", convert=seconds),
            Option(("--once",), "look once and leave", count=Count.FLAG),
            Option(("--bell",), "ring the terminal's bell with news", count=Count.FLAG),
            Option(("--notify",), "show news on the desktop too, where the terminal can", count=Count.FLAG),
            Option(("--format",), "text for people, or JSON lines", choices=("text", "json"), default="text"),
        ),
    ),
    Command(
        "import",
        "metrics of a dbt project as TOML for a workspace",
        "Reads the semantic YAML of a dbt project, in the older or the newer spelling, and prints sources and metrics "
        "for a workspace. What has no counterpart here is told on standard error with the reason, and answered with 1. "
        'Needs the extra "dbt": pip install "kputui[dbt]".',
        ("kputui import dbt ~/shop-dbt -o config/dbt_metrics.toml", "kputui import dbt models/orders.yml"),
        (
            Positional("FORM", "what is imported: dbt"),
            Positional("PATH", "the project's folder, or one of its YAML files"),
        ),
        (Option(("-o", "--output"), "write to this new file; one that exists is left alone", "FILE", convert=Path),),
    ),
    Command(
        "schema",
        "the JSON schema of a workspace's files, for editors",
        "Prints the schema that editors use to complete and check the workspace's TOML files.",
        ("kputui schema > kputui.schema.json",),
    ),
)
"""In the order of the help."""
