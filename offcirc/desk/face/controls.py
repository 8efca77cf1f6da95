"""The window's controls and where they stand: the places they have in the original program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from offcirc.core.transaction import Operation
from offcirc.desk.face.band import Band
from offcirc.desk.face.look import Look, ground_colour, quiet_button
from offcirc.desk.face.status import StatusLine
from offcirc.desk.face.table import TransactionModel, TransactionView
from offcirc.desk.words import dropwords, words
from offcirc.desk.words.operationwords import said
from offcirc.i18n import _, pgettext


class Counter(QWidget):
    """A short text at the right edge of its place; changing it moves no other widget.

    Where there is little room, the end of the text is left out, never its beginning.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._colours = look.colours
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFont(look.strong)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(look.px(3))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, right-aligned."""
        with QPainter(self) as painter:
            # The window's own ground, so that nothing behind need be painted.
            top = self.mapTo(self.window(), QPoint(0, 0)).y()
            middle = (top + self.height() / 2) / max(self.window().height(), 1)
            painter.fillRect(self.rect(), ground_colour(self._colours, middle))
            painter.setPen(QColor(self._colours.label))
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(self.rect()), right, self.shown())

    def shown(self) -> str:
        """What of its text there is room for: all, what is counted, or the count alone."""
        words = self._text.split()
        measure = self.fontMetrics().horizontalAdvance
        forms = (self._text, " ".join(words[:2]), *words[:1])
        return next((form for form in forms if measure(form) <= self.width()), "")


class Controls:
    """All widgets of the window, laid out in it.

    Attributes are the controls, named as the trade names them.
    """

    def __init__(self, window: QWidget, look: Look) -> None:
        self._look = look
        self.patron_label = QLabel(_("&Borrower:"), window)
        self.patron = self._field(window, self.patron_label)
        self.clear = quiet_button(_("&Clear"), look.strong, window)
        self.item_label = QLabel(_("&Item barcode:"), window)
        self.item = self._field(window, self.item_label)
        self.action = quiet_button("", look.strong, window, "action")
        self.group = QGroupBox(_("Choose transaction"), window)
        self.radios = {which: self._radio(said(which).radio) for which in Operation}
        self.loan = self.radios[Operation.LOAN]
        self.return_ = self.radios[Operation.RETURN]
        self.modes = QButtonGroup(window)
        for radio in self.radios.values():
            self.modes.addButton(radio)
        self.drop = DropSwitch(look, self.group)
        self.drop_when = self.drop.when
        self.counter = Counter(look, self.group)
        self.band = Band(look, window)
        self.card = QFrame(window)
        self.card.setObjectName("card")
        self.model = TransactionModel(window)
        self.list = TransactionView(self.model, look, self.card)
        self.save = quiet_button(_("&Save To File"), look.strong, window, "save")
        self.delete = quiet_button(_("&Delete"), look.strong, window)
        self.help = quiet_button(_("&Help"), look.strong, window)
        self.close = quiet_button(_("Cl&ose"), look.strong, window)
        self.status = StatusLine(look, window)
        self.more = quiet_button(pgettext("button at the foot", "&More"), look.strong, window)
        self._lay_out(window)
        self._name()
        self._order()

    def buttons(self) -> tuple[QAbstractButton, ...]:
        """Everything that can be pressed."""
        return (
            self.clear,
            self.action,
            *self.radios.values(),
            self.drop,
            self.drop_when,
            self.save,
            self.delete,
            self.help,
            self.close,
            self.more,
        )

    def show_operation(self, which: Operation) -> None:
        """Fit borrower field and button to an operation; nothing moves by it."""
        loan = which.lends
        self.patron.setEnabled(loan)
        self.patron.setFont(self._look.code if loan else self._look.title_text)
        self.patron_label.setEnabled(loan)
        self.patron.setPlaceholderText(said(which).empty)
        self.action.setText(words.action(which))
        # The switch has its meaning beside Return; else its room is the counter's.
        self.drop.setVisible(which.ends_loan)

    def _field(self, window: QWidget, label: QLabel) -> QLineEdit:
        field = QLineEdit(window)
        field.setFont(self._look.code)
        # Out of use it speaks in another type: nothing below may move for that.
        field.ensurePolished()
        field.setFixedHeight(field.sizeHint().height())
        label.setFont(self._look.text)
        label.setBuddy(field)
        return field

    def _radio(self, text: str) -> QRadioButton:
        radio = QRadioButton(text, self.group)
        radio.setFont(self._look.strong)
        radio.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return radio

    def _lay_out(self, window: QWidget) -> None:
        px = self._look.px
        fields = QGridLayout()
        fields.setHorizontalSpacing(px(0.7))
        fields.setVerticalSpacing(px(0.5))
        fields.addWidget(self.patron_label, 0, 0)
        fields.addWidget(self.patron, 0, 1)
        fields.addWidget(self.clear, 0, 2)
        fields.addWidget(self.item_label, 1, 0)
        fields.addWidget(self.item, 1, 1)
        fields.addWidget(self.action, 1, 2)
        fields.setColumnStretch(1, 1)
        for button in (self.clear, self.action):
            button.setMinimumWidth(px(6))
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Minimum)

        choice = QHBoxLayout(self.group)
        choice.setContentsMargins(px(0.4), px(0.3), px(0.8), px(0.35))
        choice.setSpacing(px(0.3))
        for radio in self.radios.values():
            choice.addWidget(radio)
        self.loan.ensurePolished()
        for switch in (self.drop, self.drop_when):
            switch.setFixedHeight(self.loan.sizeHint().height())  # it comes and goes
        choice.addWidget(self.drop)
        choice.addWidget(self.drop_when)
        choice.addWidget(self.counter, 1)
        self.group.setFont(self._look.small)

        card = QVBoxLayout(self.card)
        card.setContentsMargins(0, 0, 0, 0)
        card.addWidget(self.list)

        foot = QHBoxLayout()
        foot.setSpacing(px(0.6))
        foot.addWidget(self.save)
        foot.addWidget(self.delete)
        foot.addStretch(1)
        foot.addWidget(self.more)
        foot.addWidget(self.help)
        foot.addWidget(self.close)
        for button in (self.save, self.delete, self.more, self.help, self.close):
            button.setMinimumHeight(px(1.9))

        inside = QVBoxLayout()
        inside.setContentsMargins(px(1), px(0.9), px(1), px(0.75))
        inside.setSpacing(px(0.6))
        inside.addLayout(fields)
        inside.addWidget(self.group)
        inside.addWidget(self.band)
        inside.addWidget(self.card, 1)
        inside.addLayout(foot)
        whole = QVBoxLayout(window)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(inside, 1)
        whole.addWidget(self.status)

    def _name(self) -> None:
        """Names and descriptions for screen readers, and tips for the mouse."""
        self.patron.setAccessibleName(_("Borrower"))
        self.patron.setAccessibleDescription(
            _("The reader’s card number. Enter or Tab goes on to the item barcode.")
        )
        self.item.setAccessibleName(_("Item barcode"))
        self.item.setAccessibleDescription(_("Enter or Tab records the loan or the return."))
        self.list.setAccessibleName(_("Transactions, newest first"))
        self.list.setAccessibleDescription(_("Choose a row to delete it before it is saved."))
        self.group.setAccessibleDescription(" ".join(said(which).tip for which in Operation))
        tips: dict[QAbstractButton, str] = {
            self.clear: _("Empty the borrower, ready for the next reader."),
            **{radio: said(which).tip for which, radio in self.radios.items()},
            self.drop: dropwords.tip(),
            self.drop_when: dropwords.another(),
            self.save: _("Write everything not saved yet to the file (Ctrl+S)."),
            self.delete: _("Delete the chosen row, as long as it is not saved."),
            self.help: _("Open the manual (F1)."),
            self.close: _("Save and leave. Nothing is lost."),
            self.more: _("Undo last, settings, scanner test, control cards."),
        }
        for button, tip in tips.items():
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)

    def _order(self) -> None:
        order = (
            self.patron,
            self.item,
            self.action,
            self.clear,
            *self.radios.values(),
            self.drop,
            self.drop_when,
            self.list,
            self.save,
            self.delete,
            self.more,
            self.help,
            self.close,
        )
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)


class DropSwitch(QToolButton):
    """Shows whether the book drop is on, and of which moment.

    Attributes:
        wanted: called when somebody asks for another moment.
        when: the arrow beside it, which asks for one too.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.wanted: Callable[[], None] = lambda: None
        self.setObjectName("drop")
        self.setCheckable(True)
        self.setFont(look.strong)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(look.px(2.1), look.px(1)))
        self.when = QToolButton(parent)
        self.when.setObjectName("drop_when")
        self.when.setText("▾")
        self.when.setFont(look.strong)
        self.when.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_moment(None)

    def show_moment(self, moment: datetime | None) -> None:
        """On at a moment, or off."""
        on = moment is not None
        self.setChecked(on)
        self.setText(dropwords.label() if moment is None else dropwords.returned(moment))
        self.setIcon(QIcon(self._picture(on)))
        self.when.setVisible(on)

    def contextMenuEvent(self, _event: object) -> None:
        """A right click asks for another moment."""
        self.wanted()

    def _picture(self, on: bool) -> QPixmap:
        """The sign of a switch, thrown or not."""
        size, ratio = self.iconSize(), self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        colours = self._look.colours
        box = QRectF(1, 1, size.width() * 0.8, size.height() - 2)
        knob = box.adjusted(2, 2, -2, -2)
        knob.setWidth(knob.height())
        if on:
            knob.moveRight(box.right() - 2)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colours.pill_ink if on else colours.label))
            painter.setBrush(QColor(colours.pill_ink) if on else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.pill if on else colours.label))
            painter.drawEllipse(knob)
        return picture
