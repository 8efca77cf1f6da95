"""Why a file of knowledge is as if it were not there; nothing here names a reader."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from offcirc.i18n import N_, _


class KnowledgeFault(StrEnum):
    """What is wrong with a file."""

    ABSENT = "absent"
    DAMAGED = "damaged"
    FOREIGN = "foreign"
    """No file of ours, or made with another key: of another library."""
    NEWER = "newer"
    NO_KEY = "no-key"


_WORDS = {
    KnowledgeFault.ABSENT: N_("{file}: there is no such file, or it cannot be read."),
    KnowledgeFault.DAMAGED: N_("{file} is damaged. Have it built again."),
    KnowledgeFault.FOREIGN: N_(
        "{file} is no OffCirc.knowledge of this library, or was made with another key."
    ),
    KnowledgeFault.NEWER: N_(
        "{file} was made by a newer version of OffCirc. Install that version."
    ),
    KnowledgeFault.NO_KEY: N_(
        "The key of {file} is missing. Put it into the settings (knowledge.key), or into the file"
        " knowledge.key of the data folder."
    ),
}


class KnowledgeError(Exception):
    """A file cannot be used.

    Attributes:
        fault: why.
        path: the file.
    """

    def __init__(self, fault: KnowledgeFault, path: Path) -> None:
        super().__init__(f"{fault.value}: {path.name}")
        self.fault = fault
        self.path = path

    def words(self) -> str:
        """What to tell whoever looks after it."""
        return _(_WORDS[self.fault]).format(file=self.path)


class BuildError(Exception):
    """No file could be built; the message is worded, and names no reader."""

    def words(self) -> str:
        """The sentence."""
        return str(self)
