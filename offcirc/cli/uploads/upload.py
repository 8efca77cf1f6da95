"""``offcirc upload``: replay OffCirc.dat files on the library system and report every refusal."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from offcirc.cli.files.sources import within
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.uploads import credentials, handover, mailing, registrations, reports, signing
from offcirc.commandline import is_terminal
from offcirc.i18n import _
from offcirc.settings.options import WrongValueError, declared

if TYPE_CHECKING:
    from offcirc.cli.uploads.mailing import Mailing
    from offcirc.servers.protocol import Account, Server
    from offcirc.upload.base.control import Control
    from offcirc.upload.base.progress import Progress
    from offcirc.upload.lines.plan import Plan
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.report.report import JobReport


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``upload``."""
    parser.add_argument(
        "files",
        nargs="+",
        type=path,
        metavar=_("FILE"),
        help=_("the OffCirc.dat of each desk, or a folder of them"),
    )
    parser.add_argument(
        "--server",
        metavar=_("NAME|URL"),
        help=_(
            "name of a server in the settings, or its address; the only one set if not given;"
            " alma-file:FOLDER writes files to carry to Alma"
        ),
    )
    parser.add_argument(
        "--desk", metavar=_("CODE"), help=_("circulation desk to upload at, such as BUC_PRET")
    )
    parser.add_argument(
        "--user", metavar=_("NAME"), help=_("user name to sign in with (also OFFCIRC_USER)")
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=_("only ask what the server would say; nothing is recorded"),
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help=_("go on with an upload of these files that was interrupted"),
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help=_(
            "for systems that take files by hand: write lines, too, that were handed over or"
            " recorded earlier"
        ),
    )
    parser.add_argument(
        "--accept-dates",
        action="store_true",
        help=_("also send lines that the library system dates by the day of the upload"),
    )
    parser.add_argument(
        "--width",
        type=_width,
        default=0,
        metavar=_("COUNT"),
        help=_("requests that go to the server at once; as many as it bears if not given"),
    )
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        type=path,
        metavar=_("FILE"),
        help=_(
            "also write the report; its ending picks html, csv, xlsx, pdf or json; may be repeated"
        ),
    )
    mailing.arguments(parser)
    format_argument(parser)
    parser.epilog = _(
        "The password is never an argument: it comes from the system’s keyring, from"
        " OFFCIRC_PASSWORD, or is asked for. Exit code 0: every line is recorded; 1: finished, some"
        " lines are not; 2: not finished, what was done is kept, --resume goes on. For Alma, PMB"
        " and others that take files by hand, 0: every line is in a file that waits to be carried"
        " there and answered for (“offcirc report”)."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Upload, print the report, write the report files asked for."""
    from offcirc.servers.registry import open_server, profile_of
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.lines.decided import decided
    from offcirc.upload.lines.plan import make_plan
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.run import preview_upload, run_upload

    for wanted in options.report:
        reports.check_ending(wanted)
    mail = mailing.prepare(options, context, after_upload=not options.dry_run)
    target = signing.target_of(options.server, context)
    if handover.system_of(target) is not None:
        return handover.run(options, context, target)
    width = options.width or target.width
    profile = profile_of(replace(target, width=width), context.settings.servers())
    with (
        Ledger.of(context.data_dir) as ledger,
        open_server(target.url, {target.url: profile}) as server,
    ):
        # What is wrong with a file is said before anybody is asked for a password.
        files = within(options.files)
        registrations.take_in(files, context)
        plan = make_plan(files, decisions=decided(ledger))
        who = credentials.find(options.user or target.user, server.url)
        account = server.sign_in(who.login, who.password)
        for sentence in server.limits():
            output.note(sentence)
        _agreed(plan, server, options)
        desk = _desk(options.desk or target.desk, account, server)
        names = reports.names_wanted(context.settings)
        with _interruptible() as control, output.gauge(_("Uploading")) as gauge:
            upload = (
                preview_upload if options.dry_run else partial(run_upload, resume=options.resume)
            )
            found = upload(
                files,
                server,
                ledger,
                desk=desk,
                who=account.name or account.login,
                plan=plan,
                patron_names=names,
                control=control,
                progress=_shower(gauge),
            )
    if isinstance(found, Preview):
        show = partial(show_preview, found, options.format, names=names)
        return _tell(found.report, options, context, mail, show)
    return _tell(found, options, context, mail)


def _agreed(plan: Plan, server: Server, options: argparse.Namespace) -> None:
    """Say which lines would lose their time.

    Raises:
        Stop: there are some, and nobody has said that they are to go all the same.
    """
    from offcirc.upload.lines import dating

    sentence = dating.sentence(dating.undated(plan, server.abilities))
    if not sentence:
        return
    if not options.accept_dates and not options.dry_run:
        how = _(
            "Nothing was sent. With --accept-dates they go all the same; “offcirc decide” holds"
            " lines back."
        )
        raise Stop(f"{sentence} {how}")
    output.note(sentence)


def _width(text: str) -> int:
    """A count of requests, at most what the settings allow as well.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        return int(declared("servers.*.width").kind.read(text))
    except WrongValueError:
        raise argparse.ArgumentTypeError(
            _("“{text}” should be a whole number from 1 to 64").format(text=output.visible(text))
        ) from None


def _tell(
    report: JobReport,
    options: argparse.Namespace,
    context: Context,
    mail: Mailing | None,
    show: Callable[[], None] | None = None,
) -> Exit:
    from offcirc.upload.base.errors import UploadError

    if show is not None:
        show()
    else:
        reports.show(report, options.format, names=reports.names_wanted(context.settings))
    names = reports.names_travel(context.settings)
    todo = [partial(reports.write, report, wanted, names=names) for wanted in options.report]
    if mail is not None:
        todo.append(partial(mail.send, report))
    unwritten = False
    for work in todo:
        try:
            work()
        except UploadError as error:
            # The upload is done all the same, and the report can be written and mailed again.
            output.note(error.words())
            unwritten = True
    if not report.complete:
        if report.problem:
            output.note(report.problem)
        output.note(
            _("Not finished. What was done is kept: the same command with --resume goes on.")
        )
    return Exit.NOT_DONE if unwritten or not report.complete else reports.exit_code(report)


def _desk(wanted: str, account: Account, server: Server) -> str:
    """The circulation desk to upload at.

    Raises:
        Stop: several are possible and nobody chose.
    """
    if wanted:
        return wanted
    if len(account.desks) == 1:
        return account.desks[0]
    names = {desk.code: f"{desk.name} ({desk.library})" for desk in server.desks()}
    codes = list(account.desks) or list(names)
    if is_terminal(sys.stdin) and codes:
        for code in codes:
            output.note(f"  {code}  {names.get(code, '')}".rstrip())
        sys.stderr.write(_("Circulation desk to upload at: "))
        sys.stderr.flush()
        given = sys.stdin.readline().strip()
        if given:
            return given
    raise Stop(
        _("At which circulation desk? Give --desk with one of: {codes}.").format(
            codes=", ".join(codes)
        )
    )


def _shower(gauge: output.Gauge) -> Callable[[Progress], None]:
    from offcirc.upload.base.progress import Phase

    def show(progress: Progress) -> None:
        if progress.phase is Phase.WAITING:
            text = _("waiting for the server; next try in {seconds} s").format(
                seconds=round(progress.wait_seconds)
            )
        else:
            text = _("{done} of {total} lines, {refused} refused").format(
                done=progress.done, total=progress.total, refused=progress.exceptions
            )
            if progress.seconds_left:
                text += ", " + _("about {seconds} s left").format(
                    seconds=math.ceil(progress.seconds_left)
                )
        gauge.show(progress.done, progress.total, text)

    return show


@contextmanager
def _interruptible() -> Iterator[Control]:
    """Let Ctrl+C and a polite end of the process stop the upload between two requests.

    A second Ctrl+C ends at once; the ledger knows what was sent.
    """
    import signal

    from offcirc.upload.base.control import Control

    control = Control()
    before = {}

    def stop(number: int, _frame: object) -> None:
        if control.cancelled:
            raise KeyboardInterrupt
        control.cancel()
        output.note(_("Stopping after the lines that are on their way…"))

    ends = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Ctrl+Break, only on Windows
    for number in (getattr(signal, name) for name in ends if hasattr(signal, name)):
        before[number] = signal.signal(number, stop)
    try:
        yield control
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show_preview(preview: Preview, form: str, *, names: bool) -> None:
    """Print a preview.

    Args:
        preview: what to print.
        form: ``text`` or ``json``.
        names: whether readers' names are shown; programs never get them.
    """
    if form == "json":
        output.say(json.dumps(_as_json(preview), ensure_ascii=False, indent=2))
        return
    from offcirc.upload.preview import previewwords as words

    reports.show(preview.report, form, names=names)
    output.heading(_("Before the upload"))
    for sentence in (words.how(preview), words.refused(preview), words.overdue(preview)):
        if sentence:
            output.say(sentence)
    for name, count in words.remarks(preview):
        output.say(f"  {count:>6}  {name}")
    for heading, after in ((_("Make sure of this"), False), (_("Afterwards"), True)):
        items = [item.text for item in preview.preflight if item.after is after]
        if items:
            output.heading(heading)
        for text in items:
            output.say(f"  [ ] {text}")


def _as_json(preview: Preview) -> dict[str, object]:
    from offcirc.upload.render.render_json import as_json
    from offcirc.upload.report.report import nameless

    return {
        **as_json(nameless(preview.report)),
        "preview": {
            "how": preview.how.value,
            "overdue_lines": preview.overdue_lines,
            "overdue_patrons": preview.overdue_patrons,
            "remarks": dict(preview.remarks),
            "preflight": [
                {"code": item.code, "text": item.text, "must": item.must, "after": item.after}
                for item in preview.preflight
            ],
        },
    }
