"""What the window has done in other threads: each function here may take long.

The rooms that do it are imported here, at the first use, to let the window appear at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.servers import passwordstore

if TYPE_CHECKING:
    from offcirc.core.barcodes.rules import RuleSet
    from offcirc.referent.background.deciding import DecisionMade
    from offcirc.referent.background.inspection import Inspection, KnownBefore
    from offcirc.referent.day.daydata import DayData
    from offcirc.servers.connection import ConnectionFound
    from offcirc.servers.protocol import Account, Desk, Server
    from offcirc.settings.load import ServerSettings as NamedServer
    from offcirc.settings.load import Settings
    from offcirc.upload.base.control import Control
    from offcirc.upload.lines.collect import CollectProgress
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.report.report import Grouping, JobReport
    from offcirc.upload.run import Progress


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that someone is signed in on.

    Attributes:
        name: what the person calls the server.
        server: the adapter; used by one task at a time.
        account: who is signed in.
        desks: the circulation desks at which this account may upload.
        password_kept: what became of the wish to remember the password; ``None`` if there was none.
    """

    name: str
    server: Server
    account: Account
    desks: tuple[Desk, ...]
    password_kept: bool | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A wish to sign in.

    Attributes:
        name: a server's name in the settings, or its address.
        login: the user name.
        password: as typed; empty to use the one that is remembered.
        remember: whether to keep the password in this PC's store.
    """

    name: str
    login: str
    password: str
    remember: bool


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """What to upload where.

    Attributes:
        desk: the circulation desk's code.
        dry_run: only ask what would come of it.
        resume: go on with an unfinished upload of these files, if there is one.
        again: send the corrected lines of past uploads instead of files.
    """

    files: tuple[Path, ...]
    desk: str
    dry_run: bool = False
    resume: bool = False
    again: bool = False


def inspect(
    paths: Sequence[Path],
    data_dir: Path,
    rules: Mapping[str, object],
    progress: Callable[[CollectProgress], None],
    cancelled: Callable[[], bool],
    *,
    hours: str = "",
    known: KnownBefore,
    again: bool = False,
) -> Inspection:
    """Every file that these files and folders stand for, read; and their lines, checked.

    Args:
        paths: files and folders.
        data_dir: whose ledger tells what was uploaded and decided.
        rules: the library's barcode rules, as the settings write them.
        progress: told how far reading has come.
        cancelled: asked now and then.
        hours: when the library is open, as the settings write it.
        known: what the last inspection has found out, and where that of this one is kept.
        again: only decisions have been made since: files that are what they were are not read.

    Raises:
        CancelledError: cancelled.
        StorageError: the ledger cannot be read.
    """
    from offcirc.referent.background.inspecting import Wish
    from offcirc.referent.background.inspecting import inspect as look
    from offcirc.referent.background.inspecting import inspect_again as look_again

    wish = Wish(tuple(paths), data_dir, rules_of(rules), now(), hours)
    return (look_again if again else look)(wish, progress, cancelled, known)


def rules_of(table: Mapping[str, object]) -> RuleSet:
    """The library's barcode rules, from its settings; none when they cannot be used."""
    from offcirc.core.barcodes.rules import ANY
    from offcirc.core.barcodes.ruletable import RulesError
    from offcirc.scanning.presets import build

    try:
        return build(dict(table))
    except RulesError:
        return ANY  # the settings complain about it where they are read


def decide(data_dir: Path, verdict: DecisionMade, who: str) -> tuple[int, ...]:
    """Keep a decision about lines or a clock; returns the numbers by which it can be undone.

    Raises:
        UploadError: a line cannot say that.
        StorageError: it cannot be kept.
    """
    from offcirc.referent.background.keeping import decide as keep

    return keep(data_dir, verdict, who)


def now() -> datetime:
    """The present, in this PC's local time without zone, as the files state theirs."""
    return datetime.now()  # noqa: DTZ005


def sign_in(wish: SignIn, named: Mapping[str, NamedServer]) -> Connection:
    """Open a server and sign in.

    Raises:
        ServerError: the server, the network or the account does not let us.
    """
    from offcirc.servers.registry import open_server, profile_of

    profiles = {name: profile_of(server, named) for name, server in named.items()}
    server = open_server(wish.name, profiles)
    try:
        password = wish.password or passwordstore.remembered(server.url, wish.login)
        account = server.sign_in(wish.login, password)
        desks = server.desks()
    except BaseException:
        server.close()
        raise
    allowed = tuple(desk for desk in desks if desk.code in account.desks)
    kept = None
    if wish.remember:
        kept = passwordstore.keep(server.url, wish.login, password)
    elif wish.password:
        passwordstore.forget(server.url, wish.login)
    return Connection(wish.name, server, account, allowed or desks, kept)


