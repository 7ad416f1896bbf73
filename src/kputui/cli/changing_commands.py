"""The commands that change what the program keeps, and those that tell of changes."""

from __future__ import annotations

from kputui.cli.words import Command, Count, Option, Positional, day

_REASON = Option(("--reason",), "why, in a sentence for the journal; on a terminal it is asked for", "TEXT")
_OVERRIDE = Option(
    ("--override",),
    "make an exception from a rule that allows one; it stays on the list of exceptions",
    count=Count.FLAG,
)
_LINK = (Positional("CPI", "the CPI's name"), Positional("KPI", "the name of the KPI that it is linked to"))

CHANGING = (
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
        "confirm a link: a person's decision, with the reason and what the data says",
        "Says what the data says, and records it with your decision. When the data is not ready it is recorded as your "
        "judgement, an exception that `check` lists until you confirm it with evidence. It expires when a definition "
        "of the two, the declared sign or lag, or the data that was judged changes, when a later test fails, or when "
        "its `review_every` passes; then it asks for a decision again.",
        ('kputui confirm taxi45 ontime_arrivals --reason "twelve debriefings and the weekly chart"',),
        _LINK,
        (_REASON,),
    ),
    Command(
        "refute",
        "refute a link: a person's decision, with the reason and what the data says",
        "Records that the CPI does not lead the KPI for you, with what the data says. Whoever is accountable stays so "
        "and is listed as an exception when no other link of the CPI is confirmed.",
        ('kputui refute small_jet afternoon_ontime --reason "no difference on days with free slots"',),
        _LINK,
        (_REASON,),
    ),
    Command(
        "explain",
        "write down what was behind a signal",
        "Records what you know about a signal of a metric, as `signals` lists it. Nobody is asked to explain what is "
        "routine: a metric without a signal takes no explanation. A later explanation takes the place of an earlier "
        "one; both stay in the journal.",
        (
            'kputui explain ontime_arrivals --reason "the new slot plan began"',
            'kputui explain ontime_arrivals --since 2013-06-10 --reason "thunderstorms"',
        ),
        (Positional("METRIC", "the metric's name"),),
        (
            Option(
                ("--since",),
                "the first day of the signal; the newest unexplained one when left out",
                "DATE",
                convert=day,
            ),
            _REASON,
        ),
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
            Option(("--format",), "table for people, json for programs", choices=("table", "json"), default="table"),
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
)
"""In the order of the help."""
