"""`kputui import dbt PATH`: the metrics of a dbt project as a workspace's TOML, and what could not come along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kputui.cli import exits, out
from kputui.cli.draft import toml_text
from kputui.errors import ExitCode, UsageError, did_you_mean
from kputui.session.dbt.carry import carry
from kputui.session.dbt.project import read_project
from kputui.session.output_file import write_whole

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from kputui.cli.context import OpenBoard
    from kputui.session.dbt.carry import Carried, Value

_FORMS = ("dbt",)
_HEAD = """\
# Metrics carried over from a dbt project by `kputui import dbt`. Everything here is yours to change.
#
# The sources name files that you have to export from the warehouse, one a table; sorted by time is best.
# A metric is only a diagnostic until somebody says what it is for: give it kind = "kpi" and `goals`, or
# kind = "cpi" with the `stage`, `need` and `question` of a customer. `direction` says which way is better.
"""


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print or write the TOML; 1 when something was left behind.

    Raises `UsageError` for a form that is not known, a path that holds no project, or an output file that
    exists already.
    """
    if options.form not in _FORMS:
        near = did_you_mean(options.form, _FORMS)
        raise UsageError(f'"{options.form}" cannot be imported; known: dbt', near)
    carried = carry(read_project(Path(options.path).expanduser()))
    text = toml_of(carried)
    if options.output is None:
        out.data(text.encode("utf-8", "replace"))
    else:
        _write(options.output, text)
    for note in carried.notes:
        exits.say(f"{note.name}: {note.why}")
    for left in carried.left:
        exits.say(f"left behind: {left.name}: {left.why}")
    tables = ", ".join(str(source["path"]) for source in carried.sources.values())
    exits.say(
        f"{len(carried.metrics)} of {len(carried.metrics) + len(carried.left)} metrics carried over",
        f"export the tables to {tables}" if tables else "",
    )
    return ExitCode.FINDINGS if carried.left else ExitCode.OK


def _write(path: Path, text: str) -> None:
    target = path.expanduser()
    if target.exists():
        raise UsageError(f'"{path}" exists already', "nothing that people wrote is written over; name a new file")
    try:
        write_whole(target, text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f'cannot write "{path}": {error.strerror or error}') from error


def toml_of(carried: Carried) -> str:
    """The sources and metrics as TOML with a comment at the top."""
    parts = [_HEAD]
    for kind, tables in (("sources", carried.sources), ("metrics", carried.metrics)):
        for name, table in tables.items():
            parts.append(f"[{kind}.{_key(name)}]\n" + "".join(f"{line}\n" for line in _lines(table)))
    return "\n".join(parts)


def _lines(table: Mapping[str, Value]) -> Iterator[str]:
    yield from (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return toml_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    return repr(int(value)) if float(value).is_integer() else repr(value)


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace("-", "a").isascii() and name.isidentifier() else toml_text(name)
