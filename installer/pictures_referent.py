"""Draw the pictures of the referent's manual: the real window, at work with a practice server.

``python installer/pictures_referent.py [FOLDER]``: into ``resources/help/pictures`` when no folder
is given. Run it after a change of the window, and look at what came out. With ``--all``,
``--scale 2`` and ``--size 1240x800`` the same pictures serve to judge the window itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

from offcirc import i18n, resources
from offcirc.practice.web.serve import running
from offcirc.referent.background import uploads
from offcirc.referent.frame.help_window import HelpWindow
from offcirc.referent.frame.start import Dress
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.frame.window import Window
from offcirc.servers.practice import PracticeServer
from offcirc.settings.load import load

TOP = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
"""Seconds after which something has gone wrong."""

ACCOUNT = ("referent", "bac-a-sable-1")
MANUAL = ("collect", "check", "server", "running", "report", "followup", "close")
"""The pictures that the manual shows."""
ALL = (*MANUAL, "trial", "decided", "groups", "closed", "empty", "cancelled", "past", "error")
ALL += ("help",)


def main(arguments: list[str]) -> int:
    """Draw the pictures in both languages, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=TOP / "resources/help/pictures")
    parser.add_argument("--size", default="1024x700")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--language")
    options = parser.parse_args(arguments)
    if options.language:
        width, height = (int(number) for number in options.size.split("x"))
        names = ALL if options.all else MANUAL
        draw(options.language, options.folder, names, width, height)
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for language in ("en", "fr"):
        environment = os.environ | {
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
            "QT_SCALE_FACTOR": options.scale,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(TOP),
        }
        command = [sys.executable, __file__, str(options.folder.resolve())]
        command += ["--size", options.size, "--language", language]
        command += ["--all"] if options.all else []
        subprocess.run(command, env=environment, check=True)
    return 0


def draw(language: str, folder: Path, names: Sequence[str], width: int, height: int) -> None:
    """Draw the pictures of one language."""
    i18n.activate(language)
    app = QApplication([])
    # The outage of the sample library was in January 2018.
    uploads.now = lambda: datetime(2018, 1, 18, 8, 0)  # noqa: DTZ001
    morning = datetime(2018, 1, 19, 8, 0)  # noqa: DTZ001
    with tempfile.TemporaryDirectory() as place, Dress(app) as look:
        data = Path(place, "data")
        data.mkdir(mode=0o700)
        none = Path(place, "none.toml")
        window = Window(look, load({}, site=none, user=none), data)
        window.resize(width, height)
        # Drawn in memory, the pointer rests on the corner and lights up what is there.
        QCursor.setPos(width - 3, height - 3)
        window.show()
        with running(None, Path(place, "server"), now=morning) as url:
            target = str(folder / f"referent-{{}}-{language}.png")
            Story(app, window, url, names, target).tell(Path(place, "files"))
        window.close()


class Story:
    """The referent's morning, with a picture at each turn."""

    def __init__(
        self,
        app: QApplication,
        window: Window,
        url: str,
        names: Sequence[str],
        target: str,
    ) -> None:
        """Prepare.

        Args:
            app: the application.
            window: its window.
            url: the practice server's address.
            names: the pictures wanted.
            target: where they go, with ``{}`` for a picture's name.
        """
        self.app = app
        self.window = window
        self.url = url
        self.names = names
        self.target = target

    def tell(self, files: Path) -> None:
        """From the empty window to the past uploads."""
        self.before(files)
        self.after()
        self.trouble(files)

    def before(self, files: Path) -> None:
        """Files are collected and checked, and where they go is chosen."""
        window = self.window
        self.picture("empty")
        write_files(files)
        window.add_paths([files / "collecte"])
        self.quiet()
        window.collect.table.selectRow(1)
        self.picture("collect")
        window.go(StepPlace.CHECK)
        self.choose_question()
        self.picture("check")
        window.check.panel.first.click()
        self.quiet()
        self.picture("decided")
        window.band.clear()
        window.go(StepPlace.UPLOAD)
        window.flow.signing_in.look_for_practice(self.url)
        self.quiet()
        window.upload.form.choose(self.url, *ACCOUNT)
        window.upload.form.sign_in.click()
        self.quiet()
        window.upload.desk.setCurrentIndex(0)
        self.picture("server")
        window.upload.trial.click()
        self.until(lambda: not window.flow.uploading.running)
        self.quiet()
        self.picture("trial")
        window.band.clear()

    def choose_question(self) -> None:
        """Look at a pair of lines whose order is not known."""
        page = self.window.check
        for row in page.model.listed:
            if row.code == "unclear-order":
                page.table.selectRow(page.model.row_of(row))
                return

    def after(self) -> None:
        """The upload, its report, what it leaves to do, closing."""
        window = self.window
        window.next.next.click()
        self.until(lambda: not window.flow.uploading.running and window.place is StepPlace.REPORT)
        self.quiet()
        window.reports.page.table.selectRow(2)
        self.picture("report")
        page = window.reports.page
        page.group_choice.setCurrentIndex(1)
        page.table.selectRow(0)
        self.picture("groups")
        page.group_choice.setCurrentIndex(0)
        window.go(StepPlace.FOLLOWUP)
        self.quiet()
        window.todo.page().table.selectRow(1)
        self.quiet()
        self.picture("followup")
        window.go(StepPlace.CLOSE)
        self.quiet()
        self.picture("close")
        window.next.next.click()
        self.quiet()
        self.picture("closed")

    def trouble(self, files: Path) -> None:
        """A long upload that is cancelled, past uploads, a wrong password, the manual."""
        window = self.window
        window.collect.model.remove(window.collect.model.things)
        window.collect.removed.emit()
        window.add_paths([files / "long.dat"])
        self.quiet()
        window.go(StepPlace.UPLOAD)
        slow(PracticeServer)
        window.next.next.click()
        self.until(lambda: window.upload.run.count.text().count("·") == 2)
        self.picture("running")
        window.upload.run.cancel.click()
        self.until(lambda: not window.flow.uploading.running)
        self.quiet()
        self.picture("cancelled")
        window.go(StepPlace.HISTORY)
        self.quiet()
        self.picture("past")
        window.band.clear()
        window.go(StepPlace.UPLOAD)
        window.upload.show_choices()
        window.upload.form.choose(self.url, ACCOUNT[0], "wrong")
        window.upload.form.sign_in.click()
        self.quiet()
        self.picture("error")
        window.show_help()
        self.picture("help", window.findChild(HelpWindow))

    def picture(self, name: str, window: QWidget | None = None) -> None:
        """Keep what the window shows, if this picture is wanted."""
        if name not in self.names:
            return
        for _turn in range(20):
            self.app.processEvents()
            time.sleep(0.005)
        path = self.target.format(name)
        if not (window or self.window).grab().save(path):
            raise OSError(f"{path} cannot be written")

    def quiet(self) -> None:
        """Wait until nothing is under way."""
        self.until(lambda: not self.window.tasks.under_way)

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for a state of the window."""
        deadline = time.monotonic() + PATIENCE
        while not reached():
            self.app.processEvents()
            time.sleep(0.01)
            if time.monotonic() > deadline:
                raise TimeoutError(f"the window says: {self.window.band.message!r}")


def slow(server: type) -> None:
    """Make a server's answers take as long as over a busy network."""
    submit = server.submit  # type: ignore[attr-defined]

    def late(self, job, events):  # type: ignore[no-untyped-def]
        time.sleep(0.4)
        return submit(self, job, events[:])

    server.submit = late  # type: ignore[attr-defined]


