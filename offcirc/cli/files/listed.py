"""``offcirc import``: lists that were kept while nothing else worked, made an OffCirc.dat."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offcirc.cli.frame import errors, output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, format_argument, path
from offcirc.core.transaction import Operation, Record
from offcirc.disk.errors import Fault, StorageError
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.upload.lists.reading import ListSheet
    from offcirc.upload.lists.understanding import Told, Understanding

_AS = {"loans": Operation.LOAN, "returns": Operation.RETURN}
_USES = ("item", "patron", "when", "operation", "-")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``import``."""
    parser.add_argument(
        "lists",
        nargs="+",
        type=path,
        metavar=_("LIST"),
        help=_("a list: CSV, text, .xlsx, Koha’s .koc or Evergreen’s pending transactions"),
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=_("OUT.DAT"),
        help=_("the file of lines; one that exists is never overwritten"),
    )
    parser.add_argument(
        "--day", type=_day, metavar=_("DAY"), help=_("the day of rows that tell none: 2026-11-27")
    )
    parser.add_argument(
        "--time", type=_clock, metavar=_("TIME"), help=_("the time of rows that tell none: 14:30")
    )
    parser.add_argument(
        "--as",
        dest="operation",
        choices=tuple(_AS),
        help=_("what rows are that do not tell whether they are loans or returns"),
    )
    parser.add_argument(
        "--columns",
        type=_columns,
        default=(),
        metavar=_("COLUMNS"),
        help=_(
            "what the columns are, from the left, if that is not seen by itself: item, patron, "
            "when, operation, or - for any other, with commas between"
        ),
    )
    format_argument(parser)
    parser.epilog = _(
        "The lists themselves are left as they are. Exit code 0: every row was taken; 1: some "
        "rows were not: they are listed, with what to do; 2: nothing was written, because the "
        "list cannot be read or leaves something open."
    )


