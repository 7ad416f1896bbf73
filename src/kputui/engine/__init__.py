"""The engine: metrics computed from local files with polars, which is imported nowhere else."""

import os as _os

# polars' allocator keeps freed memory by arena, and has four of them a core: with few, what one interval gave back
# is what the next one takes, and while intervals follow each other it is not given back to the system in between.
# Read once, when polars is loaded. Polars puts two words of its own before what it finds, and a process that a program
# with polars has started inherits them: they are nobody's wish. All other words stand, and go before these.
_BY_POLARS = {"dirty_decay_ms:500", "muzzy_decay_ms:1000"}
_words = [word for word in _os.environ.get("_RJEM_MALLOC_CONF", "").split(",") if word and word not in _BY_POLARS]
_arenas = max(1, min(4, (_os.cpu_count() or 1) // 2))
_own = [f"narenas:{_arenas}", "dirty_decay_ms:30000", "muzzy_decay_ms:30000"]
_os.environ["_RJEM_MALLOC_CONF"] = ",".join([*_own, *_words])
