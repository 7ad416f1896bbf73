"""A first guess at a workspace from a data file's columns: what is time, what to add up, what to ask."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.engine.expression import columns_of, parse
from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.kinds import Kind
from kputui.errors import UsageError
from kputui.model.metric import Aggregation, Direction, MetricKind, NumberFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kputui.engine.sample import ColumnSample

MAX_METRICS = 8
MAX_DIMENSIONS = 4
MAX_WORDS_OF_A_DIMENSION = 30


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words of column names, in the singular, English and German.
_ADDS_UP = _words(
    "amount revenue sale turnover income profit margin gross net total subtotal sum cost spend fee tax count quantity "
    "qty unit order item visit click view session hour minute distance mile km precip rain weight volume refund paid "
    "donation eur euro usd dollar gbp chf money passenger guest visitor customer call sale booking sold "
    "umsatz betrag summe menge anzahl stueck kosten gewinn erloes einnahme ausgabe bestellung besuch gebuehr steuer"
)
_A_LEVEL = _words(
    "price rate share pct percent percentage ratio avg average mean median min max temp temperature score rating age "
    "speed delay wait duration level stock balance latency gust visibility humidity pressure height "
    "time dir direction angle degree dewp dewpoint grade class rank position index quality per "
    "preis quote anteil prozent durchschnitt mittel temperatur note bewertung alter dauer wartezeit verspaetung "
    "bestand luftdruck hoehe tempo rang"
)
_BEST = _words(
    "revenue sale turnover amount profit income total net gross order quantity qty "
    "umsatz betrag erloes gewinn menge anzahl stueck"
)
_LESS_IS_BETTER = _words(
    "delay late lateness wait waiting cost error complaint cancelled canceled cancellation churn return returned "
    "refund refunded defect bounce failed failure lost latency duration downtime overdue "
    "kosten verspaetung wartezeit storno retoure reklamation fehler ausgabe"
)
_TIME = _words("date day time timestamp datetime ordered created sold period month week datum tag zeit")
_NAMES_THINGS = _words("id key code zip postcode year month day week lat lon latitude longitude no nr number")


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The time column. `format` is the strptime pattern of a text that is not ISO; ambiguous when another fits too."""

    name: str
    format: str = ""
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class GuessedMetric:
    """A metric as guessed; `expr` and `column` are empty for a plain count of rows.

    `distinct` counts the column's different values, `why` says what `agg` was chosen by.
    """

    id: str
    kind: MetricKind
    label: str
    agg: Aggregation
    expr: str
    direction: Direction
    format: NumberFormat
    column: str = ""
    is_share: bool = False
    distinct: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a workspace can start with. The first metric is the KPI, the second the CPI."""

    time: TimeColumn
    metrics: tuple[GuessedMetric, ...]
    dimensions: tuple[str, ...]

    @property
    def kpi(self) -> GuessedMetric:
        """The metric that the goal is measured by."""
        return self.metrics[0]

    @property
    def cpi(self) -> GuessedMetric:
        """The metric that stands for what a customer meets."""
        return self.metrics[1]


def guess(columns: Sequence[ColumnSample], most: int = MAX_METRICS) -> Guess:
    """A workspace's parts from the columns of one file, with at most `most` metrics.

    Raises `UsageError` when no column can be read as a date.
    """
    time = _time_column(columns)
    rows = GuessedMetric(
        "rows", MetricKind.DIAGNOSTIC, "Rows", Aggregation.COUNT, "", Direction.INCREASE, NumberFormat.NUMBER0
    )
    names = {"rows"}
    candidates = []
    for column in columns:
        if column.name != time.name and (metric := _metric_of(column, names)) is not None:
            candidates.append((column, metric))
            names.add(metric.id)
    kpi = max((metric for _, metric in candidates), key=_worth_as_kpi, default=rows)
    others = [metric for _, metric in candidates if metric is not kpi]
    cpi = max(others, key=_worth_as_cpi, default=rows if kpi is not rows else replace(rows, id="rows_again"))
    rest = [metric for metric in (*others, rows) if metric is not cpi and metric is not kpi]
    return Guess(
        time,
        (replace(kpi, kind=MetricKind.KPI), replace(cpi, kind=MetricKind.CPI), *rest[: most - 2]),
        tuple(column.name for column in columns if _is_dimension(column) and column.name != time.name)[:MAX_DIMENSIONS],
    )


def in_order_for_cpi(metrics: Iterable[GuessedMetric]) -> list[GuessedMetric]:
    """The likeliest CPI first."""
    return sorted(metrics, key=_worth_as_cpi, reverse=True)


def identifier(text: str, taken: Iterable[str] = ()) -> str:
    """A name for the workspace made of `text`: lower case, digits, underscores; never one of `taken`."""
    words = re.sub(r"[^a-z0-9]+", "_", _plain_letters(text)).strip("_")[:48]
    name = words if words and words[0].isalpha() else f"column_{words}".rstrip("_")
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, 10_000) if f"{name}_{number}" not in taken)


def column_expression(name: str) -> str:
    """A column's name as the expression language writes it: quoted when it would read as something else."""
    try:
        is_plain = columns_of(parse(name)) == {name}
    except ExpressionError:
        is_plain = False
    return name if is_plain else '"' + name.replace('"', '""') + '"'


