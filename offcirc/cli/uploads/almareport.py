"""``offcirc report --alma``: Alma's own report read in and joined with the file it is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.uploads import handover, mailing, reports
from offcirc.i18n import _


def arguments(parser: argparse.ArgumentParser) -> None:
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


def run(options: argparse.Namespace, context: Context) -> Exit:
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
