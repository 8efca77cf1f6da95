"""``offcirc decide``: what becomes of single lines, whose clock was wrong, which line came first.

The files stay as they are; a decision lies on top, in the ledger, and holds for every later check,
merge and upload from this data folder, until it is undone.
"""

from __future__ import annotations

import argparse
import getpass
import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offcirc import words
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.cli.frame.places import ledger
from offcirc.core.transaction import NotRecordableError, Operation, Record, check_recordable
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.storage.ledger.decisions import DecidedLine, Decision, DecisionBook, LineChange

_ACTS = ("list", "correct", "swap", "hold", "drop", "later", "first", "clock", "undo")
_LONGEST = 100_000
"""Lines that can be named at once."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``decide``."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("act", choices=_ACTS, metavar=_("WHAT"), help=_("what to do, see below"))
    parser.add_argument(
        "about", nargs="*", metavar=_("FILE LINES"), help=_("about what, see below")
    )
    parser.add_argument("--item", default="", metavar=_("BARCODE"), help=_("the right item"))
    parser.add_argument(
        "--borrower", default="", metavar=_("IDENTIFIER"), help=_("the right borrower")
    )
    parser.add_argument(
        "--operation", default="", choices=("L", "R"), help=_("loan (L) or return (R)")
    )
    parser.add_argument(
        "--time", default="", metavar=_("TIME"), help=_("the right time, such as 2018-01-15T09:30")
    )
    parser.add_argument(
        "--trust",
        default="after",
        choices=("after", "before", "neither"),
        help=_("which clock to believe where the desk noted that it was set: the one after that"),
    )
    parser.add_argument("--note", default="", metavar=_("TEXT"), help=_("why"))
    parser.add_argument(
        "--who", default="", metavar=_("NAME"), help=_("who decides; your user name if not given")
    )
    format_argument(parser)
    parser.epilog = _(
        "  list                          every decision, with its number\n"
        "  correct FILE LINE             the line says something else (--item, --borrower,\n"
        "                                --time, --operation)\n"
        "  swap FILE LINES               item and borrower change places\n"
        "  hold FILE LINES               do not send them for now\n"
        "  drop FILE LINES               never send them\n"
        "  later FILE LINES              leave them for another upload\n"
        "  first FILE LINE FILE LINE     the first of the two lines came first\n"
        "  clock FILE SECONDS            add so many seconds to the file’s times\n"
        "  undo NUMBER                   a decision holds no more\n"
        "\n"
        "LINES is a number, several (3,7) or a range (3-40). A decision holds for every copy\n"
        "of the file, whatever its name, and goes on holding when the file grows."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Decide, or list what was decided."""
    from offcirc.storage.ledger.decisions import DecisionBook
    from offcirc.storage.ledger.ledger import Ledger

    if options.act == "list":
        with ledger(context) as known:
            _list(DecisionBook(known).all() if known is not None else [], options.format)
        return Exit.FINE
    who = options.who or getpass.getuser()
    with Ledger.of(context.data_dir) as kept:
        made = _decide(DecisionBook(kept), options, who)
    if options.format == "json":
        output.say(json.dumps(_facts(made), ensure_ascii=False, indent=1))
    else:
        output.say(_sentence(made))
    return Exit.FINE


def _decide(book: DecisionBook, options: argparse.Namespace, who: str) -> Decision:
    """Make a decision.

    Raises:
        Stop: what it is about is missing, or makes no sense.
    """
    about: list[str] = options.about
    note: str = options.note
    match options.act, about:
        case "undo", [number] if number.isdecimal():
            return _undo(book, int(number), who, note)
        case "clock", [file, seconds] if re.fullmatch(r"[+-]?\d+(\.\d+)?", seconds):
            return _clock(book, path(file), float(seconds), options, who)
        case "first", [file, line, other_file, other_line]:
            one, other = _one(path(file), line), _one(path(other_file), other_line)
            return book.before(one[0], other[0], who=who, note=note)
        case "correct", [file, line]:
            return _correct(book, path(file), line, options, who)
        case ("hold" | "drop" | "later" | "swap") as act, [file, *lines] if lines:
            chosen = [found[0] for found in _lines(path(file), lines)]
            ways = {"swap": book.swap, "hold": book.hold, "drop": book.drop, "later": book.later}
            return ways[act](chosen, who=who, note=note)
    raise Stop(_("What exactly? “offcirc decide --help” shows how it is said."))


def _undo(book: DecisionBook, number: int, who: str, note: str) -> Decision:
    from offcirc.storage.ledger.decisions import NoSuchDecisionError

    try:
        return book.undo(number, who=who, note=note)
    except NoSuchDecisionError:
        raise Stop(
            _("There is no decision {number} that could be undone.").format(number=number)
        ) from None


def _clock(
    book: DecisionBook, file: Path, seconds: float, options: argparse.Namespace, who: str
) -> Decision:
    from offcirc.core.order.clockfix import Trust
    from offcirc.storage.ledger.decisions import DecidedLine
    from offcirc.upload.lines.collect import look

    source = look(file, output.visible(str(file)))
    if not source.mark:
        raise Stop(_("{name}: no line of it can be read.").format(name=source.name))
    line = DecidedLine(source.mark, file.name)
    return book.clock(line, seconds, trust=Trust(options.trust), who=who, note=options.note)


