"""What the desk says: a message and its kind. Worded by ``desk.words``, shown by the band."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from offcirc.core.waiting import LeftToRecord


class MessageKind(StrEnum):
    """What a message is; each has its own colour and its own sign."""

    READY = "ready"
    RECORDED = "recorded"
    RESCUED = "rescued"
    """Recorded, but in the fallback place."""
    NOTICE = "notice"
    KNOWN = "known"
    """Recorded, and there is something to know: of the reader, of the item."""
    STOP = "stop"
    """Recorded, and it must not leave."""
    REFUSED = "refused"
    BEHIND = "behind"
    """Scans do not arrive here: another window is in front."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the band says.

    Attributes:
        kind: ready, recorded (in its place or elsewhere), notice or refused.
        title: what happened, in a few words.
        code: the barcode or identifier it is about; drawn in the face for barcodes.
        detail: one or two lines more: for whom, when, what to do.
        lasting: whether it keeps its colour until something else is said: what it tells of goes
            on, such as a disk that takes nothing.
        left: what a refusal leaves to be recorded; if not given, :attr:`code`.
        beside: what stands at the right, large: a line above, the thing itself, a line below.
    """

    kind: MessageKind
    title: str
    code: str = ""
    detail: str = ""
    lasting: bool = False
    left: LeftToRecord | None = None
    beside: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """The message as a screen reader says it."""
        first = f"{self.title} {self.code}" if self.code else self.title
        said = f"{first}. {self.detail}" if self.detail else first
        return f"{said} {' '.join(self.beside)}" if self.beside else said


SECONDS = {
    MessageKind.RECORDED: 8.0,
    MessageKind.RESCUED: 20.0,
    MessageKind.NOTICE: 20.0,
    MessageKind.KNOWN: 20.0,
    MessageKind.STOP: 60.0,
    MessageKind.REFUSED: 30.0,
}
"""How long each kind of message keeps its colour."""
