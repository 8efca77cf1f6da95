"""Where the commands work: the data folder and its ledger, whose account, whether on a screen."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame.parser import Context
from offcirc.settings.load import Settings
from offcirc.settings.places import default_data_dir

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger


def data_folder(settings: Settings) -> Path:
    """The data folder in force; not made."""
    chosen = settings.folder("data_dir")
    return (chosen or default_data_dir()).absolute()


def account() -> str:
    """The name of the account, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"


def has_display() -> bool:
    """Whether a window could be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def ledger(context: Context) -> AbstractContextManager[Ledger | None]:
    """The ledger of the data folder; ``None`` when nothing was ever uploaded, so none is made."""
    from offcirc.storage.ledger.ledger import Ledger

    return Ledger.if_any(context.data_dir)
