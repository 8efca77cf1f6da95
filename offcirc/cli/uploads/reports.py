"""The report of an upload as the commands show it: Alma's job row, then Alma's table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.core.transaction import OPERATIONS
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.cli.frame.parser import Context
    from offcirc.settings.load import Settings
    from offcirc.upload.report.report import JobReport, ReportLine


def check_ending(path: Path) -> None:
    """Make sure, before anything is sent, that a report can be written under this name.

    Raises:
        ReportFormatError: its ending names no format.
    """
    from offcirc.upload.base.errors import ReportFormatError
    from offcirc.upload.render.files import formats

    if path.suffix.lower() not in formats():
        raise ReportFormatError(output.visible(path.name))


def choice_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that choose, sort and group a report's lines."""
    parser.add_argument(
        "--filter",
        default="",
        metavar=_("TEXT"),
        help=_("only lines that hold every word of this text"),
    )
    parser.add_argument(
        "--status",
        action="append",
        default=[],
        choices=("recorded", "rejected", "unknown", "held", "skipped"),
        help=_("only lines of which this became; may be repeated"),
    )
    parser.add_argument(
        "--reason",
        action="append",
        default=[],
        metavar=_("CODE"),
        help=_("only lines of this reason, such as patron-unknown; may be repeated"),
    )
    parser.add_argument(
        "--from-desk",
        action="append",
        default=[],
        metavar=_("NAME"),
        help=_("only lines of this desk, as the report names it; may be repeated"),
    )
    parser.add_argument(
        "--operation",
        action="append",
        default=[],
        choices=list(OPERATIONS),
        help=_("only these: {operations}").format(
            operations=", ".join(
                f"{each.value} {words.operation(each)}" for each in OPERATIONS.values()
            )
        ),
    )
    parser.add_argument(
        "--sort",
        default="order",
        choices=(
            *("order", "line", "time", "status", "reason", "operation", "item", "title"),
            *("reader", "desk", "message"),
        ),
        help=_("in what order the lines come; as they were uploaded by default"),
    )
    parser.add_argument(
        "--descending", action="store_true", help=_("the other way round: the last one first")
    )
    parser.add_argument(
        "--group",
        choices=("reason", "reader", "item"),
        help=_("put the lines together by reason, by reader or by item"),
    )


def narrowed(report: JobReport, options: argparse.Namespace) -> JobReport:
    """A report with the lines that the options choose, in the order they ask for."""
    from offcirc.upload.report.choosing import By, Choice, narrowed
    from offcirc.upload.report.report import LineStatus

    choice = Choice(
        text=options.filter,
        statuses=tuple(map(LineStatus, options.status)),
        reasons=tuple(options.reason),
        desks=tuple(options.from_desk),
        operations=tuple(OPERATIONS[each] for each in options.operation),
    )
    by = By(options.sort)
    if not choice and by is By.ORDER and not options.descending:
        return report
    return narrowed(report, choice, by, descending=options.descending)


def names_travel(settings: Settings) -> bool:
    """Whether readers' names may stand in files and mails."""
    return settings.text("report.reader_names") == "everywhere"


def names_wanted(settings: Settings) -> bool:
    """Whether readers' names may be asked for and shown at all."""
    return settings.text("report.reader_names") != "never"


def exit_code(report: JobReport) -> Exit:
    """What the exit code of an upload says about its report."""
    if not report.complete:
        return Exit.NOT_DONE
    return Exit.EXCEPTIONS if report.exceptions else Exit.FINE


def write(report: JobReport, path: Path, *, names: bool = False, group: str | None = None) -> None:
    """Write a report to a file and say where it is.

    Args:
        report: what to write.
        path: where.
        names: whether readers' names go into it.
        group: ``reason``, ``reader`` or ``item``.

    Raises:
        UploadError: it cannot be written.
    """
    from offcirc.upload.render.files import write_report
    from offcirc.upload.report.report import Grouping

    write_report(report, path, names=names, grouping=Grouping(group or "reason"))
    output.note(_("Report: {file}").format(file=output.visible(str(path.absolute()))))


def tell(report: JobReport, options: argparse.Namespace, context: Context) -> None:
    """Print what is chosen of a report, unless it goes elsewhere, and what it leaves open."""
    if not options.output and options.mail is None:
        chosen = narrowed(report, options)
        show(chosen, options.format, names=names_wanted(context.settings), group=options.group)
    if report.problem:
        output.note(report.problem)


def show(report: JobReport, form: str, *, names: bool = True, group: str | None = None) -> None:
    """Print a report.

    Args:
        report: what to print.
        form: ``text`` or ``json``.
        names: whether readers' names are shown; programs never get them.
        group: ``reason``, ``reader`` or ``item``; in one table if ``None``.
    """
    from offcirc.upload.report.report import nameless

    if form == "json":
        from offcirc.upload.render.render_json import render

        output.say(render(report).rstrip("\n"))
        return
    if not names:
        report = nameless(report)
    _show_row(report)
    if group is None:
        _show_exceptions(report, report.exception_lines)
    else:
        _show_groups(report, group)
    _show_remarks(report)


