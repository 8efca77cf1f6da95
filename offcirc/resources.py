"""The files that travel with the program: translations, icons, sounds, help, sample library.

In a wheel they lie inside the package (``offcirc/resources``); in a checkout at its top level.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def root() -> Path:
    """The folder that holds the resources.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the folder 'resources' of OffCirc is missing: install it again")


def path(name: str) -> Path:
    """The full path of a resource, named with forward slashes from the resources' root."""
    return root().joinpath(*name.split("/"))
