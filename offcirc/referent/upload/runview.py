"""How far an upload is: numbers, a bar, and the way to stop it and to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.flow_layout import Flow
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import Meter, Tile, button, card, label

if TYPE_CHECKING:
    from offcirc.upload.run import Progress


class RunView(QWidget):
    """The progress of one upload or trial.

    Signals:
        cancel_wanted: somebody wants it to stop.
        pause_wanted: somebody wants it to stand still, or to go on.
        resume_wanted: somebody wants it to go on.
        report_wanted: somebody wants to see what came of it so far.
        back_wanted: somebody wants to choose other things first.
    """

    cancel_wanted = Signal()
    pause_wanted = Signal(bool)
    resume_wanted = Signal()
    report_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = ""
        self._paused = self._stopping = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(0.9))
        column.addLayout(self._tiles(look))
        frame, inside = card(look, self)
        self.title = label("", look.heading, frame)
        self.place = label("", look.text, frame, "faint", wrap=True)
        self.meter = Meter(look, frame)
        self.count = label("", look.text, frame)
        self.phase = label("", look.text, frame, "faint", wrap=True)
        for part in (self.title, self.place):
            inside.addWidget(part)
        inside.addSpacing(look.px(0.4))
        inside.addWidget(self.meter)
        inside.addWidget(self.count)
        inside.addWidget(self.phase)
        inside.addSpacing(look.px(0.4))
        inside.addLayout(self._buttons(look, frame))
        column.addWidget(frame)
        column.addStretch(1)

    def _tiles(self, look: ReferentLook) -> Flow:
        self.recorded = Tile(look, _("Recorded"), "good", self)
        self.refused = Tile(look, _("Rejected"), "bad", self)
        self.unknown = Tile(look, _("Without an answer"), "look", self)
        self.held = Tile(look, _("Damaged, not sent"), "look", self)
        self.earlier = Tile(look, _("Already recorded"), "plain", self)
        self.left = Tile(look, _("Still to be sent"), "ink", self)
        row = Flow(look.px(0.7))
        for tile in (
            self.recorded,
            self.refused,
            self.unknown,
            self.held,
            self.earlier,
            self.left,
        ):
            tile.setMinimumWidth(look.px(7))
            row.addWidget(tile)
        return row

    def _buttons(self, look: ReferentLook, frame: QWidget) -> Flow:
        row = Flow(look.px(0.5))
        self.pause = button(_("&Pause"), look, frame, self._toggle_pause)
        self.cancel = button(_("&Cancel"), look, frame, self.cancel_wanted.emit)
        self.resume = button(_("Resu&me"), look, frame, self.resume_wanted.emit, "primary")
        self.report = button(_("&See the report"), look, frame, self.report_wanted.emit)
        self.back = button(_("Back t&o the choices"), look, frame, self.back_wanted.emit)
        for part in (self.pause, self.cancel, self.resume, self.report, self.back):
            row.addWidget(part)
        return row

    @property
    def turn_text(self) -> str:
        """What the line under the page says."""
        if self.cancel.isHidden():
            return _("What is recorded stays recorded.")
        return _("You may go on using the window meanwhile.")

    def _toggle_pause(self) -> None:
        self.pause_wanted.emit(not self._paused)

    def begin(self, *, dry_run: bool, place: str) -> None:
        """A new upload or trial starts.

        Args:
            dry_run: whether nothing is recorded.
            place: server and circulation desk in words.
        """
        self._share = ""
        self._stopping = False
        self.show_paused(paused=False)
        self.title.setText(
            _("Trying: nothing is recorded…") if dry_run else _("Uploading and validating…")
        )
        self.place.setText(place)
        for tile in (self.recorded, self.refused, self.unknown, self.held, self.earlier):
            tile.show_figure("0")
        self.left.show_figure("–")
        for tile in (self.unknown, self.held, self.earlier):
            tile.hide()
        self.meter.show_counts(0, 0, 0, 0, 0)
        self.count.setText("")
        self.phase.setText(_("Reading the files…"))
        self.cancel.setText(_("&Cancel"))
        self.cancel.setEnabled(True)
        self.cancel.show()
        self.pause.setVisible(not dry_run)
        self.pause.setEnabled(True)
        for part in (self.resume, self.report, self.back):
            part.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._show_figures(progress)
        doubt = progress.unknown + progress.held
        self.meter.show_counts(
            progress.recorded, progress.skipped, progress.rejected, doubt, progress.total
        )
        if not self._stopping:
            self.phase.setText(_phase(progress))
        if progress.total:
            self._share = f"{number(progress.done)} / {number(progress.total)}"
            self.count.setText(" · ".join([self._share, *self._pace(progress)]))

    def _show_figures(self, progress: Progress) -> None:
        for tile, count in (
            (self.recorded, progress.recorded),
            (self.refused, progress.rejected),
            (self.unknown, progress.unknown),
            (self.held, progress.held),
            (self.earlier, progress.skipped),
            (self.left, progress.total - progress.done),
        ):
            tile.show_figure(number(count))
        for tile, count in (
            (self.unknown, progress.unknown),
            (self.held, progress.held),
            (self.earlier, progress.skipped),
        ):
            # Once shown, a number stays: what comes and goes is missed.
            if count:
                tile.show()

    def _pace(self, progress: Progress) -> list[str]:
        if not progress.rate:
            return []
        rate = progress.rate
        shown = number(round(rate)) if rate >= 10 else f"{rate:.1f}"
        parts = [_("{rate} lines per second").format(rate=shown)]
        if progress.seconds_left is not None and progress.left:
            parts.append(_("about {time} left").format(time=_duration(progress.seconds_left)))
        return parts

    def show_paused(self, *, paused: bool) -> None:
        """It stands still, or goes on."""
        self._paused = paused
        self.pause.setText(_("&Go on") if paused else _("&Pause"))
        if paused:
            self.phase.setText(_("Paused: what is recorded stays recorded."))

    def show_stopping(self) -> None:
        """The request under way is being waited for."""
        self._stopping = True
        self.cancel.setEnabled(False)
        self.pause.setEnabled(False)
        self.phase.setText(_("Stopping: the answer to what was sent is awaited…"))

    def show_end(self, title: str, *, can_resume: bool, has_report: bool) -> None:
        """It has ended.

        Args:
            title: how.
            can_resume: there are lines left that can be sent later.
            has_report: there is something to see.
        """
        self.title.setText(title)
        self.count.setText(self._share)
        self.phase.setText("")
        self.cancel.hide()
        self.pause.hide()
        self.resume.setVisible(can_resume)
        self.report.setVisible(has_report)
        self.back.show()


def _phase(progress: Progress) -> str:
    """What it is doing, in words."""
    if progress.phase.value == "waiting" and progress.problem:
        again = _("It is tried again by itself in {time}.").format(
            time=_duration(progress.wait_seconds)
        )
        return f"{progress.problem} {again}"
    words = {
        "reading": _("Reading the files…"),
        "sending": _("Sending, and waiting for the answers…"),
        "waiting": _("The server asks for patience; it is tried again by itself…"),
        "paused": _("Paused: what is recorded stays recorded."),
        "finishing": _("Asking for the report…"),
    }
    return words.get(progress.phase.value, "")


def _duration(seconds: float) -> str:
    whole = max(round(seconds), 1)
    if whole < 90:
        return _("{count} s").format(count=whole)
    return _("{count} min").format(count=round(whole / 60))
