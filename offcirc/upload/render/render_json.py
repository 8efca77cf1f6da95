"""A report for programs: the shape that scripts depend on, see the README."""

from __future__ import annotations

import json
from typing import Any

from offcirc.upload.report import opinionwords
from offcirc.upload.report.columns import COLUMNS
from offcirc.upload.report.opinion import SecondOpinion
from offcirc.upload.report.report import JobReport, LineStatus, ReportLine, nameless

_FIRST = (
    *("file", "line", "status", "message", "timestamp", "operation", "item", "patron", "reason"),
    *("why", "advice", "exact", "library", "circulation_desk", "desk", "title", "reader"),
    *("decision", "raw"),
)
"""The fields of a line in the order programs have always had; what columns add follows."""


def render(report: JobReport, *, names: bool = False) -> str:
    """The report as JSON text, with a final newline."""
    return json.dumps(as_json(report, names=names), ensure_ascii=False, indent=2) + "\n"


def as_json(report: JobReport, *, names: bool = False) -> dict[str, Any]:
    """The report as JSON values.

    ``lines`` holds every line that is not plainly recorded; ``remarks`` the recorded ones that
    leave something to do.
    """
    report = nameless(report, names)
    return {
        "records": report.records,
        "exceptions": report.exceptions,
        "recorded": report.recorded,
        "rejected": report.rejected,
        "unknown": report.unknown,
        "held": report.held,
        "skipped": report.skipped,
        "left": report.left,
        "handed_over": report.handed_over,
        "status": report.status.value,
        "problem": report.problem,
        "selection": report.selection or None,
        "dry_run": report.dry_run,
        "job": report.id,
        "process_id": report.process_id,
        "name": report.name,
        "server": report.server,
        "desk": report.desk,
        "who": report.who,
        "started": report.started.isoformat(timespec="milliseconds"),
        "finished": (
            report.finished.isoformat(timespec="milliseconds") if report.finished else None
        ),
        "server_times": [at.isoformat() for at in report.there] if report.there else None,
        "run_seconds": round(report.run_seconds, 3),
        "files": [
            {
                "name": file.name,
                "sha256": file.sha256,
                "size": file.size,
                "records": file.records,
                "same_as": file.same_as or None,
            }
            for file in report.files
        ],
        "lines": [_line(line) for line in report.lines if line.status is not LineStatus.RECORDED],
        "remarks": [
            {
                **_line(line),
                "due": line.due_at.isoformat() if line.due_at else None,
                "notes": list(line.notes),
            }
            for line in report.lines
            if line.status is LineStatus.RECORDED
        ],
        "verified": opinion_json(report.opinion) if report.opinion is not None else None,
    }


def opinion_json(opinion: SecondOpinion) -> dict[str, Any]:
    """The second opinion as JSON values, as ``offcirc verify`` prints it."""
    return {
        "checked": opinion.checked,
        "agree": opinion.agree,
        "unanswered": opinion.unanswered,
        "times_compared": opinion.times,
        "at": opinion.at.isoformat(timespec="seconds"),
        "differ": [
            {
                "item": one.line.item,
                "patron": one.line.patron,
                "expected": opinionwords.expected(one),
                "found": opinionwords.found(one),
                "kind": one.kind.value,
                "file": one.line.file,
                "line": one.line.line,
                "advice": opinionwords.what_to_do(one.kind),
            }
            for one in opinion.differ
        ],
    }


def _line(line: ReportLine) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for column in COLUMNS:
        known |= column.fields(line)
    return {name: known[name] for name in _FIRST} | known
