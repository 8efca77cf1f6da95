"""A preview in words: what a referent wants to know before anything is sent."""

from __future__ import annotations

from offcirc.core.answers import Reason
from offcirc.i18n import N_, _, ngettext
from offcirc.upload.preview.preview import Preview, PreviewSource
from offcirc.upload.report import words

_NAMES = {
    "due-at-upload": N_("Due at once: the due date is past"),
    "due-at-expiry": N_("Due earlier: the borrower’s account ends"),
    "patron-expired": N_("Borrower’s account has ended"),
    "patron-overdue": N_("Borrower has overdue items"),
    "patron-suspended": N_("Borrower is suspended"),
    "patron-quitus": N_("Borrower has been discharged (quitus)"),
    "over-limit": N_("Borrower has more items than allowed"),
    Reason.PATRON_BLOCKED: N_("Borrower is blocked"),
    Reason.NOT_FOR_LOAN: N_("Item may not be lent"),
    "renewal": N_("Renewed: the borrower has the item already"),
    "returned-first": N_("On loan to somebody else: returned first"),
    "requested-by-other": N_("Requested by another reader"),
    "late": N_("Returned late"),
    "suspended": N_("Late return: the borrower is suspended"),
    "on-hold-shelf": N_("Goes to the hold shelf"),
}
"""What servers note on lines that are recorded, beside what leaves something to do."""


def how(preview: Preview) -> str:
    """How far the preview can be trusted."""
    return {
        PreviewSource.DRY_RUN: _("The server has tried every line without keeping it."),
        PreviewSource.LOOK_UP: _(
            "The server cannot try lines without keeping them: it was asked about every item and "
            "every reader. It may still refuse lines for other reasons."
        ),
        PreviewSource.NONE: _(
            "This server cannot be asked beforehand: only the files were looked at."
        ),
    }[preview.how]


def refused(preview: Preview) -> str:
    """How many lines would not be recorded."""
    count = preview.report.exceptions
    if not count:
        return _("No line would be refused.")
    text = ngettext(
        "{count} line would not be recorded.", "{count} lines would not be recorded.", count
    )
    return text.format(count=count)


def overdue(preview: Preview) -> str:
    """How many readers would be overdue at once; empty when the server does not say."""
    if preview.overdue_patrons is None:
        return ""
    if not preview.overdue_patrons:
        return _("No reader would be overdue at once.")
    text = ngettext(
        "{count} reader would be overdue at once (loans: {loans}): the due date is past or is the"
        " time of the upload. Change the due dates, or tell the reader.",
        "{count} readers would be overdue at once (loans: {loans}): the due date is past or is the"
        " time of the upload. Change the due dates, or tell the readers.",
        preview.overdue_patrons,
    )
    return text.format(count=preview.overdue_patrons, loans=preview.overdue_lines)


def remarks(preview: Preview) -> list[tuple[str, int]]:
    """What is to be known of lines that would be recorded, in words, and of how many; most first.

    A code that only its server understands is left out.
    """
    found = []
    for code, count in preview.remarks:
        name = _(_NAMES[code]) if code in _NAMES else words.note_names((code,))
        if name:
            found.append((name, count))
    return found
