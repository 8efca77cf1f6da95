"""How far an upload is: numbers, a bar, and the way to stop it and to go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow
from offcirc.referent.look import Look
from offcirc.referent.parts import Meter, Tile, button, card, label

if TYPE_CHECKING:
    from offcirc.upload.run import Progress

LEAST_FOR_RATE = 2.0
"""Seconds before a rate is shown: earlier it only dances."""


class RunView(QWidget):
    """The progress of one upload or trial.

    Signals:
        cancel_wanted: somebody wants it to stop.
        resume_wanted: somebody wants it to go on.
        report_wanted: somebody wants to see what came of it so far.
        back_wanted: somebody wants to choose other things first.
    """

    cancel_wanted = Signal()
    resume_wanted = Signal()
    report_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._began = 0.0
        self._before = 0
        self._share = ""
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

    def _tiles(self, look: Look) -> Flow:
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

    def _buttons(self, look: Look, frame: QWidget) -> Flow:
        row = Flow(look.px(0.5))
        self.cancel = button(_("&Cancel"), look, frame, self.cancel_wanted.emit)
        self.resume = button(_("Resu&me"), look, frame, self.resume_wanted.emit, "primary")
        self.report = button(_("&See the report"), look, frame, self.report_wanted.emit)
        self.back = button(_("Back t&o the choices"), look, frame, self.back_wanted.emit)
        for part in (self.cancel, self.resume, self.report, self.back):
            row.addWidget(part)
        return row

    @property
    def turn_text(self) -> str:
        """What the line under the page says."""
        if self.cancel.isHidden():
            return _("What is recorded stays recorded.")
        return _("You may go on using the window meanwhile.")

    def begin(self, *, dry_run: bool, place: str) -> None:
        """A new upload or trial starts.

        Args:
            dry_run: whether nothing is recorded.
            place: server and circulation desk in words.
        """
        self._began = time.monotonic()
        self._before = -1
        self._share = ""
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
        for part in (self.resume, self.report, self.back):
            part.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._show_figures(progress)
        doubt = progress.unknown + progress.held
        self.meter.show_counts(
            progress.recorded, progress.skipped, progress.rejected, doubt, progress.total
        )
        self.phase.setText(_phase(progress.phase.value))
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
        if self._before < 0:
            # What an earlier upload has done says nothing about the pace of this one.
            self._before = progress.done
            self._began = time.monotonic()
        passed = time.monotonic() - self._began
        done = progress.done - self._before
        if passed < LEAST_FOR_RATE or done <= 0:
            return []
        rate = done / passed
        ahead = (progress.total - progress.done) / rate
        parts = [_("{rate} lines per second").format(rate=number(round(rate)))]
        if progress.done < progress.total:
            parts.append(_("about {time} left").format(time=_duration(ahead)))
        return parts

    def show_stopping(self) -> None:
        """The request under way is being waited for."""
        self.cancel.setEnabled(False)
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
        self.resume.setVisible(can_resume)
        self.report.setVisible(has_report)
        self.back.show()


def _phase(phase: str) -> str:
    words = {
        "reading": _("Reading the files…"),
        "sending": _("Sending, and waiting for the answers…"),
        "waiting": _("The server asks for patience; it is tried again by itself…"),
        "finishing": _("Asking for the report…"),
    }
    return words.get(phase, "")


def _duration(seconds: float) -> str:
    whole = max(round(seconds), 1)
    if whole < 90:
        return _("{count} s").format(count=whole)
    return _("{count} min").format(count=round(whole / 60))
