"""The TOML files of a new workspace, commented for the people who take them over."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.cli.answers import Answers
from kputui.cli.guess import identifier
from kputui.model.metric import Direction, MetricKind
from kputui.model.workspace import CsvOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kputui.cli.first_goal import FirstGoal
    from kputui.cli.first_look import Look
    from kputui.cli.guess import GuessedMetric


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the files need: the data file, its metrics, the goal's dates and figures, and what was said.

    The first metric is the KPI, the second the CPI.
    """

    look: Look
    metrics: tuple[GuessedMetric, ...]
    goal: FirstGoal
    answers: Answers = field(default_factory=Answers)

    @property
    def kpi(self) -> GuessedMetric:
        """What the goal is measured by."""
        return self.metrics[0]

    @property
    def cpi(self) -> GuessedMetric:
        """What a customer meets."""
        return self.metrics[1]


def files_of(draft: Draft, data_path: str) -> Mapping[str, str]:
    """File name -> content, for the five files of a workspace whose data lies at `data_path` in it."""
    return {
        "kputui.toml": _project(draft, data_path),
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


def _project(draft: Draft, data_path: str) -> str:
    today = (
        f"today = {draft.look.today}                 # the data ended then: the board stands on this evening.\n"
        "                                   # Remove the line once new rows arrive.\n"
        if draft.look.today
        else ""
    )
    time = draft.look.guess.time
    time_format = ""
    if time.format:
        comment = "   # TODO is the day first, or the month? The values fit both" if time.is_ambiguous else ""
        time_format = f"time_format = {toml_text(time.format)}{comment}\n"
    more = _csv(draft.look.sample.csv)
    return f"""\
# What holds for the whole workspace, and where its data is.
# Made by `kputui init` from {_comment(draft.look.file.name)}.
# Everything here is a first guess and yours to change; kputui never rewrites these files.
# `kputui check` lists what is wrong or missing, with file and line.

[project]
name = {toml_text(_title(draft.look.file))}
timezone = "UTC"                   # where a day begins; TODO yours? e.g. "Europe/Berlin"
week_start = "monday"
fiscal_year_start = 1              # the month
incomplete = "flag"                # the running period is shown and marked
{today}
[sources.data]
path = {toml_text(data_path)}
time = {toml_text(time.name)}
{time_format}{more}# freshness = {{ warn_after = "2d", error_after = "5d" }}     # how old the newest row may be
"""


def _title(file: Path) -> str:
    """The data file's name as a title: `nord-shop.csv` -> `Nord shop`."""
    words = " ".join(file.name.split(".")[0].replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:60] if words.isprintable() and words else "My workspace"


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
    kpi, goal = draft.kpi, draft.goal
    wants = "stay below it" if kpi.direction is Direction.DECREASE else "the value to reach"
    level = (
        _beside('kind = "level"', "the newest whole period, on its way from the baseline")
        + _beside(f"baseline = {_number(goal.baseline)}", "where it stood at the start")
        if goal.baseline is not None
        else ""
    )
    said = draft.answers
    doubt = "" if said.is_asked else "TODO a guess from the data's own pace; "
    target = _beside(f"target = {_number(goal.target)}", f"{doubt}{wants}")
    owner = _beside('owner = "alex"', "TODO a name from teams.toml") if not said.owner else f'owner = "{said.owner}"\n'
    return f"""\
# Goals: where you want to be, by when. A goal's label is a result in words, with no number and no metric in it.

[goals.first_goal]
label = {toml_text(said.goal or "TODO What is better for your customers when this is reached?")}
why = {toml_text(said.why or "TODO Why is it worth the work, and to whom?")}
{owner}start = {goal.start}
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
    kpi, cpi, *rest = draft.metrics
    said = draft.answers
    gaming = said.gaming or "TODO How would one make this number look better without serving anyone?"
    question = said.question or "TODO What does the customer ask at this point?"
    discovered = said.discovered or "TODO Who told you so: which interviews, which ride-along, when?"
    kpi_part = _metric(
        kpi,
        draft,
        "The KPI: the speedometer of the goal. It says how fast, not where to.",
        f'goals = ["first_goal"]\ngaming = {toml_text(gaming)}\n',
    )
    cpi_part = _metric(
        cpi,
        draft,
        "The CPI: what the customer meets at one point of the journey."
        + ("" if said.is_asked else " TODO is it this?"),
        _beside(f'stage = "{_stage(draft)}"', "journey.toml")
        + _beside(f'need = "{said.need or "expectation"}"', "frustration | expectation | outcome")
        + f"question = {toml_text(question)}\ndiscovered = {toml_text(discovered)}\n",
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
    dimensions = ", ".join(toml_text(name) for name in draft.look.guess.dimensions)
    above = f"# {comment}\n" if comment else ""
    direction = 'direction = "neutral"\n'
    if metric.kind is not MetricKind.DIAGNOSTIC:
        asks = ("" if draft.answers.is_asked else "TODO which way is better? ") + "increase | decrease | maintain"
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
    kpi, cpi = draft.kpi, draft.cpi
    sign = "positive" if kpi.direction is cpi.direction else "negative"
    said = draft.answers
    expect = _beside(
        f'expect = "{sign}"', ("" if said.is_asked else "TODO ") + "when the CPI rises, does the KPI rise or fall?"
    )
    mechanism = said.mechanism or "TODO Why would the one move the other?"
    declared = f"declared = {said.declared}\n" if said.declared and said.mechanism else ""
    return f"""\
# The customer's journey, stage by stage, and the hypotheses: which CPI leads which KPI.

[[journey]]
stage = "{_stage(draft)}"
label = {toml_text(said.stage or "TODO Where does the customer meet you first?")}
outcome = "TODO What does the customer want here, in the customer's words?"

# Sign, lag and mechanism are written before looking at the data; then the data can disagree.
[[links]]
cpi = {toml_text(cpi.id)}
kpi = {toml_text(kpi.id)}
{expect}lag = "0-4 weeks"                  # how much later
mechanism = {toml_text(mechanism)}
{declared}review_every = "180d"
"""


def _teams(draft: Draft) -> str:
    said = draft.answers
    owner = said.owner or "alex"
    name, label = (identifier(said.team), toml_text(said.team)) if said.team else ("first_team", '"First team"')
    label = f"label = {label}\n" if said.team else _beside(f"label = {label}", "TODO")
    return f"""\
# The teams that can move a CPI. Who is accountable is decided later, on the board, and kept in state/.

[teams.{name}]
{label}lead = "{owner}"
members = ["{owner}"]
influences = [{toml_text(draft.cpi.id)}]
"""


def _stage(draft: Draft) -> str:
    return identifier(draft.answers.stage) if draft.answers.stage else "first_stage"


def _beside(line: str, comment: str) -> str:
    """A line with its comment in the column of the other comments."""
    return f"{line:<35}# {comment}\n"


def _number(value: float) -> str:
    """A number as TOML, whole where it is whole, with underscores between thousands."""
    return f"{int(value):_}" if value == int(value) and abs(value) < 1e15 else repr(value)


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