_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ł": "l"})


def _plain_letters(text: str) -> str:
    """Lower case in ASCII: umlauts spelled out, other letters without their marks, the rest dropped."""
    spelled = unicodedata.normalize("NFC", text).casefold().translate(_SPELLED)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def _in_order(name: str) -> list[str]:
    """The words of a column's name: `OrderDate` and `order_date` both give order, date."""
    return re.findall(r"[a-z]+", _plain_letters(re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)))


def _words_of(name: str) -> frozenset[str]:
    """The words of a column's name, each also without a plural s."""
    words = _in_order(name)
    return frozenset((*words, *(word.removesuffix("s") for word in words)))


def _time_column(columns: Sequence[ColumnSample]) -> TimeColumn:
    def worth(column: ColumnSample) -> tuple[bool, bool, int]:
        is_time = column.kind in {Kind.DATE, Kind.TIMESTAMP}
        return is_time, bool(_TIME & _words_of(column.name)), column.rows - column.nulls

    found = max((column for column in columns if column.looks_like_time), key=worth, default=None)
    if found is None:
        names = ", ".join(column.name for column in columns[:20])
        raise UsageError("no column holds dates or time stamps in full", f"found: {names}")
    formats = found.time_formats
    return TimeColumn(found.name, formats[0] if formats else "", is_ambiguous=len(formats) > 1)


def _metric_of(column: ColumnSample, taken: Iterable[str]) -> GuessedMetric | None:
    """What a column of numbers or of yes and no measures; None for other columns and for names made of digits."""
    reading = None if column.distinct < 2 or _is_key(column) else _reading_of(column)
    if reading is None:
        return None
    agg, number_format, word, why = reading
    return GuessedMetric(
        id=identifier(column.name if word != "share" else f"{column.name}_share", taken),
        kind=MetricKind.DIAGNOSTIC,
        label=f"{_label(column.name)}, {word}",
        agg=agg,
        expr=column_expression(column.name),
        direction=Direction.DECREASE if _words_of(column.name) & _LESS_IS_BETTER else Direction.INCREASE,
        format=number_format,
        column=column.name,
        is_share=number_format is NumberFormat.PERCENT1,
        distinct=column.distinct,
        why=why,
    )


def _reading_of(column: ColumnSample) -> tuple[Aggregation, NumberFormat, str, str] | None:
    """How the rows of a column become one value, how that is written, the word for it, and why."""
    if column.kind is Kind.BOOLEAN:
        return Aggregation.AVERAGE, NumberFormat.PERCENT1, "share", "yes and no: the share of yes"
    low, high = column.low, column.high
    if column.kind is not Kind.NUMBER or not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    words = _words_of(column.name)
    is_whole = all(
        float(value).is_integer() for value in (low, high, *column.samples) if isinstance(value, int | float)
    )
    is_average, why = True, "a guess: rows of decimals may not add up"
    if words & _A_LEVEL:
        why = "by its name a level, a rate or a price: rows do not add up"
    elif words & _ADDS_UP:
        is_average, why = False, "by its name an amount: rows add up"
    elif is_whole and low >= 0 and high > 1:
        is_average, why = False, "whole numbers, none negative, read as counts: rows add up"
    if not is_average:
        form = NumberFormat.NUMBER0 if is_whole or high >= 10 else NumberFormat.NUMBER2
        return Aggregation.SUM, form, "total", why
    if 0 <= low <= high <= 1:
        return Aggregation.AVERAGE, NumberFormat.PERCENT1, "average", "from 0 to 1: shares do not add up"
    form = NumberFormat.NUMBER1 if high - low >= 10 else NumberFormat.NUMBER2
    return Aggregation.AVERAGE, form, "average", why


def _is_key(column: ColumnSample) -> bool:
    """Whether numbers only name things (ids, codes, years, coordinates): the name's first or last word says so."""
    words = _in_order(column.name)
    return bool(words) and (words[-1] in _NAMES_THINGS or words[0] == "id")


def _is_dimension(column: ColumnSample) -> bool:
    is_few = 2 <= column.distinct <= MAX_WORDS_OF_A_DIMENSION
    return column.kind is Kind.BOOLEAN or (column.kind is Kind.TEXT and is_few)


def _label(name: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = " ".join(re.sub(r"[_\s]+", " ", spaced).split())[:60]
    return words[:1].upper() + words[1:] if words else "Column"


def _worth_as_kpi(metric: GuessedMetric) -> tuple[bool, bool, bool, int]:
    words = _words_of(metric.id)
    is_sum = metric.agg is Aggregation.SUM
    return bool(words & _BEST), is_sum, metric.direction is Direction.INCREASE, metric.distinct


def _worth_as_cpi(metric: GuessedMetric) -> tuple[bool, bool, int]:
    return metric.direction is Direction.DECREASE, metric.agg is Aggregation.AVERAGE, metric.distinct
