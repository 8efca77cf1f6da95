"""``offcirc report``: the report of a past upload, written again, or Alma's own read in."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.places import ledger
from offcirc.cli.uploads import handover, mailing, reports
from offcirc.i18n import _
from offcirc.settings.load import ServerSettings

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``report``."""
    parser.add_argument(
        "job",
        nargs="*",
        metavar=_("JOB"),
        help=_(
            "number of the upload (see “offcirc jobs”), or the server’s Process ID; with --alma,"
            " OffCirc.dat files as they were uploaded to Alma"
        ),
    )
    alma_arguments(parser)
    parser.add_argument(
        "--look-back",
        action="store_true",
        help=_(
            "first look up in the library system which lines of a file that was carried there it"
            " has (PMB, Koha’s queue, Destiny)"
        ),
    )
    parser.add_argument(
        "--server",
        metavar=_("NAME|URL"),
        help=_("with --look-back: the server to ask, if not the one of the settings (look_up)"),
    )
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        type=path,
        metavar=_("FILE"),
        help=_(
            "where to; its ending picks html, csv, xlsx, pdf or json; without it, the report is"
            " printed"
        ),
    )
    mailing.arguments(parser)
    reports.choice_arguments(parser)
    format_argument(parser)


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Write the report, or print it."""
    from offcirc.upload.base.errors import NoSuchJobError
    from offcirc.upload.run import load_report

    for wanted in options.output:
        reports.check_ending(wanted)
    if options.alma is not None:
        return _of_alma(options, context)
    if len(options.job) != 1:
        raise Stop(_("Which upload? Give one number; “offcirc jobs” lists them."))
    mail = mailing.prepare(options, context, after_upload=False)
    with ledger(context) as book:
        if book is None:
            raise NoSuchJobError(output.visible(options.job[0]))
        if options.look_back:
            _look_back(book, options, context)
        whole = load_report(book, options.job[0])
    reports.tell(whole, options, context)
    report = reports.narrowed(whole, options)
    travel = reports.names_travel(context.settings)
    for wanted in options.output:
        reports.write(report, wanted, names=travel, group=options.group)
    if mail is not None:
        mail.send(report)
    return reports.exit_code(report) if options.look_back else Exit.FINE


def _look_back(book: Ledger, options: argparse.Namespace, context: Context) -> None:
    """Settle the lines of a file that was carried to the library system.

    Raises:
        UploadError: the job has no such lines, none is there, or nobody says where to ask.
        ServerError: the system cannot be asked.
    """
    from offcirc.servers.registry import file_target
    from offcirc.upload.handover.handovererrors import NoLookingBackError
    from offcirc.upload.handover.lookback import look_back
    from offcirc.upload.report.history import find_job

    upload = find_job(book, options.job[0])
    system = file_target(upload.server)
    if system is None:
        raise NoLookingBackError(output.visible(options.job[0]))
    known = context.settings.servers().values()
    usual = next((one for one in known if one.kind == system.kind), None)
    server = usual or ServerSettings("", "", system.kind)
    if options.server:
        server = replace(server, options={**server.options, "look_up": options.server})
    with handover.looking(system, server, options.user, context) as asked:
        look_back(book, upload.id, asked)


def alma_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--alma",
        action="append",
        type=path,
        metavar=_("ALMAREPORT"),
        help=_(
            "read in Alma’s own report of a file uploaded there: exported to Excel or CSV, or its"
            " mail (.eml or text); it finds the file that was handed over from here by itself;"
            " may be repeated"
        ),
    )
    parser.add_argument(
        "--circulation-desk",
        metavar=_("CODE"),
        default="",
        help=_("with --alma and files: the circulation desk at which they were uploaded"),
    )
    parser.add_argument(
        "--user",
        metavar=_("NAME"),
        help=_("with --alma: who reads the report in; with --look-back: who signs in"),
    )
    parser.epilog = _(
        "With --alma, exit code 0: Alma has recorded every line; 1: some lines are refused, or not"
        " all exceptions are named; 2: the report cannot be read, or its job has not ended yet."
        " Reading a report in twice changes nothing; a fuller one completes it. With"
        " --look-back, 0: every line is in the system; 1: some are not, or cannot be seen; 2: it"
        " cannot be asked, or holds none of them."
    )


def _of_alma(options: argparse.Namespace, context: Context) -> Exit:
    """Read the report in, and write or print what came of it."""
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.almaimport import import_report

    mail = mailing.prepare(options, context, after_upload=False)
    done = []
    with Ledger.of(context.data_dir) as ledger:
        for report in options.alma:
            done.append(
                import_report(
                    report,
                    ledger,
                    who=handover.person(options.user),
                    files=[Path(file) for file in options.job],
                    desk=options.circulation_desk,
                )
            )
            if done[-1].notice:
                output.note(done[-1].notice)
    for one in done:
        reports.tell(one.report, options, context)
    joined = [reports.narrowed(one.report, options) for one in done]
    travel = reports.names_travel(context.settings)
    handover.write_reports(joined, options.output, names=travel, group=options.group)
    if mail is not None:
        for report in joined:
            mail.send(report)
    return max(reports.exit_code(one.report) for one in done)
