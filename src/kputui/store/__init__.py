"""The program's own files under state/."""

from kputui.store.codes import CODES
from kputui.store.snapshot import read_ownership, stamp

__all__ = ["CODES", "read_ownership", "stamp"]
