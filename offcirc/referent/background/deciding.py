"""What somebody decides about lines and clocks, on its way to the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.i18n import _, ngettext
from offcirc.referent.background.inspection import CheckRow, FindingWeight, LineView
from offcirc.referent.kit.figures import number


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A decision.

    Attributes:
        act: ``correct``, ``swap``, ``hold``, ``drop``, ``before``, ``clock`` or ``undo``.
        lines: about which lines; for ``before`` first the earlier one, for ``clock`` the file.
        change: of a correction, minute, operation, item and borrower; empty for as it is.
        seconds: of a clock, what is to be added to its times.
        trust: of a clock, which one is believed where the desk noted a jump.
        undoes: the numbers of the decisions that hold no more.
        note: why; may be empty.
    """

    act: str
    lines: tuple[LineView, ...] = ()
    change: tuple[str, str, str, str] = ("", "", "", "")
    seconds: float = 0.0
    trust: str = ""
    undoes: tuple[int, ...] = ()
    note: str = ""

    def answers(self, row: CheckRow) -> bool:
        """Whether a finding, or a decision in force, is settled by this."""
        if self.act == "undo":
            return row.decision in self.undoes
        if row.weight is FindingWeight.DECIDED:
            return False
        keys = {line.key for line in self.lines}
        if self.act == "before":
            return row.other is not None and {row.line.key, row.other.key} == keys
        return self.act != "clock" and row.line.key in keys

    def told(self) -> str:
        """What is decided, in a sentence."""
        if self.act == "undo":
            return _("The decision is undone.")
        about = place(self.lines[0])
        if self.act == "before":
            text = _("Decided: {first} came before {second}.")
            return text.format(first=about, second=place(self.lines[1]))
        if self.act == "clock":
            return _("The clock of {file} is set.").format(file=self.lines[0].file)
        if len(self.lines) > 1:
            count = len(self.lines)
            texts = {
                "swap": ngettext(
                    "Item and borrower are swapped in {count} line.",
                    "Item and borrower are swapped in {count} lines.",
                    count,
                ),
                "hold": ngettext(
                    "{count} line is held back.", "{count} lines are held back.", count
                ),
                "drop": ngettext("{count} line is not sent.", "{count} lines are not sent.", count),
            }
            return texts[self.act].format(count=number(count))
        single = {
            "swap": _("Item and borrower are swapped: {line}."),
            "hold": _("Held back: {line}."),
            "drop": _("Not sent: {line}."),
            "correct": _("Put right: {line}."),
        }
        return single[self.act].format(line=about)


def place(line: LineView) -> str:
    """Where a line stands: desk and number."""
    name = line.desk or line.file
    return _("{file}, line {number}").format(file=name, number=line.number) if line.number else name
