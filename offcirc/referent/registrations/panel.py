"""One registration: what was written down, to be put right, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from offcirc import words
from offcirc.core.registration import FIELDS, LIMIT, is_provisional
from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.sidepanel import SidePanel, narrow
from offcirc.referent.registrations.model import tone
from offcirc.storage.registrations.registry import RegistrationRow, RegistrationState
from offcirc.upload.registrations import registrationwords


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
