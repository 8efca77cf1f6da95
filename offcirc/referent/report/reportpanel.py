"""One line of a report: what it says, what the server said, what to do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from offcirc import words
from offcirc.i18n import _, pgettext
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.look import ReferentLook, operation_sign
from offcirc.referent.kit.sidepanel import Facts, SidePanel
from offcirc.referent.report import refusal
from offcirc.upload.report import words as upload_words
from offcirc.upload.report.report import ReportLine


class ReportPanel(SidePanel):
    """A line of a report, or a group of them.

    Attributes:
        facts: what the line says.
        why: the reason, in our words and in the server's.
        advice: what to do.
    """

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(look, parent)
        names = [_("Operation"), _("Item"), _("Borrower"), _("Time"), _("Desk"), _("Line")]
        names.append(pgettext("decision", "Decided"))
        self.facts = Facts(look, names, self)
        self.body.addWidget(self.facts)
        self.why = self.add_text(look.text)
        self.advice = self.add_text(look.text)
        self.body.addStretch(1)
        self.show_line(None)

    def show_line(self, line: ReportLine | Heading | None, place: str = "") -> None:
        """Tell of a line, of a group, or of nothing."""
        self.facts.setVisible(isinstance(line, ReportLine))
        if line is None:
            self._tell("", "", "")
            self.show_mark("", Tone.PLAIN)
        elif isinstance(line, Heading):
            detail = line.detail if line.detail != line.advice else ""
            self._tell(line.name, detail, line.advice)
            self.show_mark("", line.tone)
        else:
            told = refusal.explain(line)
            self._tell(told.title, told.why, told.advice)
            self.facts.show_values(_values(line))
            self.show_mark(refusal.mark(line), told.tone, place)

    def _tell(self, title: str, why: str, advice: str) -> None:
        self.say(self.title, title)
        self.say(self.why, why)
        self.say(self.advice, f"→ {advice}" if advice else "")
        self.setAccessibleName(" ".join(filter(None, (title, why, advice))))


def _values(line: ReportLine) -> list[str]:
    """What the line says, one below the other; the raw line where it cannot be read."""
    if line.operation is None or not line.item:
        raw = " ".join(line.raw.split())
        place = f"{line.line} · {line.file}"
        return ["", raw, "", "", upload_words.origin(line), place, ""]
    operation = f"{operation_sign(line.operation)} {words.operation(line.operation)}"
    return [
        operation,
        "\n".join(filter(None, (line.item, line.title))),
        "\n".join(filter(None, (line.patron, line.reader))),
        upload_words.moment(line),
        upload_words.origin(line),
        f"{line.line} · {line.file}",
        upload_words.decision(line.decision),
    ]
