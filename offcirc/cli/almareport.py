"""``offcirc report --alma``: Alma's own report read in and joined with the file it is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from offcirc.cli import handover, mailing, output, reports
from offcirc.cli.exits import Exit
from offcirc.cli.parser import Context, path
from offcirc.i18n import _


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--alma",
        type=path,
        metavar=_("ALMAREPORT"),
        help=_(
            "read in Alma’s own report of a file uploaded there: exported to Excel or CSV, or its"
            " mail (.eml or text); it finds the file that was handed over from here by itself"
        ),
    )
    parser.add_argument(
        "--desk",
        metavar=_("CODE"),
        default="",
        help=_("with --alma and files: the circulation desk at which they were uploaded"),
    )
    parser.add_argument("--user", metavar=_("NAME"), help=_("with --alma: who reads the report in"))
    parser.epilog = _(
        "With --alma, exit code 0: Alma has recorded every line; 1: some lines are refused, or not"
        " all exceptions are named; 2: the report cannot be read, or its job has not ended yet."
        " Reading a report in twice changes nothing; a fuller one completes it."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Read the report in, and write or print what came of it."""
    from offcirc.storage.ledger import LEDGER_NAME, Ledger
    from offcirc.upload.almaimport import import_report

    mail = mailing.prepare(options, context, after_upload=False)
    with Ledger(context.data_dir / LEDGER_NAME) as ledger:
        done = import_report(
            options.alma,
            ledger,
            who=handover.person(options.user),
            files=[Path(file) for file in options.job],
            desk=options.desk,
        )
    if done.notice:
        output.note(done.notice)
    report = reports.narrowed(done.report, options)
    if not options.output and mail is None:
        reports.show(report, options.format, group=options.group)
    for wanted in options.output:
        reports.write(report, wanted, group=options.group)
    if mail is not None:
        mail.send(report)
    if done.report.problem:
        output.note(done.report.problem)
    return reports.exit_code(done.report)
