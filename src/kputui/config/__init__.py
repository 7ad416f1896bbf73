"""People's files become the model. Collects problems; never writes."""

from kputui.config.codes import CODES
from kputui.config.open import Loaded, find_folder, load, read, stamp
from kputui.config.reference import reference
from kputui.config.schema import schema
from kputui.config.text_place import place_in_text

__all__ = ["CODES", "Loaded", "find_folder", "load", "place_in_text", "read", "reference", "schema", "stamp"]
