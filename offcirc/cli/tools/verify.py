"""``offcirc verify``: is what an upload recorded really in the library system?"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, format_argument
from offcirc.cli.frame.places import ledger
from offcirc.cli.uploads import signing
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.upload.report.opinion import SecondOpinion


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``verify``."""
    parser.add_argument(
        "job",
        metavar=_("JOB"),
        help=_("number of the upload (see “offcirc jobs”), or the server’s Process ID"),
    )
    parser.add_argument(
        "--server",
        metavar=_("NAME|URL"),
        help=_("the server it went to, where its address has changed since"),
    )
    parser.add_argument(
        "--user", metavar=_("NAME"), help=_("user name to sign in with (also OFFCIRC_USER)")
    )
    format_argument(parser)
    parser.epilog = _(
        "Every item of the upload is read back and compared with what the files say should now be"
        " true. Exit code 0: everything agrees; 1: something differs, or the system does not tell"
        " enough; 2: it could not be asked. What was found stands in the upload’s report from then"
        " on."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Read back, keep and print what was found."""
    from offcirc.servers.registry import file_target
    from offcirc.upload.base.errors import NoSecondOpinionError, NoSuchJobError
    from offcirc.upload.report.history import find_job
    from offcirc.upload.verify.verifying import verify_job

    with ledger(context) as book:
        if book is None:
            raise NoSuchJobError(output.visible(options.job))
        upload = find_job(book, options.job)
        if file_target(upload.server) is not None:
            raise NoSecondOpinionError(upload.url)
        with (
            signing.signed_in(options.server or upload.url, options.user, context) as (
                server,
                account,
            ),
            output.gauge(_("Reading back")) as gauge,
        ):
            report = verify_job(
                book,
                server,
                upload.id,
                who=account.name or account.login,
                progress=lambda done, total: gauge.show(
                    done, total, _("{done} of {total} items").format(done=done, total=total)
                ),
            )
    assert report.opinion is not None, "just kept"
    _show(report.opinion, options.format)
    return Exit.FINE if report.opinion.good else Exit.EXCEPTIONS


def _show(opinion: SecondOpinion, form: str) -> None:
    from offcirc.upload.render.render_json import opinion_json
    from offcirc.upload.report import opinionwords

    if form == "json":
        output.say(json.dumps(opinion_json(opinion), ensure_ascii=False, indent=1))
        return
    output.say(opinionwords.sentence(opinion))
    if told := opinionwords.not_compared(opinion):
        output.say(told)
    if not opinion.differ:
        return
    columns = (
        output.PrintedColumn(_("Line"), 6, right=True),
        output.PrintedColumn(_("What differs"), 18),
        output.PrintedColumn(_("Item"), 16),
        output.PrintedColumn(_("In the file"), 40),
        output.PrintedColumn(_("In the system"), 0),
    )
    with output.Table(columns) as table:
        for one in opinion.differ:
            cells = (
                str(one.line.line),
                opinionwords.kind_name(one.kind),
                one.line.item,
                opinionwords.expected(one),
                opinionwords.found(one),
            )
            serious = one.kind in opinionwords.SERIOUS
            table.add([output.visible(cell) for cell in cells], "red" if serious else "yellow")
    for kind in dict.fromkeys(one.kind for one in opinion.differ):
        output.say(f"{opinionwords.kind_name(kind)}: {opinionwords.what_to_do(kind)}")
