"""``offcirc export``: the lines of desks' files as a file for another library system."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from offcirc.cli.files.sources import sources, tell
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.places import ledger
from offcirc.cli.uploads import registrations, signing
from offcirc.i18n import _, ngettext
from offcirc.servers.registry import formats

if TYPE_CHECKING:
    from offcirc.servers.files.target import Known
    from offcirc.upload.handover.export import Exported
    from offcirc.upload.lines.plan import Plan


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``export``."""
    parser.add_argument(
        "files",
        nargs="+",
        type=path,
        metavar=_("FILE"),
        help=_("the OffCirc.dat of each desk, or a folder to be searched for them"),
    )
    parser.add_argument(
        "--to", required=True, choices=sorted(formats()), help=_("whose file it is to be")
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=_("FILE"),
        help=_(
            "the file; one that exists is never overwritten. Where there is a file for each day,"
            " the day is added to its name"
        ),
    )
    asked = parser.add_argument_group(_("for PMB, which must not be given an unknown card"))
    signing.server_arguments(asked)
    format_argument(parser)
    parser.epilog = _(
        "What was decided about lines (see “offcirc decide”) is taken into account. Nothing is"
        " noted as uploaded: “offcirc upload” to a server that takes files by hand does that. Exit"
        " code 0: every line is in the file; 1: some cannot be in it and"
        " are listed; 2: no file was written."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Write the file, and list the lines that are not in it."""
    from offcirc.upload.handover.export import export
    from offcirc.upload.lines.decided import NOTHING, decided
    from offcirc.upload.lines.plan import make_plan

    found = sources(options.files)
    with ledger(context) as book:
        decisions = decided(book) if book is not None else NOTHING
    tell(found)
    registrations.take_in([one.path for one in found], context)
    plan = make_plan(found, decisions=decisions)
    done = export(plan, options.to, options.output, _known(plan, options, context))
    if options.format == "json":
        output.say(json.dumps(_facts(done, options.to), ensure_ascii=False, indent=2))
    else:
        _show(done)
    return Exit.EXCEPTIONS if done.left_out else Exit.FINE


def _known(plan: Plan, options: argparse.Namespace, context: Context) -> Known | None:
    """What the server knows that is to be asked, if one is."""
    from offcirc.upload.handover.lookback import prove

    if options.server is None:
        return None
    with signing.signed_in(options.server, options.user, context) as (server, _account):
        return prove(plan, server)


def _show(done: Exported) -> None:
    if done.left_out:
        columns = (
            output.PrintedColumn(_("File"), 20),
            output.PrintedColumn(_("Line"), 7, right=True),
            output.PrintedColumn(_("Item"), 20),
            output.PrintedColumn(_("Error Message"), 0),
        )
        with output.Table(columns) as table:
            for one in done.left_out:
                item = one.event.item if one.event is not None else one.raw.decode("latin-1")[:80]
                cells = (one.file, str(one.line), output.visible(item), one.message)
                table.add(cells, "yellow")
        text = ngettext(
            "{count} line could not be written.",
            "{count} lines could not be written.",
            len(done.left_out),
        )
        output.say(text.format(count=len(done.left_out)))
    for file in done.files:
        lines = len(file.events)
        count = ngettext("{count} line", "{count} lines", lines).format(count=lines)
        name = output.visible(str(file.path))
        output.say(_("{file}: {lines}.").format(file=name, lines=count))
    for sentence in done.limits:
        output.say(sentence)


def _facts(done: Exported, to: str) -> dict[str, object]:
    left = [
        {
            "file": one.file,
            "line": one.line,
            "status": "held",
            "reason": one.reason,
            "message": one.message,
            "timestamp": one.event.at.isoformat(timespec="minutes") if one.event else None,
            "operation": one.event.operation.value if one.event else None,
            "item": one.event.item if one.event else None,
            "patron": one.event.patron if one.event else None,
        }
        for one in done.left_out
    ]
    files = [
        {
            "path": str(file.path),
            "lines": len(file.events),
            "first": file.events[0].at.isoformat(timespec="minutes"),
            "last": file.events[-1].at.isoformat(timespec="minutes"),
        }
        for file in done.files
    ]
    return {
        "to": to,
        "records": done.lines + len(left),
        "exceptions": len(left),
        "files": files,
        "lines": left,
        "notes": list(done.limits),
    }
