"""The window that says what is wrong with this PC: the doctor's findings, line by line.

The doctor looks at drives, servers and scanners, which takes its time, and is no part of the desk:
it runs as a process of its own and hands its findings over as JSON.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QProcess, QProcessEnvironment, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from offcirc import i18n, ourselves
from offcirc.desk.face.look import Look
from offcirc.desk.scan.scanguard import ScanGuard
from offcirc.desk.side.sidewindow import SideWindow, WrappedLabel
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.scanning.decoder import Framing


class ThisPc(SideWindow):
    """What the doctor found.

    Attributes:
        again: looks again.
        verdict: the conclusion, in a sentence.

    Signals:
        scanned: a scan arrived here by mistake, a :class:`Scan`: it is the desk's to deal with.
    """

    scanned = Signal(object)

    def __init__(
        self,
        look: Look,
        data_dir: str,
        parent: QWidget | None = None,
        framing: Framing | None = None,
    ) -> None:
        intro = _("What this PC needs to be relied on in an outage, looked at one by one.")
        super().__init__(look, _("This PC"), intro, parent)
        self._data_dir = data_dir
        self._process = QProcess(self)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(lambda _error: self._failed())
        self.verdict = WrappedLabel("", look.strong, self)
        self.verdict.setObjectName("verdict")
        self.card().addWidget(self.verdict)
        self._findings: QVBoxLayout = self.card()
        self._findings.setSpacing(look.px(0.45))
        self.body.addStretch(1)
        self.again = self.button(_("Look &again"))
        self.again.clicked.connect(self.look_now)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self.foot.addWidget(self.again)
        self.foot.addStretch(1)
        self.foot.addWidget(self.shut)
        self._guard = ScanGuard(self, framing)
        self._guard.scanned.connect(self.scanned)
        self.place(34, 30)

    @property
    def looking(self) -> bool:
        """Whether it is looking just now."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def look_now(self) -> None:
        """Look, in the background; what was found before stays until then."""
        if self.looking:
            return
        self.again.setEnabled(False)
        self.verdict.setText(_("Looking…"))
        words = ["doctor", "--format", "json", "--data-dir", self._data_dir]
        program, *rest = ourselves.command(*words, "--lang", i18n.language())
        environment = QProcessEnvironment()
        for name, value in ourselves.environment().items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        self._process.start(program, rest)

    def _ended(self) -> None:
        self.again.setEnabled(True)
        found: dict[str, Any] = {}
        with suppress(ValueError):
            found = json.loads(bytes(self._process.readAllStandardOutput().data()))
        if "checks" not in found:
            self._failed()
            return
        self._clear()
        order = {"problem": 0, "note": 1, "fine": 2}
        for check in sorted(found["checks"], key=lambda each: order[each["level"]]):
            self._add(check)
        problems = found["problems"]
        self.verdict.setText(
            _("Something must be done before this PC can be relied on.")
            if problems
            else _("This PC is ready for the next outage.")
        )

    def _failed(self) -> None:
        self.again.setEnabled(True)
        self.verdict.setText(_("The look at this PC did not come to its end. Please try again."))

    def _clear(self) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, check: dict[str, Any]) -> None:
        """A row: a word in colour, and what was found."""
        row = QFrame(self.sheet)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self.look.px(0.5))
        word, colour = self._mark(check["level"])
        mark = QLabel(word, row)
        mark.setFont(self.look.strong)
        mark.setStyleSheet(f"color: {colour};")
        mark.setFixedWidth(self.look.px(5))
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        text = " ".join(filter(None, (check["message"], check["advice"])))
        line.addWidget(WrappedLabel(text, self.look.text, row), 1)
        row.setAccessibleName(f"{word}. {text}")
        self._findings.addWidget(row)

    def _mark(self, level: str) -> tuple[str, str]:
        tones = self.tones
        return {
            "problem": (_("To be done"), tones.error),
            "note": (_("To know"), tones.notice_ink),
            "fine": (_("Fine"), tones.good),
        }[level]

    def close_for_good(self) -> None:
        """The desk is closed: nobody waits for the answer any more."""
        self._process.blockSignals(True)
        self._process.kill()
        self._process.waitForFinished(1000)
        self.hide()
