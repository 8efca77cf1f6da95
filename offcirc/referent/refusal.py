"""A line of the report in plain words: who, what, when, which file, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc import words
from offcirc.core.servermessages import Reason
from offcirc.core.transaction import Operation
from offcirc.i18n import N_, _
from offcirc.referent.table import Tone
from offcirc.upload import words as upload_words
from offcirc.upload.report import LineStatus, ReportLine

_WHY: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_("No item of the library system has this barcode."),
    Reason.PATRON_UNKNOWN: N_("Nobody in the library system has this identifier."),
    Reason.NOT_ON_LOAN: N_("The item was not on loan, so there was nothing to return."),
    Reason.LATER_ACTION: N_(
        "Something newer had already happened to this item, so the older event was not applied."
    ),
}

_NOTHING_TO_DO = (
    Reason.NOT_ON_LOAN,
    Reason.LATER_ACTION,
    upload_words.ALREADY_RECORDED,
    upload_words.SAME_LINE,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the panel under the report says of the line chosen.

    Attributes:
        title: which line of which file, and the reason in two or three words.
        event: who, what, when.
        why: the reason as a sentence, and the server's own words.
        advice: what to do next; may be empty.
        tone: how much it matters.
    """

    title: str
    event: str
    why: str
    advice: str
    tone: Tone


def explain(line: ReportLine) -> Explanation:
    """A line in plain words."""
    place = _("Line {line} of {file}").format(line=line.line, file=line.file)
    return Explanation(
        title=f"{place} · {mark(line)}",
        event=event(line),
        why=_why(line),
        advice=upload_words.what_to_do(line),
        tone=tone(line),
    )


def mark(line: ReportLine) -> str:
    """The reason in two or three words."""
    if line.status is LineStatus.RECORDED:
        return upload_words.note_names(line.notes) or upload_words.line_status(line.status)
    return upload_words.reason_name(line.reason)


def message(line: ReportLine) -> str:
    """The server's own words; what there is to say where it said nothing."""
    if line.message:
        return line.message
    if line.status is LineStatus.RECORDED:
        return upload_words.what_to_do(line)
    return upload_words.message_of(line.reason)


def tone(line: ReportLine) -> Tone:
    """Whether the line asks for something to be done, for a look, or for nothing."""
    if line.reason in _NOTHING_TO_DO:
        return Tone.PLAIN
    if line.status in (LineStatus.UNKNOWN, LineStatus.RECORDED):
        return Tone.LOOK
    return Tone.BAD


def event(line: ReportLine) -> str:
    """Who, what, when."""
    if line.at is None or line.operation is None or not line.item:
        return _("As it stands in the file: {raw}").format(raw=" ".join(line.raw.split()))
    when = words.when(line.at)
    if line.operation is Operation.LOAN:
        text = _("Item {item} was lent to {patron}, {when}.")
        told = text.format(item=line.item, patron=line.patron, when=when)
    else:
        told = _("Item {item} was returned, {when}.").format(item=line.item, when=when)
    if line.due_at is not None:
        due = words.when(line.due_at)
        told += " " + _("Due date: {due}.").format(due=due)
    return told


def _why(line: ReportLine) -> str:
    if line.status is LineStatus.RECORDED:
        return _("It was recorded.")
    plain = _WHY.get(line.reason)
    if plain is None:
        return message(line)
    if not line.message:
        return _(plain)
    return _("{reason} The server says: “{message}”").format(reason=_(plain), message=line.message)
