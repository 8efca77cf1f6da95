"""The one skeleton of every page: tabs and tools, then a table, a panel in its fixed place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import label
from offcirc.referent.kit.table import RowTable

NARROW = 46
"""Line heights below which the panel stands under the table."""
PANEL, LEAST_PANEL = 20.9, 16.8
"""The panel's width in line heights: on a usual screen, and on a small one."""


class Skeleton(QWidget):
    """A page: a row of tabs and tools, and what the chosen tab shows.

    Attributes:
        tabs: the names of what can be shown.
        column: rows of the page; a strip may be put between the tabs and what they show.

    Signals:
        turned: another tab is shown; its place.
    """

    turned = Signal(int)

    def __init__(self, look: ReferentLook, name: str, parent: QWidget | None = None) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            name: what the row of tabs is called, for who cannot see it.
            parent: the window.
        """
        super().__init__(parent)
        self._look = look
        self._tools: list[tuple[QWidget, int]] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(look.px(0.89), look.px(0.55), look.px(0.89), look.px(0.67))
        self.column.setSpacing(look.px(0.55))
        self._bar = Flow(look.px(0.45))
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setFont(look.strong)
        self.tabs.setAccessibleName(name)
        self.tabs.setMinimumHeight(look.px(1.8))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tabs.currentChanged.connect(self._turn)
        self._bar.addWidget(self.tabs)
        self.column.addLayout(self._bar)
        self._stack = QStackedWidget(self)
        self.column.addWidget(self._stack, 1)

    def add_tab(self, name: str, page: QWidget) -> int:
        """Add something to be shown; returns its place."""
        place = self._stack.addWidget(page)
        self.tabs.addTab(name)
        self.tabs.setMinimumWidth(self.tabs.sizeHint().width())
        return place

    def add_tools(self, *tools: QWidget, tab: int = 0) -> None:
        """Add tools to the right of the tabs; they are there while their tab is shown."""
        for tool in tools:
            self._bar.addWidget(tool)
            self._tools.append((tool, tab))
            if tab != self.shown:
                tool.setProperty("away", True)
                tool.hide()

    def add_choice(self, name: str, choices: QComboBox) -> None:
        """Add a choice with its name before it."""
        choices.setFont(self._look.text)
        choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        title = label(name, self._look.text, self, "faint")
        self.add_tools(pair(title, choices, self._look.px(0.4)))

    def add_filter(self, hint: str) -> QLineEdit:
        """Add the field for words that the lines shown must hold; Ctrl+F goes there."""
        field = QLineEdit(self)
        field.setFont(self._look.text)
        field.setMinimumWidth(self._look.px(9))
        field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(_("Filter"))
        field.setToolTip("Ctrl+F")
        field.setClearButtonEnabled(True)
        field.setPlaceholderText(hint)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(field.setFocus)
        self.add_tools(field)
        return field

    @property
    def shown(self) -> int:
        """The place of the tab that is shown."""
        return self.tabs.currentIndex()

    def turn_to(self, place: int) -> None:
        """Show a tab."""
        self.tabs.setCurrentIndex(place)

    def offer(self, place: int, *, offered: bool) -> None:
        """Offer a tab, or leave it out while it has nothing to show."""
        if not offered and self.shown == place:
            self.turn_to(0)
        self.tabs.setTabVisible(place, offered)
        self.tabs.setMinimumWidth(self.tabs.sizeHint().width())

    def count(self, place: int, count: int | None) -> None:
        """Tell beside a tab's name how much it shows; ``None`` for nothing to count."""
        side = QTabBar.ButtonPosition.RightSide
        badge = self.tabs.tabButton(place, side)
        text = "" if count is None else number(count)
        if isinstance(badge, QLabel) and badge.text() == text:
            return
        made = label(text, self._look.small_strong, self.tabs, "badge") if text else None
        self.tabs.setTabButton(place, side, made)
        self.tabs.setMinimumWidth(self.tabs.sizeHint().width())

    def _turn(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        for tool, tab in self._tools:
            # What a page itself has hidden stays so.
            tool.setProperty("away", tab != place)
            tool.setVisible(tab == place and not tool.property("unwanted"))
        self.turned.emit(place)

    def want(self, tool: QWidget, *, wanted: bool) -> None:
        """Show a tool of the row, or leave it out."""
        tool.setProperty("unwanted", not wanted)
        tool.setVisible(wanted and not tool.property("away"))


class TableSheet(QFrame):
    """The frame around a table, and what stands below it."""

    def __init__(self, look: ReferentLook, table: RowTable, foot: Sequence[QWidget] = ()) -> None:
        """Put a table into a frame.

        Args:
            look: type and sizes.
            table: the table.
            foot: what stands below it in the same frame.
        """
        super().__init__()
        self.setObjectName("sheet")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(_Hold(table, self), 1)
        for part in foot:
            column.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        """As little as the table needs."""
        return QSize(0, super().minimumSizeHint().height())


class _Hold(QFrame):
    """Lets a table show whole rows, however high it is itself."""

    def __init__(self, table: RowTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hold")
        self._table = table
        table.setParent(self)
        table.show()

    def minimumSizeHint(self) -> QSize:
        """Some rows."""
        return QSize(0, self._table.minimumHeight() + 2)

    def sizeHint(self) -> QSize:
        """No more than that: it takes what there is."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave below the table what is less than a row."""
        super().resizeEvent(event)
        head = self._table.height_of(0)
        rows = max(self.height() - 2 - head, 0) // self._table.row_height
        self._table.setGeometry(1, 1, self.width() - 2, self._table.height_of(rows))


class TableAndPanel(QWidget):
    """A table, and beside it the panel about the row chosen; under it where it is narrow."""

    def __init__(self, look: ReferentLook, sheet: QWidget, panel: QWidget) -> None:
        super().__init__()
        self._look = look
        self._panel = panel
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.px(0.67))
        self._row.addWidget(sheet, 1)
        self._row.addWidget(panel)
        self._upright = False
        self._panel.setFixedWidth(look.px(PANEL))

    @property
    def upright(self) -> bool:
        """Whether the panel stands under the table."""
        return self._upright

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for the panel to go under the table."""
        return QSize(self._look.px(LEAST_PANEL), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the panel where there is room for it."""
        super().resizeEvent(event)
        look, width = self._look, self.width()
        upright = width < look.px(NARROW)
        if upright:
            self._panel.setMinimumWidth(0)
            self._panel.setMaximumWidth(16777215)
        else:
            wide = min(max(round(width * 0.285), look.px(LEAST_PANEL)), look.px(PANEL))
            self._panel.setFixedWidth(wide)
        if upright is not self._upright:
            self._upright = upright
            way = QBoxLayout.Direction
            self._row.setDirection(way.TopToBottom if upright else way.LeftToRight)
            self.updateGeometry()
