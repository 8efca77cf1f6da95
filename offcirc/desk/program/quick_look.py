"""Whether there are settings to read before the window is painted.

Reading them takes as long as some of the window's own start. Where nobody has set anything, which
a few looks at the disk tell, that is left for later; elsewhere the window's language and colours
must be known first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_OURS = "OFFCIRC_"
_NOT_SETTINGS = ("OFFCIRC_DATA_DIR", "OFFCIRC_LANG", "OFFCIRC_BENCH_", "OFFCIRC_TRACE_")


def something_set() -> bool:
    """Whether there may be settings that the window needs before it is painted.

    A wrong answer does no harm: colours and names come a moment later then.
    """
    ours = (name for name in os.environ if name.startswith(_OURS))
    if any(not name.startswith(_NOT_SETTINGS) for name in ours):
        return True
    if not sys.platform.startswith("linux"):
        return True
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    machine = ["/etc/xdg", *os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)]
    return (home / "offcirc/user.toml").exists() or any(
        Path(folder, "offcirc/site.toml").exists() for folder in machine if folder
    )
