"""The version, read without importing anything; ``--tag`` fails when a tag is another one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "offcirc" / "__init__.py"


def version() -> str:
    """The version; it stands in ``offcirc/__init__.py`` and nowhere else."""
    found = re.search(r'^__version__ = "([^"]+)"$', SOURCE.read_text(encoding="utf-8"), re.M)
    if found is None:
        raise ValueError(f"no version in {SOURCE}")
    return found[1]


def main(arguments: list[str]) -> int:
    """Print the version, or compare a tag with it."""
    if not arguments:
        print(version())
        return 0
    if len(arguments) != 2 or arguments[0] != "--tag":
        print("usage: version.py [--tag vX.Y.Z]", file=sys.stderr)
        return 2
    if arguments[1] != f"v{version()}":
        print(f"the tag is {arguments[1]}, the version {version()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