def write_files(folder: Path) -> None:
    """What the desks have recorded, and what somebody has put beside it by mistake."""
    sample = resources.path("practice/toulouse")
    first = (sample / "OffCirc.dat").read_bytes()
    second = [
        *busy(sample, 3, 88),
        line("201801171351", "R", "d376480792"),
        b"201801171400L37000034179          9921000000164\r\n",
        b"2018011714XXL37074505499\r\n",
        line("201801171404", "R", "UBX47681222"),
        line("201801171405", "L", "9921000000164", "37000034179"),
    ]
    third = busy(sample, 7, 61)
    shared = busy(sample, 3, 88)[40]
    third += [shared[:12] + b"R" + shared[13:93] + b"\r\n"]
    content = {
        "OffCirc_BUC-du-Mirail_Banque-1_PC-ACCUEIL.dat": first,
        "OffCirc_BUC-du-Mirail_Banque-2_PC-PRET2.dat": b"".join(second),
        "OffCirc_Sciences_Banque_PC-SCI4.dat": b"".join(sorted(third)),
        "liste.dat": b"Liste des lecteurs en retard\r\n" * 40,
    }
    for name, data in content.items():
        path = folder / "collecte" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "long.dat").write_bytes(long_day(sample))


def busy(sample: Path, step: int, count: int) -> list[bytes]:
    """Two days at a desk, busier around noon."""
    items = (sample / "items.csv").read_text(encoding="utf-8").splitlines()[1:]
    patrons = (sample / "patrons.csv").read_text(encoding="utf-8").splitlines()[1:]
    lines = []
    for number in range(count):
        minute = 9 * 60 + (number * step * 7) % 530 if number % 3 else 690 + number * step % 110
        day = 15 + number * 2 // count
        item = items[number * step % len(items)].split(",")[0]
        patron = patrons[number * step % len(patrons)].split(",")[1]
        stamp = f"201801{day:02}{minute // 60:02}{minute % 60:02}"
        operation = "R" if number % 5 in (2, 4) else "L"
        lines.append(line(stamp, operation, item, patron if operation == "L" else ""))
    return sorted(lines)


def long_day(sample: Path) -> bytes:
    """A busy day: items lent and returned again, a few of them unknown."""
    items = (sample / "items.csv").read_text(encoding="utf-8").splitlines()[1:]
    patrons = (sample / "patrons.csv").read_text(encoding="utf-8").splitlines()[1:]
    lines = []
    for number in range(2400):
        item = items[number // 2 % len(items)].split(",")[0]
        patron = patrons[number // 2 % len(patrons)].split(",")[1]
        minute = 8 * 60 + number // 8
        stamp = f"20180118{minute // 60:02}{minute % 60:02}"
        if number % 23 == 0:
            item = f"TOTO{number:05}"
        operation = "R" if number % 2 else "L"
        lines.append(line(stamp, operation, item, "" if number % 2 else patron))
    return b"".join(lines)


def line(stamp: str, operation: str, item: str, patron: str = "") -> bytes:
    """A line of OffCirc.dat."""
    return f"{stamp}{operation}{item:<80}{patron}\r\n".encode("latin-1")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
