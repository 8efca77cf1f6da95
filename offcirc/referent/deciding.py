"""What somebody decides about lines and clocks, on its way to the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.referent.inspection import LineView


@dataclass(frozen=True, slots=True)
class Verdict:
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
