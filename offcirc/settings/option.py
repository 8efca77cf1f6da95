"""What an option is: its name, its kind, what it is for, where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from offcirc.i18n import N_, _
from offcirc.settings.kinds import ValueKind


class OptionGroup(StrEnum):
    """What options have to do with each other; the values are the headings."""

    DESK = N_("This desk")
    WINDOW = N_("Window and sounds")
    BARCODES = N_("Barcodes")
    SCANNER = N_("Scanner")
    FILES = N_("Files")
    REPORTS = N_("Reports and mail")
    SERVERS = N_("Servers to upload to")
    BEFOREHAND = N_("Before an upload")
    AFTERWARDS = N_("After an upload")
    KNOWLEDGE = N_("What desks know offline")

    @property
    def heading(self) -> str:
        """The heading in the active language."""
        return _(self.value)


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        key: its name in the settings files, sections separated by dots; ``*`` stands for a name
            that the library chooses.
        kind: what its value must be.
        default: its value when nobody sets it; empty means "not set".
        environment: the environment variable that sets it, if there is one.
        label: its name for people, short.
        group: what it belongs with.
        example: a value to show where there is no default.
        at_next_start: whether a change is seen only when the program is started again.
        site_only: whether nothing but the machine's file can set it.
        secret: whether its value is shown to nobody.
    """

    key: str
    kind: ValueKind
    summary: str
    default: str = ""
    environment: str | None = None
    label: str = ""
    group: OptionGroup = OptionGroup.DESK
    example: str = ""
    at_next_start: bool = False
    site_only: bool = False
    secret: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for several options, one for each name chosen by the library."""
        return "*" in self.key

    @property
    def purpose(self) -> str:
        """What it is for, in the active language."""
        return _(self.summary)

    @property
    def title(self) -> str:
        """Its name for people, in the active language."""
        return _(self.label)