def _show_groups(report: JobReport, group: str) -> None:
    from offcirc.upload.base.celltext import legible
    from offcirc.upload.report import reportview as view
    from offcirc.upload.report.report import Grouping

    if not report.exceptions:
        _show_exceptions(report, ())
    for found in view.groups(report, Grouping(group)):
        count = len(found.lines)
        text = ngettext("{name}: {count} line", "{name}: {count} lines", count)
        name = " ".join(part for part in (found.name, found.detail) if part)
        output.say(legible(text.format(name=name, count=count)))
        if found.advice:
            output.say(found.advice)
        _show_exceptions(report, found.lines)
        output.say()


def _show_row(report: JobReport) -> None:
    from offcirc.upload.base.celltext import legible
    from offcirc.upload.report import reportview as view

    if report.dry_run:
        output.say(_("Dry run: this is what the server would say. Nothing was recorded."))
    rows = view.job_row(report)
    rows += [(label, str(count)) for _code, label, count in view.count_rows(report)]
    width = max(len(label) for label, _value in rows)
    for label, value in rows:
        output.say(f"{label:<{width}}  {legible(value)}")
    for sentence in view.sentences(report):
        output.say(legible(sentence))
    output.say()


def _show_exceptions(report: JobReport, lines: Sequence[ReportLine]) -> None:
    """Print Alma's table, and beside each message what is known about the line."""
    from offcirc.upload.base.celltext import legible
    from offcirc.upload.report.report import LineStatus

    if not lines:
        if report.complete and not report.selection:
            output.say(_("No exception."))
        return
    more = _More(report, lines)
    columns = [
        output.PrintedColumn(_("Line"), 6, right=True),
        output.PrintedColumn(_("Error Message"), 64),
        *more.columns(),
    ]
    with output.Table(columns) as table:
        for line in lines:
            style = "bold magenta" if line.status is LineStatus.UNKNOWN else "red"
            table.add((str(line.line), legible(line.message), *more.cells(line)), style)


def _show_remarks(report: JobReport) -> None:
    """Print the recorded lines that leave something to do, by what it is."""
    from offcirc.upload.report import reportview as view

    for group in view.remarks(report):
        text = ngettext("{name}: {count} line", "{name}: {count} lines", len(group.lines))
        output.say()
        output.say(text.format(name=group.name, count=len(group.lines)) + f" – {group.advice}")
        more = _More(report, group.lines)
        columns = [output.PrintedColumn(_("Line"), 6, right=True), *more.columns()]
        with output.Table(columns) as table:
            for line in group.lines:
                table.add((str(line.line), *more.cells(line)))


class _More:
    """The columns after Alma's two: what is known about a line, as far as these lines need it."""

    def __init__(self, report: JobReport, lines: Sequence[ReportLine]) -> None:
        from offcirc.upload.report import reportview as view

        self._title = any(line.title for line in lines)
        self._reader = any(line.reader for line in lines)
        self._desk = any(line.origin.desk or line.origin.circulation_desk for line in lines)
        self._decision = any(line.decision for line in lines)
        self._file = view.several_files(report)

    def columns(self) -> Sequence[output.PrintedColumn]:
        """Their titles."""
        wanted = (
            (True, output.PrintedColumn(_("When"), 16)),
            (True, output.PrintedColumn(_("Operation"), 9)),
            (True, output.PrintedColumn(_("Item"), 14)),
            (self._title, output.PrintedColumn(_("Title"), 24)),
            (True, output.PrintedColumn(_("Borrower"), 14)),
            (self._reader, output.PrintedColumn(_("Name"), 18)),
            (self._desk, output.PrintedColumn(_("Desk"), 18)),
            (self._decision, output.PrintedColumn(_("Decision"), 24)),
            (self._file, output.PrintedColumn(_("File"), 0)),
        )
        return [column for is_wanted, column in wanted if is_wanted]

    def cells(self, line: ReportLine) -> Sequence[str]:
        """A line's cells; of one that says nothing, its bytes."""
        from offcirc.upload.base.celltext import legible
        from offcirc.upload.report import reportview as view
        from offcirc.upload.report import words

        cells = (
            (True, view.when(line)),
            (True, view.operation(line)),
            (True, line.item or legible(line.raw)[:80]),
            (self._title, line.title),
            (True, line.patron),
            (self._reader, line.reader),
            (self._desk, words.origin(line)),
            (self._decision, words.decision(line.decision)),
            (self._file, line.file),
        )
        return [legible(cell) for is_wanted, cell in cells if is_wanted]
