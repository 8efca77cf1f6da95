"""The third step: where the files go, and the upload itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import SideBySide
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, card, label
from offcirc.referent.kit.skeleton import Skeleton
from offcirc.referent.upload.foresight import Foresight, checklist
from offcirc.referent.upload.handedcard import HandedCard
from offcirc.referent.upload.runview import RunView
from offcirc.referent.upload.serverform import ServerForm, fill_desks
from offcirc.servers.protocol import EVERY_DATE

if TYPE_CHECKING:
    from offcirc.servers.protocol import Abilities, Account, Desk, PreflightItem, Server


FORESIGHT, HANDED = 1, 2
"""The tabs beside the choices."""


class UploadPage(Skeleton):
    """Before an upload, what to choose; during it, how far it is.

    Signals:
        upload_wanted: somebody wants the files uploaded.
        trial_wanted: somebody wants to know what would come of it.
        files_wanted: somebody wants the files that people carry to the library system.
        desk_chosen: another circulation desk is chosen; its code.
        changed: something else can be done now than before.
    """

    upload_wanted = Signal()
    trial_wanted = Signal()
    files_wanted = Signal()
    desk_chosen = Signal(str)
    changed = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Upload"), parent)
        self._lines = 0
        self._kinds = (0, 0)
        self._names: Sequence[str] = ()
        self._signed_in = False
        self._unfinished = ""
        self._server: Server | None = None
        self._desks_told = False
        self._just_handed = False
        self.form = ServerForm(look, self)
        self.run = RunView(look, self)
        self.choices = self._make_choices()
        self.run.hide()
        first = QWidget(self)
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        # Not in a stack: that would be as high as the higher of the two.
        column.addWidget(self.choices)
        column.addWidget(self.run)
        self.add_tab(_("Upload"), first)
        self.foresight = Foresight(look, self)
        self.foresight.filled.connect(partial(self._fill, FORESIGHT))
        self.add_tab(_("What would come of it"), self.foresight)
        self.handed = HandedCard(look, self)
        self.handed.filled.connect(partial(self._fill, HANDED))
        self.add_tab(_("Files that wait for an answer"), self.handed)
        for place in (FORESIGHT, HANDED):
            self.offer(place, offered=False)
        self._refresh()

    def _fill(self, place: int, count: int) -> None:
        self.offer(place, offered=bool(count))
        if place == HANDED:
            self.count(place, count or None)
            if count and self._just_handed:
                self.turn_to(HANDED)
                self._just_handed = False

    def show_handed(self) -> None:
        """Files were written just now: show them as soon as they are known."""
        self._just_handed = True

    def _make_choices(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        sides = SideBySide(self._look.px(22), self._look.px(0.67), page)
        sides.add(self.form)
        sides.add(self._upload_card(page))
        column.addWidget(sides)
        column.addStretch(1)
        return page

    def _upload_card(self, page: QWidget) -> QWidget:
        look = self._look
        frame, column = card(look, page)
        column.addWidget(label(_("Upload"), look.heading, frame))
        self.desk = QComboBox(frame)
        self.desk.setFont(look.text)
        name = label(_("Circulation &desk:"), look.small, frame, "faint")
        name.setBuddy(self.desk)
        self.desk.setAccessibleName(_("Circulation desk"))
        self.desk.setPlaceholderText(_("Sign in first"))
        self.desk.currentIndexChanged.connect(self._desk_changed)
        self.desk.editTextChanged.connect(self._desk_typed)
        group = QVBoxLayout()
        group.setSpacing(look.px(0.15))
        group.addWidget(name)
        group.addWidget(self.desk)
        column.addLayout(group)
        advice = _(
            "The desk at which these loans and returns took place: items of other desks would go"
            " In Transit."
        )
        column.addWidget(label(advice, look.small, frame, "faint", wrap=True))
        self.own_desks = label("", look.small, frame, "faint", wrap=True)
        self.own_desks.hide()
        column.addWidget(self.own_desks)
        column.addSpacing(look.px(0.5))
        self.summary = label("", look.text, frame, wrap=True)
        column.addWidget(self.summary)
        column.addSpacing(look.px(0.3))
        self.undated = label("", look.text, frame, wrap=True)
        self.accept_dates = QCheckBox(_("Send these lines a&ll the same"), frame)
        self.accept_dates.setFont(look.text)
        self.accept_dates.toggled.connect(self._refresh)
        column.addWidget(self.undated)
        column.addWidget(self.accept_dates)
        self.preflight = label("", look.text, frame, wrap=True)
        column.addWidget(self.preflight)
        column.addStretch(1)
        self.trial = button(_("&Try without recording"), look, frame, self.trial_wanted.emit)
        self.trial.setToolTip(
            _("The library system says what it would refuse; nothing is recorded anywhere.")
        )
        column.addWidget(self.trial)
        return frame

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        if not self._signed_in:
            self.form.focus_first()
        elif self.trial.isEnabled():
            self.trial.setFocus()
        else:
            self.desk.setFocus()

    @property
    def desk_code(self) -> str:
        """The circulation desk chosen; empty if none is."""
        if self.desk.isEditable():
            return self.desk.currentText().strip()
        return str(self.desk.currentData() or "")

    def offer_desks(self, codes: Sequence[str], *, told: bool) -> None:
        """For files that people carry there: circulation desks that the desks themselves name.

        Args:
            codes: the codes.
            told: every file says its own, so that none has to be chosen.
        """
        self._desks_told = told
        own = ", ".join(codes) if self.form.folder is None else ""
        text = _("The lines of desks that name their own circulation desk go there: {desks}.")
        self.own_desks.setText(text.format(desks=own) if own else "")
        self.own_desks.setVisible(bool(own))
        if self.form.folder is None:
            return
        typed = self.desk.currentText() if self.desk.isEditable() else self.form.usual_desk()
        self.desk.setEditable(True)
        self.desk.setPlaceholderText("")
        self.desk.blockSignals(True)
        self.desk.clear()
        self.desk.addItems(list(codes))
        self.desk.setEditText(typed)
        self.desk.blockSignals(False)
        self._refresh()

    def _leave_alma(self) -> None:
        if self.desk.isEditable() and self.form.folder is None:
            self.desk.setEditable(False)
            self.desk.clear()

    def show_files(
        self, names: Sequence[str], lines: int, unfinished: str, kinds: tuple[int, int] = (0, 0)
    ) -> None:
        """Tell what would be sent.

        Args:
            names: the files.
            lines: their lines, all together.
            kinds: how many of them are loans, and how many returns.
            unfinished: when the upload of just these files was begun that can be resumed; empty
                when there is none.
        """
        if (lines, names) != (self._lines, self._names):
            self.foresight.show_preview(None)  # it was about other lines
        if (kinds, names) != (self._kinds, self._names):
            self.accept_dates.setChecked(False)  # it was said of other lines
        self._lines, self._names, self._kinds = lines, names, kinds
        self._unfinished = unfinished
        if not names:
            self.summary.setText(_("No files have been added yet."))
        else:
            count = ngettext("{count} line", "{count} lines", lines).format(count=number(lines))
            files = ngettext("{count} file", "{count} files", len(names))
            files = files.format(count=number(len(names)))
            text = _("{lines} in {files}, in the order in which they happened.").format(
                lines=count, files=files
            )
            self.summary.setText(f"{text}\n{_some(names)}")
        self._refresh()

    def show_server(self, server: Server | None) -> None:
        """Tell which server somebody is signed in on; ``None`` for none."""
        self._server = server
        self.form.show_limits(server.limits() if server is not None else ())
        self._refresh()

    def show_desks(self, desks: Sequence[Desk], wanted: str) -> None:
        """Offer the circulation desks of the account that is signed in."""
        self.desk.setPlaceholderText(_("Choose the circulation desk"))
        fill_desks(self.desk, desks, wanted)
        self._refresh()

    def show_account(self, account: Account | None) -> None:
        """Tell who is signed in; ``None`` for nobody."""
        self._signed_in = account is not None
        self.form.show_account(account)
        if account is None:
            self._server = None
            self.accept_dates.setChecked(False)
            self.form.show_limits(())
            self.foresight.show_preview(None)
            self.desk.clear()
            self.desk.setPlaceholderText(_("Sign in first"))
        self._refresh()

    def show_run(self) -> None:
        """Show how far the upload is."""
        self.turn_to(0)
        self.choices.hide()
        self.run.show()
        self.changed.emit()

    def show_choices(self) -> None:
        """Show what to choose before the next upload."""
        self.run.hide()
        self.choices.show()
        self.changed.emit()

    def _desk_typed(self, _text: str) -> None:
        if self.desk.isEditable():
            self._refresh()

    def _desk_changed(self, _index: int) -> None:
        self.desk_chosen.emit(self.desk_code)
        self._refresh()

    def turn(self) -> tuple[str, str, Callable[[], None], bool]:
        """Where one stands here, what can be done next, how, and whether it can be done now."""
        act = self.upload_wanted.emit
        if not self.run.isHidden():
            return self.run.turn_text, "", act, False
        missing = self._missing()
        if self.form.folder is not None:
            text = missing or _("The files, and a checklist.")
            action = _("&Write the files for {system}").format(system=self.form.system.name)
            return text, action, self.files_wanted.emit, not missing
        action = _("Upload and &validate file content")
        if self._unfinished:
            action = _("Resume and &validate file content")
        if not missing and self._to_agree:
            missing = _("Some lines would be dated today: say whether they go all the same.")
        text = missing or _("Every line is recorded once, however often it is sent.")
        if self._unfinished and not missing:
            text = _("The upload of {when} goes on where it stopped.").format(when=self._unfinished)
        return text, action, act, not missing

    def _refresh(self) -> None:
        self._leave_alma()
        alma = self.form.folder is not None
        self.desk.setEnabled(self.form.system.by_desk if alma else self._signed_in)
        abilities = self._server.abilities if self._server is not None else None
        self._tell_dates(abilities)
        self.trial.setEnabled(not self._missing())
        can_try = abilities is None or abilities.dry_run or abilities.look_up
        self.trial.setVisible(can_try and not alma)
        text = checklist(self._preflight())
        self.preflight.setText(text)
        self.preflight.setVisible(bool(text))
        self.changed.emit()

    def _preflight(self) -> tuple[PreflightItem, ...]:
        if self.form.folder is not None:
            return self.form.system.preflight(self.desk_code)
        return self._server.preflight(self.desk_code) if self._server and self.desk_code else ()

    def _missing(self) -> str:
        if not self._lines:
            return _("First add the files of the desks.")
        if self.form.folder is not None:
            told = self.desk_code or self._desks_told or not self.form.system.by_desk
            return "" if told else _("Name the circulation desk.")
        if not self._signed_in:
            return _("First sign in on the library system.")
        if not self.desk_code:
            return _("Choose the circulation desk.")
        return ""

    def _tell_dates(self, abilities: Abilities | None) -> None:
        """Say which lines would lose their time; none of them goes before somebody agrees."""
        text = ""
        if abilities is not None and abilities.keeps_dates != EVERY_DATE:
            from offcirc.upload.lines import dating

            text = dating.sentence(dating.of_counts(*self._kinds, abilities))
        self.undated.setText(text)
        self.undated.setVisible(bool(text))
        self.accept_dates.setVisible(bool(text))

    @property
    def _to_agree(self) -> bool:
        return bool(self.undated.text()) and not self.accept_dates.isChecked()


def _some(names: Sequence[str]) -> str:
    """The first names of a list that may be long."""
    if len(names) <= 5:
        return ", ".join(names)
    rest = len(names) - 4
    more = ngettext("and {count} more", "and {count} more", rest).format(count=number(rest))
    return ", ".join([*names[:4], more])
