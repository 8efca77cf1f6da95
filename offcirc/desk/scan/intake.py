"""What a finished field or a scan means: barcode, card of a reader, order; right field or wrong.

Everything that arrives at the desk comes through here, typed or scanned, by keyboard or serial
port, in this window or in one beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from offcirc.core.barcodes.rules import ANY, BarcodeKind, BarcodeOutcome
from offcirc.core.barcodes.symbology import split_aim
from offcirc.core.session import DeskAnswer, DeskDecision, clean
from offcirc.core.transaction import Operation, Source
from offcirc.core.waiting import NOTHING
from offcirc.desk.flaw import Flaw
from offcirc.desk.words import savewords, scanwords, words
from offcirc.scanning.decoder import Overflow, Scan, Terminator, Typed, Unfinished
from offcirc.scanning.reading import read

if TYPE_CHECKING:
    from offcirc.core.barcodes.layouts import Cause
    from offcirc.core.barcodes.rules import RuleSet, Verdict
    from offcirc.desk.desk import WholeDesk
    from offcirc.desk.message import Message
    from offcirc.desk.shop.setup import Setup
    from offcirc.scanning.decoder import Event
    from offcirc.scanning.reading import Reading


class Intake:
    """Takes what arrives to where it belongs.

    Attributes:
        cause: why scans arrive garbled, as far as the last garbled one told; ``None`` when they
            do not.
    """

    def __init__(self, desk: WholeDesk) -> None:
        self._desk = desk
        self._ui = desk.ui
        self._rules: RuleSet = ANY
        self._prefix = ""
        self._card_switches = True
        self._known_patron: str | None = None
        self._proven: tuple[Cause, ...] = ()
        self.cause: Cause | None = None
        self._guessing = True
        self._besides = ""
        self._list = ""

    def use(self, setup: Setup) -> None:
        """Work by these settings from now on."""
        self._rules = setup.rules
        self._prefix = setup.framing.prefix
        self._guessing = len(setup.framing.suffixes) > 1
        self._card_switches = setup.card_switches
        self._known_patron = None
        self._desk.session.repeats = setup.repeats
        self._desk.keys.use_framing(setup.framing)

    # What arrives

    def finished(self, field: QLineEdit, source: str) -> None:
        """A field is finished: Enter, LF or Tab came, or the button was pressed.

        Args:
            field: the field.
            source: how its text came, a :class:`Source`.
        """
        raw = field.text()
        if not clean(raw):
            return
        if len(parts := _lines(raw)) > 1:
            self._many(field, parts)
            return
        keys = self._desk.keys
        self._besides = scanwords.besides(keys.left_out, unproven=keys.unproven)
        keys.left_out = ""
        readings = self._read(raw, Source(source))
        order = readings[0].card
        if order is not None:
            # Whatever stood there before the card was scanned is not to suffer.
            field.setText(self._desk.keys.before)
            self._desk.obey(order, self._as_scan(raw, Source(source)))
            return
        if self._desk.pile.answered(raw):
            field.setText(self._desk.keys.before)
            return
        self._take(field, readings)

    def broken(self, field: QLineEdit, text: str, flaw: str) -> None:
        """A scan ended that is not known to be whole: what came of it is no barcode."""
        self._turn_away(scanwords.broken(text, Flaw(flaw)), field)

    def stalled(self, field: QLineEdit) -> None:
        """Half a scan stands in a field; it is chosen, to be replaced."""
        if message := scanwords.trouble(Unfinished(field.text(), scanned=True)):
            self._turn_away(message, field)

    def trouble(self, event: Event) -> None:
        """What came by another way is no scan."""
        if message := scanwords.trouble(event):
            self._desk.say(self._about(self._desk.target(), message))

    def scanned(self, scan: Scan) -> None:
        """A scan came by another way: a serial port, or a window beside this one."""
        self._desk.keys.gate.later(lambda: self._from_elsewhere(scan))

    def _from_elsewhere(self, scan: Scan) -> None:
        """Take it, and leave in peace what somebody is typing."""
        desk, patron, item = self._desk, self._ui.patron, self._ui.item
        unproven = self._guessing and scan.terminator == "none"
        self._besides = scanwords.besides("", unproven=unproven)
        readings = read(scan, self._rules)
        if readings[0].card is not None:
            desk.obey(readings[0].card, scan)
            return
        if desk.pile.answered(scan.text):
            return
        if _is_typed(patron) and clean(patron.text()) != self._known_patron:
            desk.say(words.refused(DeskDecision(DeskAnswer.PATRON_FIRST, scan.text)))
            return
        typed, chosen = item.text() if _is_typed(item) else "", item.hasSelectedText()
        self._take(desk.target(), readings)
        if typed:
            item.setText(typed)
            item.setModified(True)
            if chosen:
                item.selectAll()

    def flooded(self, field: QLineEdit) -> None:
        """Far more came than any barcode holds; what did is chosen, to be replaced."""
        if message := scanwords.trouble(Overflow("")):
            self._desk.say(message)
        field.selectAll()

    def caps_lock(self, on: bool) -> None:
        """Caps Lock was switched on or off: letters, and on some PCs digits, arrive as others."""
        self._desk.tally.hint(scanwords.caps_lock(on), "caps lock")

    def _read(self, raw: str, source: Source) -> tuple[Reading, ...]:
        caps_lock = self._desk.keys.caps_lock
        event = self._event(raw, source)
        return read(event, self._rules, caps_lock=caps_lock, proven=self._proven)

    def _event(self, raw: str, source: Source) -> Scan | Typed:
        if source is Source.TYPED:
            return Typed(clean(raw), raw, Terminator.CR)
        body = raw.removeprefix(self._prefix) if self._prefix else raw
        symbology, text = split_aim(clean(body))
        return Scan(clean(text), raw, source, Terminator.CR, symbology)

    def _as_scan(self, raw: str, source: Source) -> Scan:
        began, ended = self._desk.keys.span
        return Scan(clean(raw), raw, source, Terminator.CR, "", began, ended)

    def _many(self, field: QLineEdit, parts: list[str]) -> None:
        """Several barcodes were pasted at once: looked at first, then taken one by one."""
        able = field is self._ui.item and all(map(str.isprintable, parts))
        if not able or field.text() != self._list:
            self._list = field.text()
            self._turn_away(scanwords.pasted(len(parts), able=able), field)
            return
        self._list = ""
        for number, part in enumerate(parts):
            self._besides = ""
            if not self._one(field, self._read(part, Source.TYPED)[0]):
                field.setText("\u2028".join(parts[number:]))
                field.selectAll()
                return

    # Where it belongs

    def _turn_away(self, message: Message, field: QLineEdit) -> None:
        """Say why something is not recorded; what stands in its field is to be replaced."""
        self._desk.say(self._about(field, message))
        self._desk.focus(field)

    def _about(self, field: QLineEdit, message: Message) -> Message:
        """A refusal as it is said: what stands where cards belong leaves no item to record."""
        return message if field is self._ui.item else replace(message, left=NOTHING)

    def _take(self, field: QLineEdit, readings: tuple[Reading, ...]) -> None:
        """Take readings, the first to this field; what ran together goes on where it belongs."""
        for number, reading in enumerate(readings):
            if number:
                field = self._desk.target()
            taken = self._one(field, reading)
            if not taken:
                rest = "".join(each.raw for each in readings[number:])
                if len(readings) > 1:
                    field.setText(rest)
                    field.selectAll()
                return

    def _one(self, field: QLineEdit, reading: Reading) -> bool:
        """Take one barcode to a field; false when it is refused there."""
        kind = BarcodeKind.PATRON if field is self._ui.patron else BarcodeKind.ITEM
        verdict = reading.judgement.verdict(kind)
        note = " ".join(filter(None, (self._besides, self._note(reading, verdict))))
        if reading.turned:
            self._turn_away(scanwords.turned(kind, verdict.text), field)
            return False
        if verdict.outcome is BarcodeOutcome.ACCEPT:
            if kind is BarcodeKind.PATRON:
                ruled = reading.judgement.patron is not None
                return self._patron(verdict.text, note, ruled=ruled)
            return self._item(verdict, reading, note)
        if field.text() != reading.raw:
            field.setText(reading.raw)
        if verdict.outcome is BarcodeOutcome.OTHER_FIELD and verdict.kind is BarcodeKind.PATRON:
            return self._card_as_item(verdict.text, note)
        self._turn_away(scanwords.refused(kind, verdict, self._desk.session.operation), field)
        return False

    def _card_as_item(self, card: str, note: str) -> bool:
        """A reader's card came where items belong."""
        desk = self._desk
        if not desk.session.operation.lends or not self._card_switches:
            message = scanwords.card_as_item(card, desk.session.operation)
            self._turn_away(message, self._ui.item)
            return False
        before = self._ui.patron.text()
        unsaved = desk.save_rows() if before and clean(before) != card else ""
        self._ui.item.clear()
        if self._patron(card, note):
            if unsaved:
                desk.say(savewords.not_saved(unsaved))
            elif before and clean(before) != card:
                desk.say(scanwords.next_patron(card))
            return True
        return False

    def patron(self, card: str) -> bool:
        """A reader's card is known without having been scanned; false when it is refused."""
        return self._patron(card, "")

    def _patron(self, text: str, note: str, *, ruled: bool = True) -> bool:
        desk = self._desk
        waiting = self._ui.item.text()
        decision = desk.session.patron_given(text, waiting, ruled=ruled)
        note = scanwords.with_doubt(note, decision)
        desk.show_count()
        if decision.answer is DeskAnswer.SAME_PATRON_FIRST:
            self._ui.patron.setText(desk.session.proposed)
            self._ui.item.setText(decision.text)
        if decision.answer is not DeskAnswer.PATRON_READY:
            desk.refuse(decision)
            return False
        self._ui.patron.setText(decision.text)
        self._known_patron = decision.text
        item = clean(self._ui.item.text())
        message = (
            words.waiting(decision.text, item)
            if item
            else words.ready(desk.session.operation, decision.text)
        )
        desk.say(words.with_note(message, note))
        desk.focus(self._ui.item)
        desk.patron.emit(decision.text)
        return True

    def _item(self, verdict: Verdict, reading: Reading, note: str) -> bool:
        desk = self._desk
        if desk.session.operation.lends and not self._patron_is_right():
            return False
        now = desk.now()
        decision = desk.session.item_given(
            verdict.text,
            self._ui.patron.text(),
            now,
            reading.source,
            reading.raw,
            ruled=reading.judgement.item is not None,
            stated=desk.drop.stated(now),
        )
        if decision.answer is DeskAnswer.ALREADY:
            desk.say(scanwords.already(decision, desk.session.operation))
            desk.waitlist.settle(decision.text, by_hand=reading.source is Source.TYPED)
            self._ui.item.clear()
            desk.focus(self._ui.item)
            return True
        if decision.transaction is None:
            desk.refuse(decision)
            return False
        note = scanwords.with_doubt(" ".join(filter(None, (desk.drop.besides(), note))), decision)
        repaired = "" if reading.repair is None else reading.repair.cause.code
        odd = [each.code.value for each in verdict.findings]
        odd += ["lent"] if decision.holder else []
        odd += [decision.doubt.strange.value] if decision.doubt else []
        return desk.recorder.record(
            decision.transaction, note, repaired, " ".join(odd), doubt=decision.doubt
        )

    def _patron_is_right(self) -> bool:
        """The borrower may have been typed and never finished: it is judged all the same."""
        field = self._ui.patron
        patron = clean(field.text())
        if not patron or patron == self._known_patron:
            return True
        reading = self._read(field.text(), Source.TYPED)[0]
        verdict = reading.judgement.verdict(BarcodeKind.PATRON)
        if verdict.outcome is not BarcodeOutcome.ACCEPT or reading.card is not None:
            self._turn_away(scanwords.refused(BarcodeKind.PATRON, verdict, Operation.LOAN), field)
            return False
        if verdict.text != field.text():
            field.setText(verdict.text)
        self._known_patron = verdict.text
        return True

    # What there is to say besides

    def _note(self, reading: Reading, verdict: Verdict) -> str:
        """The warnings about a barcode, and the scanner's fault if it has one."""
        if reading.repair is None and reading.suspected is None:
            if self.cause is not None and reading.source is Source.SCAN and _tells(reading.raw):
                self._know(None)
                self._proven = ()
            return scanwords.note(verdict.findings)
        if reading.repair is None:
            self._know(reading.suspected)
            return scanwords.note(verdict.findings)
        typed = reading.source is Source.TYPED
        new = typed or reading.repair.cause != self.cause
        if not typed:
            self._know(reading.repair.cause)
            both = tuple(each for each in self._proven if each in reading.repair.causes)
            self._proven = both or reading.repair.causes
        return scanwords.note(verdict.findings, reading.repair if new else None, typed=typed)

    def _know(self, cause: Cause | None) -> None:
        if cause != self.cause:
            self.cause = cause
            self._desk.tally.hint(scanwords.hint(cause), "scanner")


def _is_typed(field: QLineEdit) -> bool:
    """Whether somebody has written in a field and not finished."""
    return field.isEnabled() and field.isModified() and bool(clean(field.text()))


def _lines(raw: str) -> list[str]:
    """The lines of a pasted text that hold something."""
    if raw.isprintable():
        return [raw]
    return [line for line in map(clean, raw.splitlines()) if line]


def _tells(raw: str) -> bool:
    """Whether a scan proves that digits arrive as digits."""
    return sum(character.isdigit() for character in raw) >= 4
