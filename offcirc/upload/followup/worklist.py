"""The work list on paper or elsewhere: text, CSV, a page to print, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from offcirc import i18n
from offcirc.disk import durable
from offcirc.disk.errors import StorageError, describe
from offcirc.i18n import _, ngettext
from offcirc.upload.base.celltext import legible
from offcirc.upload.base.errors import ReportFormatError, ReportNotWrittenError
from offcirc.upload.followup import followupwords as words
from offcirc.upload.followup.slips import Slip
from offcirc.upload.followup.task import Task, TaskKind, TaskLine
from offcirc.upload.render.render_csv import table

Slips = Mapping[str, Sequence[Slip]]
"""The readers who may have been meant, by the unknown identifier."""

_CODES = (6, 8, 17)
"""The columns of a CSV file that hold barcodes, identifiers and lines."""
TEMPLATE = "worklist.html.j2"


class WorklistFormatError(ReportFormatError):
    """The ending of the file's name names no format that a work list can be written in."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "A work list cannot be written as {name}: choose a name that ends in .txt, .csv, "
            ".html or .json."
        ).format(name=self.name)


def write_worklist(
    tasks: Sequence[Task], path: Path, slips: Slips | None = None, *, names: bool = False
) -> None:
    """Write a work list to a file that only its owner may read, whole or not at all.

    Args:
        tasks: the tasks.
        path: where; its ending picks the format.
        slips: likely readers of unknown identifiers.
        names: whether readers' names may leave the program.

    Raises:
        WorklistFormatError: no such format.
        ReportNotWrittenError: the file cannot be written.
    """
    render = _RENDERERS.get(path.suffix.lower())
    if render is None:
        raise WorklistFormatError(path.name)
    try:
        told = tasks if names else nameless(tasks)
        durable.replace(path, render(told, slips or {}).encode("utf-8"))
    except StorageError as error:
        raise ReportNotWrittenError(path.name, describe(error)) from error


def nameless(tasks: Sequence[Task]) -> list[Task]:
    """The tasks without readers' names."""
    return [
        replace(task, lines=tuple(replace(line, patron_name="") for line in task.lines))
        for task in tasks
    ]


def as_text(tasks: Sequence[Task], slips: Slips) -> str:
    """The list to read or mail: one heading a kind, one box a task."""
    parts = [words.summary(tasks), ""]
    settled = _("done")
    for kind, group in groupby(tasks, key=lambda task: (task.done, task.kind)):
        members = list(group)
        done, what = kind
        head = words.kind_name(what) + (f" – {settled}" if done else "")
        parts += [head, "-" * len(head)]
        if not done:
            parts += [words.advice(what), ""]
        for task in members:
            parts += [*_task_text(task, slips), ""]
    return "\n".join(map(legible, parts)).rstrip() + "\n"


def _task_text(task: Task, slips: Slips) -> list[str]:
    box = "[x]" if task.done else "[ ]"
    rows = [f"{box} {task.id}  {words.headline(task)} ({words.status(task)})"]
    for line in task.lines:
        facts = [words.when(line), words.event_of(line), words.about(line)]
        facts.append(words.remark(task, line))
        place = _("{file}, line {number}, upload {job}").format(
            file=line.file, number=line.number, job=line.upload
        )
        rows.append("      " + " · ".join(fact for fact in (*facts, place) if fact))
        if correction := words.correction_sentence(line):
            rows.append("        " + correction)
    if not task.done:
        for slip in slips.get(task.patron, ()) if task.kind is TaskKind.PATRON else ():
            rows.append("      " + words.slip_sentence(slip))
    rows += ["      – " + words.event_sentence(event) for event in task.events]
    return rows


def as_csv(tasks: Sequence[Task], slips: Slips) -> str:
    """One row a line, for a spreadsheet; no cell is taken for a formula."""
    titles = [
        _("Task"),
        _("Kind"),
        _("Status"),
        _("Given to"),
        _("Time"),
        _("Operation"),
        _("Item barcode"),
        _("Title"),
        _("Borrower"),
        _("Name"),
        _("Remark"),
        _("What to do"),
        _("Likely readers"),
        _("Notes"),
        _("Job"),
        _("File"),
        _("Line"),
        _("Line of the file"),
    ]
    rows = (_cells(task, line, slips) for task in tasks for line in task.lines)
    return table(titles, rows, _CODES)


