"""The window in which a reader without a card is written down, and gets a provisional one.

What is typed is sealed and on the disk before anything is said of it; then the desk lends to the
provisional card as to any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from offcirc.core.registration import FIELDS, LIMIT, Registration, new_card
from offcirc.desk.face.look import Look
from offcirc.desk.scan.scanguard import ScanGuard
from offcirc.desk.side.sidewindow import SideWindow, WrappedLabel
from offcirc.disk.errors import StorageError, describe
from offcirc.i18n import _
from offcirc.scanning.decoder import Framing
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.seal import WrongKeyError, seal_of


class NewPatron(SideWindow):
    """Five fields, of which only a name is asked for.

    Signals:
        registered: the reader is on the disk; the provisional card.
        print_wanted: a card is to be printed; its number.
        scanned: a scan arrived here by mistake, a :class:`Scan`: it is the desk's to deal with.
    """

    registered = Signal(str)
    print_wanted = Signal(str)
    scanned = Signal(object)

    def __init__(
        self,
        look: Look,
        parent: QWidget | None = None,
        framing: Framing | None = None,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Make it.

        Args:
            look: type and sizes.
            parent: the desk.
            framing: what tells a scan from typing.
            now: the moment, aware.
        """
        intro = _(
            "For somebody who has no card or account yet. The referent decides afterwards; until "
            "then only a sealed file knows of it."
        )
        super().__init__(look, _("New reader without a card"), intro, parent)
        self._now = now
        self._folder, self._key, self._desk = Path(), "", ""
        card = self.card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.3))
        grid.setColumnStretch(1, 1)
        card.addLayout(grid)
        names = (
            _("&Name, first name:"),
            _("&E-mail or telephone:"),
            _("&Group:"),
            _("Year of &birth:"),
            _("N&ote (papers seen…):"),
        )
        self.fields: dict[str, QLineEdit] = {}
        for at, (key, name) in enumerate(zip(FIELDS, names, strict=True)):
            field = QLineEdit(self.sheet)
            field.setFont(look.text)
            field.setMaxLength(LIMIT)
            field.setAccessibleName(name.replace("&", "").rstrip("\u00a0:"))
            field.textChanged.connect(self._allow)
            title = QLabel(name, self.sheet)
            title.setFont(look.text)
            title.setBuddy(field)
            grid.addWidget(title, at, 0)
            grid.addWidget(field, at, 1)
            self.fields[key] = field
        self.trouble = WrappedLabel("", look.small, self.sheet)
        self.trouble.setObjectName("error")
        card.addWidget(self.trouble)
        self.body.addStretch(1)
        self.leave = self.button(_("&Cancel"))
        self.leave.clicked.connect(self.close)
        self.printed = self.button(_("&Register and print the card"))
        self.printed.clicked.connect(lambda: self._register(printed=True))
        self.plain = self.button(_("Register and &lend"), "accent")
        self.plain.clicked.connect(lambda: self._register(printed=False))
        self.foot.addWidget(self.leave)
        self.foot.addStretch(1)
        self.foot.addWidget(self.printed)
        self.foot.addWidget(self.plain)
        self._guard = ScanGuard(self, framing)
        self._guard.scanned.connect(self.scanned)
        self.place(34, 22)
        self._clear()

    def use(self, folder: Path, key: str, desk: str) -> None:
        """Tell where readers are written down.

        Args:
            folder: the desk's folder.
            key: the library's key; empty when it has none.
            desk: library and desk, for people.
        """
        self._folder, self._key, self._desk = folder, key, desk

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was typed of a person does not stay on the screen for the next one."""
        self._clear()
        super().closeEvent(event)

    def _clear(self) -> None:
        for field in self.fields.values():
            field.clear()
        self.trouble.setText("")
        self._allow()
        self.fields["name"].setFocus()

    def _allow(self, *_text: object) -> None:
        named = bool(self.fields["name"].text().strip())
        self.plain.setEnabled(named)
        self.printed.setEnabled(named)

    def _register(self, *, printed: bool) -> None:
        said = [field.text().strip() for field in self.fields.values()]
        about = Registration(str(uuid.uuid4()), new_card(), self._now(), self._desk, *said)
        try:
            deskbook.add(self._folder, seal_of(self._folder, self._key), about)
        except StorageError as error:
            self.trouble.setText(describe(error))
            return
        except WrongKeyError:
            self.trouble.setText(
                _("registrations.key in the settings is no key: tell who looks after this PC.")
            )
            return
        self.close()
        self.registered.emit(about.card)
        if printed:
            self.print_wanted.emit(about.card)
