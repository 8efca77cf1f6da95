"""The settings in a window of their own, made from the options' declarations.

It blocks nothing, and nothing is changed before *Save the settings*. What the library has locked
is shown greyed, with who set it; what the environment or the command line sets, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from offcirc.desk.face.look import Look
from offcirc.desk.scan.scanguard import ScanGuard
from offcirc.desk.side.rulesfield import RulesField
from offcirc.desk.side.settingfields import (
    ChoiceField,
    PathField,
    SettingField,
    SeveralField,
    SwitchField,
    TextField,
)
from offcirc.desk.side.sidewindow import Padlock, SideWindow, Tones, WrappedLabel
from offcirc.i18n import _
from offcirc.scanning.decoder import Framing, Scan
from offcirc.settings.kinds import Form, WrongValueError
from offcirc.settings.load import Effective, Layer, Settings, reload, without_user
from offcirc.settings.option import Option, OptionGroup
from offcirc.settings.options import OPTIONS, option_for
from offcirc.settings.save import LockedOptionError, store

_NARROW = 27
"""Below this width, in lines of text, names stand above their fields."""

_OUTSIDE = (Layer.ENVIRONMENT, Layer.COMMAND_LINE)


class SettingRow:
    """One option on the page: its name, its field, what it is for, what is wrong with it.

    Attributes:
        field: what it is changed with.
    """

    def __init__(self, option: Option, number: int, window: SideWindow, grid: QGridLayout) -> None:
        look = window.look
        self.option = option
        parent = window.sheet
        self._grid = grid
        self._place = 2 * number
        self._name = WrappedLabel(option.title or option.key, look.text, parent)
        self._cell = QWidget(parent)
        self.field: SettingField = _field_for(option, look, self._cell)
        self._name.setBuddy(self.field.target())
        purpose = WrappedLabel(option.purpose, look.small, self._cell)
        purpose.setObjectName("faint")
        self.locked = QWidget(self._cell)
        line = QHBoxLayout(self.locked)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(look.px(0.2))
        line.addWidget(Padlock(look, window.tones.faint, self.locked), 0, Qt.AlignmentFlag.AlignTop)
        self.lock_text = WrappedLabel("", look.small, self.locked)
        self.lock_text.setObjectName("locked")
        line.addWidget(self.lock_text, 1)
        self.error = WrappedLabel("", look.small, self._cell)
        self.error.setObjectName("error")
        self.error.hide()
        column = QVBoxLayout(self._cell)
        column.setContentsMargins(0, 0, 0, look.px(0.3))
        column.setSpacing(look.px(0.08))
        for part in (self.field, self.error, purpose, self.locked):
            column.addWidget(part)

    def stand(self, narrow: bool) -> None:
        """Put the name before the field, or above it where there is little room."""
        top = Qt.AlignmentFlag.AlignTop
        self._name.setContentsMargins(
            0, 0 if narrow else self._name.fontMetrics().height() // 5, 0, 0
        )
        if narrow:
            self._grid.addWidget(self._name, self._place, 0, 1, 2)
            self._grid.addWidget(self._cell, self._place + 1, 0, 1, 2, top)
        else:
            self._grid.addWidget(self._name, self._place, 0, top)
            self._grid.addWidget(self._cell, self._place, 1)

    def show(self, found: Effective) -> None:
        """Show the value in force, and who has fixed it if somebody has."""
        self.field.show_value(found.value)
        fixed = found.locked or found.layer in _OUTSIDE
        self.field.setEnabled(not fixed)
        self._name.setEnabled(not fixed)
        self.locked.setVisible(fixed)
        if found.locked:
            self.lock_text.setText(_("Set by your library."))
        elif fixed:
            text = _("Set by {source} until the program is started without it.")
            self.lock_text.setText(text.format(source=found.source))
        self.say("")

    def fault(self) -> str:
        """What is wrong with the value in the field, as a sentence; empty when nothing is."""
        value = self.field.value()
        if not value and not self._must_be_set():
            return ""
        try:
            self.option.kind.read(value)
        except WrongValueError as error:
            if error.mistakes:
                from offcirc.words import rule_mistake

                return " ".join(map(rule_mistake, error.mistakes))
            return _("Must be: {expected}.").format(expected=self.option.kind.words())
        return ""

    def _must_be_set(self) -> bool:
        return bool(self.option.default)

    def canonical(self) -> str:
        """The value in the field in the spelling of the settings; empty for "not set"."""
        value = self.field.value()
        return self.option.kind.read(value) if value else ""

    def say(self, fault: str) -> None:
        """Show what is wrong, or that nothing is."""
        self.error.setText(fault)
        self.error.setVisible(bool(fault))
        self.field.mark_wrong(bool(fault))


class SettingsWindow(SideWindow):
    """The settings.

    Signals:
        stored: settings were saved; the :class:`Settings` in force from now on.
        scanned: a scan arrived here by mistake, a :class:`Scan`: it is the desk's to deal with.
        test_wanted: somebody wants to test the scanner.

    Attributes:
        settings: the settings shown.
        rows: the options on the page, by key.
    """

    stored = Signal(object)
    scanned = Signal(object)
    test_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        look: Look,
        parent: QWidget | None = None,
        *,
        tones: Tones | None = None,
        framing: Framing | None = None,
        save: Callable[[Settings, dict[str, str | None]], Settings] = store,
    ) -> None:
        """Build the window and show the settings in force.

        Args:
            settings: these.
            look: type and sizes.
            parent: the desk's window.
            tones: colours; those of the style when not given.
            framing: how scans are told from typing.
            save: writes changes and gives the settings in force then.
        """
        super().__init__(
            look,
            _("Settings"),
            _("For this account on this PC. They hold once they are saved; scanning goes on."),
            parent,
            tones,
        )
        self.settings = settings
        self._save = save
        self._dropping = False
        self._narrow: bool | None = None
        self.notice = self._notice()
        self.rows: dict[str, SettingRow] = {}
        self._cards()
        self.body.addStretch(1)
        self._buttons()
        self.guard = ScanGuard(self, framing)
        self.guard.scanned.connect(self._scan)
        QShortcut(QKeySequence("Ctrl+S"), self, self.save)
        self.show_settings(settings)
        self.place(40, 34)

    def _notice(self) -> QFrame:
        frame = QFrame(self.sheet)
        frame.setObjectName("notice")
        column = QVBoxLayout(frame)
        pad = self.look.px(0.5)
        column.setContentsMargins(pad, round(pad * 0.7), pad, round(pad * 0.7))
        self.notice_text = WrappedLabel("", self.look.small, frame)
        column.addWidget(self.notice_text)
        self.body.addWidget(frame)
        return frame

    def _cards(self) -> None:
        for (group, name), members in groupby(_shown(self.settings), key=_place_of):
            heading = group.heading
            if name:
                heading = _("{group}: {name}").format(group=heading, name=name)
            column = self.card(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(self.look.px(0.7))
            grid.setVerticalSpacing(0)
            grid.setColumnStretch(0, 9)
            grid.setColumnStretch(1, 27)
            column.addLayout(grid)
            for number, option in enumerate(members):
                row = SettingRow(option, number, self, grid)
                row.field.changed.connect(lambda row=row: self._edited(row))
                row.field.asking.connect(self._watch_too)
                self.rows[option.key] = row
            if group.name == "SCANNER":
                test = self.button(_("&Test the scanner"), parent=self.sheet)
                test.clicked.connect(self.test_wanted)
                column.addWidget(test, 0, Qt.AlignmentFlag.AlignLeft)
                self.test = test

    def _buttons(self) -> None:
        self.state = WrappedLabel("", self.look.small, self)
        self.store = self.button(_("&Save the settings"), "primary")
        self.store.clicked.connect(self.save)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self.foot.addWidget(self.state, 1)
        self.foot.addWidget(self.store)
        self.foot.addWidget(self.shut)

    # Showing

    def show_settings(self, settings: Settings) -> None:
        """Show settings; what was typed and not saved is gone."""
        self.settings = settings
        self._dropping = False
        sentences = [complaint.sentence() for complaint in settings.complaints]
        self.notice_text.setText("\n".join(sentences))
        self.notice.setVisible(bool(sentences))
        for key, row in self.rows.items():
            row.show(_in_force(settings, key))
        self._show_state("")
        self._watch()

    def _watch(self) -> None:
        self.guard.watch(self)

    def _watch_too(self, dialog: QWidget) -> None:
        """A dialog is open beside the page: its scans are the desk's as well."""
        self.guard.watch(dialog)

    def _edited(self, row: SettingRow) -> None:
        self._dropping = False
        row.say(row.fault())
        if isinstance(row.field, RulesField):
            self._watch()
        self._show_state(_("Changed and not saved yet.") if self.changes() else "")

    def _show_state(self, text: str) -> None:
        self.state.setText(text)
        self.store.setEnabled(bool(self._changed_rows()))

    # Changing

    def changes(self) -> dict[str, str | None]:
        """What saving would write, by key; ``None`` takes the account's own value away.

        A value that is wrong is among them as it was typed.
        """
        weaker = without_user(self.settings)
        found: dict[str, str | None] = {}
        for row in self._changed_rows():
            try:
                value = row.canonical()
            except WrongValueError:
                value = row.field.value()
            back = not value or value == _in_force(weaker, row.option.key).value
            found[row.option.key] = None if back else value
        return found

    def _changed_rows(self) -> list[SettingRow]:
        changed = []
        for key, row in self.rows.items():
            if not row.field.isEnabled():
                continue
            try:
                value = row.canonical()
            except WrongValueError:
                value = row.field.value()
            if value != _in_force(self.settings, key).value:
                changed.append(row)
        return changed

    def save(self) -> bool:
        """Save what was changed; true when nothing is unsaved any more."""
        faulty = [row for row in self.rows.values() if self._check(row)]
        if faulty:
            faulty[0].field.target().setFocus()
            self.area.ensureWidgetVisible(faulty[0].field)
            self._show_state(_("Not saved: see the sentences in red."))
            return False
        changes = self.changes()
        if not changes:
            return True
        try:
            settings = self._save(self.settings, changes)
        except LockedOptionError as error:
            self.show_settings(reload(self.settings))
            key = error.key
            self._show_state(
                _("“{key}” is set by your library and cannot be changed.").format(key=key)
            )
            return False
        except OSError as error:
            from offcirc.disk.reasons import why

            self._show_state(_("Not saved: {reason}").format(reason=why(error)))
            return False
        later = any(self.rows[key].option.at_next_start for key in changes)
        self.show_settings(settings)
        self._show_state(
            _("Saved. Some of it holds when the program is started again.")
            if later
            else _("Saved.")
        )
        self.stored.emit(settings)
        return True

    def _check(self, row: SettingRow) -> str:
        fault = row.fault() if row.field.isEnabled() else ""
        row.say(fault)
        return fault

    # Room, scans, leaving

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names stand above their fields in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < self.look.px(_NARROW)
        if narrow is not self._narrow:
            self._narrow = narrow
            for row in self.rows.values():
                row.stand(narrow)

    def _scan(self, scan: Scan) -> None:
        for row in self.rows.values():
            if row.field.isEnabled():
                row.say(row.fault())
        self._show_state(_("A scan arrived here: it went to the desk."))
        self.scanned.emit(scan)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; with changes that are not saved, only when asked a second time."""
        if self._changed_rows() and not self._dropping:
            self._show_state(_("Not saved yet: save, or close once more to drop the changes."))
            self._dropping = True
            event.ignore()
            return
        self.show_settings(self.settings)
        event.accept()


def _shown(settings: Settings) -> list[Option]:
    """Every option but secrets: those declared by name, then those of each server named."""
    options = [option for option in OPTIONS if not (option.is_pattern or option.secret)]
    patterns = [option for option in OPTIONS if option.is_pattern]
    names = dict.fromkeys(key.split(".")[1] for key in settings.values if _is_server(key))
    for name in names:
        options += [replace(each, key=each.key.replace("*", name)) for each in patterns]
    return options


def _is_server(key: str) -> bool:
    return key.startswith("servers.")


def _place_of(option: Option) -> tuple[OptionGroup, str]:
    """The card an option stands on: its group, and the server it is about if it is about one."""
    return option.group, option.key.split(".")[1] if _is_server(option.key) else ""


def _in_force(settings: Settings, key: str) -> Effective:
    """The value an option has; a server's may be named by nobody."""
    found = settings.values.get(key)
    if found is not None:
        return found
    option = option_for(key)
    assert option is not None
    return Effective(option.default)


def _field_for(option: Option, look: Look, parent: QWidget) -> SettingField:
    """The field that goes with an option."""
    makers: dict[Form, Callable[[Option, Look, QWidget], SettingField]] = {
        Form.FOLDER: PathField,
        Form.FILE: PathField,
        Form.SWITCH: SwitchField,
        Form.CHOICE: ChoiceField,
        Form.SEVERAL: SeveralField,
        Form.RULES: RulesField,
    }
    return makers.get(option.kind.form, TextField)(option, look, parent)
