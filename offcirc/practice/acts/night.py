"""The night: registrations become readers, letters are written, what is long overdue is lost.

Each letter is written once for each loan and due date, so a night that was missed is made up for.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import timedelta

from offcirc.core.rules import lending
from offcirc.i18n import N_
from offcirc.practice import clock
from offcirc.practice.acts import letters, registrations
from offcirc.practice.acts.actor import Actor, event
from offcirc.practice.errors import ActError

_FACT = "night"
_RAN = "night-ran"


@dataclass(frozen=True, slots=True)
class NightPlan:
    """What the night does.

    Attributes:
        courtesy: days before the due date on which a reader is reminded.
        overdue: days late at the first, second and third letter.
        lost: days late after which an item counts as lost and is billed.
        hour: when it runs by itself, or ``-1``: by the button alone.
    """

    courtesy: int = 3
    overdue: tuple[int, int, int] = (1, 8, 15)
    lost: int = 45
    hour: int = -1


@dataclass(slots=True)
class NightResult:
    """What a night did."""

    patrons: int = 0
    contacts: int = 0
    letters: int = 0
    lost: int = 0


def plan(connection: sqlite3.Connection) -> NightPlan:
    """What the night does, as it is set."""
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (_FACT,)).fetchone()
    if row is None:
        return NightPlan()
    found = json.loads(row["value"])
    return NightPlan(**{**found, "overdue": tuple(found["overdue"])})


def set_plan(connection: sqlite3.Connection, wanted: NightPlan) -> None:
    """Set what the night does.

    Raises:
        ActError: the numbers do not rise.
    """
    first, second, third = wanted.overdue
    if not 0 <= wanted.courtesy <= 60 or not 1 <= first < second < third < wanted.lost <= 1000:
        raise ActError(N_("The days must rise from the first letter to the loss."))
    if not -1 <= wanted.hour <= 23:
        raise ActError(N_("The hour must be from 0 to 23, or empty."))
    _keep(connection, _FACT, json.dumps(asdict(wanted)))


def _keep(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def is_due(connection: sqlite3.Connection, actor: Actor) -> bool:
    """Whether the night is to run by itself now."""
    hour = plan(connection).hour
    if hour < 0 or actor.now.hour < hour:
        return False
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (_RAN,)).fetchone()
    return row is None or row["value"] < actor.now.date().isoformat()


def run(connection: sqlite3.Connection, actor: Actor) -> NightResult:
    """Do the night's work."""
    result = NightResult(patrons=registrations.synchronise(connection, actor))
    wiped = connection.execute(
        "UPDATE patrons SET email = '', phone = '', address = '', contact_until_sync = 0 "
        "WHERE contact_until_sync"
    )
    result.contacts = wiped.rowcount
    wanted = plan(connection)
    horizon = clock.stored(actor.now + timedelta(days=wanted.courtesy + 1))
    loans = connection.execute(
        "SELECT l.*, i.title FROM loans l JOIN items i ON i.barcode = l.item "
        "WHERE l.returned_at IS NULL AND l.process = '' AND l.due_at <= ? ORDER BY l.id",
        (horizon,),
    ).fetchall()
    for loan in loans:
        _one(connection, actor, wanted, loan, result)
    _keep(connection, _RAN, actor.now.date().isoformat())
    return result


def _one(
    connection: sqlite3.Connection,
    actor: Actor,
    wanted: NightPlan,
    loan: sqlite3.Row,
    result: NightResult,
) -> None:
    due = actor.moment(loan["due_at"])
    late = lending.days_late(due, actor.now)
    kind = _kind(wanted, late, (due.date() - actor.now.date()).days)
    if kind is None:
        return
    patron = connection.execute(
        "SELECT * FROM patrons WHERE primary_id = ?", (loan["patron"],)
    ).fetchone()
    _ = actor.say
    text = _("{title} ({barcode}), due on {day}").format(
        title=loan["title"], barcode=loan["item"], day=letters.day(due)
    )
    once = f"{kind}:{loan['id']}:{loan['due_at']}"
    result.letters += letters.to_patron(connection, actor, kind, patron, [text], once=once)
    if kind == "bill":
        connection.execute("UPDATE loans SET process = 'lost' WHERE id = ?", (loan["id"],))
        event(connection, actor, loan["item"], "lost", patron=loan["patron"])
        result.lost += 1


def _kind(wanted: NightPlan, late: int, left: int) -> str | None:
    """Which letter a loan gets."""
    if late >= wanted.lost:
        return "bill"
    for number in (3, 2, 1):
        if late >= wanted.overdue[number - 1]:
            return f"overdue-{number}"
    return "courtesy" if 0 <= left <= wanted.courtesy else None
