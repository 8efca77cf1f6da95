"""The second opinion in words: one sentence, and for each difference what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from offcirc import words as core_words
from offcirc.i18n import N_, _, ngettext
from offcirc.upload.report.opinion import Difference, DifferenceKind, SecondOpinion
from offcirc.upload.report.report import JobReport
from offcirc.upload.report.reportview import Group

_KINDS: dict[DifferenceKind, tuple[str, str, str]] = {
    DifferenceKind.OTHER_PATRON: (
        N_("Other borrower"),
        N_("Lent to another borrower than in the file"),
        N_(
            "Ask the desk who took the item, then correct the loan in the library system. Nothing"
            " is changed there by itself."
        ),
    ),
    DifferenceKind.STILL_ON_LOAN: (
        N_("Still on loan"),
        N_("Returned in the file, still on loan in the system"),
        N_(
            "Look whether the item is on the shelf; if it is, return it in the library system. It"
            " may also have been lent again since."
        ),
    ),
    DifferenceKind.NOT_ON_LOAN: (
        N_("Not on loan"),
        N_("Lent in the file, not on loan in the system"),
        N_(
            "If it has not come back since, record the loan by hand in the library system: the"
            " item has left the building."
        ),
    ),
    DifferenceKind.ITEM_GONE: (
        N_("Item gone"),
        N_("The system does not know this item any more"),
        N_("Look for the item in the catalogue: its barcode was changed, or it was deleted."),
    ),
    DifferenceKind.OTHER_TIME: (
        N_("Other time"),
        N_("Lent at another time than in the file"),
        N_(
            "The borrower is right. The loan was perhaps made again by hand: make sure that the due"
            " date is fair."
        ),
    ),
    DifferenceKind.OTHER_DUE: (
        N_("Other due date"),
        N_("The due date has changed since the upload"),
        N_("Nothing, if somebody has changed it on purpose; else correct it in the system."),
    ),
}
SERIOUS = (
    DifferenceKind.OTHER_PATRON,
    DifferenceKind.STILL_ON_LOAN,
    DifferenceKind.NOT_ON_LOAN,
    DifferenceKind.ITEM_GONE,
)
"""Differences in who has what; the others are in times."""


def kind_name(kind: DifferenceKind) -> str:
    """A kind of difference in two or three words."""
    return _(_KINDS[kind][0])


def kind_sentence(kind: DifferenceKind) -> str:
    """What a kind of difference means."""
    return _(_KINDS[kind][1])


def what_to_do(kind: DifferenceKind) -> str:
    """What to do about a difference of this kind."""
    return _(_KINDS[kind][2])


def sentence(opinion: SecondOpinion) -> str:
    """How much agrees: the one sentence that is to be read."""
    text = _("Checked against the system: {agree} of {checked} agree").format(
        agree=core_words.number(opinion.agree), checked=core_words.number(opinion.checked)
    )
    parts = [text]
    if count := len(opinion.differ):
        differs = ngettext("{count} differs", "{count} differ", count)
        parts.append(differs.format(count=core_words.number(count)))
    if count := opinion.unanswered:
        parts.append(_("not told enough: {count}").format(count=core_words.number(count)))
    return " · ".join(parts)


def detail(opinion: SecondOpinion) -> str:
    """When it was made, and how."""
    text = _(
        "Read back from the system on {when}, item by item; the server’s own report was not used."
    ).format(when=core_words.when(opinion.at.astimezone()))
    return " ".join(filter(None, (text, not_compared(opinion))))


def not_compared(opinion: SecondOpinion) -> str:
    """What the system does not tell, so that nothing is said about it; empty if it tells all."""
    if opinion.times:
        return ""
    return _("When items were lent was not compared: over SIP2 no system tells it.")


def expected(difference: Difference) -> str:
    """What the file says, in a few words."""
    line = difference.line
    when = core_words.when(line.at) if line.at is not None else ""
    if line.operation is not None and not line.operation.lends:
        return _("returned {when}").format(when=when)
    if difference.kind is DifferenceKind.OTHER_DUE and line.due_at is not None:
        return _("due {when}").format(when=core_words.when(line.due_at))
    return _("lent to {reader}, {when}").format(reader=line.patron, when=when)


def found(difference: Difference) -> str:
    """What the system has, in a few words."""
    kind = difference.kind
    if kind is DifferenceKind.ITEM_GONE:
        return _("unknown item")
    if kind is DifferenceKind.NOT_ON_LOAN:
        return _("not on loan")
    if kind is DifferenceKind.OTHER_DUE and difference.due_at is not None:
        return _("due {when}").format(when=core_words.when(difference.due_at))
    return _lent(difference.patron, difference.lent_at)


def _lent(patron: str, lent_at: datetime | None) -> str:
    name = patron or _("somebody else")
    if lent_at is None:
        return _("on loan to {reader}").format(reader=name)
    return _("lent to {reader}, {when}").format(reader=name, when=core_words.when(lent_at))


def both(difference: Difference) -> str:
    """File and system beside each other."""
    return _("File: {expected}. System: {found}.").format(
        expected=expected(difference), found=found(difference)
    )


def groups(report: JobReport) -> list[Group]:
    """The differences by their kind, who has what first, each told in the message of its line."""
    differ = report.opinion.differ if report.opinion is not None else ()
    return [
        Group(
            kind,
            kind_sentence(kind),
            what_to_do(kind),
            tuple(replace(one.line, message=both(one), decision=None) for one in own),
            heading=_("File and system"),
        )
        for kind in DifferenceKind
        if (own := [one for one in differ if one.kind is kind])
    ]
