"""``offcirc merge``: the files of several desks put into the one order in which things happened."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.cli.files.sources import sources, tell
from offcirc.cli.frame import errors, output
from offcirc.cli.frame.exits import Exit, Stop
from offcirc.cli.frame.parser import Context, path
from offcirc.cli.frame.places import ledger
from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledgerrows import LineFacts
    from offcirc.upload.lines.plan import Plan
    from offcirc.upload.lines.source import CollectedFile


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``merge``."""
    parser.add_argument(
        "files",
        nargs="+",
        type=path,
        metavar=_("FILE"),
        help=_("the OffCirc.dat of each desk, or a folder to be searched for them"),
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=path,
        metavar=_("OUT.DAT"),
        help=_("the merged file; one that exists is never overwritten"),
    )
    parser.add_argument(
        "--offset",
        action="append",
        default=[],
        type=_offset,
        metavar=_("NAME=SECONDS"),
        help=_(
            "seconds to add to the times of a file whose PC’s clock was wrong; NAME is the file as"
            " given, or its name without folders; may be repeated"
        ),
    )
    parser.add_argument(
        "--no-decisions",
        action="store_true",
        help=_("leave aside what was decided about these lines (see “offcirc decide”)"),
    )
    parser.epilog = _(
        "A desk’s manifest or journal beside its file gives exact times, and what its clock was"
        " corrected by. Exit code 0: every line is in the merged file, in an order that is known;"
        " 1: damaged lines had to be left out, or nothing tells which of two lines came first:"
        " they are listed; 2: no merged file was written."
    )


def run(options: argparse.Namespace, context: Context) -> Exit:
    """Merge into a new file; print the lines left out, and those whose order is not known."""
    from offcirc.upload.base.errors import PlanError
    from offcirc.upload.lines.decided import NOTHING, decided
    from offcirc.upload.lines.plan import make_plan
    from offcirc.upload.lines.playing import refuse

    found = sources(options.files)
    offsets = _offsets(dict(options.offset), found)
    with ledger(context) as book:
        decisions = NOTHING if options.no_decisions else decided(book)
    tell(found)
    try:
        plan = make_plan(found, offsets=offsets, decisions=decisions)
        refuse(plan)
        left_out = _LeftOut(plan)
        with left_out:
            lines = _write(options.output, plan, left_out)
    except PlanError as error:
        raise Stop(error.words()) from error
    _tell_pairs(plan)
    left_out.tell()
    taken = sum(not file.same_as for file in plan.files)
    count = ngettext("{count} line from {files}", "{count} lines from {files}", lines)
    files = ngettext("{count} file", "{count} files", taken).format(count=taken)
    output.say(
        _("{file}: {lines}.").format(
            file=output.visible(str(options.output)),
            lines=count.format(count=lines, files=files),
        )
    )
    return Exit.EXCEPTIONS if left_out.damaged or plan.pairs else Exit.FINE


class _LeftOut:
    """The lines that are not in the merged file; damaged ones are printed as they are met.

    Attributes:
        damaged: how many lines cannot be in any OffCirc.dat.
    """

    def __init__(self, plan: Plan) -> None:
        self.damaged = 0
        self._decided = self._twins = self._alike = 0
        self._names = [file.name for file in plan.files]
        self._table = output.Table(
            (
                output.PrintedColumn(_("File"), 20),
                output.PrintedColumn(_("Line"), 7, right=True),
                output.PrintedColumn(_("Error Message"), 64),
                output.PrintedColumn(_("Content"), 0),
            )
        )

    def __enter__(self) -> None:
        self._table.__enter__()

    def __exit__(self, *error: object) -> None:
        self._table.__exit__(None, None, None)

    def add(self, line: LineFacts) -> None:
        """A line that is held."""
        from offcirc.upload.report.words import message_of

        if line.minute or line.decision:
            self._decided += 1
            return
        self.damaged += 1
        raw = output.visible(line.raw.decode("latin-1"))[:80]
        cells = (self._names[line.file], str(line.number), message_of(line.reason), raw)
        self._table.add(cells)

    def twin(self, line: LineFacts) -> None:
        """A line that another file holds too, or seems to."""
        from offcirc.upload.base.reasons import SAME_LINE

        if line.reason == SAME_LINE:
            self._twins += 1
        else:
            self._alike += 1

    def tell(self) -> None:
        """Say what was left out on purpose."""
        if self._decided:
            text = ngettext(
                "{count} line is left out as was decided.",
                "{count} lines are left out as was decided.",
                self._decided,
            )
            output.note(text.format(count=self._decided))
        if self._twins:
            text = ngettext(
                "{count} line stands in two files: it is taken once.",
                "{count} lines stand in two files: they are taken once.",
                self._twins,
            )
            output.note(text.format(count=self._twins))
        if self._alike:
            text = ngettext(
                "{count} line says the same as one of another file, and nothing tells whether it "
                "is the same one: it is taken once. Check it, or add the desks’ manifests.",
                "{count} lines say the same as some of other files, and nothing tells whether they "
                "are the same ones: they are taken once. Check them, or add the desks’ manifests.",
                self._alike,
            )
            output.note(text.format(count=self._alike))


