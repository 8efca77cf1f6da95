"""A line of the report in plain words: who, what, when, which file, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.i18n import _
from offcirc.referent.cells import Tone
from offcirc.upload import words
from offcirc.upload.report import LineStatus, ReportLine


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
        event=words.event(line),
        why=_why(line),
        advice=words.what_to_do(line),
        tone=tone(line),
    )


def mark(line: ReportLine) -> str:
    """The reason in two or three words."""
    return words.mark(line)


def message(line: ReportLine) -> str:
    """The server's own words; what there is to say where it said nothing."""
    if line.message:
        return line.message
    if line.status is LineStatus.RECORDED:
        return words.what_to_do(line)
    return words.message_of(line.reason)


def tone(line: ReportLine) -> Tone:
    """Whether the line asks for something to be done, for a look, or for nothing."""
    if line.status in (LineStatus.UNKNOWN, LineStatus.RECORDED):
        return Tone.LOOK
    return Tone.BAD if words.needs_work(line) else Tone.PLAIN


def _why(line: ReportLine) -> str:
    plain = words.why(line)
    if not line.message or line.message == plain:
        return plain or message(line)
    return _("{reason} The server says: “{message}”").format(reason=plain, message=line.message)
