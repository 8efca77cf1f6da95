"""The scanner test: a window that shows what a scanner sends, key by key, and names the fault.

Every key that comes to this window is shown and goes no further: nothing scanned here is
recorded. The other windows work on as ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.core.transaction import Source
from offcirc.desk.face.look import Look
from offcirc.desk.scan.gate import Gate
from offcirc.desk.scan.keykinds import HeldKey
from offcirc.desk.scan.run import BUSY_SECONDS
from offcirc.desk.side.keycaps import Cap, KeyCaps
from offcirc.desk.side.sidewindow import SideWindow, Tones, WrappedLabel
from offcirc.desk.words import scannerwords as words
from offcirc.i18n import _
from offcirc.scanning.checkup import Checkup, Examiner, Key, ScannerVerdict
from offcirc.scanning.decoder import Framing, Scan
from offcirc.windows.announce import announce

_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
_NAMED = {
    Qt.Key.Key_Return: "\r",
    Qt.Key.Key_Enter: "\r",
    Qt.Key.Key_Tab: "\t",
    Qt.Key.Key_Backtab: "\t",
    Qt.Key.Key_Backspace: "\b",
}
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class VerdictSign(QWidget):
    """A disc with a tick, an exclamation mark or a cross; with a barcode while nothing came."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._verdict: ScannerVerdict | None = None
        self._ink = QColor("#ffffff")
        side = look.px(1.9)
        self.setFixedSize(QSize(side, side))

    def show_verdict(self, verdict: ScannerVerdict | None, ink: str) -> None:
        """Show another sign."""
        self._verdict, self._ink = verdict, QColor(ink)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Disc and sign."""
        unit = self.width() / 20
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            disc = QColor(self._ink)
            disc.setAlpha(46)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(disc)
            painter.drawEllipse(QRectF(self.rect()))
            painter.translate(self.width() / 2, self.height() / 2)
            painter.scale(unit, unit)
            pen = QPen(self._ink, 2.1)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            lines: dict[ScannerVerdict | None, list[list[tuple[float, float]]]] = {
                ScannerVerdict.GOOD: [[(-4.6, 0.4), (-1.4, 3.6), (4.8, -3.6)]],
                ScannerVerdict.NOTICE: [[(0, -5), (0, 1.2)], [(0, 4.9), (0, 4.95)]],
                ScannerVerdict.WRONG: [[(-3.6, -3.6), (3.6, 3.6)], [(3.6, -3.6), (-3.6, 3.6)]],
                None: [[(x, -4), (x, 4)] for x in (-5, -1.7, 1.7, 5)],
            }
            for line in lines[self._verdict]:
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))


class ScannerTest(SideWindow):
    """The scanner test.

    Attributes:
        found: what the last scan showed; ``None`` before the first.
    """

    def __init__(
        self,
        look: Look,
        parent: QWidget | None = None,
        *,
        tones: Tones | None = None,
        framing: Framing | None = None,
        rules: RuleSet = ANY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Build the window.

        Args:
            look: type and sizes.
            parent: the desk's window.
            tones: colours; those of the style when not given.
            framing: how the desk tells scans apart.
            rules: the library's barcode rules.
            clock: a steady clock in seconds.
        """
        super().__init__(
            look,
            _("Scanner test"),
            _(
                "Scan the card “Scanner test” of the sheet of control cards, or any barcode."
                " Nothing scanned here is recorded."
            ),
            parent,
            tones,
        )
        self.found: Checkup | None = None
        self._clock = clock
        self._examiner = Examiner(framing, rules)
        self._held_key = HeldKey()
        self._gate = Gate(self._under_way, self, clock=clock, left=lambda: None)
        self._came = float("-inf")
        self._sure = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._tick)
        self._pause_at = 0.0
        self._build()
        self._buttons()
        # All keys come to the window itself: none is lost to a button.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for widget in self.findChildren(QWidget):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.again()
        self.place(38, 33)

    # The page

    def _build(self) -> None:
        look = self.look
        self.band = QFrame(self.sheet)
        row = QHBoxLayout(self.band)
        row.setContentsMargins(look.px(0.7), look.px(0.5), look.px(0.7), look.px(0.55))
        row.setSpacing(look.px(0.7))
        self.sign = VerdictSign(look, self.band)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(look.px(0.1))
        self.title = WrappedLabel("", look.title, self.band)
        self.detail = WrappedLabel("", look.text, self.band)
        column.addWidget(self.title)
        column.addWidget(self.detail)
        row.addLayout(column, 1)
        self.body.addWidget(self.band)
        facts = self.card(_("What arrived"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.15))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        facts.addLayout(grid)
        self.facts: dict[str, QLabel] = {}
        self._titles: dict[str, QLabel] = {}
        places = ((0, 0, 3), (1, 0, 3), (2, 0, 1), (2, 2, 1), (3, 0, 1), (3, 2, 1))
        for (name, title), (line, column_at, span) in zip(words.facts(), places, strict=True):
            label = QLabel(title, self.sheet)
            label.setObjectName("faint")
            label.setFont(look.text)
            code = name in ("text", "meant")
            value = WrappedLabel("", look.cell if code else look.text, self.sheet)
            value.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(title)
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(label, line, column_at, top)
            grid.addWidget(value, line, column_at + 1, 1, span)
            self.facts[name] = value
            self._titles[name] = label
        keys = self.card(_("Key by key"))
        self.caps = KeyCaps(look, self.tones, self.sheet)
        keys.addWidget(self.caps)
        self.legend = WrappedLabel(
            _(
                "Below each key: its code, or after ≠ the character meant, and the time since the"
                " key before."
            ),
            look.small,
            self.sheet,
        )
        self.legend.setObjectName("faint")
        keys.addWidget(self.legend)
        self.body.addStretch(1)

    def _buttons(self) -> None:
        self.foot.addStretch(1)
        self.anew = self.button(_("&Begin again"))
        self.anew.clicked.connect(self.again)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self.foot.addWidget(self.anew)
        self.foot.addWidget(self.shut)

    # What arrives

    def again(self) -> None:
        """Forget what arrived."""
        self._examiner.forget()
        self._pause.stop()
        self.found = None
        self.caps.show_caps(())
        self._show_facts(None)
        self._say(None, _("Ready: scan."), words.invitation())

    def take(self, scan: Scan) -> None:
        """Show a scan that came by another way: from a serial port, or to the desk's window."""
        if scan.source is Source.SERIAL:
            self._show(self._examiner.serial(scan))
            return
        self._examiner.forget()
        now, length = scan.began, max(len(scan.raw) - 1, 1)
        step = (scan.ended - scan.began) / length
        found = None
        for number, character in enumerate(scan.raw):
            found = self._examiner.feed(character, now + number * step) or found
        end = words.KEYS.get(scan.terminator)
        if end:
            found = self._examiner.feed(end, scan.ended) or found
        else:
            found = self._examiner.tick(scan.ended + 60.0) or found
        if found is not None:
            self._show(found)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: keys are taken before shortcuts and the movement of the focus see them."""
        kind = event.type()
        if kind in _KEY_EVENTS and isinstance(event, QKeyEvent):
            character = _character(event)
            if character:
                if kind == QEvent.Type.KeyPress:
                    self._key(character, event)
                event.accept()
                return True
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Clicks and Escape wait while a scan is under way: its rest would go elsewhere."""
        super().showEvent(event)
        self._gate.guard(self)

    def _under_way(self) -> bool:
        return self._clock() - self._came <= BUSY_SECONDS

    def _key(self, character: str, event: QKeyEvent) -> None:
        stamp = event.timestamp()
        now = stamp / 1000 if stamp and self._clock is time.monotonic else self._clock()
        if self._held_key.repeats(event, now):
            return
        self._came = self._clock()
        self._gate.passed(self._came)
        found = self._examiner.feed(character, now)
        if found is not None:
            self._came = float("-inf")
            self._gate.over()
            self._show(found)
        else:
            self.caps.show_caps(tuple(map(_cap, self._examiner.keys)))
        deadline = self._examiner.deadline
        if deadline is None:
            self._pause.stop()
        else:
            self._sure = False
            self._pause.start(max(round((deadline - now) * 1000) + 10, 1))
            self._pause_at = deadline

    def _tick(self) -> None:
        if not self._sure:
            # Keys that wait in the system's queue, because the PC was busy, come first.
            self._sure = True
            self._pause.start(0)
            return
        # The keys' times may be the system's own, another clock than ours: the timer has waited.
        found = self._examiner.tick(self._pause_at + 0.001)
        if found is not None:
            self._show(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys no scanner sends move the page, for nothing in it takes the focus."""
        bar = self.area.verticalScrollBar()
        moves = {
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            bar.setValue(bar.value() + move)

    # What it shows

    def _show(self, found: Checkup) -> None:
        self.found = found
        self.caps.show_caps(_compared(found))
        self._show_facts(found)
        self._say(found.verdict, words.title(found), words.detail(found))

    def _show_facts(self, found: Checkup | None) -> None:
        values = words.values(found) if found else {}
        for name, label in self.facts.items():
            label.setText(values.get(name, "–"))
        for part in (self.facts["meant"], self._titles["meant"]):
            part.setVisible("meant" in values)
        self.legend.setVisible(found is not None)

    def _say(self, verdict: ScannerVerdict | None, title: str, detail: str) -> None:
        tones, colours = self.tones, self.look.colours
        ground, ink = {
            None: (tones.accent, tones.accent_ink),
            ScannerVerdict.GOOD: (colours.recorded, colours.recorded_ink),
            ScannerVerdict.NOTICE: (colours.notice, colours.notice_ink),
            ScannerVerdict.WRONG: (colours.refused, colours.refused_ink),
        }[verdict]
        self.band.setStyleSheet(
            f"QFrame {{ background: {ground}; border-radius: {self.look.px(0.35)}px; }}"
            f" QLabel {{ color: {ink}; }}"
        )
        self.sign.show_verdict(verdict, ink)
        self.title.setText(title)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        announce(self, f"{title} {detail}")


def _character(event: QKeyEvent) -> str:
    """The character of a key; empty for keys that belong to the window: Escape, Alt+letter."""
    commands = event.modifiers() & _COMMANDS
    text = event.text()
    if event.key() == Qt.Key.Key_Escape:
        return ""
    if commands == Qt.KeyboardModifier.ControlModifier:
        # A console-minded scanner sends the control characters themselves.
        return text if len(text) == 1 and not text.isprintable() else ""
    if commands and commands != _ALT_GR:
        return ""
    if event.key() in _NAMED and text != "\n":
        return _NAMED[Qt.Key(event.key())]
    return text[:1]


def _cap(key: Key) -> Cap:
    return Cap(key.character, None if key.gap is None else round(key.gap * 1000))


def _compared(found: Checkup) -> tuple[Cap, ...]:
    """The keys, each with the character that was meant where it is another one."""
    caps = [_cap(key) for key in found.keys]
    body = "".join(key.character for key in found.keys)
    start = body.find(found.text)
    if found.causes and found.meant and start >= 0 and len(found.meant) == len(found.text):
        for number, (came, meant) in enumerate(zip(found.text, found.meant, strict=True)):
            if came != meant:
                cap = caps[start + number]
                caps[start + number] = Cap(cap.character, cap.gap, meant)
    return tuple(caps)
