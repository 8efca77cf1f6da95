"""The settings window: the real one, on real files, with real keys."""

from __future__ import annotations

import pytest
from desk.window_kit import HAND, pause, press, scan
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton

from offcirc import i18n
from offcirc.desk.face import look as style
from offcirc.desk.face.colours import Style
from offcirc.desk.side import settingswindow as room
from offcirc.desk.side.settingswindow import SettingsWindow
from offcirc.desk.side.sidewindow import Tones
from offcirc.scanning.decoder import Framing, Terminator
from offcirc.settings.load import load
from offcirc.settings.options import OPTIONS

SITE = """
locked = ["desk.library", "sound.on"]
[desk]
library = "BUC du Mirail"
[window]
text_size = 125
"""
USER = """
# mine
[desk]
name = "Accueil 2"
[window]
text_size = 150
"""


class Page:
    """The window on files of its own."""

    def __init__(self, folder, qtbot) -> None:
        self.site, self.user = folder / "site.toml", folder / "user.toml"
        self.site.write_text(SITE, encoding="utf-8")
        self.user.write_text(USER, encoding="utf-8")
        self.qtbot = qtbot
        self.stored, self.scans = [], []

    def open(self, height: int = 768, framing: Framing | None = None, **environment: str) -> Page:
        settings = load(environment=environment, site=self.site, user=self.user)
        look = style.make_look(QApplication.instance(), QSize(1366, height))
        self.window = SettingsWindow(settings, look, framing=framing)
        self.window.guard._clock = HAND
        self.window.stored.connect(self.stored.append)
        self.window.scanned.connect(self.scans.append)
        self.qtbot.addWidget(self.window, before_close_func=lambda w: w.show_settings(w.settings))
        with self.qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)
        pause()
        return self

    def field(self, key):
        return self.window.rows[key].field

    def fault(self, key) -> str:
        error = self.window.rows[key].error
        return error.text() if error.isVisibleTo(self.window) else ""

    def edit(self, key, text: str, hand: float = 0.2) -> None:
        """Type into a field as a person does, over what is there."""
        field = self.field(key).edit
        field.setFocus()
        field.selectAll()
        HAND.pace = hand
        try:
            scan(text)
        finally:
            HAND.pace = 0.004
        pause()


@pytest.fixture
def page(tmp_path, qtbot):
    return Page(tmp_path, qtbot)


def everything(window):
    for kind in (QLabel, QLineEdit, QPushButton, QComboBox, QCheckBox):
        yield from window.findChildren(kind)


def test_every_option_is_there_with_its_value(page):
    window = page.open().window
    shown = {each.key for each in OPTIONS if not (each.is_pattern or each.secret)}
    assert set(window.rows) == shown
    assert "knowledge.key" not in shown, "a secret is shown to nobody"
    for key, row in window.rows.items():
        assert row.canonical() == window.settings.values[key].value
        assert row.fault() == ""
    assert window.changes() == {}
    assert not window.store.isEnabled()
    assert not window.notice.isVisible()


def test_the_servers_that_the_settings_name_are_there_too(page):
    page.site.write_text(
        SITE.replace('"sound.on"]', '"sound.on", "servers.alma.url"]')
        + '[servers.alma]\nurl = "https://alma.example"\n',
        encoding="utf-8",
    )
    page.open()
    about = {option.key.replace("*", "alma") for option in OPTIONS if option.is_pattern}
    assert about <= set(page.window.rows)
    assert not page.field("servers.alma.url").isEnabled()
    assert page.window.rows["servers.alma.kind"].canonical() == "practice"
    assert page.window.changes() == {}
    page.edit("servers.alma.desk", "BUC_PRET")
    assert page.window.save()
    assert page.stored[0].server("alma").desk == "BUC_PRET"


def test_what_the_library_locked_is_grey_and_says_so(page):
    page.open(OFFCIRC_SCANNER_BAUD="19200")
    for key in ("desk.library", "sound.on", "scanner.baud"):
        assert not page.field(key).isEnabled()
        assert page.window.rows[key].locked.isVisibleTo(page.window)
    assert page.field("desk.library").edit.text() == "BUC du Mirail"
    assert page.window.rows["desk.library"].lock_text.text() == "Set by your library."
    assert "OFFCIRC_SCANNER_BAUD" in page.window.rows["scanner.baud"].lock_text.text()
    assert page.field("desk.name").isEnabled()
    assert not page.window.rows["desk.name"].locked.isVisibleTo(page.window)


def test_changes_are_saved_and_told(page):
    page.open()
    page.edit("desk.name", "Desk 3")
    assert "not saved" in page.window.state.text()
    assert page.window.store.isEnabled()
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert page.window.state.text() == "Saved."
    assert not page.window.store.isEnabled()
    (settings,) = page.stored
    assert settings.text("desk.name") == "Desk 3"
    assert page.user.read_text(encoding="utf-8") == USER.replace("Accueil 2", "Desk 3").lstrip("\n")


