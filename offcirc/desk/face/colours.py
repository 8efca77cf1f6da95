"""The colours of the desk window, each by what it is for, in three styles.

Blue is the window's own. Two styles of high contrast serve those who need it: every text stands
out from its ground by 7 to 1 or more (WCAG 2.2, 1.4.6), every control has an edge, and nothing
shines through. Values are ``#rrggbb`` or ``#aarrggbb``, as Qt reads them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self, overload


class Style(StrEnum):
    """A style of the window; the values are those of the setting ``window.style``."""

    BLUE = "blue"
    DARK = "contrast-dark"
    """High contrast, light on dark."""

    LIGHT = "contrast-light"
    """High contrast, dark on light."""


BLACK, WHITE, GREY, SLATE = "#000000", "#ffffff", "#b8b8b8", "#4d4d4d"
YELLOW, DEEP = "#ffe600", "#0000c8"
"""What draws attention in high contrast: on black, on white."""


class Shade:
    """A row of the table: a colour in each style, and at a desk that plays if it is another."""

    def __init__(self, blue: str, dark: str, light: str, playing: str = "") -> None:
        self._values = (blue, dark, light, playing or blue)

    @overload
    def __get__(self, colours: None, owner: type) -> Self: ...
    @overload
    def __get__(self, colours: Shades, owner: type) -> str: ...
    def __get__(self, colours: Shades | None, owner: type) -> Self | str:
        """The colour in the style that is asked for."""
        return self if colours is None else self._values[colours.column]


class Shades:
    """A table of colours, read in one style.

    Attributes:
        column: which of each row's colours is taken.
    """

    def __init__(self, style: Style, *, playing: bool = False) -> None:
        self.style = style
        # Another ground where the ground says nothing else.
        self.column = 3 if playing and style is Style.BLUE else list(Style).index(style)

    @property
    def contrast(self) -> bool:
        """Whether it is a style of high contrast."""
        return self.style is not Style.BLUE

    def by_name(self) -> dict[str, str]:
        """Every colour."""
        rows = (name for name, row in vars(type(self)).items() if isinstance(row, Shade))
        return {name: getattr(self, name) for name in rows}


class Colours(Shades):
    """The colours of the desk window: blue, dark, light."""

    ground = Shade("#0b3d91", BLACK, WHITE, "#5a2a82")  # of the window, at its top
    ground_foot = Shade("#082f74", BLACK, WHITE, "#421c63")  # of the window, at its foot
    label = Shade(WHITE, WHITE, BLACK)  # texts on the ground
    label_off = Shade("#78ffffff", GREY, SLATE)  # labels of a field out of use
    paper = Shade(WHITE, BLACK, WHITE)  # of fields and of the list
    ink = Shade("#0a1f44", WHITE, BLACK)  # texts on the paper
    faint = Shade("#3c5487", WHITE, BLACK)  # less important texts on the paper
    hint = Shade("#53617c", WHITE, BLACK)  # what an empty list says, and a field out of use
    choice = Shade("#0b3d91", YELLOW, DEEP)  # behind text that is chosen in a field
    choice_ink = Shade(WHITE, BLACK, WHITE)  # that text
    edge = Shade(WHITE, WHITE, BLACK)  # of fields and buttons
    focus = Shade("#ffcf4d", YELLOW, DEEP)  # the ring around what has the focus
    off = Shade("#24ffffff", BLACK, WHITE)  # ground of what is out of use
    off_edge = Shade("#00ffffff", "#7a7a7a", "#8a8a8a")  # edge of what is out of use
    off_ink = Shade("#8cffffff", GREY, SLATE)  # text of what is out of use
    off_hint = Shade("#a5ffffff", GREY, SLATE)  # the words in a field out of use
    button = Shade("#dfe9fa", BLACK, WHITE)  # of buttons
    button_edge = Shade("#dfe9fa", WHITE, BLACK)  # their edge
    button_ink = Shade("#0a1f44", WHITE, BLACK)  # their text
    button_over = Shade(WHITE, "#303030", "#e0e0e0")  # under the mouse
    button_down = Shade("#b9cdf0", "#505050", "#c0c0c0")  # while pressed
    action = Shade(WHITE, BLACK, WHITE)  # the button that records
    save = Shade("#ffcf4d", YELLOW, BLACK)  # the button that saves
    save_ink = Shade("#3a2600", BLACK, WHITE)  # its text
    save_over = Shade("#ffdc7d", "#fff27a", "#303030")  # under the mouse
    save_down = Shade("#e9b52a", "#d6c100", "#505050")  # while pressed
    save_focus = Shade(WHITE, WHITE, DEEP)  # the ring around it
    frame = Shade("#6effffff", WHITE, BLACK)  # around the choice of transaction
    frame_ink = Shade("#cfe0fb", WHITE, BLACK)  # its heading
    mode = Shade(WHITE, WHITE, BLACK)  # the chosen transaction
    mode_ink = Shade("#0a1f44", BLACK, WHITE)  # its text
    mode_dot = Shade("#0b3d91", BLACK, WHITE)  # its mark
    head_line = Shade("#b9c8e4", WHITE, BLACK)  # the line below the headings of the list
    track = Shade("#eef3fb", "#303030", "#e0e0e0")  # behind the handle of a scroll bar
    handle = Shade("#758ab5", WHITE, BLACK)  # of a scroll bar
    handle_over = Shade("#5f7fbb", YELLOW, DEEP)  # under the mouse
    line = Shade("#dde4f0", "#6e6e6e", "#949494")  # between rows
    saved = Shade("#44536f", "#d9d9d9", "#333333")  # rows that are in the file
    voided = Shade("#68758c", GREY, SLATE)  # rows that were deleted
    dot = Shade("#e39a00", YELLOW, BLACK)  # the mark of rows to be saved
    tick = Shade("#14733a", "#7dffa0", "#004d1a")  # the mark of saved ones
    loan = Shade("#0b4fb3", "#8fd0ff", "#00338f")  # the word for a loan
    returned = Shade("#0d6b62", "#7dffd4", "#00483f")  # the word for a return
    newest = Shade("#2e246eff", WHITE, BLACK)  # laid over the newest row
    chosen = Shade("#ffe08a", YELLOW, DEEP)  # laid over the chosen row
    bar = Shade("#0b3d91", YELLOW, DEEP)  # at the edge of the chosen row
    status = Shade("#06245c", BLACK, BLACK)  # the line at the foot
    status_ink = Shade(WHITE, WHITE, WHITE)  # its clock
    status_faint = Shade("#c3d4f2", WHITE, WHITE)  # its other texts
    status_hint = Shade("#ffd166", YELLOW, YELLOW)  # its warnings
    status_edge = Shade("#78ffffff", WHITE, WHITE)  # of the panel of tools
    pill = Shade("#ffcf4d", YELLOW, YELLOW)  # behind the number of rows to save
    pill_ink = Shade("#3a2600", BLACK, BLACK)  # that number
    ready = Shade("#1450a8", BLACK, WHITE)  # the band when nothing has happened
    ready_ink = Shade(WHITE, WHITE, BLACK)  # its text
    recorded = Shade("#14733a", "#004d1a", "#004d1a")  # the band when something was recorded
    recorded_ink = Shade(WHITE, WHITE, WHITE)  # its text
    notice = Shade("#ffd166", YELLOW, YELLOW)  # the band that draws attention
    notice_ink = Shade("#3a2600", BLACK, BLACK)  # its text
    # The band when something was recorded in the fallback place.
    rescued = Shade("#5c2d91", "#4b1f86", "#4b1f86")
    rescued_ink = Shade(WHITE, WHITE, WHITE)  # its text
    refused = Shade("#a81c2b", "#8f0000", "#8f0000")  # the band that says no
    refused_ink = Shade(WHITE, WHITE, WHITE)  # its text
    behind = Shade("#5b6472", "#404040", SLATE)  # the band while another window is in front
    behind_ink = Shade(WHITE, WHITE, WHITE)  # its text
    band_edge = Shade("#00ffffff", WHITE, BLACK)  # around the band
    waiting = Shade("#fff6dd", BLACK, WHITE)  # the rows that are still to record
    waiting_head = Shade("#ffe5a6", YELLOW, YELLOW)  # their heading
    waiting_ink = Shade("#3a2600", WHITE, BLACK)  # their texts
    waiting_head_ink = Shade("#3a2600", BLACK, BLACK)  # the heading's text
    waiting_line = Shade("#e9cf8c", YELLOW, BLACK)  # between them


BLUE = Colours(Style.BLUE)
