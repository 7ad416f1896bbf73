"""`kputui schema`: the JSON schema of a workspace's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui import config
from kputui.cli import out
from kputui.errors import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(_options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the schema that is made from the same field tables as the reader."""
    out.data((json.dumps(config.schema(), indent=2, ensure_ascii=False) + "\n").encode())
    return ExitCode.OK