@dataclass(frozen=True, slots=True)
class _Read:
    name: str
    sheet: ListSheet
    found: Understanding


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Read the lists, tell how they were understood, write the lines."""
    from offcirc.upload.lists.understanding import Told

    operation = _AS.get(options.operation)
    told = Told(options.day, options.time, operation, options.columns)
    read = [one for file in options.lists for one in _read(file, context, told)]
    _ask(read)
    records = [record for one in read for record in one.found.records]
    problems = sum(len(one.found.problems) for one in read)
    if records:
        _write(options.output, records)
    if options.format == "json":
        output.say(json.dumps(_facts(read), ensure_ascii=False, indent=2))
    else:
        _tell(read, options.output if records else None)
    if not records:
        return Exit.NOT_DONE
    return Exit.EXCEPTIONS if problems else Exit.FINE


def _read(file: Path, context: Context, told: Told) -> list[_Read]:
    """The lists of a file.

    Raises:
        Stop: it cannot be read.
    """
    from offcirc.cli.files.checkacross import rules_of
    from offcirc.upload.alma.almacells import UnreadableContainerError
    from offcirc.upload.lists.listwords import unreadable
    from offcirc.upload.lists.reading import read_list
    from offcirc.upload.lists.understanding import understand

    try:
        sheets = read_list(file.read_bytes())
    except OSError as error:
        raise Stop(errors.unusable(error, file)) from error
    except UnreadableContainerError as error:
        text = _("{file}: {reason}")
        raise Stop(text.format(file=output.visible(file.name), reason=unreadable(error))) from error
    rules = rules_of(context.settings)
    # A list states the desk PC's local time, as OffCirc.dat does.
    now = datetime.now()  # noqa: DTZ005
    names = [
        _("{file}, sheet {sheet}").format(file=file.name, sheet=sheet.name)
        if sheet.name
        else file.name
        for sheet in sheets
    ]
    return [
        _Read(name, sheet, understand(sheet, rules, now, told))
        for name, sheet in zip(names, sheets, strict=True)
    ]


def _ask(read: Sequence[_Read]) -> None:
    """Stop where a list leaves something open.

    Raises:
        Stop: it does, or there is no list.
    """
    from offcirc.upload.lists import listwords
    from offcirc.upload.lists.understanding import ListQuestion

    ways = {
        ListQuestion.DAY: "--day 2026-11-27",
        ListQuestion.TIME: "--time 14:30",
        ListQuestion.OPERATION: "--as loans, --as returns",
        ListQuestion.COLUMNS: "--columns item,patron,when",
    }
    asked = [
        _("{file}: {question} ({option})").format(
            file=output.visible(one.name), question=listwords.question(each), option=ways[each]
        )
        for one in read
        for each in one.found.questions
    ]
    if not read:
        asked = [listwords.empty()]
    if asked:
        for one in read:
            _tell_problems(one, output.note)
        raise Stop("\n".join(asked))


def _write(out: Path, records: Sequence[Record]) -> None:
    """Write the lines whole or not at all.

    Raises:
        Stop: the file is there already.
        StorageError: it cannot be written.
    """
    from offcirc.upload.lists import taking

    try:
        taking.write(out, records)
    except StorageError as error:
        if error.fault is Fault.EXISTS:
            text = _("{file} is already there and is not overwritten. Choose another name.")
            raise Stop(text.format(file=output.visible(str(out)))) from None
        raise


def _tell(read: Sequence[_Read], out: Path | None) -> None:
    from offcirc.upload.lists import listwords

    for one in read:
        columns = ", ".join(
            _("{column}: {use}").format(
                column=output.visible(column.heading or str(number)), use=listwords.use(column.use)
            )
            for number, column in enumerate(one.found.columns, start=1)
        )
        order = _("Days were read as month/day/year.") if one.found.american else ""
        told = ". ".join(filter(None, (columns, order)))
        output.say(f"{output.visible(one.name)}  {told}".rstrip())
        _tell_problems(one, output.say)
        twice = sum(bool(line.twice) for line in one.found.lines)
        if twice:
            text = ngettext(
                "{count} row says the same as another: it is taken once.",
                "{count} rows say the same as others: they are taken once.",
                twice,
            )
            output.say("  " + text.format(count=twice))
    if out is None:
        output.say(_("Nothing was written: no row could be taken."))
        return
    loans, returns = (sum(one.found.count(operation) for one in read) for operation in _AS.values())
    text = _("{file}: loans {loans}, returns {returns}.")
    output.say(text.format(file=output.visible(str(out)), loans=loans, returns=returns))


def _tell_problems(one: _Read, say: Callable[[str], None]) -> None:
    from offcirc.upload.lists import listwords

    for line in one.found.problems:
        sentence = output.visible(listwords.problem(line))
        say("  " + _("Row {row}: {sentence}").format(row=line.row, sentence=sentence))


def _facts(read: Sequence[_Read]) -> dict[str, Any]:
    from offcirc.upload.lists import listwords

    return {
        "records": sum(len(one.found.records) for one in read),
        "loans": sum(one.found.count(Operation.LOAN) for one in read),
        "returns": sum(one.found.count(Operation.RETURN) for one in read),
        "exceptions": sum(len(one.found.problems) for one in read),
        "lists": [
            {
                "file": one.name,
                "columns": [
                    {"heading": column.heading, "use": column.use.value}
                    for column in one.found.columns
                ],
            }
            for one in read
        ],
        "lines": [
            {
                "file": one.name,
                "line": line.row,
                "status": "error",
                "code": str(line.problem),
                "text": line.text,
                "message": listwords.problem(line),
            }
            for one in read
            for line in one.found.problems
        ],
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = _("“{text}” should look like 2026-11-27").format(text=output.visible(text))
        raise argparse.ArgumentTypeError(message) from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        message = _("“{text}” should look like 14:30").format(text=output.visible(text))
        raise argparse.ArgumentTypeError(message) from None


def _columns(text: str) -> tuple[Any, ...]:
    from offcirc.upload.lists.reading import ColumnUse

    found = [one.strip().lower() for one in text.split(",")]
    if "item" not in found or not set(found) <= set(_USES):
        message = _("“{text}” should look like item,patron,when").format(text=output.visible(text))
        raise argparse.ArgumentTypeError(message)
    return tuple(ColumnUse(one) for one in found)
