"""Where to upload: the server, who signs in, and at which circulation desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _
from offcirc.referent.background.uploads import SignIn
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, card, label, set_property
from offcirc.servers.errors import in_the_open, unencrypted

if TYPE_CHECKING:
    from offcirc.servers.connection import ConnectionFound
    from offcirc.servers.files.target import FileTarget
    from offcirc.servers.protocol import Account, Desk
    from offcirc.settings.load import ServerSettings as NamedServer


class ServerForm(QFrame):
    """Server, user name and password.

    Signals:
        sign_in_wanted: somebody wants to sign in with what the fields hold, a :class:`SignIn`.
        test_wanted: somebody wants to know whether that would work, and what the server can do.
        practice_wanted: somebody wants the practice server of this PC.
        account_changed: the server or the user name is another one; whoever was signed in is not
            any more.
    """

    sign_in_wanted = Signal(object)
    practice_wanted = Signal()
    account_changed = Signal()
    test_wanted = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named: Mapping[str, NamedServer] = {}
        self._remembered = False
        self._busy = False
        self._was_folder = False
        self._account: list[QWidget] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame, column = card(look, self)
        outer.addWidget(frame)
        column.addWidget(label(_("Library system"), look.heading, frame))
        self.server = QComboBox(frame)
        self.server.setEditable(True)
        self.server.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._address = QLineEdit(self.server)
        self.server.setLineEdit(self._address)
        self._address.setPlaceholderText(_("https://… or a name from the settings"))
        self.user = QLineEdit(frame)
        self.password = QLineEdit(frame)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._rows(look, frame, column)
        self.practice = button(
            _("Use the pr&actice server of this PC"),
            look,
            frame,
            self.practice_wanted.emit,
            "quiet",
        )
        self.practice.hide()
        self.remember = QCheckBox(_("Re&member the password on this PC"), frame)
        self.remember.setFont(look.text)
        self.sign_in = button(_("Si&gn in"), look, frame, self._sign_in)
        self.test = button(_("Test the c&onnection"), look, frame, self._test, "quiet")
        self.test.setToolTip(_("Signs in and looks around; nothing is recorded anywhere."))
        self.status = label("", look.text, frame, "faint", wrap=True)
        self.warning = label("", look.text, frame, "faint", wrap=True)
        column.addWidget(self.warning)
        column.addWidget(self.remember)
        column.addWidget(self.sign_in)
        column.addWidget(self.test)
        column.addWidget(self.status)
        self.limits = label("", look.small, frame, "faint", wrap=True)
        self.limits.hide()
        column.addWidget(self.limits)
        column.addWidget(self.practice)
        column.addStretch(1)
        self._connect()
        self._refresh()

    def _rows(self, look: ReferentLook, frame: QWidget, column: QVBoxLayout) -> None:
        rows = (
            (_("&Server:"), self.server),
            (_("User &name:"), self.user),
            (_("Pass&word:"), self.password),
        )
        for text, field in rows:
            field.setFont(look.text)
            self._address.setFont(look.text)
            name = label(text, look.small, frame, "faint")
            name.setBuddy(field)
            field.setAccessibleName(text.replace("&", "").rstrip(": \u00a0"))
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            group = QVBoxLayout()
            group.setSpacing(look.px(0.15))
            group.addWidget(name)
            group.addWidget(field)
            column.addLayout(group)
            if field is not self.server:
                self._account += [name, field]

    def _connect(self) -> None:
        self.server.currentTextChanged.connect(self._account_changed)
        self.server.currentTextChanged.connect(self._take_user)
        self.user.textEdited.connect(self._account_changed)
        self.user.textChanged.connect(self._refresh)
        self.password.textChanged.connect(self._refresh)
        self._address.returnPressed.connect(self._sign_in)
        self.user.returnPressed.connect(self._sign_in)
        self.password.returnPressed.connect(self._sign_in)

    def set_servers(self, named: Mapping[str, NamedServer]) -> None:
        """Offer the servers that the settings name."""
        self._named = named
        self.server.addItems(list(named))

    def choose(self, server: str, user: str = "", password: str = "") -> None:
        """Fill the fields."""
        self.server.setEditText(server)
        if user:
            self.user.setText(user)
        self.password.setText(password)
        self._refresh()

    def focus_first(self) -> None:
        """Put the keyboard into the first field that is empty."""
        fields = ((self._address, self.name), (self.user, self.login), (self.password, ""))
        next(field for field, text in fields if not text).setFocus()

    @property
    def name(self) -> str:
        """The server's name or address, as it stands in the field."""
        return self.server.currentText().strip()

    @property
    def url(self) -> str:
        """The server's address; empty when the name is none the settings know."""
        known = self._named.get(self.name)
        if known is not None:
            return known.url
        return self.name if "://" in self.name else ""

    @property
    def folder(self) -> Path | None:
        """Where files go, when a system is chosen that people carry them to; else ``None``."""
        from offcirc.servers.registry import file_target, folder_named

        known = self._named.get(self.name)
        if known is not None and file_target(known.kind) is not None:
            return Path(known.folder) if known.folder else None
        named = folder_named(self.name)
        return Path(named[1]).expanduser() if named is not None and named[1] else None

    @property
    def system(self) -> FileTarget:
        """The system that people carry files to; only asked when there is a folder."""
        from offcirc.servers.registry import file_target, folder_named

        known = self._named.get(self.name)
        named = folder_named(self.name)
        found = named[0] if named is not None else file_target(known.kind if known else "")
        assert found is not None, "there is a folder"
        return found

    @property
    def look_up(self) -> str:
        """The name of the server that looks things up for the one chosen; may be empty."""
        known = self._named.get(self.name)
        return known.look_up if known is not None else ""

    @property
    def login(self) -> str:
        """The user name."""
        return self.user.text().strip()

    def usual_desk(self) -> str:
        """The circulation desk that the settings give for the server chosen; may be empty."""
        known = self._named.get(self.name)
        return known.desk if known is not None else ""

    def show_remembered(self, remembered: bool) -> None:
        """Tell whether a password for this server and user name is kept on this PC."""
        self._remembered = remembered
        self.remember.setChecked(remembered)
        hint = _("remembered: leave empty to use it") if remembered else ""
        self.password.setPlaceholderText(hint)
        self._refresh()

    def show_busy(self, text: str) -> None:
        """Tell what is being waited for; nothing can be changed meanwhile."""
        self._busy = bool(text)
        set_property(self.status, "good", False)
        self.status.setText(text)
        self._refresh()

    def show_fault(self, text: str) -> None:
        """Tell what does not work, though signing in may."""
        set_property(self.status, "good", False)
        self.status.setText(text)

    def show_account(self, account: Account | None) -> None:
        """Tell who is signed in."""
        self._busy = False
        set_property(self.status, "good", account is not None)
        if account is None:
            self.status.setText("")
        else:
            who = account.name or account.login
            self.status.setText("✓ " + _("Signed in as {who}.").format(who=who))
            self.password.clear()
        self._refresh()

    def show_limits(self, sentences: Sequence[str]) -> None:
        """Tell what the server, or this account there, cannot do."""
        self.limits.setText("\n".join(f"• {sentence}" for sentence in sentences))
        self.limits.setVisible(bool(sentences))

    def show_test(self, found: ConnectionFound) -> None:
        """Tell what a test of the connection has found."""
        self.show_busy("")
        set_property(self.status, "good", found.ok)
        signs = (("✓", found.good), ("✗", found.problems))
        told = [f"{sign} {sentence}" for sign, sentences in signs for sentence in sentences]
        self.status.setText("\n".join(told))
        self.show_limits(found.limits)

    def _sign_in(self) -> None:
        if self.sign_in.isEnabled():
            self.sign_in_wanted.emit(self._wish())

    def _test(self) -> None:
        self.test_wanted.emit(self._wish())

    def _wish(self) -> SignIn:
        return SignIn(self.name, self.login, self.password.text(), self.remember.isChecked())

    def _account_changed(self) -> None:
        self.account_changed.emit()
        self._refresh()

    def _take_user(self, name: str) -> None:
        known = self._named.get(name.strip())
        if known is not None and known.user:
            self.user.setText(known.user)

    def _refresh(self) -> None:
        complete = bool(self.name and self.login and (self.password.text() or self._remembered))
        self.sign_in.setEnabled(complete and not self._busy)
        self.test.setEnabled(complete and not self._busy)
        for field in (self.server, self.user, self.password, self.remember, self.practice):
            field.setEnabled(not self._busy)
        known = self._named.get(self.name)
        plain = known is not None and known.plain_http and in_the_open(known.url)
        self.warning.setVisible(plain)
        self.warning.setText(unencrypted(self.url) if plain else "")
        folder = self.folder
        for part in (*self._account, self.remember, self.sign_in, self.test):
            part.setVisible(folder is None)
        if folder is not None:
            text = _("{system} takes these files by hand: they are written to {folder}.")
            told = text.format(system=self.system.name, folder=folder)
            self.status.setText(" ".join((told, *self.system.limits())))
        elif self._was_folder:
            self.status.setText("")
        self._was_folder = folder is not None


def fill_desks(combo: QComboBox, desks: Sequence[Desk], wanted: str) -> None:
    """Offer circulation desks: code and name, the wanted one chosen, or the only one."""
    combo.clear()
    for desk in desks:
        text = f"{desk.code} – {desk.name}" if desk.name and desk.name != desk.code else desk.code
        combo.addItem(text, desk.code)
        combo.setItemData(combo.count() - 1, desk.library, Qt.ItemDataRole.ToolTipRole)
    position = combo.findData(wanted) if wanted else -1
    if position < 0 and len(desks) > 1:
        # No desk by accident: items of other desks would go in transit.
        position = -1
    elif position < 0:
        position = 0
    combo.setCurrentIndex(position)
