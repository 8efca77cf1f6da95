"""The work list: what the lines of past uploads leave to be done, and what was done about it.

What the users' own manuals have referents do by hand after the report. The list follows from the
lines and from what people noted about them; it is never kept as such, so it cannot be out of step
with the uploads. It holds the work of every job until it is done.

A line that went up again is work once: the newest upload of it counts, and what was ticked off
before stays ticked off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.storage.ledger import followups, lookups
from offcirc.storage.ledger.followups import Action, FollowupEvent, LeftToDo, SameTransaction
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import UploadError
from offcirc.upload.followup.correcting import Correction, Corrections, Resend, resends
from offcirc.upload.followup.task import LETTERS, Task, TaskKind, TaskLine
from offcirc.upload.report import words
from offcirc.upload.report.history import readable

__all__ = ["Action", "FollowupEvent", "NoSuchTaskError", "Task", "TaskKind", "TaskLine"]


_BY_REASON = {
    Reason.PATRON_UNKNOWN.value: TaskKind.PATRON,
    Reason.ITEM_UNKNOWN.value: TaskKind.ITEM,
    reasons.REGISTRATION_PENDING: TaskKind.PATRON,
    reasons.REGISTRATION_REFUSED: TaskKind.PATRON,
    Reason.NOT_ON_LOAN.value: TaskKind.HARMLESS,
    Reason.LATER_ACTION.value: TaskKind.HARMLESS,
}
_BY_NOTE: dict[str, TaskKind] = {
    Note.EXCLUDED: TaskKind.DUE_DATE,
    Note.HOLD_SHELF_PROCESSING: TaskKind.HOLD_SHELF,
    Note.IN_TRANSIT: TaskKind.TRANSIT,
    Note.NOT_RENEWABLE: TaskKind.NOT_RENEWED,
    Note.RENEWAL_MAXIMUM: TaskKind.NOT_RENEWED,
    reasons.TOLD_OTHERWISE: TaskKind.TOLD,
    Note.IN_FUTURE: TaskKind.CLOCK,
    Note.DATE_NOT_KEPT: TaskKind.DUE_DATE,
}
_DECIDED = (reasons.KEPT_BACK, reasons.DROPPED, reasons.LEFT_FOR_LATER)
_FAILED = (LineState.REJECTED, LineState.UNKNOWN, LineState.SENDING, LineState.HELD)
_THERE = (LineState.RECORDED, LineState.SKIPPED)


class NoSuchTaskError(UploadError):
    """No task has this name."""

    def words(self) -> str:
        """What to tell a librarian."""
        from offcirc.i18n import _  # noqa: PLC0415 - the words of an error, only when it is told

        return _(
            "There is no task {name}. “offcirc followup --all” shows every task with its name."
        ).format(name=self.name)


def tasks(ledger: Ledger, job: int | None = None, *, done: bool = True) -> list[Task]:
    """The work list: what is open first, by kind, then by time.

    Args:
        ledger: where the uploads are kept.
        job: of one upload only, by its number in the ledger; of all when not given.
        done: whether tasks that are done are in it too.
    """
    lines = _Lines(ledger, followups.exceptions(ledger, job), whole=job is None)
    grouped: dict[tuple[object, ...], list[TaskLine]] = {}
    for line, kind in lines.worked_out():
        grouped.setdefault(_group(line, kind), []).append(line)
    found = [_task(TaskKind(str(key[0])), members) for key, members in grouped.items()]
    order = {kind: place for place, kind in enumerate(TaskKind)}
    found.sort(key=lambda task: (task.done, order[task.kind], task.lines[0].id))
    return [task for task in found if done or not task.done]


def find_tasks(ledger: Ledger, names: Sequence[str]) -> list[Task]:
    """The tasks of these names.

    Raises:
        NoSuchTaskError: one is not there.
    """
    whole = _by_name(tasks(ledger))
    return [whole.get(_plain(name)) or _find_in_its_job(ledger, name) for name in names]


def _find_in_its_job(ledger: Ledger, name: str) -> Task:
    """A task that does not stand in the whole list, because a later upload took its lines up."""
    number = _plain(name)[1:]
    if number.isascii() and number.isdigit() and len(number) < 19:
        for each in followups.lines_of(ledger, [int(number)]):
            found = _by_name(tasks(ledger, each.upload)).get(_plain(name))
            if found is not None:
                return found
    raise NoSuchTaskError(name)


def _by_name(found: Iterable[Task]) -> dict[str, Task]:
    return {f"{LETTERS[task.kind]}{line.id}": task for task in found for line in task.lines}


def _plain(name: str) -> str:
    return name[:1].upper() + name[1:].lstrip("0")


def act(
    ledger: Ledger, chosen: Sequence[Task], action: Action, *, who: str, text: str = ""
) -> None:
    """Keep what somebody did about tasks; on the disk when this returns."""
    for task in chosen:
        followups.add_event(
            ledger,
            [(line.id, task.kind.value) for line in task.lines],
            who=who,
            action=action,
            text=" ".join(text.split()),
        )


def waiting(ledger: Ledger) -> list[Resend]:
    """The corrected lines of all uploads that are still to be sent again, ready to go up."""
    lines = {line.id: line for task in tasks(ledger, done=False) for line in task.lines}
    return resends(
        ledger,
        [
            (line.id, line.correction)
            for line in lines.values()
            if line.correction is not None and not line.settled and not line.done
        ],
    )


def kinds(row: LineRow) -> tuple[TaskKind, ...]:
    """What work a line leaves; nothing for one that is plainly fine."""
    if row.state in _THERE:
        return tuple(dict.fromkeys(_BY_NOTE[note] for note in row.notes if note in _BY_NOTE))
    if row.state is LineState.HELD:
        # What a person holds back or drops is that person's business, not left-over work.
        return () if row.reason in _DECIDED else (_BY_REASON.get(row.reason, TaskKind.DAMAGED),)
    if row.state in {LineState.UNKNOWN, LineState.SENDING}:
        return (TaskKind.CHECK,)
    if row.state is LineState.REJECTED:
        return (_BY_REASON.get(row.reason, TaskKind.OTHER),)
    return ()


class _Lines:
    """Exceptions with all that is known about them; each question is asked once for all."""

    def __init__(self, ledger: Ledger, found: Sequence[LeftToDo], *, whole: bool) -> None:
        self._ledger = ledger
        self._found = found
        self._whole = whole
        self._uploads = {upload.id: upload for upload in ledger.uploads()}
        self._files: dict[int, list[str]] = {}
        self._looked_up: dict[int, Mapping[tuple[lookups.LookupKind, str], lookups.LookedUp]] = {}
        ids = [each.line.id for each in found]
        self._completed = followups.completed(ledger)
        corrections = Corrections(ledger)
        self._corrections = {
            each.line.id: correction
            for each in found
            if (correction := corrections.of(each.line)) is not None
        }
        keys = [each.line.key for each in found]
        keys += [one.key for one in self._corrections.values()]
        self._twins = followups.twins(ledger, keys)
        twins = {twin.line for family in self._twins.values() for twin in family}
        self._events = followups.events(ledger, sorted(twins.union(ids)))

    def worked_out(self) -> Iterable[tuple[TaskLine, TaskKind]]:
        """The lines that are work, each with its kind."""
        for upload, row in self._found:
            family = self._family(upload, row.key)
            if self._is_told_elsewhere(row, family) or (
                self._whole and self._is_refused(upload, row)
            ):
                continue
            for kind in kinds(row):
                yield self._line(self._uploads[upload], row, kind, family), kind

    def _family(self, upload: int, key: bytes) -> list[SameTransaction]:
        return self._twins.get((self._uploads[upload].server, key), []) if key else []

    def _is_told_elsewhere(self, row: LineRow, family: list[SameTransaction]) -> bool:
        """Whether another upload of the same transaction stands for it."""
        if row.state is LineState.SKIPPED:
            return any(twin.state == LineState.RECORDED for twin in family)
        if row.state is LineState.RECORDED or not self._whole:
            return False
        return any(twin.line > row.id and twin.state in _FAILED for twin in family)

    def _line(
        self, upload: UploadRow, row: LineRow, kind: TaskKind, family: list[SameTransaction]
    ) -> TaskLine:
        ids = {twin.line for twin in family} | {row.id}
        events = [event for line in ids for event in self._events.get((line, kind.value), [])]
        events.sort()
        correction = self._corrections.get(row.id)
        settled = 0
        if row.state in _FAILED:
            settled = _there(twin for twin in family if twin.line != row.id)
        if correction is not None and not settled:
            settled = self._sent_again(upload.id, correction)
        done = bool(settled) or kind is TaskKind.HARMLESS
        for event in events:
            if event.action in {Action.DONE, Action.REOPENED}:
                done = event.action is Action.DONE
        reason = reasons.NO_ANSWER if row.state is LineState.SENDING else row.reason
        return TaskLine(
            id=row.id,
            upload=upload.id,
            server=upload.server,
            desk=upload.desk,
            file=self._file(upload.id, row.file),
            number=row.number,
            at=datetime.fromisoformat(row.minute) if row.minute else None,
            operation=Operation(row.operation) if row.operation else None,
            item=row.item,
            patron=row.patron,
            reason=reason,
            message=row.message or words.message_of(reason) or _said(row),
            raw=readable(row.raw),
            due_at=datetime.fromisoformat(row.due_at) if row.due_at else None,
            title=self._label(upload.id, lookups.LookupKind.ITEM, row.item),
            patron_name=self._label(upload.id, lookups.LookupKind.PATRON, row.patron),
            done=done,
            settled=settled,
            refused=self._is_refused(upload.id, row),
            correction=correction,
            events=tuple(events),
        )

    def _is_refused(self, upload: int, row: LineRow) -> bool:
        """Whether a line's correction was refused, too: that line stands for it then."""
        correction = self._corrections.get(row.id)
        if correction is None or row.state not in _FAILED:
            return False
        family = self._family(upload, row.key) + self._family(upload, correction.key)
        newer = [twin for twin in family if twin.line > row.id]
        return not _there(newer) and any(twin.state == LineState.REJECTED for twin in newer)

    def _sent_again(self, upload: int, correction: Correction) -> int:
        """The upload that has dealt with a correction; a refusal is that upload's own work.

        One that was interrupted is resumed and settles the line then.
        """
        dealt = [
            twin.upload
            for twin in self._family(upload, correction.key)
            if twin.state in (*_THERE, LineState.REJECTED, LineState.HANDED_OVER)
            or (twin.state == LineState.UNKNOWN and twin.upload in self._completed)
        ]
        return dealt[-1] if dealt else 0

    def _label(self, upload: int, kind: lookups.LookupKind, code: str) -> str:
        if upload not in self._looked_up:
            self._looked_up[upload] = lookups.known(self._ledger, upload)
        found = self._looked_up[upload].get((kind, code))
        return found.label if found is not None else ""

    def _file(self, upload: int, index: int) -> str:
        if upload not in self._files:
            self._files[upload] = [file.name for file in self._ledger.files(upload)]
        return self._files[upload][index]


def _said(row: LineRow) -> str:
    """What the desk told the reader, if that was another day."""
    return words.note_names(tuple(note for note in row.notes if note.startswith(reasons.SAID)))


def _there(family: Iterable[SameTransaction]) -> int:
    """The upload in which the same transaction is recorded; 0 if there is none."""
    return max((twin.upload for twin in family if twin.state in _THERE), default=0)


def _group(line: TaskLine, kind: TaskKind) -> tuple[object, ...]:
    """What belongs together: all that was lent to one unknown reader, all of one unknown item."""
    if kind is TaskKind.PATRON and line.patron:
        return (kind, line.server, line.patron)
    if kind is TaskKind.ITEM:
        return (kind, line.server, line.item)
    return (kind, line.id)


def _task(kind: TaskKind, lines: list[TaskLine]) -> Task:
    given = sorted(
        event for line in lines for event in line.events if event.action is Action.ASSIGNED
    )
    name = f"{LETTERS[kind]}{lines[0].id}"
    return Task(name, kind, tuple(lines), given[-1].text if given else "")
