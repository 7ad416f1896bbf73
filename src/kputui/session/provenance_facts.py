"""Where a number came from: files, days, rows, filter, definition, what the data promises and how it keeps that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kputui.engine.codes import DATA_TESTS
from kputui.model.metric import NumberFormat
from kputui.session.definition_words import definition_words
from kputui.session.figures import sources_of
from kputui.session.rows import date_before
from kputui.session.views import Fact, Quantity, Tone
from kputui.session.words import day_words, listed, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kputui.errors import Problem
    from kputui.model.ids import MetricId
    from kputui.model.series import Provenance, Reading
    from kputui.model.workspace import DataTest
    from kputui.session.figures import Figures

_MOST_FILES = 12


def provenance_facts(figures: Figures, reading: Reading, condition: str = "") -> Iterator[Fact]:
    """All about where a reading's values came from; `condition` narrowed the rows beside the definition's filters."""
    provenance = reading.provenance
    if provenance is None:
        return
    yield from _files(figures.workspace.folder, provenance)
    if reading.series is not None:
        covers = reading.series.covers
        yield Fact("whole days", text=f"{day_words(covers.start)} to {day_words(date_before(covers.end))}")
    yield Fact("rows read", Quantity(float(provenance.rows_read), NumberFormat.NUMBER0))
    yield Fact("rows used", Quantity(float(provenance.rows_used), NumberFormat.NUMBER0))
    for reason, rows in provenance.dropped:
        yield Fact("dropped", Quantity(float(rows), NumberFormat.NUMBER0), reason)
    if provenance.filter:
        yield Fact("filter", text=provenance.filter)
    if provenance.newest is not None:
        yield Fact("newest row", text=day_words(figures.local_day(provenance.newest)))
    yield from _promises(figures, reading.metric)
    grain = reading.series.grain if reading.series is not None else None
    name = "defined as"
    for line in definition_words(figures.workspace, reading.metric, grain, condition):
        yield Fact(name, text=line)
        name = ""
    yield Fact("definition", text=provenance.definition_hash)
    yield Fact("computed", text=f"{provenance.computed_at:%H:%M:%S} UTC on {day_words(provenance.computed_at.date())}")


def _files(folder: str, provenance: Provenance) -> Iterator[Fact]:
    """The files by name; of very many the first and the last."""
    names = [_below(folder, file) for file in provenance.files]
    if len(names) > _MOST_FILES:
        half = _MOST_FILES // 2
        names = [*names[:half], f"... {len(names) - 2 * half} more ...", *names[-half:]]
    yield Fact("files", text=", ".join(names))


def _promises(figures: Figures, metric: MetricId) -> Iterator[Fact]:
    """Freshness and data tests of the metric's sources, each with what was found."""
    for name in sorted(sources_of(figures.workspace, metric)):
        source = figures.workspace.sources.get(name)
        if source is None:
            continue
        found = _found(figures, name)
        if source.freshness is not None:
            allowed = (("warn after", source.freshness.warn_after), ("error after", source.freshness.error_after))
            words = ", ".join(f"{word} {span_words(span)}" for word, span in allowed if span is not None)
            yield _judged(figures, "fresh enough", f"{name}: {words}", found.get(f"sources.{name}.freshness"))
        if source.primary_key:
            key = f"{name}: {' and '.join(source.primary_key)} names one row"
            yield _judged(figures, "data test", key, found.get(f"sources.{name}.primary_key"))
        for number, test in enumerate(source.tests):
            said = found.get(f"sources.{name}.tests.{number}")
            yield _judged(figures, "data test", f"{name}: {_test_words(test)}", said)
        if source.freshness is None and not source.tests and not source.primary_key:
            yield Fact("data test", text=f"{name}: none is declared", tone=Tone.MUTED)


def _found(figures: Figures, source: str) -> Mapping[str, Problem]:
    """The findings about a source by the key of the promise, without the words behind a test's number."""
    found: dict[str, Problem] = {}
    for problem in figures.findings:
        if problem.code in DATA_TESTS and problem.key.startswith(f"sources.{source}."):
            head = f"sources.{source}."
            rest = problem.key.removeprefix(head).split(".")
            found[head + ".".join(rest[:2] if rest[0] == "tests" else rest[:1])] = problem
    return found


def _judged(figures: Figures, name: str, words: str, found: Problem | None) -> Fact:
    if found is not None:
        return Fact(name, text=f"{words}: {found.message}", tone=Tone.CAUTION)
    said = "not looked at yet" if figures.is_computing else "kept"
    return Fact(name, text=f"{words}: {said}", tone=Tone.MUTED if figures.is_computing else Tone.PLAIN)


def _test_words(test: DataTest) -> str:
    if test.test == "accepted_values":
        return f"{test.column} is {listed([str(value) for value in test.values])}"
    if test.test == "range":
        low = "" if test.low is None else f" at least {test.low:g}"
        high = "" if test.high is None else f" at most {test.high:g}"
        return f"{test.column} is{low}{' and' if low and high else ''}{high}"
    return f"{test.column} is {'never empty' if test.test == 'not_null' else 'unique'}"


def _below(folder: str, file: str) -> str:
    """A file's path as seen from the workspace, when it lies in it."""
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else file
