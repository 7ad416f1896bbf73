"""Series become judgement: pace and goal states."""

import os as _os

# numpy's linear algebra would share out even the small systems solved here among all cores: that takes twice the CPU
# time of doing them on one, saves no time on the clock, and lets the last digits depend on how many cores there are.
# Read once, when numpy is loaded; what the user has set stands.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    _os.environ.setdefault(_name, "1")
