"""Rows that break: on a narrow screen, or at twice the size, what does not fit goes below."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QSizePolicy,
    QWidget,
)


class Flow(QLayout):
    """Widgets side by side, on as many lines as it takes; like words in a text.

    A widget whose policy is to expand takes what the others of its line leave.
    """

    def __init__(self, spacing: int) -> None:
        """Make it empty.

        Args:
            spacing: between widgets, and between lines.
        """
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def invalidate(self) -> None:
        """Forget what was measured: something in it has changed."""
        self._heights.clear()
        super().invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Add at the end."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Let go of one of them."""
        self._heights.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes the width there is."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """The narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at a width."""
        if width not in self._heights:  # Qt asks for the same ones over and over
            edge = self.contentsMargins()
            inside = QRect(0, 0, width - edge.left() - edge.right(), 0)
            height = self._arrange(inside, place=False) + edge.top() + edge.bottom()
            self._heights[width] = height
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        """Put everything where it belongs."""
        super().setGeometry(rect)
        self._arrange(rect.marginsRemoved(self.contentsMargins()), place=True)

    def sizeHint(self) -> QSize:
        """All on one line."""
        shown = self._shown()
        width = sum(map(_width, shown))
        width += self.spacing() * max(len(shown) - 1, 0)
        edge = self.contentsMargins()
        width += edge.left() + edge.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """The widest by itself."""
        shown = self._shown()
        width = max((item.minimumSize().width() for item in shown), default=0)
        height = max((item.minimumSize().height() for item in shown), default=0)
        edge = self.contentsMargins()
        return QSize(width + edge.left() + edge.right(), height + edge.top() + edge.bottom())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        top = rect.top()
        lines = self._lines(rect.width())
        for number, line in enumerate(lines):
            widths = self._widths(line, rect.width())
            height = max(map(_height, line, widths))
            if place:
                self._place(line, widths, QRect(rect.left(), top, rect.width(), height))
            top += height + (self.spacing() if number < len(lines) - 1 else 0)
        return top - rect.top()

    def _lines(self, room: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._shown():
            width = _width(item)
            if not lines or left < width:
                lines.append([])
                left = room
            lines[-1].append(item)
            left -= width + self.spacing()
        return lines

    def _widths(self, line: list[QLayoutItem], room: int) -> list[int]:
        widths = [min(_width(item), room) for item in line]
        rest = room - sum(widths) - self.spacing() * (len(line) - 1)
        growing = [number for number, item in enumerate(line) if _grows(item)]
        for number in growing:
            widths[number] += max(rest, 0) // len(growing)
        return widths

    def _place(self, line: list[QLayoutItem], widths: list[int], box: QRect) -> None:
        left = box.left()
        for item, width in zip(line, widths, strict=True):
            height = box.height() if _fills(item) else _height(item, width)
            top = box.top() + (box.height() - height) // 2
            item.setGeometry(QRect(left, top, width, height))
            left += width + self.spacing()


def _width(item: QLayoutItem) -> int:
    widget = item.widget()
    if widget is not None and widget.minimumWidth() and _grows(item):
        return widget.minimumWidth()  # it gets what is left besides
    return max(item.sizeHint().width(), item.minimumSize().width())


def _height(item: QLayoutItem, width: int) -> int:
    by_width = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
    return max(by_width, item.minimumSize().height())


def _fills(item: QLayoutItem) -> bool:
    """Cards of one line are as high as the highest of them."""
    return isinstance(item.widget(), QFrame) and not isinstance(item.widget(), QLabel)


def _grows(item: QLayoutItem) -> bool:
    widget = item.widget()
    return (
        widget is not None
        and widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Expanding
    )


def pair(name: QLabel, field: QWidget, spacing: int) -> QWidget:
    """A field with its name before it, which no line end comes between."""
    made = QWidget(field.parentWidget())
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    row.addWidget(name)
    row.addWidget(field, 1)
    name.setBuddy(field)
    made.setSizePolicy(field.sizePolicy())
    return made


class SideBySide(QWidget):
    """Parts side by side while each has its least width; else one under the other."""

    def __init__(self, least: int, spacing: int, parent: QWidget) -> None:
        """Make it empty.

        Args:
            least: the least width of a part, in pixels.
            spacing: between the parts.
            parent: the page.
        """
        super().__init__(parent)
        self._least = least
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)

    def add(self, part: QWidget, stretch: int = 1) -> None:
        """Add a part."""
        self._row.addWidget(part, stretch)

    @property
    def upright(self) -> bool:
        """Whether the parts stand one under the other."""
        return self._row.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for the parts to go one under the other."""
        parts = [self._row.itemAt(number) for number in range(self._row.count())]
        width = max((part.minimumSize().width() for part in parts if part is not None), default=0)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn when the room becomes too narrow, or wide enough again."""
        super().resizeEvent(event)
        count = self._row.count()
        need = self._least * count + self._row.spacing() * max(count - 1, 0)
        wanted = (
            QBoxLayout.Direction.TopToBottom
            if self.width() < need
            else QBoxLayout.Direction.LeftToRight
        )
        if wanted != self._row.direction():
            self._row.setDirection(wanted)
            self.updateGeometry()
