"""The engine: metrics computed from local files with polars, which is imported nowhere else."""

import os as _os

# polars' allocator keeps freed memory by arena, and has four of them a core: with fewer, what one interval gave back
# is what the next one takes, and while intervals follow each other it is not given back to the system in between.
# Read once, when polars is loaded; what the user has set stands.
_os.environ.setdefault(
    "_RJEM_MALLOC_CONF", f"narenas:{min(4, _os.cpu_count() or 1)},dirty_decay_ms:30000,muzzy_decay_ms:30000"
)
