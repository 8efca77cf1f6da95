"""Whether Qt can open a window here: a process of its own, which Qt may end without a word."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

OPENED = "opened"


def main() -> int:
    """Say so, if it can."""
    app = QApplication([])
    sys.stdout.write(f"{OPENED}\n")
    app.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
