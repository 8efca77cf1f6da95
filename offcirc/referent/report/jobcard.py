"""Alma's job row, as one strip: what it was, how it ended, how many, when, who."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.background import jobwords
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import label, set_property
from offcirc.upload.report.report import JobReport, JobStatus

_WAITING = ("files", "who", "finished", "run_time", "desk", "started")
"""What a narrow window leaves out, one after the other; the past uploads tell it too."""


class JobCard(QFrame):
    """The row of one job.

    Attributes:
        values: the words shown under each heading, by a short name.
    """

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setObjectName("strip")
        self.values: dict[str, QLabel] = {}
        self.headings: dict[str, QLabel] = {}
        self._facts: dict[str, QWidget] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.8), look.px(0.35), look.px(0.8), look.px(0.35))
        row.setSpacing(look.px(1.2))
        names = (
            ("status", ""),
            ("processed", _("Records processed")),
            ("exceptions", _("Records with exceptions")),
            ("started", _("Started on")),
            ("finished", _("Finished on")),
            ("run_time", _("Total run time")),
            ("files", _("Files")),
            ("desk", _("Circulation desk")),
            ("who", _("Uploaded by")),
            ("process_id", _("Process ID")),
        )
        for key, heading in names:
            row.addWidget(self._fact(key, heading))
        row.addStretch(1)
        self.trial = label(_("Trial"), look.small_strong, self, "trial")
        row.addWidget(self.trial)
        self.name = self.headings["status"]

    def _fact(self, key: str, heading: str) -> QWidget:
        look = self._look
        part = QWidget(self)
        strong = key in ("status", "processed", "exceptions")
        value = label("", look.strong if strong else look.text, part, "toned")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(heading or _("Status"))
        title = label(heading, look.small, part, "faint")
        group = QVBoxLayout(part)
        group.setContentsMargins(0, 0, 0, 0)
        group.setSpacing(0)
        group.addWidget(title)
        group.addWidget(value)
        self.values[key], self.headings[key], self._facts[key] = value, title, part
        return part

    def minimumSizeHint(self) -> QSize:
        """What is never left out, one line of it."""
        return QSize(self._look.px(10), super().minimumSizeHint().height())

    def show_job(self, report: JobReport) -> None:
        """Show a job."""
        self.name.setText(report.name)
        self.trial.setVisible(report.dry_run)
        names = [file.name for file in report.files]
        texts = {
            "process_id": report.process_id,
            "status": jobwords.status(report),
            "processed": number(report.processed),
            "exceptions": number(report.exceptions),
            "who": report.who,
            "desk": report.desk,
            "started": jobwords.moment(report.started),
            "finished": jobwords.moment(report.finished),
            "run_time": jobwords.run_time(report.run_seconds),
            "files": jobwords.files(len(names)),
        }
        for key, text in texts.items():
            self.values[key].setText(text or "–")
            self.values[key].setAccessibleDescription(text)
            self._facts[key].setToolTip(text)
        self._facts["files"].setToolTip("\n".join(names))
        tone = "good" if report.status is JobStatus.COMPLETED else "bad"
        set_property(self.values["status"], "tone", "plain" if report.dry_run else tone)
        set_property(self.values["exceptions"], "tone", "bad" if report.exceptions else "plain")
        self._choose()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        gone = 0
        widths = {key: part.sizeHint().width() for key, part in self._facts.items()}
        if not self.trial.isHidden():
            widths["trial"] = self.trial.sizeHint().width()
        gap = self._look.px(1.2)
        order = (*_WAITING, "processed", "process_id", "exceptions")
        room = self.width() - self._look.px(1.7)
        while sum(widths.values()) + gap * len(widths) > room and gone < len(order):
            widths.pop(order[gone], None)
            gone += 1
        for key, part in self._facts.items():
            part.setVisible(key in widths)
