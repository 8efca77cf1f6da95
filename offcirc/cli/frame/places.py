"""Where the commands work."""

from __future__ import annotations

from pathlib import Path

from offcirc.settings.load import Settings
from offcirc.settings.places import default_data_dir


def data_folder(settings: Settings) -> Path:
    """The data folder in force; not made."""
    chosen = settings.folder("data_dir")
    return (chosen or default_data_dir()).absolute()
