"""Where the manual's text is, and how it is set: for the screen and for paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage

from offcirc import i18n, resources
from offcirc.desk.face.colours import Colours
from offcirc.windows.face import CODE_FAMILY


def manual_path() -> Path:
    """The manual's file in the active language."""
    return resources.path(f"help/{i18n.language()}/desk.html")


def picture_part(image: QImage) -> float:
    """How wide a picture is to be, as a part of the room: tall ones less, to fit the page."""
    return 1.0 if image.width() >= image.height() else 0.6


def page_style(size: float, em: float, colours: Colours) -> str:
    """The style sheet of the manual's text.

    Args:
        size: of the type.
        em: of a line.
        colours: of the style.
    """
    heading = colours.ink if colours.contrast else colours.ground
    table = colours.paper if colours.contrast else colours.button
    return (
        f"h1 {{ font-size: {round(size * 1.7)}px; font-weight: 600; color: {heading}; }}"
        f"h2 {{ font-size: {round(size * 1.28)}px; font-weight: 600; color: {heading};"
        f" margin-top: {round(em)}px; }}"
        f"p, li, td, th {{ font-size: {round(size)}px; line-height: 135%; }}"
        f"p, ul, ol {{ margin-top: {round(size * 0.7)}px; margin-bottom: {round(size * 0.7)}px; }}"
        f"li {{ margin-bottom: {round(size * 0.35)}px; }}"
        f"p.picture {{ line-height: 100%; }}"
        f"b {{ font-weight: 600; }}"
        f"kbd, code {{ font-family: '{CODE_FAMILY}'; }}"
        f"th {{ text-align: left; background-color: {table}; }}"
    )
