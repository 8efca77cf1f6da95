"""The page of registrations: who waits for a decision, found by name, card or address."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from offcirc.i18n import _
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button
from offcirc.referent.kit.skeleton import Skeleton, TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.referent.registrations.model import RegistrationsModel
from offcirc.referent.registrations.panel import RegistrationPanel
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
