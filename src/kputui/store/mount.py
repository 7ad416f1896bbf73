"""Where a folder is mounted: on a network mount a lock is only worth what its server makes of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "smb3", "smbfs", "virtiofs"}
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


def network_kind(folder: Path) -> str:
    """The kind of network mount that a folder lies on, such as `nfs4`; empty on a local one or when not known."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    real = Path(os.path.realpath(folder))
    deepest, kind = -1, ""
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        point = Path(_ESCAPE.sub(lambda found: chr(int(found[1], 8)), parts[1]))
        if real.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, kind = len(point.parts), parts[2]
    return kind if kind in NETWORK else ""
