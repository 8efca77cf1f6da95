"""The blue header: the steps of the job, how far each of them is, past uploads, help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from offcirc.i18n import _, pgettext
from offcirc.referent.frame.steps import STEPS, Stage, StepPlace, StepView, stage_words
from offcirc.referent.kit.look import AMBER, BLUE, INK, WHITE, ReferentLook
from offcirc.windows.signs import Sign, draw_sign

_TICKED = QColor("#1c8a4a")
_WAITING = QColor("#d9480f")


def step_name(place: StepPlace) -> str:
    """What a step is called, with the letter that calls it."""
    return {
        StepPlace.COLLECT: _("Coll&ect"),
        StepPlace.CHECK: _("Chec&k"),
        StepPlace.UPLOAD: _("&Upload"),
        StepPlace.REPORT: _("&Report"),
        StepPlace.FOLLOWUP: _("&Follow-up"),
        StepPlace.CLOSE: pgettext("step", "C&lose"),
        StepPlace.REGISTRATIONS: _("Registrations"),
        StepPlace.HISTORY: _("Histor&y"),
    }[place]


class Tab(QAbstractButton):
    """A page's button in the header; a step of the job has a disc that tells how far it is.

    Attributes:
        number: which step it is, from 1; 0 when it is none.
    """

    def __init__(self, look: ReferentLook, text: str, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.number = number
        self._view = StepView(Stage.AHEAD)
        self._short = False
        self.setText(text)
        self.setFont(look.text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._toggled)
        self._name()

    @property
    def view(self) -> StepView:
        """How far the step is."""
        return self._view

    @property
    def words(self) -> str:
        """What it is called, without the mark of its letter."""
        return self.text().replace("&", "")

    def show_view(self, view: StepView) -> None:
        """Show how far the step is; one without anything to see cannot be gone to."""
        if view == self._view:
            return
        self._view = view
        self._name()
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Show the disc alone, where there is no room for the words of every step."""
        if short is not self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """The room that disc and words take."""
        em = self._look.em
        words = QFontMetricsF(self._look.strong).horizontalAdvance(self.words)
        caption = QFontMetricsF(self._look.small).horizontalAdvance(self._view.caption)
        return round(max(words, caption) + (em * 1.85 if self.number else 0) + em * 1.2)

    @property
    def _is_short(self) -> bool:
        return self._short and not self.isChecked() and bool(self.number)

    def sizeHint(self) -> QSize:
        """Wide enough for the words in their heavy form."""
        width = self._look.px(2.3) if self._is_short else self.full_width()
        return QSize(width, self._look.px(3.2))

    def minimumSizeHint(self) -> QSize:
        """The words are never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Disc, words, and the line under the page one is on."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        em, box = self._look.em, QRectF(self.rect())
        ground = QColor(WHITE)
        ground.setAlpha(34 if self.underMouse() and self.isEnabled() else 0)
        painter.fillRect(box, ground)
        if self.isChecked():
            painter.fillRect(QRectF(0, box.height() - em * 0.2, box.width(), em * 0.2), AMBER)
        left = em * 0.55
        if self.number:
            if self._is_short:
                left = (box.width() - em * 1.4) / 2
            disc = QRectF(left, (box.height() - em * 1.4) / 2, em * 1.4, em * 1.4)
            self._draw_disc(painter, disc)
            left = disc.right() + em * 0.45
        if not self._is_short:
            self._draw_words(painter, QRectF(left, 0, box.width() - left, box.height()))
        if self.hasFocus():
            painter.setPen(QPen(WHITE, max(em * 0.1, 2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 5, -3, -5), em * 0.3, em * 0.3)

    def _draw_words(self, painter: QPainter, box: QRectF) -> None:
        look, caption = self._look, self._view.caption
        font = look.strong if self.isChecked() else look.text
        painter.setFont(font)
        painter.setPen(self._ink())
        height = QFontMetricsF(look.strong).height()
        below = QFontMetricsF(look.small).height() if caption else 0.0
        top = box.top() + (box.height() - height - below * 0.92) / 2
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        flags |= int(Qt.TextFlag.TextShowMnemonic)
        painter.drawText(QRectF(box.left(), top, box.width(), height), flags, self.text())
        if caption:
            ink = QColor(AMBER if self._view.stage is Stage.ATTENTION else WHITE)
            ink.setAlpha(255 if self._view.stage is Stage.ATTENTION else 205)
            painter.setPen(ink)
            painter.setFont(look.small)
            place = QRectF(box.left(), top + height * 0.92, box.width(), below)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, caption)

    def _draw_disc(self, painter: QPainter, disc: QRectF) -> None:
        stage, here = self._view.stage, self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        faint = QColor(WHITE)
        faint.setAlpha(56 if self.isEnabled() else 26)
        grounds = {Stage.DONE: _TICKED, Stage.ATTENTION: _WAITING}
        painter.setBrush(AMBER if here else grounds.get(stage, faint))
        if stage is Stage.NEXT and not here:
            painter.setPen(QPen(AMBER, self._look.em * 0.11))
        painter.drawEllipse(disc)
        ink = INK if here else WHITE
        if stage is Stage.DONE:
            draw_sign(painter, Sign.TICK, disc, ink)
        elif stage is Stage.ATTENTION:
            draw_sign(painter, Sign.EXCLAMATION, disc, ink)
        else:
            painter.setPen(ink if here else self._ink())
            painter.setFont(self._look.small_strong)
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self.number))

    def _ink(self) -> QColor:
        ink = QColor(WHITE)
        if not self.isEnabled():
            ink.setAlpha(120)
        elif not self.isChecked():
            ink.setAlpha(228)
        return ink

    def _toggled(self, _checked: bool) -> None:
        self._name()
        self.updateGeometry()

    def _name(self) -> None:
        words = self.words
        if not self.number:
            self.setAccessibleName(words)
            return
        step = _("Step {number}: {name}").format(number=self.number, name=words)
        here = pgettext("step", "you are here") if self.isChecked() else ""
        parts = (step, here, stage_words(self._view.stage), self._view.caption)
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip(self.accessibleName())


class Header(QWidget):
    """The blue bar.

    Attributes:
        tabs: the button of each page.

    Signals:
        chosen: the page somebody wants, a :class:`StepPlace`.
        help_wanted: somebody wants the manual.
    """

    chosen = Signal(str)
    help_wanted = Signal()

    def __init__(
        self, look: ReferentLook, places: Sequence[StepPlace], parent: QWidget | None = None
    ) -> None:
        """Make it.

        Args:
            look: type and sizes.
            places: the pages there are, in their order.
            parent: the window.
        """
        super().__init__(parent)
        self.setObjectName("header")
        self._look = look
        self.tabs: dict[StepPlace, Tab] = {}
        self._group = QButtonGroup(self)
        self._aside: list[Tab] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.4), 0, look.px(0.4), 0)
        row.setSpacing(0)
        steps = [place for place in STEPS if place in places]
        for place in places:
            number = steps.index(place) + 1 if place in steps else 0
            tab = Tab(look, step_name(place), number, self)
            tab.setCheckable(True)
            self._group.addButton(tab)
            self.tabs[place] = tab
            tab.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(place.value))
            if not number and not self._aside:
                row.addStretch(1)
            if not number:
                self._aside.append(tab)
            row.addWidget(tab)
        self.help = Tab(look, pgettext("uploader", "&Help"), 0, self)
        self.help.clicked.connect(self.help_wanted)
        row.addWidget(self.help)

    def show_place(self, place: StepPlace) -> None:
        """Mark the page that is shown."""
        self.tabs[place].setChecked(True)
        self._allow()
        self._fit()

    def show_steps(self, views: Mapping[StepPlace, StepView]) -> None:
        """Show how far every step is."""
        for place, view in views.items():
            self.tabs[place].show_view(view)
        self._allow()
        self._fit()

    def offer(self, place: StepPlace, view: StepView | None) -> None:
        """Offer a page that is no step, or leave it out while it has nothing to show."""
        tab = self.tabs[place]
        tab.setVisible(view is not None or tab.isChecked())
        if view is not None:
            tab.show_view(view)
        self._fit()

    def _allow(self) -> None:
        for tab in self.tabs.values():
            tab.setEnabled(tab.view.stage is not Stage.CLOSED or tab.isChecked())

    def minimumSizeHint(self) -> QSize:
        """The discs, the words of the step one is on, and the two on the right."""
        steps = [tab for tab in self.tabs.values() if tab.number]
        aside = (*self.tabs.values(), self.help)
        rest = [tab for tab in aside if not tab.number and not tab.isHidden()]
        widest = max((tab.full_width() for tab in steps), default=0)
        width = self._look.px(2.3) * (len(steps) - 1) + widest
        width += sum(tab.full_width() for tab in rest) + self._look.px(0.8)
        return QSize(width, self._look.px(3.2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words for every step, or for this one alone."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        every = [tab for tab in (*self.tabs.values(), self.help) if not tab.isHidden()]
        need = sum(tab.full_width() for tab in every) + self._look.px(0.8)
        for tab in every:
            tab.set_short(need > self.width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The blue ground."""
        QPainter(self).fillRect(self.rect(), BLUE)
