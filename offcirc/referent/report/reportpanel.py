"""One line of a report: what it says, what the server said, what to do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.look import ReferentLook, operation_sign
from offcirc.referent.kit.sidepanel import Facts, SidePanel
from offcirc.referent.report import model
from offcirc.upload.report import words
from offcirc.upload.report.columns import PANEL, Column, below, columns_for
from offcirc.upload.report.report import ReportLine

_COLUMNS = columns_for(PANEL)


class ReportPanel(SidePanel):
    """A line of a report, or a group of them.

    Attributes:
        facts: what the line says.
        why: the reason, in our words and in the server's.
        advice: what to do.
    """

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.facts = Facts(look, [column.title(PANEL) for column in _COLUMNS], self)
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
            told = model.explain(line)
            self._tell(told.title, told.why, told.advice)
            self.facts.show_values([_value(line, column) for column in _COLUMNS])
            self.show_mark(words.mark(line), told.tone, place)

    def _tell(self, title: str, why: str, advice: str) -> None:
        self.say(self.title, title)
        self.say(self.why, why)
        self.say(self.advice, f"→ {advice}" if advice else "")
        self.setAccessibleName(" ".join(filter(None, (title, why, advice))))


def _value(line: ReportLine, column: Column) -> str:
    """What the line says in a column, and below it what belongs there."""
    own = column.text(line, PANEL)
    if column.code == "operation" and line.operation is not None:
        own = f"{operation_sign(line.operation)} {own}"
    parts = [own, *(each.text(line, PANEL) for each in below(column.code, PANEL))]
    return "\n".join(filter(None, parts))
