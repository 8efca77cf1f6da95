"""The lists of barcode rules in the settings window: a row for each rule."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.rules import OnFail
from offcirc.desk.face.look import Look, quiet_button
from offcirc.desk.side.settingfields import SettingField, shrink
from offcirc.i18n import N_, _
from offcirc.settings.kinds import rules
from offcirc.settings.option import Option

_CHECKS = {
    Check.NONE: N_("no check digit"),
    Check.LUHN_LTR: N_("Luhn from the left"),
    Check.LUHN_RTL: N_("Luhn from the right"),
    Check.MOD11: N_("modulus 11"),
    Check.MOD43: N_("modulus 43 (Code 39)"),
    Check.EAN13: N_("EAN-13"),
}
_ON_FAIL = {
    OnFail.OFF: N_("if wrong: say nothing"),
    OnFail.WARN: N_("if wrong: say so"),
    OnFail.REFUSE: N_("if wrong: refuse"),
}


class RulesField(SettingField):
    """A list of rules of the library's own, or none: then the preset's hold."""

    def __init__(self, option: Option, look: Look, parent: QWidget) -> None:
        super().__init__(option, look, parent)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(0.25))
        self.own = QCheckBox(_("A list of our own"), self)
        self.own.setFont(look.text)
        self.own.setAccessibleName(_("{name}: a list of our own").format(name=option.title))
        self.own.clicked.connect(self._own_clicked)
        column.addWidget(self.own)
        self._list = QVBoxLayout()
        self._list.setSpacing(look.px(0.25))
        column.addLayout(self._list)
        self.add = quiet_button(_("Add a form"), look.small, self, "small")
        self.add.clicked.connect(self._add_clicked)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.row.addLayout(column, 1)
        self.rules: list[RuleRow] = []
        self._show_own()

    def value(self) -> str:
        """The rules; empty when there is no list of the library's own."""
        if not self.own.isChecked():
            return ""
        return json.dumps([rule.table() for rule in self.rules], ensure_ascii=False)

    def show_value(self, value: str) -> None:
        """Show rules."""
        for rule in self.rules:
            self._list.removeWidget(rule)
            rule.deleteLater()
        self.rules = []
        self.own.setChecked(bool(value))
        for table in rules(value) if value else ():
            self._append(table)
        self._show_own()

    def target(self) -> QWidget:
        """The box."""
        return self.own

    def remove(self, rule: RuleRow) -> None:
        """Take a rule away."""
        self.rules.remove(rule)
        self._list.removeWidget(rule)
        rule.hide()
        rule.deleteLater()
        self._number()
        self.add.setFocus()
        self.changed.emit()

    def _append(self, table: Mapping[str, object]) -> RuleRow:
        rule = RuleRow(table, self.look, self)
        self.rules.append(rule)
        self._list.addWidget(rule)
        self._number()
        return rule

    def _number(self) -> None:
        for number, rule in enumerate(self.rules, start=1):
            rule.show_number(number)

    def _own_clicked(self) -> None:
        if self.own.isChecked() and not self.rules:
            self._append({"pattern": ""}).pattern.setFocus()
        self._show_own()
        self.changed.emit()

    def _add_clicked(self) -> None:
        rule = self._append({"pattern": ""})
        rule.show()
        rule.pattern.setFocus()
        self.changed.emit()

    def _show_own(self) -> None:
        on = self.own.isChecked()
        self.add.setVisible(on)
        for rule in self.rules:
            rule.setVisible(on)


class RuleRow(QFrame):
    """One rule. What it has besides (its name, what is stripped) is kept as it is."""

    def __init__(self, table: Mapping[str, object], look: Look, parent: RulesField) -> None:
        super().__init__(parent)
        self.setObjectName("rule")
        self._table = dict(table)
        self.number = QLabel("", self)
        self.number.setFont(look.small)
        self.number.setFixedWidth(look.px(0.9))
        self.pattern = QLineEdit(str(table.get("pattern", "")), self)
        self.pattern.setFont(look.cell)
        self.pattern.setPlaceholderText(r"3\d{13}")
        self.pattern.textEdited.connect(lambda _text: parent.changed.emit())
        self.check = self._choice(_CHECKS, table.get("check", Check.NONE.value), look, parent)
        self.check.setAccessibleName(_("Check digit"))
        self.on_fail = self._choice(_ON_FAIL, table.get("on_fail", OnFail.WARN.value), look, parent)
        self.on_fail.setAccessibleName(_("Wrong check digit"))
        self.gone = quiet_button(_("Remove"), look.small, self, "small")
        self.gone.clicked.connect(lambda: parent.remove(self))
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.number)
        first.addWidget(self.pattern, 1)
        first.addWidget(self.gone)
        second.addSpacing(self.number.width() + look.px(0.25))
        second.addWidget(self.check)
        second.addWidget(self.on_fail)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for line in (column, first, second):
            line.setSpacing(look.px(0.25))
        column.addLayout(first)
        column.addLayout(second)
        self._show_on_fail()
        self.check.activated.connect(lambda _row: self._show_on_fail())

    def table(self) -> dict[str, object]:
        """The rule as settings files write it."""
        table = {**self._table, "pattern": self.pattern.text().strip()}
        for key, chosen, usual in (
            ("check", self.check, Check.NONE.value),
            ("on_fail", self.on_fail, OnFail.WARN.value),
        ):
            value = str(chosen.currentData())
            if value != usual or key in table:
                table[key] = value
        return table

    def show_number(self, number: int) -> None:
        """Its place in the list."""
        self.number.setText(f"{number}.")
        self.pattern.setAccessibleName(_("Pattern {number}").format(number=number))

    def _show_on_fail(self) -> None:
        self.on_fail.setVisible(self.check.currentData() != Check.NONE.value)

    def _choice(
        self,
        choices: Mapping[Check, str] | Mapping[OnFail, str],
        chosen: object,
        look: Look,
        parent: RulesField,
    ) -> QComboBox:
        found = QComboBox(self)
        found.setFont(look.small)
        found.view().setFont(look.small)
        shrink(found)
        found.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for value, words in choices.items():
            found.addItem(_(words), value.value)
        found.setCurrentIndex(max(found.findData(str(chosen)), 0))
        found.activated.connect(lambda _row: parent.changed.emit())
        return found