def test_connection(wish: SignIn, named: Mapping[str, NamedServer]) -> ConnectionFound:
    """Find out whether an upload could begin; nothing is recorded.

    Raises:
        ServerError: there is no such server.
    """
    from offcirc.servers.connection import tried
    from offcirc.servers.registry import open_server, profile_of

    profiles = {name: profile_of(server, named) for name, server in named.items()}
    known = named.get(wish.name)
    with open_server(wish.name, profiles) as server:
        password = wish.password or passwordstore.remembered(server.url, wish.login)
        return tried(server, wish.login, password, desk=known.desk if known is not None else "")


def upload(
    order: UploadOrder,
    data_dir: Path,
    connection: Connection,
    *,
    patron_names: bool,
    progress: Callable[[Progress], None],
    control: Control,
) -> JobReport | Preview:
    """Upload files, with the ledger of the data folder, or find out what would come of it.

    Raises:
        UploadError, ServerError, StorageError: it could not begin.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.run import preview_upload, run_upload

    account = connection.account
    with Ledger.of(data_dir) as ledger:
        run = preview_upload if order.dry_run else partial(run_upload, resume=order.resume)
        return run(
            order.files,
            connection.server,
            ledger,
            desk=order.desk,
            who=account.name or account.login,
            patron_names=patron_names,
            progress=progress,
            control=control,
        )


def verify(
    data_dir: Path, connection: Connection, job: int, *, progress: Callable[[int, int], None]
) -> JobReport:
    """Compare a past upload with what its server holds now.

    Raises:
        UploadError, ServerError, StorageError: it could not be compared.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.verify.verifying import verify_job

    account = connection.account
    with Ledger.of(data_dir) as ledger:
        return verify_job(
            ledger,
            connection.server,
            job,
            who=account.name or account.login,
            progress=progress,
        )


def past_jobs(data_dir: Path) -> list[JobReport]:
    """The uploads made from this data folder, newest first, without their lines.

    Raises:
        UploadError, StorageError: the ledger cannot be read.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.run import list_jobs

    with Ledger.if_any(data_dir) as ledger:
        if ledger is None:
            return []
        return list_jobs(ledger)


def past_report(data_dir: Path, job: int) -> JobReport:
    """The report of a past upload.

    Raises:
        UploadError, StorageError: it cannot be read.
    """
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.run import load_report

    with Ledger.of(data_dir) as ledger:
        return load_report(ledger, job)


def mail_password(settings: Settings) -> str:
    """The password of the mail server's user, from the environment or the store; else empty."""
    from offcirc.upload.mail.mail import mail_server

    server = mail_server(settings.text)
    return passwordstore.remembered(server.address, server.user, passwordstore.MAIL_VARIABLE)


def mail(report: JobReport, settings: Settings, password: str) -> tuple[str, ...]:
    """Mail a report to whom the settings say; to whom it went.

    Raises:
        MailError: it was not sent.
    """
    from offcirc.upload.mail.mail import mail_server, send

    names = settings.text("report.reader_names") == "everywhere"
    return send(report, mail_server(settings.text), password, names=names)


def report_day(data_dir: Path, job: int) -> DayData:
    """Loans and returns of a past upload over time, per desk, refused ones marked.

    Raises:
        UploadError, StorageError: it cannot be read.
    """
    from offcirc.core.transaction import Operation
    from offcirc.referent.day.daydata import DayData, DayEvent, count
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.storage.ledger.ledgerrows import LineState

    refused = {LineState.REJECTED, LineState.UNKNOWN, LineState.SENDING, LineState.HELD}
    with Ledger.of(data_dir) as ledger:
        upload = ledger.upload(job)
        if upload is None:
            return DayData()
        names = [
            " · ".join(filter(None, (file.library, file.desk_name))) or file.name
            for file in ledger.files(upload.id)
        ]
        return count(
            DayEvent(
                names[line.file],
                datetime.fromisoformat(line.minute),
                Operation(line.operation),
                line.state in refused,
            )
            for line in ledger.lines(upload, *LineState)
            if line.minute and line.operation
        )


def export(
    report: JobReport, path: Path, *, names: bool = False, grouping: Grouping | None = None
) -> Path:
    """Write a report to a file; its ending picks the format.

    Args:
        report: what to write.
        path: where.
        names: whether readers' names go into it.
        grouping: by what its lines are put together; by reason if ``None``.

    Raises:
        UploadError: it cannot be written.
    """
    from offcirc.upload.render.files import write_report
    from offcirc.upload.report.report import Grouping

    write_report(report, path, names=names, grouping=grouping or Grouping.REASON)
    return path
