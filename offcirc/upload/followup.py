"""The work list: what the lines of past uploads leave to be done, and what was done about it.

What the users' own manuals have referents do by hand after the report. The list follows from the
lines and from what people noted about them; it is never kept as such, so it cannot be out of step
with the uploads. It holds the work of every job until it is done.

A line that went up again is work once: the newest upload of it counts, and what was ticked off
before stays ticked off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offcirc.core.servermessages import Reason
from offcirc.core.transaction import Operation
from offcirc.storage import followups, lookups
from offcirc.storage.followups import Action, Event, Left, Twin
from offcirc.storage.ledger import Ledger
from offcirc.storage.ledgerrows import LineRow, State, UploadRow
from offcirc.upload import words
from offcirc.upload.correcting import Correction, Corrections, Resend, resends
from offcirc.upload.errors import UploadError
from offcirc.upload.history import readable

__all__ = ["Action", "Event", "Kind", "NoSuchTaskError", "Task", "TaskLine"]


class Kind(StrEnum):
    """What a task is about, in the order in which a list shows them."""

    READER = "reader-unknown"
    """Nobody has this identifier: what was lent to it."""
    ITEM = "item-unknown"
    """No item has this barcode: whose loan it was."""
    CHECK = "check"
    """The answer never came: look in the library system."""
    OTHER = "other"
    """Refused for another reason: read the server's words."""
    DAMAGED = "damaged"
    """The line cannot be read."""
    DUE_DATE = "item-excluded"
    """The item may not be lent: its due date must be changed."""
    HOLD_SHELF = "hold-shelf-processing"
    """Requested: a second scan puts it on the hold shelf."""
    TRANSIT = "in-transit"
    """It belongs to another library."""
    NOT_RENEWED = "not-renewed"
    """The due date has not moved: tell the reader."""
    CLOCK = "in-future"
    """Its time is later than the server's: look at the desk's clock."""
    HARMLESS = "harmless"
    """Nothing to do; listed as done from the start."""


LETTERS = {
    Kind.READER: "R",
    Kind.ITEM: "I",
    Kind.CHECK: "C",
    Kind.OTHER: "O",
    Kind.DAMAGED: "D",
    Kind.DUE_DATE: "E",
    Kind.HOLD_SHELF: "H",
    Kind.TRANSIT: "T",
    Kind.NOT_RENEWED: "N",
    Kind.CLOCK: "K",
    Kind.HARMLESS: "X",
}
"""The first letter of a task's name; a line's number follows."""

_BY_REASON = {
    Reason.PATRON_UNKNOWN.value: Kind.READER,
    Reason.ITEM_UNKNOWN.value: Kind.ITEM,
    Reason.NOT_ON_LOAN.value: Kind.HARMLESS,
    Reason.LATER_ACTION.value: Kind.HARMLESS,
}
_BY_NOTE = {
    "item-excluded": Kind.DUE_DATE,
    "hold-shelf-processing": Kind.HOLD_SHELF,
    "in-transit": Kind.TRANSIT,
    "not-renewable": Kind.NOT_RENEWED,
    "renewal-maximum": Kind.NOT_RENEWED,
    "in-future": Kind.CLOCK,
}
_DECIDED = (words.KEPT_BACK, words.DROPPED, words.LEFT_FOR_LATER)
_FAILED = (State.REJECTED, State.UNKNOWN, State.SENDING, State.HELD)
_THERE = (State.RECORDED, State.SKIPPED)
_TOGETHER = (Kind.READER, Kind.ITEM)


