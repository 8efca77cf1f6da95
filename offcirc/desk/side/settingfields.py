"""One field for each form an option's value can have, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from offcirc.desk.face.look import Look, quiet_button
from offcirc.i18n import _
from offcirc.settings.kinds import Form, parts
from offcirc.settings.option import Option


class SettingField(QWidget):
    """What a value is shown and changed with.

    Signals:
        changed: the person has changed it.
        asking: a dialog of its own is open; it is given.
    """

    changed = Signal()
    asking = Signal(QWidget)

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.option = option
        self.look = look
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(look.px(0.35))

    def value(self) -> str:
        """What is chosen, as the option's kind reads it; empty for "not set"."""
        raise NotImplementedError

    def show_value(self, value: str) -> None:
        """Show a value; :attr:`changed` is not sent."""
        raise NotImplementedError

    def target(self) -> QWidget:
        """What a click on the label goes to."""
        raise NotImplementedError

    def mark_wrong(self, wrong: bool) -> None:
        """Show whether the value is none."""


class TextField(SettingField):
    """A text, a number, a list: whatever is typed."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        self.edit = QLineEdit(self)
        self.edit.setFont(look.text)
        self.edit.setAccessibleName(option.title)
        self.edit.setAccessibleDescription(option.purpose)
        self.edit.textEdited.connect(lambda _text: self.changed.emit())
        kind = option.kind
        if kind.form is Form.NUMBER:
            digits = QFontMetricsF(look.text).horizontalAdvance("0" * (len(str(kind.high)) + 3))
            self.edit.setFixedWidth(round(digits + look.em))
            self.row.addWidget(self.edit)
            unit = QLabel(_(kind.unit), self)
            unit.setFont(look.text)
            self.row.addWidget(unit)
            self.row.addStretch(1)
        else:
            if not option.default and option.example and kind.form is not Form.TEXT:
                text = _("for example {example}").format(example=option.example)
                self.edit.setPlaceholderText(text)
            self.row.addWidget(self.edit, 1)

    def value(self) -> str:
        """What is typed."""
        return self.edit.text().strip()

    def show_value(self, value: str) -> None:
        """Show a value, its beginning first."""
        self.edit.setText(value)
        self.edit.setCursorPosition(0)

    def target(self) -> QWidget:
        """The field."""
        return self.edit

    def mark_wrong(self, wrong: bool) -> None:
        """A red frame."""
        if bool(self.edit.property("wrong")) != wrong:
            self.edit.setProperty("wrong", wrong)
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)


class PathField(TextField):
    """The path of a file or folder, typed or chosen."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        self.edit.setPlaceholderText("")
        self.choose = quiet_button(_("Choose…"), look.text, self)
        self.choose.setAccessibleName(_("Choose: {name}").format(name=option.title))
        self.choose.clicked.connect(self._ask)
        self.row.addWidget(self.choose)
        self.dialog: QFileDialog | None = None

    def _ask(self) -> None:
        """Open a dialog that blocks nothing, and in which a scan is a scan.

        It is Qt's own: in the system's, nobody would see the keys before it obeys them.
        """
        dialog = QFileDialog(self.window(), self.option.title, self._start())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        if self.option.kind.form is Form.FOLDER:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self._chosen)
        self.dialog = dialog
        dialog.resize(self.look.px(36), self.look.px(22))
        dialog.show()
        for button in dialog.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.asking.emit(dialog)

    def _start(self) -> str:
        path = Path(self.value() or Path.home())
        return str(path if self.option.kind.form is Form.FOLDER else path.parent)

    def _chosen(self, name: str) -> None:
        self.show_value(str(Path(name)))
        self.changed.emit()


class ChoiceField(SettingField):
    """One of some values; "not set" is one of them where there is no default."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        self.list = QComboBox(self)
        self.list.setFont(look.text)
        self.list.view().setFont(look.text)
        shrink(self.list)
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.list.setAccessibleName(option.title)
        self.list.setAccessibleDescription(option.purpose)
        if not option.default:
            self.list.addItem(_("(not set)"), "")
        for value, _label in option.kind.choices:
            words = option.kind.label(value)
            self.list.addItem(words[:1].upper() + words[1:], value)
        self.list.activated.connect(lambda _row: self.changed.emit())
        self.row.addWidget(self.list)
        self.row.addStretch(1)

    def value(self) -> str:
        """The value that is chosen."""
        return str(self.list.currentData() or "")

    def show_value(self, value: str) -> None:
        """Choose a value."""
        self.list.setCurrentIndex(max(self.list.findData(value), 0))

    def target(self) -> QWidget:
        """The list."""
        return self.list


class SwitchField(SettingField):
    """On or off."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        self.box = _box(_("On"), look, self, self.changed.emit)
        self.box.setAccessibleName(option.title)
        self.box.setAccessibleDescription(option.purpose)
        self.row.addWidget(self.box)
        self.row.addStretch(1)

    def value(self) -> str:
        """Whether it is on."""
        return "true" if self.box.isChecked() else "false"

    def show_value(self, value: str) -> None:
        """Show whether it is on."""
        self.box.setChecked(value == "true")

    def target(self) -> QWidget:
        """The box."""
        return self.box


class SeveralField(SettingField):
    """A box for each of several values."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(0)
        self.row.addLayout(grid)
        self.boxes: dict[str, QCheckBox] = {}
        for number, (value, _label) in enumerate(option.kind.choices):
            box = _box(option.kind.label(value), look, self, self.changed.emit)
            box.setAccessibleDescription(option.title)
            self.boxes[value] = box
            grid.addWidget(box, *divmod(number, 2))
        self.row.addStretch(1)

    def value(self) -> str:
        """The values whose boxes are ticked."""
        return ", ".join(value for value, box in self.boxes.items() if box.isChecked())

    def show_value(self, value: str) -> None:
        """Tick boxes."""
        chosen = parts(value)
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)

    def target(self) -> QWidget:
        """The first box."""
        return next(iter(self.boxes.values()))


def shrink(box: QComboBox) -> None:
    """Let a list become narrower than its longest entry where there is no room for it."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMinimumWidth(box.fontMetrics().height() * 4)
    box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)


def _box(text: str, look: Look, parent: QWidget, act: Callable[[], None]) -> QCheckBox:
    box = QCheckBox(text, parent)
    box.setFont(look.text)
    box.clicked.connect(lambda _on: act())
    return box
