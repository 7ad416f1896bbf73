"""Whether two sides gave the same values: counts exactly, everything else to 1e-9 of its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thirty_metrics import measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Any

    from thirty_metrics import Shape

    Answers = dict[str, list[tuple[object, ...]]]
    """By metric: (first day of the period, groups..., value)."""

TOLERANCE = 1e-9
_SHOWN = 5
_KEYS = ["metric", "key"]


def answers_of(shapes: Sequence[Shape], found: Iterable[Sequence[tuple[Any, ...]]]) -> Answers:
    """The rows that SQL gave for each shape, by metric; rows without a value are left out."""
    answers: Answers = {}
    for shape, rows in zip(shapes, found, strict=True):
        keys = 1 + len(shape.groups)
        for place, measure in enumerate(shape.measures, start=keys):
            answers[measure.name] = [
                (row[0].isoformat()[:10], *map(str, row[1:keys]), float(row[place]))
                for row in rows
                if row[place] is not None
            ]
    return answers


def write(answers: Answers, path: Path) -> None:
    """Keep what a side said."""
    import polars as pl  # noqa: PLC0415 - after DuckDB's memory was measured

    parts = [
        pl.DataFrame(
            {
                "metric": [name] * len(rows),
                "key": [" ".join(map(str, row[:-1])) for row in rows],
                "value": pl.Series([row[-1] for row in rows], dtype=pl.Float64),
            }
        )
        for name, rows in answers.items()
    ]
    if parts:
        pl.concat(parts).write_parquet(path)


def differences(ours: Path, theirs: Path) -> tuple[int, list[str]]:
    """How many values agree, and some that differ, in words; both files are made by `write`."""
    import polars as pl  # noqa: PLC0415 - as above

    left, right = (pl.read_parquet(path) for path in (ours, theirs))
    both = left.join(right, on=_KEYS, how="full", coalesce=True, suffix="_theirs")
    exact = [measure.name for measure in measures() if measure.is_count]
    tolerance = pl.when(pl.col("metric").is_in(exact)).then(0.0).otherwise(TOLERANCE)
    allowed = tolerance * pl.col("value_theirs").abs()
    is_same = ((pl.col("value") - pl.col("value_theirs")).abs() <= allowed).fill_null(value=False)
    differing = both.filter(~is_same)
    shown = differing.group_by("metric").head(_SHOWN).iter_rows(named=True)
    words = [f"{row['metric']} {row['key']}: {row['value']} against {row['value_theirs']}" for row in shown]
    return both.height - differing.height, words
