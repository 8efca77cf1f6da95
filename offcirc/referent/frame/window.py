"""The referent's window: the pages, and what passes between them and the work."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent.background.jobwords import unfinished
from offcirc.referent.background.memory import ChoiceKeeper
from offcirc.referent.check.collect_page import CollectPage
from offcirc.referent.check.controller import Filing, dropped_paths
from offcirc.referent.check.lister import Lister
from offcirc.referent.check.page import CheckPage
from offcirc.referent.close.controller import CloseController
from offcirc.referent.followup.controller import Todo
from offcirc.referent.frame.header import Header
from offcirc.referent.frame.help_window import HelpWindow
from offcirc.referent.frame.job_flow import Course
from offcirc.referent.frame.nextbar import NextBar
from offcirc.referent.frame.step_facts import Guide
from offcirc.referent.frame.steps import StepPlace, aside, board
from offcirc.referent.kit import errors
from offcirc.referent.kit.band import NoticeBand, NoticeKind
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import scrolled
from offcirc.referent.kit.tasks import Tasks
from offcirc.referent.registrations.controller import Registrar
from offcirc.referent.report.controller import Reports
from offcirc.referent.report.mail import Postman
from offcirc.referent.upload.alma import ENDINGS, Alma
from offcirc.referent.upload.controller import UploadFlow
from offcirc.referent.upload.page import UploadPage
from offcirc.referent.upload.signin import SigningIn
from offcirc.referent.upload.uploading import Uploading
from offcirc.windows.announce import announce

if TYPE_CHECKING:
    from offcirc.referent.background.inspection import Inspection
    from offcirc.settings.load import Settings
    from offcirc.upload.lines.collect import CollectProgress
    from offcirc.upload.report.report import JobReport


class StepPage(Protocol):
    """What every page can do."""

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""


class Window(QWidget):
    """Everything the referent sees.

    Attributes:
        tasks: runs what takes long.
        collect: the page with the list of files.
        filing: fills that list.
        check: the page with what was found in them.
        upload: the page with server and progress.
        flow: the upload under way, and who is signed in.
        reports: the pages with the report and the past uploads.
        todo: the page with the work list.
        closing: the page with the files to put away.
        alma: files written for Alma, its reports read back.
        postman: mails reports.
        course: what follows on what.
        ending: the window closes as soon as the upload has come to a clean stop.
    """

    def __init__(
        self, look: ReferentLook, settings: Settings, data_dir: Path, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self._look = look
        self._data_dir = data_dir
        self._dialogs = dialogs or Dialogs()
        self._jobs: tuple[JobReport, ...] = ()
        self.ending = False
        self._help: HelpWindow | None = None
        self.setWindowTitle(_("OffCirc — Upload"))
        self.setAcceptDrops(True)
        self.tasks = Tasks(self)
        self._keeper = ChoiceKeeper(data_dir, self.tasks, self)
        self.band = NoticeBand(look, self)
        self.collect = CollectPage(look)
        self.check = CheckPage(look)
        self.upload = UploadPage(look)
        self.reports = Reports(look, self.tasks, data_dir, self._dialogs, self)
        self.reports.use(settings)
        self.postman = Postman(settings, self.tasks, self._dialogs, self)
        self.reports.page.want(self.reports.page.mail, wanted=self.postman.ready)
        self.todo = Todo(look, self.tasks, data_dir, self.who, self)
        self.todo.use(settings, self._dialogs)
        self.closing = CloseController(look, self.tasks, data_dir, self.who, self)
        self.registrar = Registrar(
            look, self.tasks, data_dir, self.who, self, key=settings.text("registrations.key")
        )
        days = int(settings.text("retention.days") or 0)
        self.closing.keep_patrons(days, settings.barcodes())
        self.alma = Alma(self.upload.handed, self.tasks, data_dir, self.who, self)
        self.alma.use(self._dialogs, settings.servers)
        self._stack = QStackedWidget(self)
        self._builders: dict[StepPlace, Callable[[], StepPage]] = {
            StepPlace.COLLECT: lambda: self.collect,
            StepPlace.CHECK: lambda: self.check,
            StepPlace.UPLOAD: lambda: self.upload,
            StepPlace.REPORT: lambda: self.reports.page,
            StepPlace.FOLLOWUP: self.todo.page,
            StepPlace.CLOSE: self.closing.page,
            StepPlace.REGISTRATIONS: self.registrar.page,
            StepPlace.HISTORY: lambda: self.reports.past,
        }
        self._areas: dict[StepPlace, QScrollArea] = {}
        self.header = Header(look, list(self._builders), self)
        self.guide = Guide(self, list(self._builders))
        self.next = NextBar(look, self.go_back, self)
        self._lay_out()
        for place in (
            StepPlace.COLLECT,
            StepPlace.CHECK,
            StepPlace.UPLOAD,
            StepPlace.REPORT,
            StepPlace.HISTORY,
        ):
            self._page(place)
        self.filing = Filing(self.collect, self.tasks, self._dialogs, self._keeper, self)
        self.lister = Lister(self.collect.list, self.tasks, self._dialogs, self._keeper, self)
        for one in (self.filing, self.lister):
            one.use(data_dir, settings, self.who)
        uploading = Uploading(self.tasks, data_dir, self)
        uploading.ask_names(wanted=settings.text("report.reader_names") != "never")
        self.flow = UploadFlow(self.upload, uploading, self.band, self._keeper, self)
        named = settings.servers()
        self.flow.serve(
            SigningIn(self.upload.form, self.tasks, named, lambda: uploading.running, self)
        )
        self._connect()
        self.course = Course(self, self._dialogs)
        self.upload.form.set_servers(named)
        first = self._keeper.choices.server or next(iter(named), "")
        self.upload.form.choose(first, self._keeper.choices.user)
        self._complain(settings)
        self.go(StepPlace.COLLECT)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addWidget(self.next)
        # Over the page and not above it: what is looked at stays where it is.
        self.band.lie_over(self.next.middle, self.next)
        self.resize(self._look.px(62), self._look.px(41))

    def _connect(self) -> None:
        self.header.chosen.connect(self._header_chosen)
        self.header.help_wanted.connect(self.show_help)
        self.filing.added.connect(partial(self.go, StepPlace.COLLECT))
        self.filing.found_nothing.connect(self._found_nothing)
        self.filing.failed.connect(self.tell)
        self.registrar.failed.connect(self.tell)
        self.registrar.changed.connect(self.turn)
        self.registrar.decided.connect(self.filing.judge_again)
        self.registrar.came.connect(partial(self.band.say, NoticeKind.NOTE))
        self.collect.list_wanted.connect(self.lister.choose)
        self.collect.paste_wanted.connect(self.lister.paste)
        self.lister.shown.connect(self._show_list)
        self.lister.kept.connect(self._list_kept)
        self.lister.failed.connect(self.tell)
        self.filing.inspected.connect(self._inspected)
        self.filing.began.connect(self._looking)
        self.filing.progressed.connect(self._reading)
        self.collect.changed.connect(self.refresh)
        self.check.changed.connect(self.refresh)
        self.check.panel.decided.connect(self.filing.decide)
        self.filing.deciding.connect(self.check.settle)
        self.filing.decided.connect(lambda verdict, _numbers: self.check.kept(verdict))
        self.filing.undecided.connect(self.check.unsettle)
        self.check.panel.clock_wanted.connect(self._set_clock)
        self.reports.listed.connect(self._jobs_listed)
        for number, place in enumerate(self.guide.steps, start=1):
            QShortcut(QKeySequence(f"Alt+{number}"), self, partial(self._step_called, place))
        for keys, act in (("Ctrl+PgUp", self.go_back), ("Ctrl+PgDown", self.go_on)):
            QShortcut(QKeySequence(keys), self, act)

    def start(self, files: Sequence[Path] = ()) -> None:
        """Once the window is drawn: read the files given, the ledger, and look for the servers."""
        QTimer.singleShot(0, partial(self._start, list(files)))

    def _start(self, files: list[Path]) -> None:
        if files:
            self.add_paths(files)
        self.reports.refresh()
        self.todo.refresh()
        self.closing.tidy_up()
        self.alma.refresh()
        self.flow.signing_in.look_for_practice()
        self.flow.signing_in.ask_store_soon()

    # -- pages ---------------------------------------------------------------------------------

    def _header_chosen(self, name: str) -> None:
        if self.band.kind in (NoticeKind.DONE, NoticeKind.NOTE):
            self.band.clear()
        self.go(StepPlace(name))

    def _step_called(self, place: StepPlace) -> None:
        if self.header.tabs[place].isEnabled():
            self._header_chosen(place.value)

    def go(self, place: StepPlace) -> None:
        """Show a page."""
        if place is StepPlace.HISTORY:
            self.reports.refresh()
        if place is StepPlace.CLOSE:
            self.closing.refresh()
        page, area = self._page(place)
        self._stack.setCurrentWidget(area)
        area.verticalScrollBar().setValue(0)
        self.guide.went(place)
        self.header.show_place(place)
        self.refresh()
        page.focus_first()
        announce(self.header, self.header.tabs[place].accessibleName())

    def _page(self, place: StepPlace) -> tuple[StepPage, QScrollArea]:
        """A page and the area it is in; made now if it is looked at for the first time."""
        page = self._builders[place]()
        if place not in self._areas:
            self._areas[place] = scrolled(cast(QWidget, page), self._stack)
            self._stack.addWidget(self._areas[place])
        return page, self._areas[place]

    def area(self, place: StepPlace) -> QScrollArea:
        """The area that scrolls a page."""
        return self._page(place)[1]

    def go_back(self) -> None:
        """Show the step before this one."""
        before = self.guide.before(self.place)
        if before is not None:
            self._header_chosen(before.value)

    def go_on(self) -> None:
        """Show the step after this one, if there is anything to see there."""
        following = self.guide.after(self.place)
        if following is not None:
            self._step_called(following)

    @property
    def place(self) -> StepPlace:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        return next(place for place, area in self._areas.items() if area is shown)

    def show_help(self) -> None:
        """Open the manual."""
        if self._help is None:
            self._help = HelpWindow(self._look, self._dialogs.open_in_browser, self)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def tell(self, error: Exception) -> None:
        """Say what went wrong, in the red band; a bug goes to the log too."""
        text = errors.sentence(error)
        if text is None:
            log = errors.keep_trace(error, self._data_dir)
            text = _("OffCirc has met an error of its own. What was done is kept.")
            if log is not None:
                text += " " + _("Details for its makers are in {path}.").format(path=log)
        self.band.say(NoticeKind.ERROR, text)

    def _complain(self, settings: Settings) -> None:
        if settings.complaints:
            text = "\n".join(complaint.sentence() for complaint in settings.complaints[:3])
            self.band.say(NoticeKind.WARNING, text)

    # -- files ---------------------------------------------------------------------------------

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Put files, and what folders hold, on the list."""
        self.filing.add(paths)

    def _found_nothing(self) -> None:
        self.band.say(NoticeKind.WARNING, _("There is no file ending in .dat in this folder."))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and folders, wherever they are dropped."""
        if dropped_paths(event):
            event.acceptProposedAction()
            self.collect.mark_drop(over=True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self.collect.mark_drop(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them."""
        self.collect.mark_drop(over=False)
        paths = dropped_paths(event)
        if not paths:
            return
        event.acceptProposedAction()
        answers = [path for path in paths if path.suffix.lower() in ENDINGS]
        if self.alma.waiting and answers == paths:
            for path in answers:
                self.alma.read(path)
        elif len(paths) == 1 and self.collect.shown == self.collect.list_tab:
            self.lister.read(paths[0])
        else:
            self.add_paths(paths)

    def _show_list(self) -> None:
        self.go(StepPlace.COLLECT)
        self.collect.turn_to(self.collect.list_tab)

    def _list_kept(self, path: Path) -> None:
        self.collect.turn_to(0)
        self.add_paths([path])

    def _inspected(self, found: Inspection) -> None:
        self.registrar.take_in([source.path for source in found.sources if source.ready])
        self.collect.day.show_data(found.day)
        self.check.show_inspection(found)
        self.refresh()

    def _set_clock(self, name: str) -> None:
        """Go where the clock of a file is set."""
        self.go(StepPlace.COLLECT)
        for source in self.collect.model.things:
            if source.name == name:
                self.collect.choose(source.path)
                self.collect.clock.focus_first()

    def _looking(self, folders: str) -> None:
        text = _("Looking for files in {folder}…").format(folder=folders) if folders else ""
        self.collect.show_reading(text)
        self.turn()

    def _reading(self, scan: CollectProgress | None) -> None:
        self.collect.show_scan(scan)
        self.turn()

    def who(self) -> str:
        """Who works at this window."""
        connection = self.flow.signing_in.connection
        if connection is not None:
            return connection.account.name or connection.account.login
        return self._keeper.choices.user or getpass.getuser()

    def unfinished(self) -> JobReport | None:
        """The upload of just these files that has lines left."""
        return unfinished(self._jobs, self.collect.ready_files, self.upload.desk_code)

    def _jobs_listed(self, jobs: Sequence[JobReport]) -> None:
        self._jobs = tuple(jobs)
        self.refresh()

    # -- all of it -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show again what the pages, the header and the lines below depend on."""
        files = self.collect.ready_files
        lines = sum(file.lines for file in files if file.taken)
        job = self.unfinished()
        began = ""
        if job is not None:
            from offcirc.referent.background.jobwords import minute

            began = minute(job.started)
        names = [file.name for file in files]
        taken = [file for file in files if file.taken]
        kinds = sum(file.loans for file in taken), sum(file.returns for file in taken)
        self.upload.show_files(names, lines, began, kinds)
        codes = dict.fromkeys(file.circulation_desk for file in taken if file.desk_told)
        self.upload.offer_desks(
            [code for code in codes if code],
            told=bool(taken) and all(file.desk_told and file.circulation_desk for file in taken),
        )
        connection = self.flow.signing_in.connection
        self.next.show_state(connection, self.upload.desk_code)
        # One task at a time uses a server.
        free = connection is not None and not self.flow.uploading.running
        server = connection.server if connection is not None and free else None
        self.todo.offer_server(server)
        self.registrar.offer_server(server)
        self.turn()

    def turn(self) -> None:
        """Show again how far the steps are, and what is next."""
        facts = self.guide.facts()
        self.header.show_steps(board(facts, self.guide.steps))
        rows, waiting = self.registrar.rows, self.registrar.waiting
        self.header.offer(StepPlace.REGISTRATIONS, aside(len(rows), waiting))
        can_go_back = self.guide.before(self.place) is not None
        self.next.show_turn(self.guide.turn(self.place, facts), can_go_back=can_go_back)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; an upload under way is first brought to a clean stop."""
        if self.flow.uploading.running:
            event.ignore()
            self.ending = True
            self.flow.cancel()
            text = _("The upload is being stopped; then this window closes by itself.")
            self.band.say(NoticeKind.WARNING, text)
            return
        connection = self.flow.signing_in.connection
        if connection is not None:
            connection.server.close()
        if self._help is not None:
            self._help.close()
        self.filing.stop()
        self.tasks.shut_down()
        event.accept()
