"""``offcirc upload`` to a system that people carry files to: the files, and a checklist."""

from __future__ import annotations

import argparse
import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.files.sources import within
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context
from offcirc.cli.uploads import registrations, reports, signing
from offcirc.i18n import _, ngettext
from offcirc.settings.load import ServerSettings

if TYPE_CHECKING:
    from offcirc.servers.files.target import FileTarget, Known
    from offcirc.servers.protocol import Server
    from offcirc.upload.handover.handedfile import Handover
    from offcirc.upload.lines.plan import Plan
    from offcirc.upload.report.report import JobReport


def system_of(target: ServerSettings) -> FileTarget | None:
    """The system that people carry files to; ``None`` if a server is no such one."""
    from offcirc.servers.registry import file_target

    return file_target(target.kind)


def person(given: str | None, server: ServerSettings | None = None) -> str:
    """Who does it: nobody signs in, so it is who is said, set, or at this PC."""
    named = given or (server.user if server is not None else "")
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def run(options: argparse.Namespace, context: Context, server: ServerSettings) -> Exit:
    """Write the files, or say what they would be."""
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.handover.handover import hand_over, preview_handover
    from offcirc.upload.lines.decided import decided
    from offcirc.upload.lines.plan import make_plan

    system = system_of(server)
    assert system is not None, "asked before"
    if not server.folder:
        raise Stop(
            _(
                "The server {name} has no folder. Set it in the settings (servers.{name}.folder)."
            ).format(name=server.name)
        )
    folder = Path(server.folder).absolute()
    desk = options.desk or server.desk
    with Ledger.of(context.data_dir) as ledger:
        files = within(options.files)
        registrations.take_in(files, context)
        plan = make_plan(files, decisions=decided(ledger))
        known = proven(plan, system, server, options.user, context)
        if options.dry_run:
            done = preview_handover(
                plan,
                ledger,
                folder=folder,
                desk=desk,
                again=options.again,
                target=system,
                known=known,
            )
        else:
            done = hand_over(
                plan,
                ledger,
                folder=folder,
                who=person(options.user, server),
                desk=desk,
                again=options.again,
                target=system,
                known=known,
            )
    if options.format == "json":
        output.say(json.dumps(_facts(done), ensure_ascii=False, indent=2))
    else:
        _show(done)
    if (options.report or options.mail is not None) and not done.reports:
        output.note(_("No report yet: nothing was handed over."))
    elif options.mail is not None:
        output.note(_("Nothing is mailed yet: the library system has not answered."))
    write_reports(done.reports, options.report)
    return Exit.EXCEPTIONS if done.held or done.refused else Exit.FINE


def proven(
    plan: Plan, system: FileTarget, server: ServerSettings, user: str | None, context: Context
) -> Known | None:
    """What a system knows whose files hold nothing else; ``None`` if no server can be asked.

    Raises:
        Stop, ServerError: it cannot be asked.
    """
    from offcirc.upload.handover.lookback import prove

    if not system.proves or not server.look_up:
        return None
    with looking(system, server, user, context) as asked:
        return prove(plan, asked)


@contextmanager
def looking(
    system: FileTarget, server: ServerSettings, user: str | None, context: Context
) -> Iterator[Server]:
    """The server that looks things up for a system that cannot be asked, signed in.

    Raises:
        UploadError: the settings name none.
        Stop, ServerError: signing in failed.
    """
    from offcirc.upload.handover.handovererrors import NoOneToAskError

    if not server.look_up:
        raise NoOneToAskError(system.name, f"servers.{server.name or 'NAME'}.look_up")
    with signing.signed_in(server.look_up, user, context) as (asked, _account):
        yield asked


def _show(done: Handover) -> None:
    from offcirc.upload.handover import checklist

    if not done.id:
        output.say(_("Dry run: this is what would be written. Nothing was."))
    columns = (
        output.PrintedColumn(_("Order"), 5, right=True),
        output.PrintedColumn(_("Circulation desk"), 16),
        output.PrintedColumn(_("Lines"), 6, right=True),
        output.PrintedColumn(_("Recorded"), 35),
        output.PrintedColumn(_("File"), 0),
    )
    with output.Table(columns) as table:
        for file in done.files:
            cells = (
                str(file.place),
                output.visible(file.desk),
                str(file.lines),
                checklist.days(file),
                output.visible(str(file.path)),
            )
            table.add(cells)
    output.say()
    for sentence in done.target.limits():
        output.say(sentence)
    if done.skipped:
        text = ngettext(
            "{count} line left out: handed over or recorded earlier.",
            "{count} lines left out: handed over or recorded earlier.",
            done.skipped,
        )
        output.say(text.format(count=done.skipped))
    for report in done.reports:
        if report.held or report.rejected:
            reports.show(report, "text")
    if done.checklist is not None:
        text = _("What to do in {system}, on a page to print: {file}")
        page = output.visible(str(done.checklist))
        output.say(text.format(system=done.target.name, file=page))
        if done.target.reports:
            output.say(_("Then read Alma’s report in: offcirc report --alma REPORT"))
        else:
            text = _("Then have each line looked up there: offcirc report {job} --look-back")
            for one in done.files:
                output.say(text.format(job=one.job))


def write_reports(
    written: Sequence[JobReport],
    wanted: Sequence[Path],
    *,
    names: bool = False,
    group: str | None = None,
) -> None:
    """Write the reports asked for, one for each job; of several, each gets its number.

    Args:
        written: the reports.
        wanted: where to.
        names: whether readers' names go into them.
        group: ``reason``, ``reader`` or ``item``.

    Raises:
        UploadError: one cannot be written.
    """
    for path in wanted:
        for number, report in enumerate(written, start=1):
            name = f"{path.stem}-{number}{path.suffix}" if len(written) > 1 else path.name
            reports.write(report, path.with_name(name), names=names, group=group)


def _facts(done: Handover) -> dict[str, object]:
    from offcirc.upload.render.render_json import as_json

    lines: list[object] = []
    for report in done.reports:
        lines += as_json(report)["lines"]
    return {
        "records": done.lines + done.held + done.skipped + done.refused,
        "exceptions": done.held + done.refused,
        "handed_over": done.lines,
        "held": done.held,
        "rejected": done.refused,
        "skipped": done.skipped,
        "status": "waiting" if done.id else "dry-run",
        "dry_run": not done.id,
        "system": done.system,
        "notes": list(done.target.limits()),
        "folder": str(done.folder),
        "checklist": str(done.checklist) if done.checklist else None,
        "files": [
            {
                "job": file.job or None,
                "order": file.place,
                "path": str(file.path),
                "desk": file.desk,
                "library": file.library,
                "lines": file.lines,
                "loans": file.loans,
                "returns": file.returns,
                "first": file.first.isoformat(timespec="minutes") if file.first else None,
                "last": file.last.isoformat(timespec="minutes") if file.last else None,
                "sha256": file.sha256,
            }
            for file in done.files
        ],
        "lines": lines,
    }
