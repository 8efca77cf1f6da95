"""``offcirc archive``: put uploaded files away, so that no line of them can go up again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.places import account, ledger
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.storage.ledger.closings import Closing
    from offcirc.storage.ledger.ledger import Ledger
    from offcirc.upload.close.candidates import Candidate
    from offcirc.upload.close.putaway import Closed


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``archive``."""
    parser.add_argument(
        "files",
        nargs="*",
        type=path,
        metavar=_("FILE"),
        help=_(
            "an uploaded OffCirc.dat: a desk’s own, a copy in the collection folder, or a file"
            " alone; at a desk, also the receipt (.closed.json) that the referent left for it"
        ),
    )
    parser.add_argument(
        "--job", metavar=_("JOB"), help=_("every file of this upload, where it was uploaded from")
    )
    parser.add_argument(
        "--leave-behind",
        action="store_true",
        help=_("put away what is uploaded, and leave all other lines behind in a clean file"),
    )
    parser.add_argument(
        "--undo", metavar=_("JOB"), help=_("bring the files of a closed upload back")
    )
    parser.add_argument("--list", action="store_true", help=_("list what was put away"))
    parser.add_argument(
        "--erase",
        action="store_true",
        help=_("erase readers’ identifiers that are older than the settings allow, now"),
    )
    parser.add_argument("--who", metavar=_("NAME"), help=_("who does this; you, if not given"))
    format_argument(parser)
    parser.epilog = _(
        "A file goes into the archive of the data folder first, with the merged file and the"
        " report; only then is it removed, or replaced by what is still to be uploaded. A desk at"
        " work closes its own file when it sees the receipt. Exit code 0: done; 1: something could"
        " not be done; 2: nothing was touched."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Close, undo, list or erase."""
    wanted = [bool(options.files or options.job), bool(options.undo), options.list, options.erase]
    if sum(wanted) != 1:
        raise Stop(_("Name the files to put away, or one of --job, --undo, --list and --erase."))
    receipts = [each for each in options.files if each.name.endswith(".closed.json")]
    if receipts:
        return _by_receipt(receipts, context, options)
    with ledger(context) as book:
        if book is None:
            raise Stop(_("Nothing has been uploaded from this data folder yet."))
        if options.list:
            return _list(book, options)
        if options.erase:
            return _erase(book, context, options)
        if options.undo:
            return _undo(book, context, options)
        return _close(book, context, options)


def _close(book: Ledger, context: Context, options: argparse.Namespace) -> Exit:
    from offcirc.upload.close import closing
    from offcirc.upload.report.history import find_job

    folder = context.data_dir
    candidates: list[Candidate] = []
    upload = find_job(book, options.job) if options.job else None
    if upload is not None and not options.files:
        candidates = closing.look_at_job(book, upload, folder=folder)
        if not candidates:
            raise Stop(_("Upload {job} has no files to put away.").format(job=upload.id))
    for file in options.files:
        job = upload.id if upload else None
        candidates.append(closing.look_at(book, file, folder=folder, job=job))
    who = options.who or account()
    done = closing.close(book, candidates, folder=folder, who=who, leave=options.leave_behind)
    code = _tell(done, options)
    _erase_due(book, context)
    if code is Exit.FINE:
        _forget_knowledge(context)
    return code


def _forget_knowledge(context: Context) -> None:
    """The outage is over: what this PC knew for it goes."""
    from offcirc.knowledge.place import KnowledgePlace

    KnowledgePlace(context.data_dir).erase()


def _undo(book: Ledger, context: Context, options: argparse.Namespace) -> Exit:
    from offcirc.upload.close.reopening import undo
    from offcirc.upload.report.history import find_job

    upload = find_job(book, options.undo)
    done = undo(book, upload, folder=context.data_dir, who=options.who or account())
    if not done:
        raise Stop(_("No file of upload {job} is closed.").format(job=upload.id))
    return _tell(done, options)


def _tell(done: Sequence[Closed], options: argparse.Namespace) -> Exit:
    from offcirc.upload.close import closingwords as words

    if options.format == "json":
        output.say(json.dumps({"files": [_facts(one.closing, one) for one in done]}, indent=1))
    else:
        for one in done:
            output.say(output.visible(words.closed(one)))
        for folder in dict.fromkeys(one.folder for one in done):
            output.say(output.visible(words.place(folder)))
    return Exit.EXCEPTIONS if any(one.problem for one in done) else Exit.FINE


def _facts(closing: Closing, done: Closed | None = None) -> dict[str, object]:
    facts = closing.facts
    return {
        "job": facts.upload,
        "file": str(facts.path),
        "whose": facts.whose.value,
        "lines": facts.lines,
        "left_behind": facts.left_behind,
        "outcome": closing.outcome.value if closing.outcome else None,
        "closed": closing.at.isoformat(timespec="seconds"),
        "who": closing.who,
        "archive": facts.archive,
        "problem": (done.problem if done else "") or None,
    }


def _list(book: Ledger, options: argparse.Namespace) -> Exit:
    from offcirc.storage.ledger.closings import closings
    from offcirc.upload.close import closingwords as words
    from offcirc.upload.report.reportview import stamp

    found = closings(book)
    if options.format == "json":
        output.say(json.dumps({"files": [_facts(one) for one in found]}, indent=1))
        return Exit.FINE
    if not found:
        output.say(_("Nothing has been put away yet."))
        return Exit.FINE
    columns = (
        output.PrintedColumn(_("Job"), 5, right=True),
        output.PrintedColumn(_("Closed on"), 24),
        output.PrintedColumn(_("Who"), 12),
        output.PrintedColumn(_("Lines"), 6, right=True),
        output.PrintedColumn(_("Status"), 22),
        output.PrintedColumn(_("File"), 0),
    )
    with output.Table(columns) as table:
        for one in found:
            cells = (
                str(one.facts.upload),
                stamp(one.at),
                one.who,
                str(one.facts.lines),
                words.outcome(one),
                str(one.facts.path),
            )
            table.add([output.visible(cell) for cell in cells])
    return Exit.FINE


def _erase(book: Ledger, context: Context, options: argparse.Namespace) -> Exit:
    from offcirc.cli.files.checkacross import rules_of
    from offcirc.upload.close import retention

    days = context.settings.number("retention.days")
    rules = rules_of(context.settings)
    erased = retention.erase_due(book, context.data_dir, days=days, rules=rules)
    if options.format == "json":
        output.say(json.dumps(retention.facts(erased), indent=1))
    else:
        output.say(retention.sentence(erased, days))
    return Exit.FINE


def _erase_due(book: Ledger, context: Context) -> None:
    from offcirc.cli.files.checkacross import rules_of
    from offcirc.upload.close import retention

    days = context.settings.number("retention.days")
    rules = rules_of(context.settings)
    erased = retention.erase_due(book, context.data_dir, days=days, rules=rules)
    if erased:
        output.note(retention.sentence(erased, days))


def _by_receipt(receipts: Sequence[Path], context: Context, options: argparse.Namespace) -> Exit:
    """At a desk whose copies reach nobody by themselves: do what a receipt says."""
    from offcirc.storage.closing.receipts import (
        Order,
        ReceiptError,
        describe_receipt,
        read_receipt,
    )
    from offcirc.upload.close.candidates import obey

    file = context.settings.folder("file")
    for each in receipts:
        try:
            told = read_receipt(each)
        except ReceiptError:
            told = None
        if told is None:
            raise Stop(_("{name} is no receipt.").format(name=output.visible(each.name)))
        obey(context.data_dir, file, told)
        output.say(output.visible(describe_receipt(told)))
        if told.order is not Order.REOPEN:
            _forget_knowledge(context)
    return Exit.FINE