class NoSuchTaskError(UploadError):
    """No task has this name."""

    def words(self) -> str:
        """What to tell a librarian."""
        from offcirc.i18n import _  # noqa: PLC0415 - the words of an error, only when it is told

        return _(
            "There is no task {name}. “offcirc followup --all” shows every task with its name."
        ).format(name=self.name)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A line that a task is about.

    Attributes:
        id: its number in the ledger.
        upload: the number of its upload.
        server: the server's identity.
        desk: the circulation desk's code.
        file: the file's name.
        number: its number there, from 1.
        at: when it happened, naive local time to the minute; ``None`` when unreadable.
        operation: loan or return; ``None`` when unreadable.
        item: the item barcode.
        patron: the reader; empty on a return.
        reason: the code of the reason; empty when it was recorded.
        message: the server's words, or ours.
        raw: the line as it stands in the file; bytes that are no ASCII are escaped.
        due_at: the due date the server gave, or ``None``.
        title: the item's title; empty when the server did not tell.
        reader: the reader's name; empty when it was not asked for, or the server did not tell.
        done: whether nothing is left to be done about it.
        settled: the upload that settled it, by recording the line or its correction; 0 if none.
        refused: that upload has refused its correction, which is work of its own there.
        correction: how it is to be sent again; ``None`` if it is not.
        events: what was done about it, oldest first.
    """

    id: int
    upload: int
    server: str
    desk: str
    file: str
    number: int
    at: datetime | None
    operation: Operation | None
    item: str
    patron: str
    reason: str
    message: str
    raw: str
    due_at: datetime | None
    title: str
    reader: str
    done: bool
    settled: int = 0
    refused: bool = False
    correction: Correction | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do about one or several lines.

    Attributes:
        id: its name: a letter for the kind, and the number of its first line.
        kind: what it is about.
        lines: the lines, in the order in which they were uploaded.
        assigned: who is to do it; empty when nobody was named.
    """

    id: str
    kind: Kind
    lines: tuple[TaskLine, ...]
    assigned: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done."""
        return all(line.done for line in self.lines)

    @property
    def patron(self) -> str:
        """The reader it is about; empty if it is about several or none."""
        patrons = {line.patron for line in self.lines}
        return patrons.pop() if len(patrons) == 1 else ""

    @property
    def item(self) -> str:
        """The item it is about; empty if it is about several or none."""
        items = {line.item for line in self.lines}
        return items.pop() if len(items) == 1 else ""

    @property
    def jobs(self) -> tuple[int, ...]:
        """The uploads it comes from."""
        return tuple(sorted({line.upload for line in self.lines}))

    @property
    def waiting(self) -> bool:
        """Whether corrected lines of it are still to be uploaded."""
        return any(line.correction and not line.settled and not line.done for line in self.lines)

    @property
    def events(self) -> tuple[Event, ...]:
        """What was done about it, oldest first, each thing once."""
        found = {event.entry: event for line in self.lines for event in line.events}
        return tuple(found[entry] for entry in sorted(found))

    @property
    def notes(self) -> tuple[Event, ...]:
        """What people noted about it, oldest first."""
        return tuple(event for event in self.events if event.action is Action.NOTED)


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
    found = [_task(Kind(str(key[0])), members) for key, members in grouped.items()]
    order = {kind: place for place, kind in enumerate(Kind)}
    found.sort(key=lambda task: (task.done, order[task.kind], task.lines[0].id))
    return [task for task in found if done or not task.done]


def find_task(ledger: Ledger, name: str) -> Task:
    """The task of this name; the name of any of its lines will do.

    Raises:
        NoSuchTaskError: there is none.
    """
    return find_tasks(ledger, [name])[0]


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


def tick(ledger: Ledger, task: Task, *, who: str, done: bool = True) -> None:
    """Tick a task off, or take the tick away."""
    act(ledger, [task], Action.DONE if done else Action.REOPENED, who=who)


def assign(ledger: Ledger, task: Task, *, who: str, to: str) -> None:
    """Give a task to somebody; to nobody when ``to`` is empty."""
    act(ledger, [task], Action.ASSIGNED, who=who, text=to)


def note(ledger: Ledger, task: Task, *, who: str, text: str) -> None:
    """Note something about a task."""
    act(ledger, [task], Action.NOTED, who=who, text=text)


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


def kinds(row: LineRow) -> tuple[Kind, ...]:
    """What work a line leaves; nothing for one that is plainly fine."""
    if row.state in _THERE:
        return tuple(dict.fromkeys(_BY_NOTE[note] for note in row.notes if note in _BY_NOTE))
    if row.state is State.HELD:
        # What a person holds back or drops is that person's business, not left-over work.
        return () if row.reason in _DECIDED else (Kind.DAMAGED,)
    if row.state in {State.UNKNOWN, State.SENDING}:
        return (Kind.CHECK,)
    if row.state is State.REJECTED:
        return (_BY_REASON.get(row.reason, Kind.OTHER),)
    return ()


class _Lines:
    """Exceptions with all that is known about them; each question is asked once for all."""

    def __init__(self, ledger: Ledger, found: Sequence[Left], *, whole: bool) -> None:
        self._ledger = ledger
        self._found = found
        self._whole = whole
        self._uploads = {upload.id: upload for upload in ledger.uploads()}
        self._files: dict[int, list[str]] = {}
        self._looked_up: dict[int, Mapping[tuple[lookups.Kind, str], lookups.Found]] = {}
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

    def worked_out(self) -> Iterable[tuple[TaskLine, Kind]]:
        """The lines that are work, each with its kind."""
        for upload, row in self._found:
            family = self._family(upload, row.key)
            if self._is_told_elsewhere(row, family) or (
                self._whole and self._is_refused(upload, row)
            ):
                continue
            for kind in kinds(row):
                yield self._line(self._uploads[upload], row, kind, family), kind

    def _family(self, upload: int, key: bytes) -> list[Twin]:
        return self._twins.get((self._uploads[upload].server, key), []) if key else []

    def _is_told_elsewhere(self, row: LineRow, family: list[Twin]) -> bool:
        """Whether another upload of the same transaction stands for it."""
        if row.state is State.SKIPPED:
            return any(twin.state == State.RECORDED for twin in family)
        if row.state is State.RECORDED or not self._whole:
            return False
        return any(twin.line > row.id and twin.state in _FAILED for twin in family)

    def _line(self, upload: UploadRow, row: LineRow, kind: Kind, family: list[Twin]) -> TaskLine:
        ids = {twin.line for twin in family} | {row.id}
        events = [event for line in ids for event in self._events.get((line, kind.value), [])]
        events.sort()
        correction = self._corrections.get(row.id)
        settled = 0
        if row.state in _FAILED:
            settled = _there(twin for twin in family if twin.line != row.id)
        if correction is not None and not settled:
            settled = self._sent_again(upload.id, correction)
        done = bool(settled) or kind is Kind.HARMLESS
        for event in events:
            if event.action in {Action.DONE, Action.REOPENED}:
                done = event.action is Action.DONE
        reason = words.NO_ANSWER if row.state is State.SENDING else row.reason
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
            message=row.message or words.message_of(reason),
            raw=readable(row.raw),
            due_at=datetime.fromisoformat(row.due_at) if row.due_at else None,
            title=self._label(upload.id, lookups.Kind.ITEM, row.item),
            reader=self._label(upload.id, lookups.Kind.READER, row.patron),
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
        return not _there(newer) and any(twin.state == State.REJECTED for twin in newer)

    def _sent_again(self, upload: int, correction: Correction) -> int:
        """The upload that has dealt with a correction; a refusal is that upload's own work.

        One that was interrupted is resumed and settles the line then.
        """
        dealt = [
            twin.upload
            for twin in self._family(upload, correction.key)
            if twin.state in (*_THERE, State.REJECTED, State.HANDED_OVER)
            or (twin.state == State.UNKNOWN and twin.upload in self._completed)
        ]
        return dealt[-1] if dealt else 0

    def _label(self, upload: int, kind: lookups.Kind, code: str) -> str:
        if upload not in self._looked_up:
            self._looked_up[upload] = lookups.known(self._ledger, upload)
        found = self._looked_up[upload].get((kind, code))
        return found.label if found is not None else ""

    def _file(self, upload: int, index: int) -> str:
        if upload not in self._files:
            self._files[upload] = [file.name for file in self._ledger.files(upload)]
        return self._files[upload][index]


def _there(family: Iterable[Twin]) -> int:
    """The upload in which the same transaction is recorded; 0 if there is none."""
    return max((twin.upload for twin in family if twin.state in _THERE), default=0)


def _group(line: TaskLine, kind: Kind) -> tuple[object, ...]:
    """What belongs together: all that was lent to one unknown reader, all of one unknown item."""
    if kind is Kind.READER and line.patron:
        return (kind, line.server, line.patron)
    if kind is Kind.ITEM:
        return (kind, line.server, line.item)
    return (kind, line.id)


def _task(kind: Kind, lines: list[TaskLine]) -> Task:
    given = sorted(
        event for line in lines for event in line.events if event.action is Action.ASSIGNED
    )
    name = f"{LETTERS[kind]}{lines[0].id}"
    return Task(name, kind, tuple(lines), given[-1].text if given else "")
