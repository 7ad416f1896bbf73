"""The TOML files of a new workspace, commented for the people who take them over."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.model.metric import Direction, MetricKind
from kputui.model.workspace import CsvOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.cli.first_goal import FirstGoal
    from kputui.cli.guess import Guess, GuessedMetric


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the files need: what was guessed, of which data, and the goal's dates and figures.

    `data_path` is relative to the workspace, `original` the name of the file it came from. `today` is set
    when the data ended long ago.
    """

    name: str
    data_path: str
    original: str
    guess: Guess
    goal: FirstGoal
    today: date | None = None
    csv: CsvOptions = field(default_factory=CsvOptions)


def files_of(draft: Draft) -> Mapping[str, str]:
    """File name -> content, for the five files of a workspace."""
    return {
        "kputui.toml": _project(draft),
        "goals.toml": _goals(draft),
        "metrics.toml": _metrics(draft),
        "journey.toml": _journey(draft),
        "teams.toml": _teams(draft),
    }


def toml_text(text: str) -> str:
    """`text` as a TOML string; quotes in it kept readable where that is possible, odd characters escaped."""
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "".join(c if c.isprintable() else _escape(c) for c in quoted)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _project(draft: Draft) -> str:
    today = (
        f"today = {draft.today}                 # the data ended then: the board stands on this evening.\n"
        "                                   # Remove the line once new rows arrive.\n"
        if draft.today
        else ""
    )
    time = draft.guess.time
    time_format = ""
    if time.format:
        comment = "   # TODO is the day first, or the month? The values fit both" if time.is_ambiguous else ""
        time_format = f"time_format = {toml_text(time.format)}{comment}\n"
    more = _csv(draft.csv)
    return f"""\
# What holds for the whole workspace, and where its data is. Made by `kputui init` from {_comment(draft.original)}.
# Everything here is a first guess and yours to change; kputui never rewrites these files.
# `kputui check` lists what is wrong or missing, with file and line.

[project]
name = {toml_text(draft.name)}
timezone = "UTC"                   # where a day begins; TODO yours? e.g. "Europe/Berlin"
week_start = "monday"
fiscal_year_start = 1              # the month
incomplete = "flag"                # the running period is shown and marked
{today}
[sources.data]
path = {toml_text(draft.data_path)}
time = {toml_text(time.name)}
{time_format}{more}# freshness = {{ warn_after = "2d", error_after = "5d" }}     # how old the newest row may be
"""


def _csv(options: CsvOptions) -> str:
    """The line that says how a CSV file is written; nothing for a plain one."""
    if options == CsvOptions():
        return ""
    parts = [f"delimiter = {toml_text(options.delimiter)}"]
    parts += ["decimal_comma = true"] if options.decimal_comma else []
    if options.null_words != CsvOptions().null_words:
        parts.append(f"null_words = [{', '.join(toml_text(word) for word in options.null_words)}]")
    return f"csv = {{ {', '.join(parts)} }}\n"


def _goals(draft: Draft) -> str:
    kpi, goal = draft.guess.kpi, draft.goal
    wants = "stay below it" if kpi.direction is Direction.DECREASE else "the value to reach"
    level = (
        _beside('kind = "level"', "the newest whole period, on its way from the baseline")
        + _beside(f"baseline = {_number(goal.baseline)}", "where it stood at the start")
        if goal.baseline is not None
        else ""
    )
    target = _beside(f"target = {_number(goal.target)}", f"TODO a guess from the data's own pace; {wants}")
    return f"""\
# Goals: where you want to be, by when. A goal's label is a result in words, with no number and no metric in it.

[goals.first_goal]
label = "TODO What is better for your customers when this is reached?"
why = "TODO Why is it worth the work, and to whom?"
owner = "alex"                     # TODO a name from teams.toml
start = {goal.start}
due = {goal.due}
measured_by = {toml_text(kpi.id)}
{level}{target}plan = "linear"                    # linear | business_days

# A school zone: slowness that is planned is not red.
# [[contexts]]
# goals = ["first_goal"]
# from = {goal.start}
# to = {goal.start}
# pace_factor = 0.5
# note = "warehouse move, half capacity is planned"
"""


