"""Whose desk this is: said in the window's title, kept with every loan and return."""

from __future__ import annotations

from dataclasses import dataclass

PRACTICE = "\N{BLACK FLAG} "
"""Before the library's name at a desk that plays: it goes wherever the desk's name goes."""


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """The names of a desk; each is empty when nobody has given it.

    Attributes:
        library: the library's name.
        circulation_desk: the code of the circulation desk, as the library system knows it.
        desk_name: the name of this desk PC, as the staff know it.
    """

    library: str = ""
    circulation_desk: str = ""
    desk_name: str = ""

    @property
    def practice(self) -> bool:
        """Whether the desk plays: nothing of it is for a real library system."""
        return self.library.startswith(PRACTICE)

    @property
    def desk(self) -> str:
        """The shortest name that tells this desk from the library's others; may be empty."""
        return self.desk_name or self.circulation_desk

    def __str__(self) -> str:
        return " · ".join(name for name in (self.library, self.desk) if name)
