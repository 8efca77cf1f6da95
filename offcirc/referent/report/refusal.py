"""A line of the report in plain words: who, what, when, which file, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.upload.report import words
from offcirc.upload.report.report import LineStatus, ReportLine


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the panel beside the report says of the line chosen.

    Attributes:
        title: the reason as a sentence.
        why: the server's own words; empty where it said nothing else.
        advice: what to do next; may be empty.
        tone: how much it matters.
    """

    title: str
    why: str
    advice: str
    tone: Tone


def explain(line: ReportLine) -> Explanation:
    """A line in plain words."""
    title = words.why(line) or words.message(line)
    told = line.message and line.message != title
    return Explanation(
        title=title,
        why=_("The server says: “{message}”").format(message=line.message) if told else "",
        advice=words.what_to_do(line),
        tone=tone(line),
    )


def tone(line: ReportLine) -> Tone:
    """Whether the line asks for something to be done, for a look, or for nothing."""
    if line.status in (LineStatus.UNKNOWN, LineStatus.RECORDED):
        return Tone.LOOK
    return Tone.BAD if words.needs_work(line) else Tone.PLAIN
