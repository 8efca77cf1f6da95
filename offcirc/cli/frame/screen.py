"""Whether this session has a screen."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether a window could be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
