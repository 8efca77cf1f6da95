"""The colours of the desk window, each by what it is for, in three styles.

Blue is the window's own. Two styles of high contrast serve those who need it: every text stands
out from its ground by 7 to 1 or more (WCAG 2.2, 1.4.6), every control has an edge, and nothing
shines through. Values are ``#rrggbb`` or ``#aarrggbb``, as Qt reads them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Style(StrEnum):
    """A style of the window; the values are those of the setting ``window.style``."""

    BLUE = "blue"
    DARK = "contrast-dark"
    """High contrast, light on dark."""

    LIGHT = "contrast-light"
    """High contrast, dark on light."""


class Colours(NamedTuple):
    """The colours of one style.

    A named tuple, since to make a dataclass of so many fields takes 3 ms of the window's start.

    Attributes:
        style: whose they are.
        ground: of the window, at its top.
        ground_foot: of the window, at its foot.
        label: texts on the ground.
        label_off: labels of a field out of use.
        paper: of fields and of the list.
        ink: texts on the paper.
        faint: less important texts on the paper.
        hint: what an empty list says, and a field out of use.
        choice: behind text that is chosen in a field.
        choice_ink: that text.
        edge: of fields and buttons.
        focus: the ring around what has the focus.
        off: ground of what is out of use.
        off_edge: edge of what is out of use.
        off_ink: text of what is out of use.
        off_hint: the words in a field out of use.
        button: of buttons.
        button_edge: their edge.
        button_ink: their text.
        button_over: under the mouse.
        button_down: while pressed.
        action: the button that records.
        save: the button that saves.
        save_ink: its text.
        save_over: under the mouse.
        save_down: while pressed.
        save_focus: the ring around it.
        frame: around the choice of transaction.
        frame_ink: its heading.
        mode: the chosen transaction.
        mode_ink: its text.
        mode_dot: its mark.
        head_line: the line below the headings of the list.
        track: behind the handle of a scroll bar.
        handle: of a scroll bar.
        handle_over: under the mouse.
        line: between rows.
        saved: rows that are in the file.
        voided: rows that were deleted.
        dot: the mark of rows to be saved.
        tick: the mark of saved ones.
        loan: the word for a loan.
        returned: the word for a return.
        newest: laid over the newest row.
        chosen: laid over the chosen row.
        bar: at the edge of the chosen row.
        status: the line at the foot.
        status_ink: its clock.
        status_faint: its other texts.
        status_hint: its warnings.
        status_edge: of the panel of tools.
        pill: behind the number of rows to save.
        pill_ink: that number.
        ready: the band when nothing has happened.
        ready_ink: its text.
        recorded: the band when something was recorded.
        recorded_ink: its text.
        notice: the band that draws attention.
        notice_ink: its text.
        rescued: the band when something was recorded in the fallback place.
        rescued_ink: its text.
        refused: the band that says no.
        refused_ink: its text.
        behind: the band while another window is in front.
        behind_ink: its text.
        band_edge: around the band.
        waiting: the rows that are still to record.
        waiting_head: their heading.
        waiting_ink: their texts.
        waiting_head_ink: the heading's text.
        waiting_line: between them.
    """

    style: Style = Style.BLUE
    ground: str = "#0b3d91"
    ground_foot: str = "#082f74"
    label: str = "#ffffff"
    label_off: str = "#78ffffff"
    paper: str = "#ffffff"
    ink: str = "#0a1f44"
    faint: str = "#3c5487"
    hint: str = "#53617c"
    choice: str = "#0b3d91"
    choice_ink: str = "#ffffff"
    edge: str = "#ffffff"
    focus: str = "#ffcf4d"
    off: str = "#24ffffff"
    off_edge: str = "#00ffffff"
    off_ink: str = "#8cffffff"
    off_hint: str = "#a5ffffff"
    button: str = "#dfe9fa"
    button_edge: str = "#dfe9fa"
    button_ink: str = "#0a1f44"
    button_over: str = "#ffffff"
    button_down: str = "#b9cdf0"
    action: str = "#ffffff"
    save: str = "#ffcf4d"
    save_ink: str = "#3a2600"
    save_over: str = "#ffdc7d"
    save_down: str = "#e9b52a"
    save_focus: str = "#ffffff"
    frame: str = "#6effffff"
    frame_ink: str = "#cfe0fb"
    mode: str = "#ffffff"
    mode_ink: str = "#0a1f44"
    mode_dot: str = "#0b3d91"
    head_line: str = "#b9c8e4"
    track: str = "#eef3fb"
    handle: str = "#758ab5"
    handle_over: str = "#5f7fbb"
    line: str = "#dde4f0"
    saved: str = "#44536f"
    voided: str = "#68758c"
    dot: str = "#e39a00"
    tick: str = "#14733a"
    loan: str = "#0b4fb3"
    returned: str = "#0d6b62"
    newest: str = "#2e246eff"
    chosen: str = "#ffe08a"
    bar: str = "#0b3d91"
    status: str = "#06245c"
    status_ink: str = "#ffffff"
    status_faint: str = "#c3d4f2"
    status_hint: str = "#ffd166"
    status_edge: str = "#78ffffff"
    pill: str = "#ffcf4d"
    pill_ink: str = "#3a2600"
    ready: str = "#1450a8"
    ready_ink: str = "#ffffff"
    recorded: str = "#14733a"
    recorded_ink: str = "#ffffff"
    notice: str = "#ffd166"
    notice_ink: str = "#3a2600"
    rescued: str = "#5c2d91"
    rescued_ink: str = "#ffffff"
    refused: str = "#a81c2b"
    refused_ink: str = "#ffffff"
    behind: str = "#5b6472"
    behind_ink: str = "#ffffff"
    band_edge: str = "#00ffffff"
    waiting: str = "#fff6dd"
    waiting_head: str = "#ffe5a6"
    waiting_ink: str = "#3a2600"
    waiting_head_ink: str = "#3a2600"
    waiting_line: str = "#e9cf8c"

    @property
    def contrast(self) -> bool:
        """Whether it is a style of high contrast."""
        return self.style is not Style.BLUE


BLUE = Colours()


def colours_of(style: Style) -> Colours:
    """The colours of a style."""
    if style is Style.DARK:
        return _dark()
    return _light() if style is Style.LIGHT else BLUE


def practising(colours: Colours) -> Colours:
    """The same at a desk that plays: another ground, where the ground says nothing else."""
    if colours.contrast:
        return colours
    return colours._replace(ground="#5a2a82", ground_foot="#421c63")


def _dark() -> Colours:
    black, white, yellow, grey = "#000000", "#ffffff", "#ffe600", "#b8b8b8"
    return Colours(
        style=Style.DARK,
        ground=black,
        ground_foot=black,
        label=white,
        label_off=grey,
        paper=black,
        ink=white,
        faint=white,
        hint=white,
        choice=yellow,
        choice_ink=black,
        edge=white,
        focus=yellow,
        off=black,
        off_edge="#7a7a7a",
        off_ink=grey,
        off_hint=grey,
        button=black,
        button_edge=white,
        button_ink=white,
        button_over="#303030",
        button_down="#505050",
        action=black,
        save=yellow,
        save_ink=black,
        save_over="#fff27a",
        save_down="#d6c100",
        save_focus=white,
        frame=white,
        frame_ink=white,
        mode=white,
        mode_ink=black,
        mode_dot=black,
        head_line=white,
        track="#303030",
        handle=white,
        handle_over=yellow,
        line="#6e6e6e",
        saved="#d9d9d9",
        voided=grey,
        dot=yellow,
        tick="#7dffa0",
        loan="#8fd0ff",
        returned="#7dffd4",
        newest=white,
        chosen=yellow,
        bar=yellow,
        status=black,
        status_ink=white,
        status_faint=white,
        status_hint=yellow,
        status_edge=white,
        pill=yellow,
        pill_ink=black,
        ready=black,
        ready_ink=white,
        recorded="#004d1a",
        recorded_ink=white,
        notice=yellow,
        notice_ink=black,
        rescued="#4b1f86",
        rescued_ink=white,
        refused="#8f0000",
        refused_ink=white,
        behind="#404040",
        behind_ink=white,
        band_edge=white,
        waiting=black,
        waiting_head=yellow,
        waiting_ink=white,
        waiting_head_ink=black,
        waiting_line=yellow,
    )


def _light() -> Colours:
    black, white, blue, grey = "#000000", "#ffffff", "#0000c8", "#4d4d4d"
    return Colours(
        style=Style.LIGHT,
        ground=white,
        ground_foot=white,
        label=black,
        label_off=grey,
        paper=white,
        ink=black,
        faint=black,
        hint=black,
        choice=blue,
        choice_ink=white,
        edge=black,
        focus=blue,
        off=white,
        off_edge="#8a8a8a",
        off_ink=grey,
        off_hint=grey,
        button=white,
        button_edge=black,
        button_ink=black,
        button_over="#e0e0e0",
        button_down="#c0c0c0",
        action=white,
        save=black,
        save_ink=white,
        save_over="#303030",
        save_down="#505050",
        save_focus=blue,
        frame=black,
        frame_ink=black,
        mode=black,
        mode_ink=white,
        mode_dot=white,
        head_line=black,
        track="#e0e0e0",
        handle=black,
        handle_over=blue,
        line="#949494",
        saved="#333333",
        voided=grey,
        dot=black,
        tick="#004d1a",
        loan="#00338f",
        returned="#00483f",
        newest=black,
        chosen=blue,
        bar=blue,
        status=black,
        status_ink=white,
        status_faint=white,
        status_hint="#ffe600",
        status_edge=white,
        pill="#ffe600",
        pill_ink=black,
        ready=white,
        ready_ink=black,
        recorded="#004d1a",
        recorded_ink=white,
        notice="#ffe600",
        notice_ink=black,
        rescued="#4b1f86",
        rescued_ink=white,
        refused="#8f0000",
        refused_ink=white,
        behind="#4d4d4d",
        behind_ink=white,
        band_edge=black,
        waiting=white,
        waiting_head="#ffe600",
        waiting_ink=black,
        waiting_head_ink=black,
        waiting_line=black,
    )
