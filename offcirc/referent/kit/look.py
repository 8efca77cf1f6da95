"""Colours, type and sizes of the referent's window: light and calm, for an hour at a desk.

Every size is a multiple of the height of a line of the window's own type, which follows the type
size of the person's desktop; nothing is a fixed number of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPalette

from offcirc import resources
from offcirc.core.transaction import Operation
from offcirc.windows.face import CODE_FAMILY, UI_FAMILY, font

BLUE = QColor("#0b3d91")
PAPER = QColor("#f2f6fc")
WHITE = QColor("#ffffff")
INK = QColor("#0a1f44")
SLATE = QColor("#53617c")
LINE = QColor("#d3deef")
SKY = QColor("#e9f0fb")
CHOSEN = QColor("#d6e4fb")
AMBER = QColor("#ffcf4d")
GREEN = QColor("#14733a")
RED = QColor("#a81c2b")
OCHRE = QColor("#8a5a00")
ROSE = QColor("#fdf1f1")
TEAL = QColor("#0b6b4f")


@dataclass(frozen=True, slots=True)
class ReferentLook:
    """The window's fonts and its unit of length.

    Attributes:
        em: height of a line of :attr:`text`, in device-independent pixels; the unit of all sizes.
        text: ordinary text.
        strong: the same, heavier.
        heading: the title of a card.
        figure: the large numbers.
        small: labels over values, the status line.
        small_strong: the words in the coloured marks of the tables.
        code: barcodes and identifiers.
    """

    em: float
    text: QFont
    strong: QFont
    heading: QFont
    figure: QFont
    small: QFont
    small_strong: QFont
    code: QFont

    def px(self, lines: float) -> int:
        """A length given in line heights, in pixels."""
        return round(self.em * lines)


def make_look() -> ReferentLook:
    """The type and sizes that go with the desktop's own type size."""
    usual = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    size = QFontMetricsF(usual).height()
    heavy = QFont.Weight.DemiBold
    text = font(UI_FAMILY, size)
    return ReferentLook(
        em=QFontMetricsF(text).height(),
        text=text,
        strong=font(UI_FAMILY, size, heavy),
        heading=font(UI_FAMILY, size * 1.15, heavy),
        figure=font(UI_FAMILY, size * 1.85, heavy),
        small=font(UI_FAMILY, size * 0.88),
        small_strong=font(UI_FAMILY, size * 0.86, heavy),
        code=font(CODE_FAMILY, size * 0.94, QFont.Weight.Medium),
    )


def style_sheet(look: ReferentLook) -> str:
    """The style sheet with its sizes filled in."""
    source = resources.path("styles/referent.qss").read_text(encoding="utf-8")
    lengths = {
        "hair": max(look.px(0.05), 1),
        "ring": max(look.px(0.1), 2),
        "edge": look.px(0.3),
        "tight": look.px(0.25),
        "gap": look.px(0.42),
        "wide": look.px(0.85),
        "round": look.px(0.32),
        "bar": look.px(0.62),
        "mark": look.px(0.8),
        "arrow": look.px(0.5),
        "drop": look.px(1.5),
        "head": look.px(0.5),
        "pad": look.px(0.33),
    }
    names = {name: str(length) for name, length in lengths.items()}
    names["styles"] = resources.path("styles").as_posix()
    return Template(source).substitute(names)


def operation_ink(operation: Operation | None) -> QColor | None:
    """The colour of a loan or a return; ``None`` for neither."""
    return (BLUE if operation.lends else TEAL) if operation else None


def operation_sign(operation: Operation | None) -> str:
    """Which way the item went; empty for neither."""
    return operation.sign if operation else ""


def palette() -> QPalette:
    """The colours Qt itself needs."""
    role = QPalette.ColorRole
    colours = QPalette()
    for name, colour in {
        role.Window: PAPER,
        role.WindowText: INK,
        role.Base: WHITE,
        role.AlternateBase: PAPER,
        role.Text: INK,
        role.Button: WHITE,
        role.ButtonText: INK,
        role.Highlight: BLUE,
        role.HighlightedText: WHITE,
        role.PlaceholderText: SLATE,
        role.ToolTipBase: WHITE,
        role.ToolTipText: INK,
        role.Link: BLUE,
    }.items():
        colours.setColor(name, colour)
    faded = QPalette.ColorGroup.Disabled
    for name in (role.Text, role.WindowText, role.ButtonText):
        colours.setColor(faded, name, QColor("#8b97ad"))
    return colours
