"""Who is at the keyboard, as the kernel knows: environment variables are never asked."""

from __future__ import annotations

import os
import pwd

from kputui.model.change import Author


def whoami() -> Author:
    """The real user id, its login name (`uid1004` when it has none), and this host's name."""
    uid = os.getuid()
    try:
        login = pwd.getpwuid(uid).pw_name
    except KeyError:
        login = f"uid{uid}"
    return Author(login, uid, os.uname().nodename)
