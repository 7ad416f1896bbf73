"""The engine for a workspace that was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.engine.compute import Engine
    from kputui.session.open import Opened


def engine_for(opened: Opened) -> Engine:
    """A new engine that may read what the user lets this workspace read; polars is loaded here."""
    from kputui.engine.compute import Engine as Loaded  # noqa: PLC0415 - polars only where something is computed

    return Loaded(
        opened.workspace,
        allowed_roots=opened.allowed_roots,
        now=opened.now,
        cache=opened.cache,
        remote=opened.remote,
    )