def test_what_counts_only_after_a_new_start_is_said(page):
    page.open()
    language = page.field("language").list
    language.setCurrentIndex(language.findData("fr"))
    language.activated.emit(language.currentIndex())
    assert page.window.save()
    assert "started again" in page.window.state.text()
    assert page.stored[0].text("language") == "fr"


def test_the_librarys_own_value_takes_the_accounts_away(page):
    page.open()
    page.edit("window.text_size", "125")
    assert page.window.changes() == {"window.text_size": None}
    assert page.window.save()
    assert "text_size" not in page.user.read_text(encoding="utf-8")
    assert page.window.settings.number("window.text_size") == 125


def test_an_emptied_field_is_not_set(page):
    page.open()
    page.edit("desk.name", "")
    page.field("desk.name").edit.clear()
    page.field("desk.name").changed.emit()
    assert page.window.changes() == {"desk.name": None}
    assert page.window.save()
    assert page.window.settings.text("desk.name") == ""


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_wrong_is_said_beside_it_and_not_saved(page, language):
    i18n.activate(language)
    page.open()
    page.edit("window.text_size", "900")
    expected = {"en": "Must be: a whole number from 100 to 200.",
                "fr": "Doit être\N{NO-BREAK SPACE}: un nombre entier de 100 à 200."}  # fmt: skip
    assert page.fault("window.text_size") == expected[language]
    assert page.field("window.text_size").edit.property("wrong") is True
    assert not page.window.save()
    assert page.stored == []
    assert page.user.read_text(encoding="utf-8") == USER
    page.edit("window.text_size", "200")
    assert page.fault("window.text_size") == ""
    assert page.window.save()


def test_an_option_with_a_default_cannot_be_emptied(page):
    page.open()
    for box in page.field("scanner.suffixes").boxes.values():
        box.setChecked(False)
    page.field("scanner.suffixes").changed.emit()
    assert "“cr”" in page.fault("scanner.suffixes")
    assert not page.window.save()


def test_rules_are_added_changed_and_removed(page):
    page.open()
    field = page.field("barcode.item")
    field.own.click()
    (rule,) = field.rules
    assert page.fault("barcode.item") == "" or "pattern" in page.fault("barcode.item").lower()
    rule.pattern.setText(r"3\d{13}")
    rule.pattern.textEdited.emit("")
    rule.check.setCurrentIndex(rule.check.findData("luhn-ltr"))
    rule.check.activated.emit(rule.check.currentIndex())
    assert rule.on_fail.isVisibleTo(page.window)
    field.add.click()
    field.rules[1].pattern.setText("(")
    field.rules[1].pattern.textEdited.emit("")
    assert page.fault("barcode.item").startswith("Item rule 2")
    assert not page.window.save()
    field.rules[1].gone.click()
    assert page.fault("barcode.item") == ""
    assert page.window.save()
    assert page.stored[0].barcodes()["item"] == [{"pattern": r"3\d{13}", "check": "luhn-ltr"}]
    field.own.click()
    assert page.window.save()
    assert "item" not in page.stored[1].barcodes()


def test_what_a_rule_has_besides_is_kept(page):
    page.user.write_text(
        '[[barcode.item]]\nname = "Annex"\nstrip = ["AIM"]\npattern = "1"\non_fail = "warn"\n',
        encoding="utf-8",
    )
    page.open()
    page.field("barcode.item").rules[0].pattern.setText("2")
    page.field("barcode.item").rules[0].pattern.textEdited.emit("2")
    assert page.window.save()
    assert page.stored[0].barcodes()["item"] == [
        {"name": "Annex", "strip": ["AIM"], "pattern": "2", "on_fail": "warn"}
    ]


def test_complaints_about_the_files_are_shown(page):
    page.user.write_text("[desk]\nnmae = 'x'\n", encoding="utf-8")
    page.open()
    assert page.window.notice.isVisibleTo(page.window)
    assert f"{page.user}, line 2" in page.window.notice_text.text()


def test_a_disk_that_is_full_is_said(page, monkeypatch):
    page.open()

    def full(_settings, _changes):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(page.window, "_save", full)
    page.edit("desk.name", "Desk 3")
    assert not page.window.save()
    assert page.window.state.text() == "Not saved: the disk is full. Make room, then try again."
    assert page.field("desk.name").edit.text() == "Desk 3"


def test_what_was_locked_meanwhile_is_said(page):
    page.open()
    page.site.write_text('locked = ["desk"]\n', encoding="utf-8")
    page.edit("desk.name", "Desk 3")
    assert not page.window.save()
    assert "desk.name" in page.window.state.text()
    assert not page.field("desk.name").isEnabled()
    assert page.user.read_text(encoding="utf-8") == USER


