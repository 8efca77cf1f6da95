"""What can be seen and reached: keys, names, room for the words, in both languages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import TOP
from helpers.heard import nameless
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetricsF, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QWidget,
)
from referent.report_kit import job, line, outage, registered, tasks

from offcirc.core.transaction import Operation
from offcirc.referent.frame import start
from offcirc.referent.frame.header import Tab
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.frame.window import Window
from offcirc.resources import path
from offcirc.upload.preview.preview import Preview, PreviewSource
from offcirc.upload.report.report import JobStatus, LineStatus

BOTH = pytest.mark.parametrize("language", ["en", "fr"])


def states(window: Window) -> Iterator[str]:
    """Bring the window into each of its states, one after the other; yields their names."""
    report = job(lines=tuple(line(number) for number in range(1, 40)), left=3)
    window.go(StepPlace.COLLECT)
    yield "empty"
    window.add_paths([registered(window._data_dir / "registered", window._data_dir)])
    while window.registrar.waiting < 2:
        QApplication.processEvents()
    window.add_paths(outage(window._data_dir / "files"))
    while window.tasks.under_way:
        QApplication.processEvents()
    window.collect.table.selectRow(1)
    window.go(StepPlace.COLLECT)
    yield "collect"
    window.go(StepPlace.CHECK)
    yield "check"
    window.go(StepPlace.UPLOAD)
    window.upload.form.practice.show()
    yield "choices"
    window.upload.foresight.show_preview(
        Preview(PreviewSource.DRY_RUN, report, 3, 2, (("in-transit", 4),), ())
    )
    yield "foresight"
    run = window.upload.run
    window.upload.show_run()
    run.begin(dry_run=False, place="http://127.0.0.1:8000 · BUC_PRET")
    for tile in (run.unknown, run.held, run.earlier):
        tile.show()
    yield "running"
    run.show_paused(paused=True)
    yield "paused"
    run.show_end("Cancelled.", can_resume=True, has_report=True)
    yield "ended"
    window.reports.show(job(**{"status": JobStatus.STOPPED, "left": 3, "lines": report.lines}))
    window.refresh()
    window.go(StepPlace.REPORT)
    yield "report"
    window.go(StepPlace.FOLLOWUP)
    window.todo.page().show_tasks(tasks())
    window.todo.page().table.selectRow(1)
    yield "followup"
    window.go(StepPlace.CLOSE)
    yield "close"
    window.reports.past.show_jobs([report, report])
    window._stack.setCurrentWidget(window._areas[StepPlace.HISTORY])
    window.header.show_place(StepPlace.HISTORY)
    yield "past"
    window.go(StepPlace.REGISTRATIONS)
    page = window.registrar.page()
    page.want(page.there, wanted=True)
    yield "registrations"
    page.panel.reason.setText("no proof")
    page.panel.refuse.click()
    while window.registrar.waiting == 2:
        QApplication.processEvents()
    page.table.selectRow(0)
    yield "refused"


def visible(window: Window, kind: type) -> list[QWidget]:
    return [widget for widget in window.findChildren(kind) if widget.isVisible()]


@BOTH
def test_no_letter_is_promised_twice(window, language):
    for state in states(window):
        letters: Counter[str] = Counter()
        for widget in visible(window, QAbstractButton) + visible(window, QLabel):
            text = widget.text()
            if isinstance(widget, QLabel) and widget.buddy() is None:
                continue
            sequence = QKeySequence.mnemonic(text).toString()
            if sequence:
                letters[sequence] += 1
        assert letters, state
        twice = [letter for letter, count in letters.items() if count > 1]
        assert not twice, f"{state}: {twice}"


@BOTH
def test_every_button_and_field_can_be_called_by_a_letter(window, language):
    for state in states(window):
        for widget in visible(window, QPushButton):
            if widget.objectName() == "step":
                assert not widget.shortcut().isEmpty()
            elif widget.objectName() not in ("bandClose", "bandAction"):
                assert "&" in widget.text(), f"{state}: {widget.text()!r}"


@BOTH
def test_everything_that_takes_keys_has_a_name(window, language):
    for state in states(window):
        for kind in (QLineEdit, QComboBox, QTableView, Tab):
            for widget in visible(window, kind):
                inner = isinstance(widget.parent(), QComboBox)
                assert inner or widget.accessibleName(), f"{state}: {widget!r}"
        assert not nameless(window), state


@BOTH
@pytest.mark.parametrize("size", [(1600, 1000), (1024, 700), (640, 500)])
def test_no_word_is_cut(qtbot, window, language, size):
    """The last size is what a screen of 1280 by 1024 points leaves at 200 %."""
    window.resize(*size)
    for state in states(window):
        for _turn in range(5):
            QApplication.processEvents()  # a new height asks for another turn
        for widget in visible(window, QWidget):
            if isinstance(widget, Tab):
                # It draws itself: its words, or the disc alone where there is no room.
                words = QFontMetricsF(window._look.strong).horizontalAdvance(widget.words)
                disc = window._look.px(1.85) if widget.number else 0
                need = window._look.px(1.4) if widget._is_short else words + disc
                assert widget.width() >= need, f"{state}: {widget.words}"
            elif isinstance(widget, QAbstractButton | QComboBox):
                assert widget.width() >= widget.minimumSizeHint().width(), f"{state}: {widget!r}"
            if isinstance(widget, QLabel) and not widget.wordWrap():
                needed = widget.sizeHint().width()
                assert widget.width() >= needed, f"{state}: {widget.text()!r}"
            if isinstance(widget, QLabel) and widget.wordWrap():
                needed = widget.heightForWidth(widget.width())
                assert widget.height() >= needed, f"{state}: {widget.text()!r}"
        shown = window._stack.currentWidget()
        assert not shown.horizontalScrollBar().isVisible(), state
        assert (window.width(), window.height()) == size, f"{state} asks for more room"


@BOTH
def test_tab_reaches_every_button_and_field_of_a_page(qtbot, window, language):
    window.go(StepPlace.UPLOAD)
    form = window.upload.form
    form.server.setEditText("http://127.0.0.1:1")
    form.user.setText("referent")
    form.password.setText("x")
    wanted = {form.user, form.password, form.remember, form.sign_in}
    seen = []
    form.user.setFocus()
    for _step in range(40):
        focused = QApplication.focusWidget()
        if focused in seen:
            break
        seen.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert wanted <= set(seen)
    order = [widget for widget in seen if widget in wanted]
    assert order == [form.user, form.password, form.remember, form.sign_in]
    assert seen[-1] is not seen[0]


@BOTH
def test_headings_are_alma_s(window, language):
    tiles = {
        "en": ("Records processed", "Records with exceptions", "Upload and validate file content"),
        "fr": (
            "Enregistrements terminés",
            "Enregistrements avec échecs",
            "Télécharger et valider le contenu du fichier",
        ),
    }
    card = window.reports.page.job
    shown = (
        card.headings["processed"].text(),
        card.headings["exceptions"].text(),
        window.upload.turn()[1].replace("&", ""),
    )
    assert shown == tiles[language]


@pytest.mark.parametrize("language", ["fr"])
def test_qt_s_own_words_are_french(sheet, language):
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "Annuler"


def test_enter_in_the_window_starts_nothing(qtbot, window):
    """A scanner that is still plugged in sends Enter: no button may take it for a yes."""
    window.go(StepPlace.UPLOAD)
    for button in visible(window, QPushButton):
        assert not button.isDefault()
        assert not button.autoDefault()


def test_a_button_that_does_nothing_now_looks_like_one(window):
    window.go(StepPlace.UPLOAD)
    form = window.upload.form
    assert not form.test.isEnabled()
    grounds = {
        each.grab().toImage().pixelColor(each.width() // 8, each.height() // 2).name()
        for each in (form.sign_in, form.test)
    }
    assert len(grounds) == 1


def test_the_window_fits_the_screen_where_nobody_enlarges_windows(window, monkeypatch):
    room = QRect(0, 0, 1024, 700)
    app = SimpleNamespace(primaryScreen=lambda: SimpleNamespace(availableGeometry=lambda: room))
    monkeypatch.setattr(window, "showMaximized", lambda: None)
    window.resize(1400, 1100)
    start._show(app, window)
    assert (window.width(), window.height()) == (1024, 700)


def test_bigger_type_makes_everything_bigger(qapp, window):
    small, large = window._look.px(1), window._look.px(2)
    assert large == pytest.approx(2 * small, abs=1)
    sheet = (path("styles/referent.qss")).read_text()
    # Nothing in the style sheet is a fixed number of pixels, but for hair lines.
    assert not re.findall(r"[^{$\w](?:[2-9]|\d\d+)px", sheet)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_manual_shows_pictures_that_are_there(language):
    manual = path(f"help/{language}/referent.html")
    text = manual.read_text(encoding="utf-8")
    names = re.findall(r'src="([^"]+)"', text)
    assert names
    for name in names:
        assert (manual.parent / name).is_file(), name
    # It may speak of such addresses; it fetches nothing from any.
    assert not re.search(r'(src|href)="https?:', text)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_manual_names_buttons_as_the_window_does(window, language):
    text = path(f"help/{language}/referent.html").read_text(encoding="utf-8")
    text = " ".join(text.split())
    page, files = window.upload, window.collect
    buttons = [files.add_files, files.add_folder, files.remove, page.trial]
    buttons += [page.form.sign_in, page.form.practice, page.run.cancel, page.run.resume]
    buttons += [window.reports.page.export, window.reports.past.open]
    panel, todo, closing = window.check.panel, window.todo.page(), window.closing.page()
    buttons += [panel.first, panel.swap, panel.hold, panel.drop, panel.correct, panel.undo]
    buttons += [files.collection, files.clock.set, page.run.pause, page.handed.report]
    buttons += [todo.panel.tick, todo.panel.copy, todo.panel.correct, closing.back, closing.archive]
    buttons += [window.reports.past.search.search]
    for button in buttons:
        assert button.text().replace("&", "") in text


def test_the_window_imports_nothing_heavy_before_it_is_drawn(tmp_path):
    """The network, the database and the templates come with the first task."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from offcirc.referent.frame.start import Dress\n"
        "from offcirc.referent.frame.window import Window\n"
        "from offcirc.settings.load import load\n"
        "dress = Dress(app)\n"
        "window = Window(dress.__enter__(), load({}), Path(sys.argv[1]))\n"
        "window.show()\n"
        "print(sorted({'httpx', 'sqlite_utils', 'jinja2', 'rich', 'starlette', 'keyring'}"
        " & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=TOP,
    )
    assert ast.literal_eval(done.stdout) == []


def test_every_status_of_a_line_has_words(window):
    for status in LineStatus:
        shown = line(1, status=status, reason="no-answer", message="", operation=Operation.RETURN)
        window.reports.show(job(lines=(shown,)))
        window.reports.page.show_choice.setCurrentIndex(window.reports.page.show_choice.count() - 1)
        assert window.reports.page.panel.title.text()
        assert window.reports.page.panel.mark.text()


def test_resources_of_the_window_are_shipped():
    for name in ("down", "up", "tick"):
        assert Path(path(f"styles/referent-{name}.svg")).is_file()
