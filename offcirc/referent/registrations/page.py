"""The page of registrations: who waits for a decision, found by name, card or address."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from offcirc import words
from offcirc.core.registration import FIELDS, LIMIT, is_provisional
from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.sidepanel import SidePanel, narrow
from offcirc.referent.kit.skeleton import Skeleton, TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.referent.registrations.model import RegistrationsModel, tone
from offcirc.storage.registrations.registry import RegistrationRow, RegistrationState
from offcirc.upload.registrations import registrationwords


class RegistrationsPage(Skeleton):
    """The list of registrations, and a panel for one of them.

    Signals:
        send_wanted: they are to go on the server's list.
    """

    send_wanted = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Registrations"), parent)
        self.model = RegistrationsModel()
        self.model.setParent(self)
        self.table = RowTable(look, _("Registrations"), self)
        self.table.list_groups(self.model, lambda _row: None)
        model = RegistrationsModel
        self.table.shape(
            Shape(
                model.NAME,
                least={model.NAME: 8, model.DESK: 6, model.CARD: 8},
                middle=frozenset({model.CARD, model.REAL}),
                drop=(model.BIRTH, model.REAL, model.DESK),
            )
        )
        self.table.set_empty_text(_("No reader was registered without a card."))
        self.panel = RegistrationPanel(look, self)
        self.panel.stepped.connect(self.table.step)
        both = TableAndPanel(look, TableSheet(look, self.table), self.panel)
        self.add_tab(_("Registrations to be validated"), both)
        self.filter = self.add_filter(_("name, card, e-mail…"))
        self.filter.textChanged.connect(self.model.set_words)
        self.states = QComboBox(self)
        self.states.setAccessibleName(_("State"))
        for state in (None, *RegistrationState):
            self.states.addItem("", state)
        self.states.currentIndexChanged.connect(self._filter)
        self.add_choice(_("Sho&w:"), self.states)
        text = _("Sen&d to the server and look")
        self.there = button(text, look, self, self.send_wanted.emit)
        self.there.setToolTip(
            _("Put them on the practice server’s list; take over what has been decided there")
        )
        self.add_tools(self.there)
        self.want(self.there, wanted=False)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.show_rows([])

    def show_rows(self, rows: list[RegistrationRow]) -> None:
        """Show these, the one that was chosen still chosen; else the first that waits."""
        chosen = self._row()
        counts = Counter(row.state for row in rows)
        for at, state in enumerate((None, *RegistrationState)):
            name = _("All") if state is None else registrationwords.state(state)
            count = len(rows) if state is None else counts[state]
            text = _("{name} ({count})").format(name=name, count=number(count))
            self.states.setItemText(at, text)
        self.model.show_things(rows)
        self.table.fit()
        listed = self.model.listed
        waiting = (row for row in listed if row.state is RegistrationState.PENDING)
        ids = [row.about.id for row in listed]
        first = next(waiting, None) or (listed[0] if listed else None)
        wanted = chosen.about.id if chosen is not None and chosen.about.id in ids else ""
        wanted = wanted or (first.about.id if first is not None else "")
        if wanted:
            self.table.selectRow(ids.index(wanted))
        self._chosen()

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    def _filter(self, at: int) -> None:
        state = (None, *RegistrationState)[at]
        self.model.want(None if state is None else lambda row: row.state is state)
        self.table.fit()

    def _row(self) -> RegistrationRow | None:
        index = self.table.currentIndex()
        if not index.isValid() or index.row() >= self.model.rowCount():
            return None
        found = self.model.row(index.row())
        return found if isinstance(found, RegistrationRow) else None

    def _chosen(self, *_selection: object) -> None:
        row = self._row()
        place = ""
        if row is not None:
            place = _("{place} of {count}").format(
                place=self.table.currentIndex().row() + 1, count=self.model.rowCount()
            )
        self.panel.show_row(row, place)


class RegistrationPanel(SidePanel):
    """A registration, and what can be decided.

    Signals:
        edited: it is put right, a :class:`Registration`.
        validated: it is validated: its number, the real card.
        refused: it is refused: its number, why.
        reopened: the decision is taken back: its number.
    """

    edited = Signal(object)
    validated = Signal(str, str)
    refused = Signal(str, str)
    reopened = Signal(str)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._row: RegistrationRow | None = None
        names = (_("Na&me:"), _("Cont&act:"), _("&Group:"), _("B&orn in:"), _("No&te:"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.2))
        grid.setColumnStretch(1, 1)
        self.fields: dict[str, QLineEdit] = {}
        for at, (key, name) in enumerate(zip(FIELDS, names, strict=True)):
            self.fields[key] = self._field(grid, at, name)
            self.fields[key].editingFinished.connect(self._edit)
        self.body.addLayout(grid)
        self.told = self.add_text(look.small, "faint")
        self.body.addStretch(1)
        foot = QGridLayout()
        foot.setHorizontalSpacing(look.px(0.6))
        foot.setVerticalSpacing(look.px(0.2))
        foot.setColumnStretch(1, 1)
        self.card = self._field(foot, 0, _("Real &card:"))
        self.card.setFont(look.code)
        self.card.returnPressed.connect(self._validate)
        self.reason = self._field(foot, 1, _("Reaso&n to refuse:"))
        self.foot.addLayout(foot)
        self.undo = button(_("Reo&pen"), look, self, self._undo)
        self.refuse = button(_("Refu&se"), look, self, self._refuse)
        self.validate = button(_("&Validate"), look, self, self._validate, "primary")
        row = QHBoxLayout()
        row.setSpacing(look.px(0.4))
        for act in (self.undo, self.refuse, self.validate):
            narrow(act)
            row.addWidget(act, 1)
        self.foot.addLayout(row)
        self.card.textChanged.connect(self._allow)
        self.show_row(None)

    def _field(self, grid: QGridLayout, at: int, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setFont(self._look.text)
        field.setMaxLength(LIMIT)
        field.setAccessibleName(name.replace("&", "").rstrip("\u00a0:"))
        title = label(name, self._look.text, self, "faint")
        title.setBuddy(field)
        grid.addWidget(title, at, 0)
        grid.addWidget(field, at, 1)
        return field

    def show_row(self, row: RegistrationRow | None, place: str = "") -> None:
        """Show a registration, or none.

        Args:
            row: it.
            place: which of how many it is.
        """
        self._row = row
        about = row.about if row is not None else None
        for key, field in self.fields.items():
            field.setText(getattr(about, key) if about is not None else "")
        title = "" if about is None else about.name or about.card
        self.say(self.title, title)
        self.say(self.told, _told(row) if row is not None else "")
        if row is None:
            self.show_mark("", Tone.PLAIN)
        else:
            self.show_mark(registrationwords.state(row.state), tone(row), place)
        self.card.setText(row.real_card if row is not None else "")
        self.reason.setText(row.reason if row is not None else "")
        self._allow()

    def _allow(self, *_text: object) -> None:
        row = self._row
        open_one = row is not None and not row.erased
        pending = open_one and row is not None and row.state is RegistrationState.PENDING
        for field in (*self.fields.values(), self.card, self.reason):
            field.setEnabled(pending)
        card = self.card.text().strip()
        self.validate.setEnabled(pending and bool(card) and not is_provisional(card))
        self.refuse.setEnabled(pending)
        self.undo.setEnabled(open_one and not pending)

    def _edit(self) -> None:
        if self._row is None or self._row.erased:
            return
        said = (field.text().strip() for field in self.fields.values())
        name, contact, group, birth_year, note = said
        changed = replace(
            self._row.about,
            name=name,
            contact=contact,
            group=group,
            birth_year=birth_year,
            note=note,
        )
        if changed != self._row.about:
            self._row = replace(self._row, about=changed)
            self.edited.emit(changed)

    def _validate(self) -> None:
        if self._row is not None and self.validate.isEnabled():
            self.validated.emit(self._row.about.id, self.card.text().strip())

    def _refuse(self) -> None:
        if self._row is not None:
            self.refused.emit(self._row.about.id, self.reason.text().strip())

    def _undo(self) -> None:
        if self._row is not None:
            self.reopened.emit(self._row.about.id)


def _told(row: RegistrationRow) -> str:
    """Where it comes from, and who decided."""
    about = row.about
    lines = [
        _("Registered {when}, {desk}").format(
            when=words.when(about.at.astimezone()), desk=about.desk or "—"
        )
    ]
    if row.decided is not None:
        text = _("{state} by {who}, {when}")
        lines.append(
            text.format(
                state=registrationwords.state(row.state),
                who=row.who,
                when=words.when(row.decided.astimezone()),
            )
        )
    if row.erased:
        lines.append(_("What was written down has been erased."))
    elif row.decided is not None:
        lines.append(_("It can be reopened for a day; then what was written down is erased."))
    return "\n".join(lines)
