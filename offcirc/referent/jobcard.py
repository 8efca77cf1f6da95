"""Alma's job row, as a card: who, when, how long, how many."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent import jobwords
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow
from offcirc.referent.look import Look
from offcirc.referent.parts import Tile, card, label, set_property
from offcirc.upload.report import JobReport, JobStatus


class JobCard(QWidget):
    """The row of one job.

    Attributes:
        values: the words shown under each heading, by a short name.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.values: dict[str, QLabel] = {}
        row = Flow(look.px(0.7))
        self.setLayout(row)
        row.addWidget(self._facts())
        self.processed = Tile(look, _("Records processed"), "ink", self)
        self.exceptions = Tile(look, _("Records with exceptions"), "bad", self)
        for tile in (self.processed, self.exceptions):
            tile.setMinimumWidth(look.px(7.5))
        row.addWidget(self.processed)
        row.addWidget(self.exceptions)

    def _facts(self) -> QFrame:
        look = self._look
        frame, column = card(look, self)
        self.name = label("", look.strong, frame, wrap=True)
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.trial = label(_("Trial"), look.small_strong, frame, "trial")
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.trial)
        column.addLayout(top)
        facts = Flow(look.px(0.35), preferred=look.px(4 * 8.4 + 1.1))
        headings = (
            ("process_id", _("Process ID")),
            ("status", _("Status")),
            ("who", _("Uploaded by")),
            ("desk", _("Circulation desk")),
            ("started", _("Started on")),
            ("finished", _("Finished on")),
            ("run_time", _("Total run time")),
            ("files", _("Files")),
        )
        for key, heading in headings:
            facts.addWidget(self._fact(frame, key, heading))
        column.addLayout(facts)
        frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return frame

    def _fact(self, parent: QWidget, key: str, heading: str) -> QWidget:
        look = self._look
        frame = QWidget(parent)
        # Of one width, so that they stand in columns however many fit on a line.
        frame.setMinimumWidth(look.px(8.4))
        value = label("", look.strong if key == "status" else look.text, frame, "toned")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(heading)
        self.values[key] = value
        group = QVBoxLayout(frame)
        group.setContentsMargins(0, 0, 0, 0)
        group.setSpacing(0)
        group.addWidget(label(heading, look.small, frame, "faint"))
        group.addWidget(value)
        return frame

    def show_job(self, report: JobReport) -> None:
        """Show a job."""
        self.name.setText(report.name)
        self.trial.setVisible(report.dry_run)
        names = [file.name for file in report.files]
        texts = {
            "process_id": report.process_id,
            "status": jobwords.status(report),
            "who": report.who,
            "desk": report.desk,
            "started": jobwords.moment(report.started),
            "finished": jobwords.moment(report.finished),
            "run_time": jobwords.run_time(report.run_seconds),
            "files": names[0] if len(names) == 1 else jobwords.files(len(names)),
        }
        for key, text in texts.items():
            self.values[key].setText(text or "–")
            self.values[key].setAccessibleDescription(text)
        self.values["files"].setToolTip("\n".join(names))
        tone = "good" if report.status is JobStatus.COMPLETED else "bad"
        set_property(self.values["status"], "tone", "plain" if report.dry_run else tone)
        processed = report.processed
        self.processed.show_figure(number(processed))
        self.exceptions.show_figure(number(report.exceptions), "" if report.exceptions else "plain")
