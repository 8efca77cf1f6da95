"""Whose desk this window is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """The names shown in the window's title.

    Attributes:
        library: the library's name, empty when nobody has given it.
        desk: the name of this desk or PC, empty when nobody has given it.
    """

    library: str = ""
    desk: str = ""

    def __str__(self) -> str:
        return " · ".join(name for name in (self.library, self.desk) if name)
