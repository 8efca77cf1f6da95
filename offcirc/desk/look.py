"""Colours, type and sizes of the desk window: blue, large, legible from a metre.

Every size is a multiple of the height of a line of the window's own type, which follows the
user's type size and the room the screen has; nothing is a fixed number of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from offcirc import resources
from offcirc.windows.face import CODE_FAMILY, UI_FAMILY, font

NIGHT = QColor("#06245c")
BLUE = QColor("#0b3d91")
DEEP = QColor("#082f74")
SKY = QColor("#dfe9fa")
MIST = QColor("#f3f7fe")
INK = QColor("#0a1f44")
SLATE = QColor("#53617c")
WHITE = QColor("#ffffff")
AMBER = QColor("#ffcf4d")
GREEN = QColor("#14733a")
RED = QColor("#a81c2b")
OCHRE = QColor("#ffd166")
LOAN_INK = QColor("#0b4fb3")
RETURN_INK = QColor("#0d6b62")
NEWEST = QColor(36, 110, 255, 46)
CHOSEN = QColor("#ffe08a")
LINE = QColor("#dde4f0")


_SHADES = 48
_LEAST_WIDTH = 31
_LEAST_HEIGHT = 26.5
"""What the window needs, in lines, with its frame and in the language that needs most."""
_GENERAL = QFontDatabase.SystemFont.GeneralFont


@dataclass(frozen=True, slots=True)
class Look:
    """The window's fonts and its unit of length.

    Attributes:
        em: height of a line of :attr:`text`, in device-independent pixels; the unit of all sizes.
        text: labels and buttons.
        strong: the same, heavier.
        title: the first line of the band.
        title_text: what an unused field says.
        code: barcodes in fields.
        cell: barcodes in the list.
        small: the status line.
        tiny: the longest messages of the band.
    """

    em: float
    text: QFont
    strong: QFont
    title: QFont
    title_text: QFont
    code: QFont
    title_code: QFont
    cell: QFont
    small: QFont
    tiny: QFont

    def px(self, lines: float) -> int:
        """A length given in line heights, in pixels."""
        return round(self.em * lines)


def make_look(_app: QApplication, room: QSize, scale: float = 1.0) -> Look:
    """The type and sizes for a screen.

    Args:
        room: what the screen has to offer, in device-independent pixels.
        scale: how much larger than usual everything is to be; less where the window would not
            fit the screen any more.
    """
    usual = QFontMetricsF(QFontDatabase.systemFont(_GENERAL)).height()
    # The user's usual line is 14 to 17 px. A screen of 768 px takes one of 1.55 times that, a
    # smaller or much enlarged one less, so that the list keeps some rows.
    size = usual * min(max(room.height() / 768 * 1.22, 0.8), 1.5)
    if scale > 1:
        em = QFontMetricsF(font(UI_FAMILY, size)).height()
        most = min(room.width() / _LEAST_WIDTH, room.height() / _LEAST_HEIGHT) / em
        size *= max(min(scale, most), 1)
    text = font(UI_FAMILY, size)
    return Look(
        em=QFontMetricsF(text).height(),
        text=text,
        strong=font(UI_FAMILY, size, QFont.Weight.DemiBold),
        title=font(UI_FAMILY, size * 1.28, QFont.Weight.DemiBold),
        title_text=font(UI_FAMILY, size * 1.2),
        code=font(CODE_FAMILY, size * 1.36, QFont.Weight.Medium),
        title_code=font(CODE_FAMILY, size * 1.28, QFont.Weight.Medium),
        cell=font(CODE_FAMILY, size * 1.0, QFont.Weight.Medium),
        small=font(UI_FAMILY, size * 0.86),
        tiny=font(UI_FAMILY, size * 0.74),
    )


def style_sheet(look: Look) -> str:
    """The style sheet with its sizes filled in."""
    source = resources.path("styles/desk.qss").read_text(encoding="utf-8")
    mark, bar = look.px(0.62), look.px(0.5)
    ring = max(look.px(0.12), 2)
    sizes = {
        "hair": max(look.px(0.05), 1),
        "ring": ring,
        "tight": look.px(0.2),
        "gap": look.px(0.45),
        "half": look.px(0.5),
        "wide": look.px(0.85),
        "round": look.px(0.3),
        "pill": look.px(0.72),
        "mark": mark,
        "markround": mark // 2 + ring,
        "bar": bar,
        "barround": bar // 2,
        "handle": look.px(2),
    }
    for name, size in sizes.items():
        source = source.replace(f"${{{name}}}", str(size))
    return source


def palette() -> QPalette:
    """The colours Qt itself needs: selections in fields, tool tips."""
    colours = QPalette()
    colours.setColor(QPalette.ColorRole.Window, BLUE)
    colours.setColor(QPalette.ColorRole.WindowText, WHITE)
    colours.setColor(QPalette.ColorRole.Base, WHITE)
    colours.setColor(QPalette.ColorRole.Text, INK)
    colours.setColor(QPalette.ColorRole.Button, SKY)
    colours.setColor(QPalette.ColorRole.ButtonText, INK)
    colours.setColor(QPalette.ColorRole.Highlight, BLUE)
    colours.setColor(QPalette.ColorRole.HighlightedText, WHITE)
    colours.setColor(QPalette.ColorRole.PlaceholderText, SLATE)
    colours.setColor(QPalette.ColorRole.ToolTipBase, WHITE)
    colours.setColor(QPalette.ColorRole.ToolTipText, INK)
    return colours


def ground_colour(down: float) -> QColor:
    """The colour of the window's ground at a part of its height, 0 at the top, 1 at the foot."""
    mixed = [
        round(top + (foot - top) * down)
        for top, foot in (
            (BLUE.red(), DEEP.red()),
            (BLUE.green(), DEEP.green()),
            (BLUE.blue(), DEEP.blue()),
        )
    ]
    return QColor(*mixed)


def ground(size: QSize) -> QPixmap:
    """The window's ground, blue darkening towards its foot."""
    picture = QPixmap(size)
    height = size.height()
    # As many strips as there are shades between the two blues.
    edges = [round(height * strip / _SHADES) for strip in range(_SHADES + 1)]
    with QPainter(picture) as painter:
        for strip, (top, end) in enumerate(pairwise(edges)):
            colour = ground_colour((strip + 0.5) / _SHADES)
            painter.fillRect(0, top, size.width(), end - top, colour)
    return picture
