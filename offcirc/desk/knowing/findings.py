"""What there is to be said of a reader or a row, from what is known and how old that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from offcirc.core.registration import is_provisional
from offcirc.core.rules import lending
from offcirc.core.rules.policy import Terms
from offcirc.core.told import DeskTold, ToldCode
from offcirc.core.transaction import Operation
from offcirc.knowledge import estimate
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import Age, ItemFlag, KnownItem, KnownPatron, PatronFlag, age

_PATRON = {
    PatronFlag.QUITUS: ToldCode.QUITUS,
    PatronFlag.SUSPENDED: ToldCode.SUSPENDED,
    PatronFlag.OVERDUE: ToldCode.OVERDUE,
    PatronFlag.EXPIRED: ToldCode.EXPIRED,
    PatronFlag.BLOCKED: ToldCode.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """What is asked about.

    Attributes:
        at: when, aware.
        card: the reader’s card; empty for a return.
        item: the item; empty when only a card has come.
        operation: what is done with it.
        name: the row’s id; empty when only a card has come.
        band: what the band said then: an answer takes its place and no other’s.
    """

    at: datetime
    card: str = ""
    item: str = ""
    operation: Operation = Operation.LOAN
    name: str = ""
    band: object = None


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What is known.

    Attributes:
        told: what is to be said and kept.
        due: when the loan ends, by estimate; ``None``: nothing is said of it.
        patron: what is known of the reader.
        owner: the name of the library that the item belongs to.
        patrons_as_of: when the list of readers was made; ``None`` if there is none.
    """

    told: DeskTold = field(default_factory=DeskTold)
    due: datetime | None = None
    patron: KnownPatron | None = None
    item: KnownItem | None = None
    owner: str = ""
    patrons_as_of: datetime | None = None


def find(
    file: KnowledgeFile | None, question: KnownQuestion, desk: str = "", default_days: int = 0
) -> KnownAnswer:
    """Look up what is known; takes two milliseconds, for a background thread.

    Args:
        file: the knowledge; ``None``: there is none.
        question: what is asked about.
        desk: the code of the circulation desk, which tells its library.
        default_days: the library’s loan length where class or group is unknown; 0: nothing is said.

    Raises:
        KnowledgeError: the file is damaged or has gone.
    """
    patron = item = as_of = None
    if file is not None:
        item = file.look_up_item(question.item) if question.item else None
        patron = file.look_up_patron(question.card) if question.card else None
        as_of = file.facts.patrons_as_of or file.facts.made
    if patron is not None:
        patron = patron.on(question.at.astimezone().date())
    said: list[ToldCode] = []
    ours = is_provisional(question.card)
    if file is not None and question.card and question.operation.lends and not ours:
        said += _of_patron(file, patron, question.at, as_of)
    owner = ""
    if file is not None and item is not None:
        home = file.policy.desk_library(desk) if file.policy is not None else None
        elsewhere = home is not None and item.library not in ("", home.code)
        said += _of_item(item, question, elsewhere=elsewhere)
        libraries = file.policy.libraries if file.policy is not None else {}
        owner = libraries[item.library].name if item.library in libraries else item.library
    due = None
    if question.item and question.operation.begins_loan and ToldCode.EXCLUDED not in said:
        due = _due(file, question, item, patron, default_days)
    ordered = tuple(each for each in ToldCode if each in said)
    told = DeskTold(ordered, None if due is None else due.date())
    return KnownAnswer(told, due, patron, item, owner, as_of)


def _of_patron(
    file: KnowledgeFile, patron: KnownPatron | None, at: datetime, as_of: datetime | None
) -> list[ToldCode]:
    if as_of is None or age(as_of, at) is Age.SILENT:
        return []
    if patron is None:
        return [ToldCode.NOT_LISTED] if file.facts.all_patrons else []
    return [_PATRON[flag] for flag in patron.flags]


def _of_item(item: KnownItem, question: KnownQuestion, *, elsewhere: bool) -> list[ToldCode]:
    said = []
    if question.operation.lends:
        if ItemFlag.EXCLUDED in item.flags:
            said.append(ToldCode.EXCLUDED)
    else:
        fresh = age(item.as_of, question.at) is not Age.SILENT
        if ItemFlag.REQUESTED in item.flags and fresh:
            said.append(ToldCode.REQUESTED)
        if elsewhere and question.operation.ends_loan:
            said.append(ToldCode.ELSEWHERE)
    if ItemFlag.NOTE in item.flags:
        said.append(ToldCode.NOTE)
    return said


def _due(
    file: KnowledgeFile | None,
    question: KnownQuestion,
    item: KnownItem | None,
    patron: KnownPatron | None,
    default_days: int,
) -> datetime | None:
    """By the rule book; where it cannot say, by the library’s default; else nothing."""
    policy = None if file is None else file.policy
    found = estimate.due(policy, item, patron, question.at)
    if found is not None:
        return found.at
    if not default_days:
        return None
    expires = (patron.expires_on if patron else None) or date.max
    owner = policy.libraries.get(item.library) if policy is not None and item is not None else None
    if policy is not None and owner is not None:
        at = question.at.astimezone(policy.timezone)
        return lending.loan_due(at, Terms(default_days, None, default_days), owner, expires, at).at
    local = question.at.astimezone()
    last = min(local.date() + timedelta(days=default_days), expires)
    return datetime.combine(last, time(), local.tzinfo)
