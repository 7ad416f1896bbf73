"""The program's own files under state/: the journal of all changes, and the snapshot that it adds up to."""

from kputui.store.codes import CODES
from kputui.store.examine import CellEdit, HandEdit
from kputui.store.faults import ConflictError, LockedError, StoreError
from kputui.store.folder import stamp
from kputui.store.identity import whoami
from kputui.store.known import open_known, read_ownership
from kputui.store.save import Saved, discard_edit, import_edit, save, undo
from kputui.store.state import State, open_store, verify

__all__ = [
    "CODES",
    "CellEdit",
    "ConflictError",
    "HandEdit",
    "LockedError",
    "Saved",
    "State",
    "StoreError",
    "discard_edit",
    "import_edit",
    "open_known",
    "open_store",
    "read_ownership",
    "save",
    "stamp",
    "undo",
    "verify",
    "whoami",
]
