"""What is done to rows now and then: undo, take away what is marked, make the file again, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offcirc.core.session import clean
from offcirc.desk.words import savewords, waitwords, words

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


def may_close(desk: DeskWindow) -> bool:
    """Whether the desk may close; each thing left undone is said once, the next Close goes on."""
    if desk.waitlist and "waiting" not in desk.asked:
        desk.asked |= {"waiting", "item"}
        desk.say(waitwords.at_close(len(desk.waitlist)))
        return False
    waiting = clean(desk.ui.item.text())
    if waiting and "item" not in desk.asked:
        desk.asked.add("item")
        desk.say(words.not_recorded_yet(waiting))
        desk.focus(desk.ui.item)
        return False
    if not desk.tally.pending or not desk.store.is_open or "file" in desk.asked:
        return True
    if why := desk.save_rows():
        desk.asked.add("file")
        desk.say(savewords.not_saved_at_close(why, desk.store.unkept))
        return False
    return True
