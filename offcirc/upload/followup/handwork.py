"""Tasks that a server itself tells to be done: looked up, ticked off, with who and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offcirc.servers.protocol import HandDeed, HandWork, TellsHandWork
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.followup import followup, followupwords
from offcirc.upload.followup.task import Task, TaskKind, TaskLine

_OF_ITEMS = {
    TaskKind.PATRON: "note",
    TaskKind.DUE_DATE: "due-changed",
    TaskKind.TOLD: "due-changed",
    TaskKind.HOLD_SHELF: "second-scan",
    TaskKind.TRANSIT: "second-scan",
}


@dataclass(frozen=True, slots=True)
class LookedAfter:
    """A task that has been looked up.

    Attributes:
        pages: the addresses at which it is done.
        done: the last thing that was done about it, if nothing is left; else ``None``.
    """

    task: Task
    pages: tuple[str, ...]
    done: HandDeed | None


def look(
    ledger: Ledger, server: TellsHandWork, identity: str, tasks: Sequence[Task]
) -> list[LookedAfter]:
    """Look the open tasks of a server up there, and tick off what has been done.

    Args:
        ledger: where the tasks are kept.
        server: signed in.
        identity: the server's; tasks of others are left alone.
        tasks: the open ones.

    Raises:
        ServerError: it did not answer.
    """
    mine = [task for task in tasks if all(line.server == identity for line in task.lines)]
    items = sorted({line.item for task in mine for line in task.lines if line.item})
    patrons = sorted({line.patron for task in mine for line in task.lines if line.patron})
    of_items = dict(zip(items, server.item_work(items), strict=True)) if items else {}
    of_patrons = dict(zip(patrons, server.patron_work(patrons), strict=True)) if patrons else {}
    found = []
    for task in mine:
        work = _Work(task, of_items, of_patrons)
        looked = LookedAfter(task, work.pages(), work.done())
        if looked.done is not None:
            said = followupwords.hand_sentence(looked.done)
            who = looked.done.who
            followup.act(ledger, [task], followup.Action.NOTED, who=who, text=said)
            followup.act(ledger, [task], followup.Action.DONE, who=who)
        found.append(looked)
    return found


class _Work:
    """What a server tells of one task."""

    def __init__(
        self, task: Task, of_items: dict[str, HandWork], of_patrons: dict[str, HandWork]
    ) -> None:
        self._task, self._items, self._patrons = task, of_items, of_patrons

    def pages(self) -> tuple[str, ...]:
        """Where it is done: on the reader's page what is about an unknown item."""
        lines = self._task.lines
        if self._task.kind is TaskKind.ITEM:
            named = [self._patrons[line.patron].page for line in lines if line.patron]
        else:
            named = [self._items[line.item].page for line in lines if line.item]
        return tuple(dict.fromkeys(named))

    def done(self) -> HandDeed | None:
        """The last deed, if every line has its own."""
        kind, lines = self._task.kind, self._task.lines
        if kind is TaskKind.PATRON and self._task.patron:
            validated = _last(self._patrons[self._task.patron], "validated", None)
            if validated is not None:
                return validated
        if kind is TaskKind.ITEM:
            deeds = [self._about_patron(line) for line in lines]
        elif kind in _OF_ITEMS:
            deeds = [_last(self._items[line.item], _OF_ITEMS[kind], line.at) for line in lines]
        else:
            return None
        whole = [deed for deed in deeds if deed is not None]
        return max(whole, key=_when) if len(whole) == len(deeds) else None

    def _about_patron(self, line: TaskLine) -> HandDeed | None:
        return _last(self._patrons[line.patron], "note", line.at) if line.patron else None


def _last(work: HandWork, kind: str, since: datetime | None) -> HandDeed | None:
    """The last deed of a kind that is not older than the line it is about."""
    fitting = [
        deed
        for deed in work.deeds
        if deed.kind == kind and (since is None or (deed.at is not None and deed.at >= since))
    ]
    return max(fitting, key=_when, default=None)


def _when(deed: HandDeed) -> str:
    return deed.at.isoformat() if deed.at is not None else ""
