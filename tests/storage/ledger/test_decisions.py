"""What people decided: kept, undone by more decisions, never changed."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offcirc.core.order.clockfix import Trust
from offcirc.disk.database import Schema, open_database
from offcirc.storage.ledger.decisions import (
    ERASED,
    DecidedLine,
    DecisionBook,
    DecisionKind,
    LineChange,
    NoSuchDecisionError,
)
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineState
from offcirc.storage.ledger.schema import LEDGER

ONE = DecidedLine(b"1" * 32, "a.dat", 3, b"201801150900L1  P1")
TWO = DecidedLine(b"2" * 32, "b.dat", 7, b"201801150900R2")


@pytest.fixture
def ledger(tmp_path: Path):
    with Ledger(tmp_path / "ledger.db") as book:
        yield book


@pytest.fixture
def book(ledger: Ledger) -> DecisionBook:
    return DecisionBook(ledger)


def test_a_decision_is_read_back_as_it_was_made(book: DecisionBook, ledger: Ledger) -> None:
    made = [
        book.correct(ONE, LineChange(item="X", patron="P2"), who="Ana", note="misread"),
        book.swap([ONE], who="Ana"),
        book.hold([ONE, TWO], who="Ana"),
        book.drop([TWO], who="Bob"),
        book.later([TWO], who="Bob"),
        book.before(TWO, ONE, who="Bob"),
        book.clock(ONE, -90.5, trust=Trust.BEFORE, who="Bob"),
    ]
    assert [one.act for one in made] == list(DecisionKind)[:-1]
    with Ledger(ledger.path) as again:
        read = DecisionBook(again).all()
    assert [(one.act, one.lines, one.change, one.seconds, one.trust) for one in read] == [
        (one.act, one.lines, one.change, one.seconds, one.trust) for one in made
    ]
    assert (read[0].who, read[0].note, read[0].id) == ("Ana", "misread", made[0].id)
    assert abs(read[0].at - datetime.now(UTC)) < timedelta(minutes=1)
    assert read[5].lines == (TWO, ONE)


@pytest.mark.promise("a-decision-can-be-undone")
def test_undoing_is_a_decision_too(book: DecisionBook) -> None:
    held = book.hold([ONE], who="Ana")
    dropped = book.drop([ONE], who="Bob")
    undoing = book.undo(dropped.id, who="Ana", note="it was real")
    assert [one.id for one in book.in_force()] == [held.id]
    assert [one.undone_by for one in book.all()] == [0, undoing.id, 0]
    assert [one.id for one in book.about(ONE.key)] == [held.id, dropped.id]
    for number in (dropped.id, undoing.id, 99):
        with pytest.raises(NoSuchDecisionError):
            book.undo(number, who="Ana")


def test_a_decision_that_was_looked_at_is_seen_as_it_is_now(book: DecisionBook) -> None:
    held = book.hold([ONE], who="Ana")
    assert book.get(held.id).undone_by == 0
    assert book.get(99) is None
    undoing = book.undo(held.id, who="Ana")
    assert book.get(held.id).undone_by == undoing.id
    assert book.get(held.id).lines == (ONE,)
    book.forget_patrons(datetime.now(UTC) + timedelta(days=1))
    assert book.get(held.id).lines == (ONE._replace(raw=b""),)


def test_decisions_are_never_changed_or_removed(book: DecisionBook, ledger: Ledger) -> None:
    number = book.hold([ONE], who="Ana").id
    for statement in (
        "UPDATE decisions SET who = 'Eve'",
        "UPDATE decisions SET patron = 'P9'",
        "DELETE FROM decisions",
        "UPDATE decision_lines SET raw = x'00'",
        "UPDATE decision_lines SET line = x'00', raw = x''",
        "DELETE FROM decision_lines",
        "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            ledger.database.execute(statement)
    kept = book.get(number)
    assert kept is not None
    assert kept.lines == (ONE,)


def test_readers_are_erased_and_the_decision_stays(book: DecisionBook) -> None:
    book.correct(ONE, LineChange(patron="P2"), who="Ana")
    book.correct(TWO, LineChange(item="X"), who="Ana")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert book.forget_patrons(datetime.now(UTC) - timedelta(days=1)) == 0
    assert book.forget_patrons(tomorrow) == 2
    assert book.forget_patrons(tomorrow) == 0
    one, two = book.all()
    assert one.change == LineChange(patron=ERASED)
    assert two.change == LineChange(item="X")
    assert [line.raw for line in one.lines + two.lines] == [b"", b""]
    assert [line.key for line in one.lines + two.lines] == [ONE.key, TWO.key]


def test_a_ledger_from_before_decisions_gains_them_and_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    old = open_database(path, Schema(LEDGER.application_id, LEDGER.steps[:1]))
    old.execute("INSERT INTO uploads VALUES (1, 's', 'u', 'd', 'w', ?, 'c', 1, 1)", (_now(),))
    old.execute("INSERT INTO files VALUES (1, 1, 0, 'a.dat', '/a.dat', 'aa', 10, 1, '')")
    old.execute(
        "INSERT INTO lines (upload, file, number, raw, minute, operation, item, patron, key,"
        " state, reason) VALUES (1, 0, 1, x'41', '2018-01-15T09:00', 'R', 'I', '', x'01',"
        " 'planned', '')"
    )
    old.close()
    with Ledger(path) as ledger:
        upload = ledger.upload(1)
        (line,) = ledger.lines(upload, LineState.PLANNED)
        assert (line.item, line.exact, line.decision, line.notes) == ("I", "", 0, ())
        (file,) = ledger.files(1)
        assert (file.name, file.library, file.told_by) == ("a.dat", "", "")
        ledger.mark([line.id], LineState.SENDING)
        assert DecisionBook(ledger).all() == []


def test_what_is_known_of_the_desk_and_the_moment_is_kept(ledger: Ledger) -> None:
    file = FileFacts("a.dat", "/a.dat", "aa", 10, 0, "", "BUC", "PRET", "Desk 2", "manifest", "zz")
    line = LineFacts(
        *(0, 1, b"A", "2018-01-15T09:00", "R", "I", "", b"1" * 32, LineState.PLANNED, ""),
        *("2018-01-15T09:00:07.123", 4),
    )
    number = ledger.begin(
        **{"server": "s", "url": "u", "desk": "d", "who": "w", "process_id": "p", "name": "n"},
        files=[file],
        lines=[line],
    )
    upload = ledger.upload(number)
    (kept,) = ledger.files(number)
    assert kept == file._replace(records=1, decided="")
    (row,) = ledger.lines(upload, LineState.PLANNED)
    assert (row.exact, row.decision) == (line.exact, 4)
    for change in ("exact = ''", "decision = 0"):
        with pytest.raises(sqlite3.IntegrityError):
            ledger.database.execute(f"UPDATE lines SET {change}")


def _now() -> str:
    return "2018-01-15T09:00:00.000Z"
