"""The engine: metrics computed from local files with polars, which is imported nowhere else."""

import os as _os

# polars' allocator keeps freed memory by arena, and has four of them a core: with few, what one interval gave back
# is what the next one takes, and while intervals follow each other it is not given back to the system in between.
# Read once, when polars is loaded. What the user has set stands, but not what polars leaves to the processes that a
# program with polars starts.
_LEFT_BY_POLARS = "dirty_decay_ms:500,muzzy_decay_ms:1000"
if _os.environ.get("_RJEM_MALLOC_CONF", _LEFT_BY_POLARS) == _LEFT_BY_POLARS:
    _arenas = max(1, min(4, (_os.cpu_count() or 1) // 2))
    _os.environ["_RJEM_MALLOC_CONF"] = f"narenas:{_arenas},dirty_decay_ms:30000,muzzy_decay_ms:30000"
