"""What is done to rows now and then: undo, take away what is marked, make the file again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offcirc.desk.program.window import DeskWindow


def undo(desk: DeskWindow) -> None:
    """Bring back what was just deleted; else void the newest row that is not saved."""
    back = desk.book.restore()
    if back is None:
        desk.voided(*desk.book.undo())
        return
    message, row = back
    if row.state == "pending":
        desk.session.brought_back(row.transaction)
        desk.recorded.emit(row.transaction.id)
        desk.show_count()
    desk.say(message)
    desk.focus(desk.target())


def take_odd(desk: DeskWindow) -> None:
    """Void the newest row that carries a mark and is not saved."""
    desk.voided(*desk.book.take_odd())


def make_again(desk: DeskWindow) -> None:
    """Write again what had been saved and is in no file any more."""
    desk.say(desk.book.make_again(desk.now()))
    if desk.caretaker is not None:
        desk.caretaker.show_standing()
    desk.focus(desk.target())
