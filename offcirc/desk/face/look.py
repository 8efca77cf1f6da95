"""Colours, type and sizes of the desk window: blue, large, legible from a metre.

Every size is a multiple of the height of a line of the window's own type, which follows the
user's type size and the room the screen has; nothing is a fixed number of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from offcirc import resources
from offcirc.desk.face.colours import BLUE, Colours, Style
from offcirc.windows.face import CODE_FAMILY, UI_FAMILY, font

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
        colours: the window's colours.
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
    colours: Colours = BLUE

    def px(self, lines: float) -> int:
        """A length given in line heights, in pixels."""
        return round(self.em * lines)


def make_look(_app: QApplication, room: QSize, scale: float = 1.0, colours: Colours = BLUE) -> Look:
    """The type and sizes for a screen.

    Args:
        room: what the screen has to offer, in device-independent pixels.
        scale: how much larger than usual everything is to be; less where the window would not
            fit the screen any more.
        colours: those of the style.
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
        colours=colours,
    )


def quiet_button(text: str, font: QFont, parent: QWidget, name: str = "") -> QPushButton:
    """A button that no Enter presses, for that may be the end of a scan.

    A click leaves the cursor in its field; the Tab key reaches the button all the same.
    """
    button = QPushButton(text, parent)
    button.setObjectName(name)
    button.setFont(font)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def style_sheet(look: Look) -> str:
    """The style sheet with its sizes and colours filled in."""
    source = resources.path("styles/desk.qss").read_text(encoding="utf-8")
    colours = look.colours
    mark, bar = look.px(0.62), look.px(0.5)
    ring = max(look.px(0.16 if colours.contrast else 0.12), 2)
    values: dict[str, object] = {
        "hair": max(look.px(0.05), 1),
        "ring": ring,
        "tight": look.px(0.2),
        "gap": look.px(0.45),
        "half": look.px(0.5),
        "wide": look.px(0.85),
        "round": look.px(0.3),
        "pillround": look.px(0.72),
        "mark": mark,
        "markround": mark // 2 + ring,
        "bar_width": bar,
        "barround": bar // 2,
        "handle_least": look.px(2),
    }
    values |= colours.by_name()
    for name, value in values.items():
        source = source.replace(f"${{{name}}}", str(value))
    return source


def palette(colours: Colours = BLUE) -> QPalette:
    """The colours Qt itself needs: selections in fields, tool tips, menus."""
    made = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, colours.ground),
        (QPalette.ColorRole.WindowText, colours.label),
        (QPalette.ColorRole.Base, colours.paper),
        (QPalette.ColorRole.Text, colours.ink),
        (QPalette.ColorRole.Button, colours.button),
        (QPalette.ColorRole.ButtonText, colours.button_ink),
        (QPalette.ColorRole.Highlight, colours.choice),
        (QPalette.ColorRole.HighlightedText, colours.choice_ink),
        (QPalette.ColorRole.PlaceholderText, colours.hint),
        (QPalette.ColorRole.ToolTipBase, colours.paper),
        (QPalette.ColorRole.ToolTipText, colours.ink),
    ):
        made.setColor(role, QColor(colour))
    return made


def ground_colour(colours: Colours, down: float) -> QColor:
    """The colour of the window's ground at a part of its height, 0 at the top, 1 at the foot."""
    top, foot = QColor(colours.ground), QColor(colours.ground_foot)
    return mixed(top, foot, down)


def mixed(first: QColor, second: QColor, part: float) -> QColor:
    """A colour between two: the first where ``part`` is 0, the second where it is 1."""
    return QColor(
        round(first.red() + (second.red() - first.red()) * part),
        round(first.green() + (second.green() - first.green()) * part),
        round(first.blue() + (second.blue() - first.blue()) * part),
    )


def ground(colours: Colours, size: QSize) -> QPixmap:
    """The window's ground, in the blue style darkening towards its foot."""
    picture = QPixmap(size)
    height = size.height()
    # As many strips as there are shades between the two blues.
    edges = [round(height * strip / _SHADES) for strip in range(_SHADES + 1)]
    with QPainter(picture) as painter:
        for strip, (top, end) in enumerate(pairwise(edges)):
            colour = ground_colour(colours, (strip + 0.5) / _SHADES)
            painter.fillRect(0, top, size.width(), end - top, colour)
    return picture


def chosen_style(setting: str) -> Style:
    """The style that the setting ``window.style`` asks for.

    Args:
        setting: its value; ``system`` looks whether the PC is set to high contrast.
    """
    if setting != "system":
        return Style(setting)
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is not Qt.ContrastPreference.HighContrast:
        return Style.BLUE
    dark = hints.colorScheme() is Qt.ColorScheme.Dark
    return Style.DARK if dark else Style.LIGHT
