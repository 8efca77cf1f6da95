"""The styles of the window: every text stands out from its ground, and nothing is left unfilled."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from offcirc.desk.face import look as style
from offcirc.desk.face.colours import BLUE, Colours, Style
from offcirc.desk.side import sidewindow

PAIRS = (
    ("label", "ground"),
    ("label", "ground_foot"),
    ("ink", "paper"),
    ("faint", "paper"),
    ("hint", "paper"),
    ("choice_ink", "choice"),
    ("button_ink", "button"),
    ("button_ink", "button_over"),
    ("button_ink", "button_down"),
    ("button_ink", "action"),
    ("save_ink", "save"),
    ("save_ink", "save_over"),
    ("save_ink", "save_down"),
    ("frame_ink", "ground"),
    ("mode_ink", "mode"),
    ("saved", "paper"),
    ("voided", "paper"),
    ("loan", "paper"),
    ("returned", "paper"),
    ("status_ink", "status"),
    ("status_faint", "status"),
    ("status_hint", "status"),
    ("pill_ink", "pill"),
    ("ready_ink", "ready"),
    ("recorded_ink", "recorded"),
    ("notice_ink", "notice"),
    ("rescued_ink", "rescued"),
    ("refused_ink", "refused"),
    ("behind_ink", "behind"),
    ("waiting_ink", "waiting"),
    ("waiting_head_ink", "waiting_head"),
)
SIDE_PAIRS = (
    ("ink", "ground"),
    ("ink", "card"),
    ("faint", "card"),
    ("faint", "ground"),
    ("error", "card"),
    ("accent_ink", "accent"),
    ("notice_ink", "notice"),
    ("ink", "button"),
    ("amber_ink", "amber"),
    ("off_ink", "ground"),
    ("ink", "focus_ground"),
)
EDGES = (("focus", "ground"), ("edge", "ground"), ("button_edge", "ground"), ("frame", "ground"))


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(QColor(first)), luminance(QColor(second))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("which", Style)
def test_every_text_stands_out_from_its_ground(which: Style) -> None:
    colours = Colours(which)
    assert colours.style is which
    least = 7.0 if colours.contrast else 4.5
    for ink, ground in PAIRS:
        found = contrast(getattr(colours, ink), getattr(colours, ground))
        assert found >= least, f"{ink} on {ground}: {found:.1f}"
    tones = sidewindow.Tones(which)
    for ink, ground in SIDE_PAIRS:
        found = contrast(getattr(tones, ink), getattr(tones, ground))
        assert found >= least, f"{ink} on {ground} beside the desk: {found:.1f}"


@pytest.mark.parametrize("which", Style)
def test_handles_of_scroll_bars_and_edges_of_fields_are_seen(which: Style) -> None:
    """By 3 to 1 or more (WCAG 2.2, 1.4.11)."""
    colours, tones = Colours(which), sidewindow.Tones(which)
    seen = [(colours.handle, colours.track), (colours.handle_over, colours.track)]
    seen += [(tones.edge, tones.ground), (tones.edge, tones.card)]
    for colour, ground in seen:
        assert contrast(colour, ground) >= 3, f"{colour} on {ground}"


@pytest.mark.parametrize("which", [Style.DARK, Style.LIGHT])
def test_high_contrast_shows_every_edge_and_lets_nothing_shine_through(which: Style) -> None:
    colours = Colours(which)
    for edge, ground in EDGES:
        assert contrast(getattr(colours, edge), getattr(colours, ground)) >= 4.5, edge
    assert contrast(colours.off_ink, colours.off) >= 4.5
    for name, value in colours.by_name().items():
        assert re.fullmatch("#[0-9a-f]{6}", value), name


@pytest.mark.parametrize("which", Style)
def test_the_band_s_kinds_have_grounds_of_their_own(which: Style) -> None:
    colours = Colours(which)
    grounds = [colours.ready, colours.recorded, colours.notice, colours.refused, colours.behind]
    assert all(first != second for first, second in combinations(grounds, 2))


@pytest.mark.parametrize("which", Style)
def test_the_style_sheets_have_every_value_filled_in(which: Style) -> None:
    look = style.make_look(QApplication.instance(), QSize(1366, 768), 1.0, Colours(which))
    sheet = style.style_sheet(look)
    assert "$" not in sheet
    assert look.colours.paper in sheet
    assert "$" not in sidewindow.style_sheet(look, sidewindow.Tones(which))


class Hints:
    """What a PC says about itself."""

    def __init__(self, contrast: Qt.ContrastPreference, scheme: Qt.ColorScheme) -> None:
        self._contrast, self._scheme = contrast, scheme

    def accessibility(self) -> Hints:
        return self

    def contrastPreference(self) -> Qt.ContrastPreference:  # noqa: N802 - Qt’s name
        return self._contrast

    def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802 - Qt’s name
        return self._scheme


@pytest.mark.parametrize(
    ("high", "dark", "expected"),
    [(False, True, Style.BLUE), (True, True, Style.DARK), (True, False, Style.LIGHT)],
)
def test_the_pc_s_own_high_contrast_is_followed(
    monkeypatch: pytest.MonkeyPatch, high: bool, dark: bool, expected: Style
) -> None:
    preference = Qt.ContrastPreference.HighContrast if high else Qt.ContrastPreference.NoPreference
    scheme = Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light
    monkeypatch.setattr(style.QGuiApplication, "styleHints", lambda: Hints(preference, scheme))
    assert style.chosen_style("system") is expected
    assert style.chosen_style("blue") is Style.BLUE, "a choice is stronger"
    assert style.chosen_style("contrast-dark") is Style.DARK


def test_the_real_hints_can_be_asked() -> None:
    assert style.chosen_style("system") in Style
    assert BLUE.style is Style.BLUE