def _tell_pairs(plan: Plan) -> None:
    """Print the pairs of lines of which nothing tells which came first."""
    from offcirc.upload.check.findingwords import place

    if not plan.pairs:
        return
    names = [file.name for file in plan.files]
    output.heading(_("Order not known"))
    columns = (
        output.PrintedColumn(_("When"), 16),
        output.PrintedColumn(_("Item"), 16),
        output.PrintedColumn(_("Put first"), 32),
        output.PrintedColumn(_("Put after it"), 0),
    )
    with output.Table(columns) as table:
        for pair in plan.pairs:
            cells = [
                f"{words.operation(one.record.operation)}, {place(names[one.desk], number)}"
                for one, number in (
                    (pair.first, pair.first.extra.number),
                    (pair.second, pair.second.extra.number),
                )
            ]
            table.add((words.when(pair.second.at), pair.second.record.item, *cells), "yellow")
    output.say(
        _(
            "Two desks, one item, one minute, and nothing tells which came first. If it was the"
            " other way round: offcirc decide first FILE LINE FILE LINE, then merge again."
        )
    )


def _offsets(said: dict[str, int], found: Sequence[CollectedFile]) -> Mapping[str, float]:
    """The offsets by the sources' names.

    Raises:
        Stop: an offset names no file.
    """
    offsets: dict[str, float] = {}
    used = set()
    for source in found:
        for key in (str(source.path), source.path.name, source.name):
            if key in said:
                offsets[source.name] = said[key]
                used.add(key)
                break
    for key in said.keys() - used:
        raise Stop(_("--offset names {name}, which is not among the files.").format(name=key))
    return offsets


def _write(out: Path, plan: Plan, left_out: _LeftOut) -> int:
    """Write the merged file whole or not at all; return how many lines it has.

    Raises:
        Stop: it exists, or cannot be written.
        PlanError: a file cannot be read any more, or has changed.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        stream = open(os.open(out, flags, 0o600), "wb")  # noqa: SIM115, PTH123 - private from birth
    except FileExistsError:
        text = _("{file} is already there and is not overwritten. Choose another name.")
        raise Stop(text.format(file=output.visible(str(out)))) from None
    except OSError as error:
        raise Stop(errors.unusable(error, out)) from error
    lines = 0
    try:
        with stream:
            for line in plan.lines():
                if line.twin >= 0:
                    left_out.twin(line)
                    continue
                if not line.minute or line.reason:
                    left_out.add(line)
                    continue
                stream.write(encode(_record(line)))
                lines += 1
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        out.unlink(missing_ok=True)
        raise Stop(errors.unusable(error, out)) from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return lines


def _record(line: LineFacts) -> Record:
    at = datetime.fromisoformat(line.minute)
    return Record(at, Operation(line.operation), line.item, line.patron)


def _offset(text: str) -> tuple[str, int]:
    name, equals, seconds = text.rpartition("=")
    try:
        if name and equals:
            return name, int(seconds)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        _("“{text}” should look like desk-B.dat=-90").format(text=output.visible(text))
    )
