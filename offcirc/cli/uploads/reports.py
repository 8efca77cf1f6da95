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
    from offcirc.upload.report.choosing import sortings

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
        choices=sortings(),
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
    from offcirc.upload.report.choosing import ORDER, Choice, narrowed
    from offcirc.upload.report.report import LineStatus

    choice = Choice(
        text=options.filter,
        statuses=tuple(map(LineStatus, options.status)),
        reasons=tuple(options.reason),
        desks=tuple(options.from_desk),
        operations=tuple(OPERATIONS[each] for each in options.operation),
    )
    if not choice and options.sort == ORDER and not options.descending:
        return report
    return narrowed(report, choice, options.sort, descending=options.descending)


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
    if lines:
        _show_lines(report, lines)
    elif report.complete and not report.selection:
        output.say(_("No exception."))


def _show_remarks(report: JobReport) -> None:
    """Print the recorded lines that leave something to do, by what it is."""
    from offcirc.upload.report import reportview as view

    for group in view.remarks(report):
        text = ngettext("{name}: {count} line", "{name}: {count} lines", len(group.lines))
        output.say()
        output.say(text.format(name=group.name, count=len(group.lines)) + f" – {group.advice}")
        _show_lines(report, group.lines, ("message",))


def _show_lines(
    report: JobReport, lines: Sequence[ReportLine], without: tuple[str, ...] = ()
) -> None:
    """Print lines as a table, as far as its columns have anything to say of them."""
    from offcirc.upload.base.celltext import legible
    from offcirc.upload.report import reportview as view
    from offcirc.upload.report.columns import PRINT, CellKind, columns_for
    from offcirc.upload.report.report import LineStatus

    without += () if view.several_files(report) else ("file",)
    columns = columns_for(PRINT, lines, without)
    styles = {LineStatus.UNKNOWN: "bold magenta", LineStatus.RECORDED: ""}
    heads = [
        output.PrintedColumn(
            each.title(PRINT), int(each.shown[PRINT].room), right=each.kind is CellKind.NUMBER
        )
        for each in columns
    ]
    with output.Table(heads) as table:
        for line in lines:
            cells = [legible(each.text(line, PRINT)) for each in columns]
            table.add(cells, styles.get(line.status, "red"))
