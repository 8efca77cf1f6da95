"""``offcirc followup``: the work that past uploads have left, and what is done about it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.frame.places import account, ledger
from offcirc.cli.uploads import handover, reports, signing
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.followup.correcting import Resend
    from offcirc.upload.followup.task import Task
    from offcirc.upload.followup.worklist import Slips


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``followup``."""
    parser.add_argument(
        "job",
        nargs="?",
        metavar=_("JOB"),
        help=_("number of the upload, or the server’s Process ID; every upload if not given"),
    )
    parser.add_argument(
        "--all", action="store_true", help=_("also list what is done or needs nothing")
    )
    parser.add_argument(
        "--for", dest="person", metavar=_("NAME"), help=_("only what was given to NAME")
    )
    parser.add_argument(
        "--format",
        choices=("text", "csv", "json"),
        default="text",
        help=_("text for people (the default), csv for spreadsheets, json for programs"),
    )
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        type=path,
        metavar=_("FILE"),
        help=_("write the list to a file; its ending picks txt, csv, html (to print) or json"),
    )
    work = parser.add_argument_group(_("working through it"))
    work.add_argument("--done", nargs="+", metavar=_("TASK"), help=_("tick tasks off"))
    work.add_argument("--reopen", nargs="+", metavar=_("TASK"), help=_("take the tick away again"))
    work.add_argument(
        "--assign",
        nargs="+",
        metavar=(_("NAME"), _("TASK")),
        help=_("give tasks to somebody; an empty NAME takes them back"),
    )
    work.add_argument(
        "--note", nargs="+", metavar=(_("TEXT"), _("TASK")), help=_("note something about tasks")
    )
    again = parser.add_argument_group(_("correcting lines and sending them again"))
    again.add_argument(
        "--correct", nargs="+", metavar=_("TASK"), help=_("the tasks whose lines are corrected")
    )
    again.add_argument(
        "--reader", metavar=_("IDENTIFIER"), help=_("with --correct: the reader who was meant")
    )
    again.add_argument(
        "--fictitious",
        action="store_true",
        help=_(
            "with --correct: lend the items to the fictitious reader of the settings"
            " (followup.fictitious_reader)"
        ),
    )
    again.add_argument(
        "--item", metavar=_("BARCODE"), help=_("with --correct: the item that was meant")
    )
    again.add_argument(
        "--at",
        metavar=_("TIME"),
        help=_("with --correct, for a damaged line: when it happened, such as 2018-01-15T14:20"),
    )
    again.add_argument(
        "--operation",
        choices=("L", "R"),
        help=_("with --correct, for a damaged line: L for a loan, R for a return"),
    )
    again.add_argument(
        "--take-back",
        nargs="+",
        metavar=_("TASK"),
        help=_("do not send the lines of these tasks again after all"),
    )
    again.add_argument(
        "--send", action="store_true", help=_("upload every corrected line that is waiting")
    )
    again.add_argument(
        "--ask",
        action="store_true",
        help=_("ask the server about readers one slip away from the unknown ones"),
    )
    work.add_argument(
        "--look",
        action="store_true",
        help=_(
            "on a practice server: say on which page each task is done, and tick off what has"
            " been done there"
        ),
    )
    signing.server_arguments(again)
    work.add_argument("--who", metavar=_("NAME"), help=_("who does this; you, if not given"))
    parser.epilog = _(
        "A task is named by a letter and a number, such as R18. The list is kept until it is done;"
        " several uploads are worked through together. Exit code 0: nothing is left to do; 1:"
        " something is."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Do what is asked about tasks, then show the list."""
    with ledger(context) as book:
        if book is None:
            if options.job is not None:
                from offcirc.upload.base.errors import NoSuchJobError

                raise NoSuchJobError(output.visible(options.job))
            return _show([], {}, options, context)
        _work(book, options)
        _correct(book, options, context)
        if options.send:
            _send(book, options, context)
        if options.look:
            _look(book, options, context)
        tasks = _wanted(book, options)
        return _show(tasks, _slips(book, tasks, options, context), options, context)


def _work(book: Ledger, options: argparse.Namespace) -> None:
    from offcirc.upload.followup.followup import Action, act

    who = options.who or account()
    for action, words, has_text in (
        (Action.DONE, options.done, False),
        (Action.REOPENED, options.reopen, False),
        (Action.ASSIGNED, options.assign, True),
        (Action.NOTED, options.note, True),
    ):
        if words is None:
            continue
        text, names = (words[0], words[1:]) if has_text else ("", words)
        if not names:
            raise Stop(_("Which task? Name at least one after it, such as R18."))
        act(book, _named(book, names), action, who=who, text=text)


def _correct(book: Ledger, options: argparse.Namespace, context: Context) -> None:
    from offcirc.storage.ledger.decisions import LineChange
    from offcirc.upload.followup.correcting import correct, take_back

    who = options.who or account()
    for task in _named(book, options.take_back or ()):
        take_back(book, [line.id for line in task.lines], who=who)
    if not options.correct:
        return
    patron = options.reader or ""
    if options.fictitious:
        patron = context.settings.text("followup.fictitious_reader")
        if not patron:
            raise Stop(
                _(
                    "No fictitious reader is set. Set followup.fictitious_reader in the settings,"
                    " or give --reader."
                )
            )
    change = LineChange(_minute(options.at), options.operation or "", options.item or "", patron)
    if change == LineChange():
        raise Stop(_("What is it corrected to? Give --reader, --fictitious or --item."))
    for task in _named(book, options.correct):
        lines = [line.id for line in task.lines if not line.settled]
        correct(book, lines, change, who=who)


def _minute(text: str | None) -> str:
    """A moment given on the command line, as decisions have it.

    Raises:
        Stop: it is none.
    """
    from datetime import datetime

    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(timespec="minutes")
    except ValueError:
        raise Stop(
            _("“{text}” is not a time. Write it like 2018-01-15T14:20.").format(
                text=output.visible(text)
            )
        ) from None


def _send(book: Ledger, options: argparse.Namespace, context: Context) -> None:
    """Upload what is corrected, each line to the server and desk that refused it."""
    from offcirc.upload.followup.followup import waiting
    from offcirc.upload.run import run_upload

    batches = waiting(book)
    if not batches:
        output.note(_("No corrected line is waiting."))
        return
    if _hand_over(book, batches, options, context):
        return
    with signing.signed_in(options.server, options.user, context) as (server, account_there):
        mine = [batch for batch in batches if batch.server == server.identity]
        for batch in mine:
            report = run_upload(
                (),
                server,
                book,
                plan=batch,
                desk=batch.desk,
                who=account_there.name or account_there.login,
                resume=True,
                patron_names=reports.names_wanted(context.settings),
            )
            output.note(
                _("Upload {job}: {recorded} recorded, {exceptions} not.").format(
                    job=report.id, recorded=report.recorded, exceptions=report.exceptions
                )
            )
            if report.problem:
                output.note(report.problem)
    if len(mine) < len(batches):
        output.note(_("Corrected lines for another server are still waiting."))


def _look(book: Ledger, options: argparse.Namespace, context: Context) -> None:
    """Tick off what has been done at the server, and say where the rest is done."""
    from offcirc.servers.protocol import TellsHandWork
    from offcirc.upload.followup import followupwords, handwork

    tasks = [task for task in _wanted(book, options) if not task.done]
    with signing.signed_in(options.server, options.user, context) as (server, _account):
        if not isinstance(server, TellsHandWork):
            raise Stop(_("Only a practice server tells what has been done there."))
        for found in handwork.look(book, server, server.identity, tasks):
            if found.done is not None:
                output.note(f"{found.task.id}: {followupwords.hand_sentence(found.done)}")
            else:
                output.note(f"{found.task.id}: {' '.join(found.pages)}")


def _hand_over(
    book: Ledger, batches: Sequence[Resend], options: argparse.Namespace, context: Context
) -> bool:
    """Write files to carry to a system, if that is where corrected lines are to go."""
    from pathlib import Path
    from typing import cast

    from offcirc.upload.handover.handover import hand_over
    from offcirc.upload.lines.plan import Plan

    target = signing.target_of(options.server, context)
    system = handover.system_of(target)
    if system is None:
        return False
    for batch in batches:
        if batch.server == system.identity:
            plan = cast(Plan, batch)
            known = handover.proven(plan, system, target, options.user, context)
            done = hand_over(
                plan,
                book,
                folder=Path(target.folder).absolute(),
                who=handover.person(options.user, target),
                desk=batch.desk,
                target=system,
                known=known,
            )
            text = _("To be uploaded in {system}: {file}")
            for file in done.files:
                output.note(text.format(system=system.name, file=file.path))
    return True


def _named(book: Ledger, names: Sequence[str]) -> list[Task]:
    from offcirc.upload.followup.followup import find_tasks

    return find_tasks(book, [output.visible(name) for name in names]) if names else []


def _wanted(book: Ledger, options: argparse.Namespace) -> list[Task]:
    from offcirc.upload.followup.followup import tasks
    from offcirc.upload.report.history import find_job

    job = None if options.job is None else find_job(book, options.job).id
    found = tasks(book, job)
    if options.person is not None:
        found = [task for task in found if task.assigned.casefold() == options.person.casefold()]
    return found


def _slips(
    book: Ledger, tasks: Sequence[Task], options: argparse.Namespace, context: Context
) -> Slips:
    """Likely readers of the unknown identifiers that are still to be worked on."""
    from offcirc.upload.followup.slips import likely, read_patrons
    from offcirc.upload.followup.task import TaskKind

    wanted = {task.patron for task in tasks if task.kind is TaskKind.PATRON and not task.done}
    listed = context.settings.folder("followup.readers")
    known = read_patrons(listed) if listed is not None and wanted else {}
    if options.ask and wanted:
        with signing.signed_in(options.server, options.user, context) as (server, _account):
            return {patron: likely(book, patron, patrons=known, server=server) for patron in wanted}
    return {patron: likely(book, patron, patrons=known) for patron in wanted}


def _show(
    tasks: Sequence[Task], slips: Slips, options: argparse.Namespace, context: Context
) -> Exit:
    from offcirc.upload.followup import followupwords as words
    from offcirc.upload.followup import worklist

    shown = [task for task in tasks if options.all or not task.done]
    names = reports.names_travel(context.settings)
    if not reports.names_wanted(context.settings):
        shown = worklist.nameless(shown)
    if options.format == "json":
        output.say(worklist.as_json(shown, slips).rstrip("\n"))
    elif options.format == "csv":
        output.say(worklist.as_csv(shown, slips).rstrip("\r\n"))
    elif not options.output:
        _print(shown, slips)
        output.say(words.summary(tasks))
    for wanted in options.output:
        worklist.write_worklist(shown, wanted, slips, names=names)
        output.note(_("Work list: {file}").format(file=output.visible(str(wanted.absolute()))))
    return Exit.EXCEPTIONS if any(not task.done for task in tasks) else Exit.FINE


def _print(tasks: Sequence[Task], slips: Slips) -> None:
    from offcirc.upload.followup import followupwords as words

    settled = _("done")
    for (done, kind), members in groupby(tasks, key=lambda task: (task.done, task.kind)):
        heading = words.kind_name(kind)
        output.heading(heading + (f" – {settled}" if done else ""))
        if not done:
            output.say(words.advice(kind))
        columns = (
            output.PrintedColumn(_("Task"), 6),
            output.PrintedColumn(_("Status"), 10),
            output.PrintedColumn(_("When"), 16),
            output.PrintedColumn(_("What"), 44),
            output.PrintedColumn(_("Remark"), 0),
        )
        with output.Table(columns) as table:
            for task in members:
                for row in _rows(task, slips):
                    table.add([output.visible(cell) for cell in row], "dim" if done else "")
        output.say()


def _rows(task: Task, slips: Slips) -> list[list[str]]:
    from offcirc.upload.followup import followupwords as words
    from offcirc.upload.followup.task import TaskKind

    rows = []
    if task.kind is TaskKind.PATRON or len(task.lines) > 1:
        rows.append([task.id, words.status(task), "", words.headline(task), ""])
    for line in task.lines:
        first = not rows
        remarks = (
            words.about(line),
            words.remark(task, line),
            words.correction_sentence(line),
        )
        rows.append(
            [
                task.id if first else "",
                words.status(task) if first else "",
                words.when(line),
                words.event_of(line),
                " · ".join(remark for remark in remarks if remark),
            ]
        )
    likely = slips.get(task.patron, ()) if task.kind is TaskKind.PATRON and not task.done else ()
    rows += [["", "", "", words.slip_sentence(slip), ""] for slip in likely]
    rows += [["", "", "", "– " + words.event_sentence(event), ""] for event in task.events]
    return rows
