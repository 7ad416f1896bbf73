"""Print one of the README's commands, exactly as it is written: `readme_command.py open|test`."""

import re
import sys
from pathlib import Path

readme = Path(__file__).parent.parent / "README.md"
block = re.search(
    rf"<!-- command: {re.escape(sys.argv[1])} -->\s*```sh\n(.*?)```", readme.read_text("utf-8"), re.DOTALL
)
if block is None:
    sys.exit(f"README.md has no block marked <!-- command: {sys.argv[1]} -->")
print(block[1].strip())
