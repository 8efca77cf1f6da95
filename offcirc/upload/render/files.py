"""A report as a file: its ending picks the format."""

from __future__ import annotations

from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import StorageError, describe
from offcirc.upload.base.errors import ReportFormatError, ReportNotWrittenError
from offcirc.upload.report.report import Grouping, JobReport


def write_report(
    report: JobReport,
    path: Path,
    *,
    names: bool = False,
    grouping: Grouping = Grouping.REASON,
) -> None:
    """Write a report to a file that only its owner may read, whole or not at all.

    Args:
        report: what to write.
        path: where; its ending picks the format, see :func:`formats`.
        names: whether readers' names go into it; a file travels, so only where the library says so.
        grouping: how the lines of a report that is read (HTML, PDF) are put together.

    Raises:
        ReportFormatError: no such format.
        ReportNotWrittenError: the file cannot be written.
    """
    data = render(report, path.name, names=names, grouping=grouping)
    try:
        durable.replace(path, data)
    except StorageError as error:
        raise ReportNotWrittenError(path.name, describe(error)) from error


def render(
    report: JobReport,
    name: str,
    *,
    names: bool = False,
    grouping: Grouping = Grouping.REASON,
) -> bytes:
    """A report as the content of a file; the same report gives the same bytes.

    Args:
        report: what to write.
        name: the file's name, whose ending picks the format.
        names: whether readers' names go into it.
        grouping: how the lines of a report that is read (HTML, PDF) are put together.

    Raises:
        ReportFormatError: no such format.
    """
    # Each renderer is loaded when it is wanted: Jinja alone takes longer than all the rest.
    match Path(name).suffix.lower():
        case ".html" | ".htm":
            from offcirc.upload.render import render_html  # noqa: PLC0415

            return render_html.render(report, grouping, names=names).encode("utf-8")
        case ".csv":
            from offcirc.upload.render import render_csv  # noqa: PLC0415

            return render_csv.render(report, names=names).encode("utf-8")
        case ".xlsx":
            from offcirc.upload.render import render_xlsx  # noqa: PLC0415

            return render_xlsx.render(report, names=names)
        case ".pdf":
            from offcirc.upload.render import render_pdf  # noqa: PLC0415

            return render_pdf.render(report, grouping, names=names)
        case ".json":
            from offcirc.upload.render import render_json  # noqa: PLC0415

            # Half a character, as a server may send it, is spelled out: JSON has a way to.
            text = render_json.render(report, names=names)
            return text.encode("utf-8", "backslashreplace")
        case _:
            raise ReportFormatError(name)


def formats() -> tuple[str, ...]:
    """The endings that :func:`write_report` knows."""
    return (".html", ".csv", ".xlsx", ".pdf", ".json")
