"""A report for a terminal: Alma's job row above, Alma's table below."""

from __future__ import annotations

import unicodedata

from offcirc.i18n import _, ngettext
from offcirc.upload.base.celltext import legible
from offcirc.upload.report import reportview as view
from offcirc.upload.report import words
from offcirc.upload.report.report import JobReport


def render(report: JobReport) -> str:
    """The report as plain text, with a final newline."""
    parts = [_labelled(view.job_row(report)), _counts(report)]
    parts += [report.problem] if report.problem else []
    parts += view.sentences(report)
    if report.exceptions:
        parts.append(_table(report))
    elif report.complete:
        parts.append(_("No exception."))
    parts += _remarks(report)
    return "\n\n".join(parts) + "\n"


def _labelled(rows: list[tuple[str, str]]) -> str:
    width = max(map(_width, (label for label, _value in rows)))
    return "\n".join(f"{_pad(label, width)}  {legible(value)}" for label, value in rows)


def _counts(report: JobReport) -> str:
    return " · ".join(
        _("{label}: {count}").format(label=label, count=count)
        for _code, label, count in view.count_rows(report)
    )


def _table(report: JobReport) -> str:
    several = view.several_files(report)
    rows = [[_("File")] * several + [_("Line"), _("Error Message")]]
    rows += [
        [line.file] * several + [str(line.line), " ".join(legible(line.message).split())]
        for line in report.exception_lines
    ]
    return _columns(rows, several=several)


def _remarks(report: JobReport) -> list[str]:
    several = view.several_files(report)
    parts = []
    for group in view.remarks(report):
        count = len(group.lines)
        head = ngettext("{name}: {count} line", "{name}: {count} lines", count)
        rows = [
            [line.file] * several + [str(line.line), f"{view.operation(line)} {line.item}"]
            for line in group.lines
        ]
        parts.append(
            f"{head.format(name=group.name, count=count)} – {words.note_advice(group.code)}\n"
            + _columns(rows, several=several)
        )
    return parts


def _columns(rows: list[list[str]], *, several: bool) -> str:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    number = 1 if several else 0
    lines = []
    for row in rows:
        cells = [_pad(cell, widths[place]) for place, cell in enumerate(row)]
        cells[number] = " " * (widths[number] - _width(row[number])) + row[number]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns on a terminal: wide East Asian signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