def _correct(
    book: DecisionBook, file: Path, line: str, options: argparse.Namespace, who: str
) -> Decision:
    from offcirc.storage.ledger.decisions import LineChange
    from offcirc.upload.followup.correcting import filled
    from offcirc.upload.lines.decided import corrected

    change = LineChange(options.time, options.operation, options.item, options.borrower)
    if change == LineChange():
        raise Stop(_("What should the line say? Give --item, --borrower, --time or --operation."))
    found, record = _one(file, line)
    change = filled(found.raw, change)
    if corrected(record, change) is None:
        raise Stop(_why_not(record, change))
    return book.correct(found, change, who=who, note=options.note)


def _why_not(record: Record | None, change: LineChange) -> str:
    """Why a line cannot say that."""
    if change.minute:
        try:
            datetime.fromisoformat(change.minute)
        except ValueError:
            return _("“{text}” is no time. It should look like 2018-01-15T09:30.").format(
                text=output.visible(change.minute)
            )
    if record is None and not (change.minute and change.operation):
        return _("The line cannot be read: say all of it, with --time and --operation too.")
    operation = Operation(change.operation) if change.operation else record and record.operation
    item = change.item or (record.item if record else "")
    patron = change.patron or (record.patron if record else "")
    try:
        check_recordable(operation or Operation.LOAN, item, patron)
    except NotRecordableError as error:
        return words.problem(error.problem)
    return _("No loan or return can be recorded like that.")


def _one(file: Path, line: str) -> tuple[DecidedLine, Record | None]:
    """One line of a file.

    Raises:
        Stop: there is none of this number.
    """
    found = _lines(file, [line])
    if len(found) != 1:
        raise Stop(_("Name one line only."))
    return found[0]


def _lines(file: Path, wanted: Sequence[str]) -> list[tuple[DecidedLine, Record | None]]:
    """Lines of a file, by their numbers.

    Raises:
        Stop: there is none of such a number.
    """
    from offcirc.storage.ledger.decisions import DecidedLine
    from offcirc.upload.lines.collect import look
    from offcirc.upload.lines.datread import Hashing, keyed, open_dat, reading
    from offcirc.upload.lines.plan import times_of

    numbers = _numbers(wanted)
    missing = set(numbers)
    found = []
    name = output.visible(str(file))
    times = times_of(look(file, name))
    stream, _head = open_dat(file, name)
    now = datetime.now()  # noqa: DTZ005 - the PC's
    with stream, reading(name):
        for entry, key, _plain in keyed(Hashing(stream), now, times):
            if entry.number in numbers:
                missing.discard(entry.number)
                line = DecidedLine(key, file.name, entry.number, entry.raw)
                found.append((line, entry.record))
            elif not missing:
                break
    if missing:
        text = _("{name} has no line {number}.")
        raise Stop(text.format(name=name, number=min(missing)))
    return found


def _numbers(wanted: Sequence[str]) -> set[int]:
    """The numbers that a text such as ``3,7-12`` names.

    Raises:
        Stop: it names none.
    """
    numbers: set[int] = set()
    for part in ",".join(wanted).split(","):
        found = re.fullmatch(r"(\d{1,9})(?:[-–](\d{1,9}))?", part.strip())
        if found is None:
            raise Stop(_("“{text}” is no line: write 3, 3,7 or 3-40.").format(text=part))
        first, last = int(found[1]), int(found[2] or found[1])
        if not first <= last < first + _LONGEST:
            raise Stop(_("“{text}” is no line: write 3, 3,7 or 3-40.").format(text=part))
        numbers.update(range(first, last + 1))
    return numbers


def _list(decisions: Sequence[Decision], form: str) -> None:
    if form == "json":
        told = {"decisions": [_facts(one) for one in decisions]}
        output.say(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not decisions:
        output.say(_("Nothing has been decided."))
        return
    from offcirc.upload.check import checkwords

    columns = (
        output.PrintedColumn(_("Number"), 6, right=True),
        output.PrintedColumn(_("When"), 16),
        output.PrintedColumn(_("Who"), 12),
        output.PrintedColumn(_("What"), 24),
        output.PrintedColumn(_("About"), 40),
        output.PrintedColumn(_("Note"), 0),
    )
    with output.Table(columns) as table:
        for one in decisions:
            name = checkwords.decision_name(one.act)
            if one.undone_by:
                name = _("{decision} (undone by {number})").format(
                    decision=name, number=one.undone_by
                )
            cells = (str(one.id), words.when(one.at.astimezone()), one.who, name)
            table.add((*cells, checkwords.decision(one), one.note))


def _sentence(made: Decision) -> str:
    from offcirc.upload.check import checkwords

    return _("Decision {number}. {what}: {about}.").format(
        number=made.id,
        what=checkwords.decision_name(made.act),
        about=checkwords.decision(made),
    )


def _facts(one: Decision) -> dict[str, Any]:
    """A decision as programs get it."""
    return {
        "id": one.id,
        "at": one.at.isoformat(timespec="milliseconds"),
        "who": one.who,
        "note": one.note,
        "act": one.act.value,
        "lines": [
            {"file": line.file, "line": line.number, "key": line.key.hex()} for line in one.lines
        ],
        "timestamp": one.change.minute,
        "operation": one.change.operation,
        "item": one.change.item,
        "patron": one.change.patron,
        "seconds": one.seconds,
        "trust": one.trust.value,
        "undoes": one.undoes,
        "undone_by": one.undone_by,
    }
