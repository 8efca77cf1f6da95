"""The report of an upload as the commands show it: Alma's job row, then Alma's table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.cli import output
from offcirc.cli.exits import Exit
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.upload.report import JobReport, ReportLine


def format_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--format``."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=_("text for people (the default), json for programs"),
    )


def check_ending(path: Path) -> None:
    """Make sure, before anything is sent, that a report can be written under this name.

    Raises:
        ReportFormatError: its ending names no format.
    """
    from offcirc.upload.errors import ReportFormatError
    from offcirc.upload.report import formats

    if path.suffix.lower() not in formats():
        raise ReportFormatError(output.visible(path.name))


def exit_code(report: JobReport) -> Exit:
    """What the exit code of an upload says about its report."""
    if not report.complete:
        return Exit.NOT_DONE
    return Exit.EXCEPTIONS if report.exceptions else Exit.FINE


def write(report: JobReport, path: Path) -> None:
    """Write a report to a file and say where it is.

    Raises:
        UploadError: it cannot be written.
    """
    from offcirc.upload.report import write_report

    write_report(report, path)
    output.note(_("Report: {file}").format(file=output.visible(str(path.absolute()))))


def show(report: JobReport, form: str) -> None:
    """Print a report."""
    if form == "json":
        from offcirc.upload.render_json import render

        output.say(render(report).rstrip("\n"))
        return
    _show_row(report)
    _show_exceptions(report)
    _show_remarks(report)


def _show_row(report: JobReport) -> None:
    from offcirc.upload import reportview as view

    if report.dry_run:
        output.say(_("Dry run: this is what the server would say. Nothing was recorded."))
    rows = view.job_row(report)
    rows += [(label, str(count)) for _code, label, count in view.count_rows(report)]
    width = max(len(label) for label, _value in rows)
    for label, value in rows:
        output.say(f"{label:<{width}}  {output.visible(value)}")
    for sentence in view.same_files(report):
        output.say(output.visible(sentence))
    output.say()


def _show_exceptions(report: JobReport) -> None:
    """Print Alma's table, and beside each message what the file knows about the line."""
    from offcirc.upload import reportview as view
    from offcirc.upload.celltext import legible
    from offcirc.upload.report import LineStatus

    lines = report.exception_lines
    if not lines:
        if report.complete:
            output.say(_("No exception."))
        return
    columns = [
        output.Column(_("Line"), 6, right=True),
        output.Column(_("Error Message"), 64),
        *_columns(view.several_files(report)),
    ]
    with output.Table(columns) as table:
        for line in lines:
            style = "bold magenta" if line.status is LineStatus.UNKNOWN else "red"
            message = legible(line.message)
            cells = _cells(line, with_file=view.several_files(report))
            table.add((str(line.line), message, *cells), style)


def _show_remarks(report: JobReport) -> None:
    """Print the recorded lines that leave something to do, by what it is."""
    from offcirc.upload import reportview as view

    several = view.several_files(report)
    for group in view.remarks(report):
        text = ngettext("{name}: {count} line", "{name}: {count} lines", len(group.lines))
        output.say()
        output.say(text.format(name=group.name, count=len(group.lines)) + f" – {group.advice}")
        columns = [output.Column(_("Line"), 6, right=True), *_columns(several)]
        with output.Table(columns) as table:
            for line in group.lines:
                table.add((str(line.line), *_cells(line, with_file=several)))


def _columns(with_file: bool) -> Sequence[output.Column]:
    columns = [
        output.Column(_("When"), 16),
        output.Column(_("Operation"), 9),
        output.Column(_("Item"), 14),
        output.Column(_("Borrower"), 14),
    ]
    return [*columns, output.Column(_("File"), 0)] if with_file else columns


def _cells(line: ReportLine, *, with_file: bool) -> Sequence[str]:
    """What the file knows about a line; of one that says nothing, its bytes."""
    from offcirc.upload import reportview as view

    item = line.item or output.visible(line.raw)[:80]
    cells = [view.when(line), view.operation(line), item, line.patron]
    return [*cells, output.visible(line.file)] if with_file else cells