def _metrics(draft: Draft) -> str:
    kpi, cpi, *rest = draft.guess.metrics
    kpi_part = _metric(
        kpi,
        draft,
        "The KPI: the speedometer of the goal. It says how fast, not where to.",
        'goals = ["first_goal"]\ngaming = "TODO How would one make this number look better without serving anyone?"\n',
    )
    cpi_part = _metric(
        cpi,
        draft,
        "The CPI: what the customer meets at one point of the journey. TODO is it this?",
        'stage = "first_stage"              # journey.toml\n'
        'need = "expectation"               # frustration | expectation | outcome\n'
        'question = "TODO What does the customer ask at this point?"\n'
        'discovered = "TODO Who told you so: which interviews, which ride-along, when?"\n',
    )
    rest_part = "".join(_metric(metric, draft, "", "") for metric in rest)
    heading = (
        "# More that the columns offer. A metric that supports no goal is listed by `kputui check`:\n"
        "# give it one, or delete it.\n\n"
        if rest
        else ""
    )
    return f"""\
# Metrics: what is measured, of which rows. `expr` and `filter` are SQL expressions over a row.
# agg: sum min max count count_distinct sum_boolean average median percentile
# format: number number0-3 percent0-2 duration (seconds)

{kpi_part}{cpi_part}{heading}{rest_part}"""


def _metric(metric: GuessedMetric, draft: Draft, comment: str, more: str) -> str:
    agg = f'agg = "{metric.agg.value}"\n'
    if metric.why:
        agg = _beside(agg.rstrip(), metric.why)
    expr = f"expr = {toml_text(metric.expr)}\n" if metric.expr else ""
    dimensions = ", ".join(toml_text(name) for name in draft.guess.dimensions)
    above = f"# {comment}\n" if comment else ""
    direction = 'direction = "neutral"\n'
    if metric.kind is not MetricKind.DIAGNOSTIC:
        asks = "TODO which way is better? increase | decrease | maintain"
        direction = _beside(f'direction = "{metric.direction.value}"', asks)
    return f"""\
{above}[metrics.{metric.id}]
kind = "{metric.kind.value}"
label = {toml_text(metric.label)}
type = "simple"
source = "data"
{agg}{expr}grain = "{draft.goal.grain.value}"
{direction}format = "{metric.format.value}"
dimensions = [{dimensions}]
{more}
"""


def _journey(draft: Draft) -> str:
    kpi, cpi = draft.guess.kpi, draft.guess.cpi
    sign = "positive" if kpi.direction is cpi.direction else "negative"
    expect = _beside(f'expect = "{sign}"', "TODO when the CPI rises, does the KPI rise or fall?")
    return f"""\
# The customer's journey, stage by stage, and the hypotheses: which CPI moves which KPI.

[[journey]]
stage = "first_stage"
label = "TODO Where does the customer meet you first?"
outcome = "TODO What does the customer want here, in the customer's words?"

# Sign, lag and mechanism are written before looking at the data; then the data can disagree.
[[links]]
cpi = {toml_text(cpi.id)}
kpi = {toml_text(kpi.id)}
{expect}lag = "0-4 weeks"                  # how much later
mechanism = "TODO Why would the one move the other?"
review_every = "180d"
"""


def _teams(draft: Draft) -> str:
    return f"""\
# The teams that can move a CPI. Who is accountable is decided later, on the board, and kept in state/.

[teams.first_team]
label = "First team"               # TODO
lead = "alex"
members = ["alex"]
influences = [{toml_text(draft.guess.cpi.id)}]
"""


def _beside(line: str, comment: str) -> str:
    """A line with its comment in the column of the other comments."""
    return f"{line:<35}# {comment}\n"


def _number(value: float) -> str:
    """A number as TOML, whole where it is whole, with underscores between thousands."""
    return f"{int(value):_}" if value == int(value) and abs(value) < 1e15 else repr(value)


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