def _cells(task: Task, line: TaskLine, slips: Slips) -> list[str]:
    from offcirc import words as core_words  # noqa: PLC0415 - beside ours of the same name

    likely = slips.get(line.patron, ()) if task.kind is TaskKind.PATRON else ()
    return [
        task.id,
        words.kind_name(task.kind),
        words.status(task),
        task.assigned,
        words.when(line),
        core_words.operation(line.operation) if line.operation is not None else "",
        line.item,
        line.title,
        line.patron,
        line.patron_name,
        words.remark(task, line),
        words.advice(task.kind),
        "; ".join(slip.identifier for slip in likely),
        "; ".join(words.event_sentence(event) for event in task.notes),
        str(line.upload),
        line.file,
        str(line.number),
        line.raw,
    ]


def as_html(tasks: Sequence[Task], slips: Slips) -> str:
    """A page to print: boxes to tick, and nothing that loads or runs."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - slow

    from offcirc import resources  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(resources.path("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=i18n._, ngettext=ngettext, words=words, unknown_patron=TaskKind.PATRON
    )
    groups = [
        (done, kind, list(members))
        for (done, kind), members in groupby(tasks, key=lambda task: (task.done, task.kind))
    ]
    return environment.get_template(TEMPLATE).render(
        language=i18n.language(), summary=words.summary(tasks), groups=groups, slips=slips
    )


def as_json(tasks: Sequence[Task], slips: Slips) -> str:
    """The list for programs."""
    return json.dumps(facts(tasks, slips), ensure_ascii=False, indent=2) + "\n"


def facts(tasks: Sequence[Task], slips: Slips) -> dict[str, Any]:
    """The list as JSON values; times of events are UTC, those of lines naive local time."""
    return {
        "left": sum(not task.done for task in tasks),
        "done": sum(task.done for task in tasks),
        "tasks": [
            {
                "task": task.id,
                "kind": task.kind.value,
                "what": words.headline(task),
                "done": task.done,
                "status": words.status(task),
                "assigned": task.assigned or None,
                "jobs": list(task.jobs),
                "lines": [_line(task, line) for line in task.lines],
                "likely": [
                    {
                        "reader": slip.identifier,
                        "name": slip.name,
                        "edit": slip.edit.value,
                        "known": [place.value for place in slip.known],
                        "loans": slip.loans,
                    }
                    for slip in (slips.get(task.patron, ()) if task.kind is TaskKind.PATRON else ())
                ],
                "events": [
                    {
                        "at": event.at.isoformat(timespec="seconds"),
                        "who": event.who,
                        "action": event.action.value,
                        "text": event.text,
                    }
                    for event in task.events
                ],
            }
            for task in tasks
        ],
    }


def _line(task: Task, line: TaskLine) -> dict[str, Any]:
    correction = line.correction
    return {
        "job": line.upload,
        "file": line.file,
        "line": line.number,
        "timestamp": line.at.isoformat(timespec="minutes") if line.at else None,
        "operation": line.operation.value if line.operation else None,
        "item": line.item,
        "title": line.title,
        "patron": line.patron,
        "reader": line.patron_name,
        "message": line.message,
        "note": words.item_note(line) if task.kind is TaskKind.PATRON else None,
        "raw": line.raw,
        "due": line.due_at.isoformat() if line.due_at else None,
        "settled_by": line.settled or None,
        "corrected": (
            {"item": correction.item, "patron": correction.patron, "who": correction.who}
            if correction
            else None
        ),
    }


_RENDERERS: dict[str, Callable[[Sequence[Task], Slips], str]] = {
    ".txt": as_text,
    ".csv": as_csv,
    ".html": as_html,
    ".htm": as_html,
    ".json": as_json,
}
