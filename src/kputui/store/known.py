"""The state in force as a workspace can show it: what the workspace does not define is left out, with a warning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.model.cell import accountability_of
from kputui.store.faults import StoreError
from kputui.store.folder import SNAPSHOT, STATE_FOLDER, open_folder
from kputui.store.snapshot import decoded, read_snapshot, tables_of
from kputui.store.state import open_store

if TYPE_CHECKING:
    from kputui.errors import Problem
    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace
    from kputui.store.snapshot import Snapshot
    from kputui.store.state import State


def open_known(folder: Path, workspace: Workspace, *, is_repairing: bool = True) -> State:
    """The state of a workspace folder, with only the metrics, teams and links that the workspace defines.

    Its notices are those of `open_store`, and a warning for each entry that was left out. A person who is
    not in the team is kept. Never raises for what the files hold; writes as `open_store` does.
    """
    state = open_store(Path(folder), is_repairing=is_repairing)
    shown = str(Path(folder) / STATE_FOLDER / SNAPSHOT)
    known, problems = decoded(tables_of(state.ownership), "", shown, workspace)
    if problems and (found := _snapshot_of(Path(folder), state.ownership)) is not None:
        known, problems = decoded(found.data, found.text, shown, workspace)
    whole = state.ownership
    ownership = replace(whole, assignments=known.assignments, decisions=known.decisions, exceptions=known.exceptions)
    told = {(problem.code, problem.key) for problem in problems}
    others = tuple(notice for notice in state.notices if not notice.key or (notice.code, notice.key) not in told)
    return replace(state, ownership=ownership, notices=(*others, *problems))


def read_ownership(folder: Path, workspace: Workspace) -> tuple[Ownership, tuple[Problem, ...]]:
    """The ownership of `open_known` and its notices, without ever writing; no state is an empty ownership."""
    state = open_known(folder, workspace, is_repairing=False)
    return state.ownership, state.notices


def _snapshot_of(folder: Path, ownership: Ownership) -> Snapshot | None:
    """The snapshot, for the lines of its entries; None when it does not hold this ownership."""
    try:
        opened = open_folder(folder)
    except (OSError, StoreError):
        return None
    if opened is None:
        return None
    with opened:
        snapshot = read_snapshot(opened)
    is_same = snapshot.is_whole and accountability_of(snapshot.ownership) == accountability_of(ownership)
    return snapshot if is_same else None