def test_closing_with_changes_says_so_once(page):
    page.open()
    page.edit("desk.name", "Desk 3")
    assert not page.window.close()
    assert "once more" in page.window.state.text()
    assert page.window.close()
    assert page.field("desk.name").edit.text() == "Accueil 2"
    assert page.stored == []


# Scans that go astray


def focusable(window):
    return [
        widget
        for kind in (QLineEdit, QPushButton, QComboBox, QCheckBox)
        for widget in window.findChildren(kind)
        if widget.isEnabled() and widget.isVisibleTo(window) and widget.focusPolicy()
    ]


@pytest.mark.parametrize("suffix", ["\r", "\r\n", "\n", "\t"], ids=repr)
def test_a_scan_changes_nothing_wherever_the_focus_is(page, suffix, monkeypatch):
    monkeypatch.setattr(room, "store", None)
    page.user.write_text(USER + "[[barcode.item]]\npattern = '3'\n", encoding="utf-8")
    page.open()
    page.window._save = lambda *_: pytest.fail("saved by a scan")
    page.window.test_wanted.connect(lambda: pytest.fail("pressed by a scan"))
    widgets = focusable(page.window)
    assert len(widgets) > 25
    for widget in widgets:
        widget.setFocus()
        pause()
        scan(f"310 00 34{suffix}")
        pause()
        assert [each.text for each in page.scans] == ["310 00 34"], widget
        assert page.window.changes() == {}, widget
        assert page.window.isVisible()
        assert len(page.field("barcode.item").rules) == 1
        page.scans.clear()
    assert "went to the desk" in page.window.state.text()


def test_a_scan_gives_a_field_back_what_was_typed_before(page):
    page.open()
    page.edit("desk.name", "Desk")
    scan("37000034179\r")
    assert page.field("desk.name").edit.text() == "Desk"
    assert [each.text for each in page.scans] == ["37000034179"]


def test_a_scan_without_suffix_is_one_when_the_desk_has_such_a_scanner(page):
    page.open(framing=Framing(suffixes=frozenset((Terminator.NONE,))))
    page.field("desk.name").edit.setFocus()
    scan("37000034179")
    pause(0.5)
    page.qtbot.waitUntil(lambda: bool(page.scans))
    assert page.field("desk.name").edit.text() == "Accueil 2"


def test_typing_is_left_alone_and_enter_presses_nothing(page):
    page.open()
    page.edit("desk.name", "Bureau 12\r")
    assert page.field("desk.name").edit.text() == "Bureau 12"
    assert (page.scans, page.stored) == ([], [])
    page.window.shut.setFocus()
    press(Qt.Key.Key_Return, text="\r")
    assert page.window.isVisible()
    # Some desktops let Enter press a button whatever its kind: it must not even reach one.
    enter = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Enter, Qt.KeyboardModifier.NoModifier, "\r")
    for widget in focusable(page.window):
        assert page.window.guard.eventFilter(widget, enter), widget


def test_the_blank_still_presses_a_button(page):
    page.open()
    box = page.field("scanner.find_serial").box
    box.setFocus()
    press(Qt.Key.Key_Space, text=" ")
    page.qtbot.waitUntil(lambda: not box.isChecked())


def test_scrolling_over_a_list_does_not_choose_from_it(page):
    page.open()
    chosen = page.field("desk.same_item_twice").list
    page.field("desk.name").edit.setFocus()
    where = QPointF(5, 5)
    wheel = QWheelEvent(
        where, chosen.mapToGlobal(where), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(chosen, wheel)
    assert chosen.currentData() == "notice"


# How it looks


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(("height", "width"), [(768, 900), (1500, 760), (768, 420)])
def test_nothing_is_wider_than_the_window(page, language, height, width):
    i18n.activate(language)
    window = page.open(height).window
    window.resize(width, 700)
    page.qtbot.waitUntil(lambda: window.sheet.width() <= window.area.viewport().width())
    QApplication.processEvents()
    for row in window.rows.values():
        for widget in (row.field.target(), row.error.parentWidget()):
            right = widget.mapTo(window, QPoint(widget.width(), 0)).x()
            assert right <= window.width(), row.option.key


def test_everything_has_a_name_for_a_screen_reader(page):
    page.user.write_text("[[barcode.item]]\npattern = '3'\n", encoding="utf-8")
    page.open()
    for widget in focusable(page.window):
        text = widget.accessibleName() or getattr(widget, "text", lambda: "")()
        assert text.strip("& "), widget
    for button in page.window.findChildren(QPushButton):
        assert not button.autoDefault()
        assert not button.isDefault()


def test_high_contrast(page, qtbot):
    settings = load(environment={}, site=page.site, user=page.user)
    look = style.make_look(QApplication.instance(), QSize(1366, 768))
    window = SettingsWindow(settings, look, tones=Tones(Style.DARK))
    qtbot.addWidget(window)
    window.show()
    colours = window.grab().toImage()
    assert colours.pixelColor(window.width() // 2, window.height() - 3).lightness() < 20
