"""What was found when OffCirc.dat was compared with the journal, as codes and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from offcirc.i18n import _, ngettext


class Find(StrEnum):
    """What was found; the comment names the arguments besides ``path``."""

    TORN = "torn"
    """An incomplete end was written again: ``rows``, ``kept`` (what was there; may be empty)."""
    CUT = "cut"
    """An incomplete end was cut off and its rows are pending: ``rows``, ``kept``."""
    UNCERTAIN = "uncertain"
    """The file went or changed while a save was unfinished; saved again: ``rows``."""
    GONE = "gone"
    """The file was moved or deleted: a new one will be started."""
    EMPTIED = "emptied"
    """The file was emptied: it will be filled anew."""
    FOUND = "found"
    """There was a file already, not written from this journal: it is added to."""
    EXTENDED = "extended"
    """Somebody added to the file."""
    SHORTENED = "shortened"
    """Somebody removed lines from the file."""
    CHANGED = "changed"
    """Somebody changed lines of the file."""
    SALVAGED = "salvaged"
    """The journal (``path``) was damaged and put aside (``kept``): ``rows`` are in a new one, and
    ``unread`` are known to be missing.
    """
    BEGUN_ANEW = "journal-anew"
    """The journal (``path``) was not there any more: a new one has what was in the fallback place.
    """


@dataclass(frozen=True, slots=True)
class RepairFinding:
    """One thing that was found.

    Attributes:
        args: the values its sentence names.
    """

    code: Find
    args: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def of_journal(self) -> bool:
        """Whether it is about the journal, not about OffCirc.dat."""
        return self.code in {Find.SALVAGED, Find.BEGUN_ANEW}

    @property
    def expected(self) -> bool:
        """Whether it is part of the day's work and needs nobody's attention."""
        return self.code in {Find.TORN, Find.CUT, Find.GONE, Find.EMPTIED}


@dataclass(frozen=True, slots=True)
class FileRepair:
    """The outcome of comparing OffCirc.dat with the journal.

    Attributes:
        findings: what was found and done, in order; empty when all was as it should be.
    """

    findings: tuple[RepairFinding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.findings)


def describe_finding(finding: RepairFinding) -> str:
    """One or two sentences for the person at the desk: what was found, what was done."""
    return _sentence(finding).format(**finding.args)


def _of_journal(finding: RepairFinding) -> str:
    rows = int(finding.args.get("rows", 0))
    if finding.code is Find.BEGUN_ANEW:
        return _(
            "The journal {path} was not there any more. A new one was begun; everything that was "
            "still to be saved is in it."
        )
    text = ngettext(
        "The journal {path} was damaged. It was put aside as {kept}, and a new one was begun with "
        "the {rows} row that could be read: look whether your last scans are in the list.",
        "The journal {path} was damaged. It was put aside as {kept}, and a new one was begun with "
        "the {rows} rows that could be read: look whether your last scans are in the list.",
        rows,
    )
    if finding.args.get("unread"):
        text += " " + _(
            "At least {unread} could not be read; what of them had been saved is in OffCirc.dat."
        )
    return text


def _sentence(finding: RepairFinding) -> str:  # noqa: PLR0911 - one sentence each
    rows = int(finding.args.get("rows", 0))
    match finding.code:
        case Find.TORN if not finding.args.get("kept"):
            return ngettext(
                "The end of {path} was missing, as after a power cut. {rows} row was written "
                "again.",
                "The end of {path} was missing, as after a power cut. {rows} rows were written "
                "again.",
                rows,
            )
        case Find.TORN:
            return ngettext(
                "The end of {path} was incomplete, as after a power cut. {rows} row was written "
                "again; what had been there is kept in {kept}.",
                "The end of {path} was incomplete, as after a power cut. {rows} rows were written "
                "again; what had been there is kept in {kept}.",
                rows,
            )
        case Find.CUT if not finding.args.get("kept"):
            return ngettext(
                "Saving to {path} had been interrupted. {rows} row is waiting to be saved.",
                "Saving to {path} had been interrupted. {rows} rows are waiting to be saved.",
                rows,
            )
        case Find.CUT:
            return ngettext(
                "Saving to {path} had been interrupted. {rows} row is waiting to be saved; the "
                "incomplete end was cut off and is kept in {kept}.",
                "Saving to {path} had been interrupted. {rows} rows are waiting to be saved; the "
                "incomplete end was cut off and is kept in {kept}.",
                rows,
            )
        case Find.UNCERTAIN:
            return ngettext(
                "Saving to {path} had been interrupted and the file has been moved or changed "
                "since. {rows} row will be saved again: it may be in the earlier file too.",
                "Saving to {path} had been interrupted and the file has been moved or changed "
                "since. {rows} rows will be saved again: they may be in the earlier file too.",
                rows,
            )
        case Find.GONE:
            return _("{path} has been moved or deleted. The next save starts a new file.")
        case Find.EMPTIED:
            return _("{path} has been emptied. The next save starts it anew.")
        case Find.FOUND:
            return _(
                "{path} was there already with lines that the journal does not know. They are "
                "left as they are; new lines are added after them."
            )
        case Find.EXTENDED:
            return _(
                "Somebody added to {path}. It is left as it is; new lines are added at its end."
            )
        case Find.SHORTENED:
            return _(
                "Somebody removed lines from {path} that had been saved. It is left as it is; new "
                "lines are added at its end."
            )
        case Find.CHANGED:
            return _(
                "Somebody changed lines in {path}. It is left as it is; new lines are added at its "
                "end."
            )
        case Find.SALVAGED | Find.BEGUN_ANEW:
            return _of_journal(finding)
