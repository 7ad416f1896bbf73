"""The rule codes and what each means, from the rules themselves."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from kputui.review.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES: Mapping[str, str] = MappingProxyType({rule.code: rule.meaning for rule in RULES})
