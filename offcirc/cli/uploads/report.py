"""``offcirc report``: the report of a past upload, written again, or Alma's own read in."""

from __future__ import annotations

import argparse

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.ledger import ledger
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.uploads import almareport, mailing, reports
from offcirc.i18n import _


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
    almareport.arguments(parser)
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
    reports.format_argument(parser)


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Write the report, or print it."""
    from offcirc.upload.base.errors import NoSuchJobError
    from offcirc.upload.run import load_report

    for wanted in options.output:
        reports.check_ending(wanted)
    if options.alma is not None:
        return almareport.run(options, context)
    if len(options.job) != 1:
        raise Stop(_("Which upload? Give one number; “offcirc jobs” lists them."))
    mail = mailing.prepare(options, context, after_upload=False)
    with ledger(context) as book:
        if book is None:
            raise NoSuchJobError(output.visible(options.job[0]))
        report = reports.narrowed(load_report(book, options.job[0]), options)
    if not options.output and mail is None:
        names = reports.names_wanted(context.settings)
        reports.show(report, options.format, names=names, group=options.group)
    travel = reports.names_travel(context.settings)
    for wanted in options.output:
        reports.write(report, wanted, names=travel, group=options.group)
    if mail is not None:
        mail.send(report)
    return Exit.FINE
