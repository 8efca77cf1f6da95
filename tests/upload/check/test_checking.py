"""A plan checked before it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from upload.kit import START, back, dat, loan

from offcirc import i18n
from offcirc.core.barcodes.rules import BarcodeKind, Rule, RuleSet
from offcirc.core.checks.verdicts import Act, Code, Finding, Severity
from offcirc.core.dat.datline import Doubt, encode
from offcirc.core.openinghours import parse_hours
from offcirc.core.transaction import Problem
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.decisions import DecisionKind as Decided
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState, Settled
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.check import checkwords, findingwords
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lines.source import FileNote

NOW = START + timedelta(days=1)


def found(*paths: Path, book: Ledger | None = None, **against: object) -> list[Finding]:
    plan = make_plan(paths, decisions=decided(book))
    return list(check_plan(plan, Against(now=NOW, **against)))


def codes(*paths: Path, **options: object) -> list[str]:
    return [one.code for one in found(*paths, **options)]


def test_a_day_without_mistakes_says_nothing(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"), back(9, "C"))
    b = dat(tmp_path / "b.dat", back(5, "A"), loan(10, "C", "P2"))
    assert codes(a, b) == []


def test_form_is_told_with_the_key_for_a_decision(tmp_path: Path) -> None:
    a = dat(
        tmp_path / "a.dat",
        b"rubbish!",
        loan(5, "A"),
        b"201801150903L37000034179          9921000000164",
    )
    damaged, *doubts = found(a)
    assert (damaged.code, damaged.severity) == (Problem.TOO_SHORT, Severity.ERROR)
    assert (damaged.number, damaged.act, damaged.record) == (1, Act.CORRECT, None)
    assert [one.code for one in doubts] == [Doubt.DAMAGED_PADDING, Doubt.BACKWARDS]
    assert doubts[0].record.item == "37000034179"
    held = next(line for line in make_plan([a]).lines() if line.state is LineState.HELD)
    assert damaged.key == held.key


def test_lines_of_different_desks_are_compared(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A", "P1"), loan(3, "X", "P1"))
    b = dat(tmp_path / "b.dat", back(3, "X"), loan(5, "A", "P2"))
    first, second = found(a, b)
    assert (first.code, first.file, first.number) == (Code.LENT_TWICE, 1, 2)
    assert (first.other_file, first.other_number) == (0, 1)
    assert first.record == loan(5, "A", "P2")
    assert (second.code, second.file, second.number) == (Code.UNCLEAR_ORDER, 0, 2)
    assert (second.other_file, second.other_number, second.act) == (1, 1, Act.CHOOSE)


def test_copies_are_told_and_their_lines_not_again(tmp_path: Path) -> None:
    lines = [loan(n, f"I{n}", "P1") for n in range(6)]
    a = dat(tmp_path / "a.dat", *lines, loan(7, "P1", "I0"))
    same = dat(tmp_path / "same.dat", *lines, loan(7, "P1", "I0"))
    early = dat(tmp_path / "early.dat", *lines)
    edited = dat(tmp_path / "edited.dat", loan(20, "Z"), *lines, loan(7, "P1", "I0"))
    said = found(a, same, early, edited)
    assert [one.code for one in said[:2]] == [Code.SAME_FILE, Code.EARLIER_COPY]
    assert [(one.file, one.other_file) for one in said[:2]] == [(1, 0), (2, 0)]
    counts = {code: sum(one.code == code for one in said) for code in Code}
    assert counts[Code.ALIKE] == 7
    assert counts[Code.PATRON_AS_ITEM] + counts[Code.SWAPPED] == 1
    copied = said[-1]
    assert (copied.code, copied.file, copied.number) == (Code.DESK_COPIED, 3, 0)
    assert copied.detail == "7"


def test_time_is_judged_as_corrected(ledger: Ledger, tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(60 * 48, "A"), loan(60 * 48 + 1, "B"))
    said = found(a, book=ledger)
    assert [one.code for one in said] == [Code.FUTURE, Code.FUTURE, Code.CLOCK_WRONG]
    mark = collect([a])[0].mark
    DecisionBook(ledger).clock(DecidedLine(mark), -48 * 3600, who="Ana")
    assert codes(a, book=ledger) == []
    old = dat(tmp_path / "old.dat", loan(-60 * 24 * 500, "A"))
    assert codes(old) == [Code.VERY_OLD]


def test_rules_hours_and_look_ups_are_optional(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A1", "P1"), loan(60 * 11, "P2", "A2"), back(3, "A3"))
    assert codes(a) == [Doubt.BACKWARDS]
    rules = RuleSet((Rule(BarcodeKind.ITEM, r"A\d"),), (Rule(BarcodeKind.PATRON, r"P\d"),))
    assert codes(a, rules=rules) == [Doubt.BACKWARDS, Code.SWAPPED]
    hours = parse_hours("Mon-Fri 08:00-18:00")
    assert codes(a, hours=hours) == [Doubt.BACKWARDS, Code.CLOSED]
    items = {"A1": ItemFound("A1", False), "A3": ItemFound("A3", True)}
    patrons = {"P1": PatronFound("P1", False)}
    assert codes(a, items=items, patrons=patrons) == [
        *(Doubt.BACKWARDS, Code.ITEM_UNKNOWN, Code.PATRON_UNKNOWN, Code.NOT_ON_LOAN)
    ]


def test_a_return_of_a_free_item_before_its_loan_points_to_a_clock(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", back(0, "A"))
    b = dat(tmp_path / "b.dat", loan(4, "A"))
    free = {"A": ItemFound("A", True)}
    lent = {"A": ItemFound("A", True, due_at=datetime(2018, 2, 1))}
    assert codes(a, b, items=free) == [Code.NOT_ON_LOAN, Code.RETURNED_FIRST]
    assert codes(a, b, items=lent) == []


def test_what_was_decided_is_checked_as_it_will_be_sent(ledger: Ledger, tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A", "P1"), b"rubbish!")
    b = dat(tmp_path / "b.dat", loan(5, "A", "P2"))
    twice, damaged = sorted(found(a, b), key=lambda one: one.severity, reverse=True)
    assert (twice.code, damaged.code) == (Code.LENT_TWICE, Problem.TOO_SHORT)
    book = DecisionBook(ledger)
    book.correct(DecidedLine(twice.key), LineChange(item="B"), who="Ana")
    whole = LineChange("2018-01-15T09:01", "R", "C")
    book.correct(DecidedLine(damaged.key), whole, who="Ana")
    assert codes(a, b, book=ledger) == []
    book.hold([DecidedLine(twice.key)], who="Ana")
    assert codes(a, b, book=ledger) == []


def test_what_earlier_uploads_did_is_told(ledger: Ledger, tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"), loan(2, "C"), loan(3, "D"))
    plan = make_plan([a])
    number = ledger.begin(
        **{"server": "s", "url": "u", "desk": "d", "who": "w", "process_id": "", "name": ""},
        files=plan.files,
        lines=plan.lines(),
    )
    rows = ledger.lines(ledger.upload(number), LineState.PLANNED)
    states = (LineState.RECORDED, LineState.REJECTED, LineState.UNKNOWN)
    ledger.settle(Settled(row.id, state) for row, state in zip(rows, states, strict=False))
    assert codes(a, ledger=ledger) == [
        *(Code.RECORDED_EARLIER, Code.REFUSED_EARLIER, Code.OPEN_EARLIER)
    ]
    assert codes(a, ledger=ledger, server="another") == []
    assert codes(a) == []


def test_it_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", *(loan(n % 60, f"I{n}") for n in range(4500)))
    told: list[int] = []
    plan = make_plan([a])
    for _ in check_plan(plan, Against(now=NOW), progress=told.append):
        pass
    assert told == [2000, 4000, 4500]
    with pytest.raises(CancelledError):
        list(check_plan(plan, Against(now=NOW), cancelled=lambda: bool(told)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everything_that_can_be_found_has_words(language: str) -> None:
    files = ["a.dat", "b.dat"]
    i18n.activate(language)
    try:
        for code in [*Code, *Problem, *Doubt]:
            detail = {Code.PATRON_EXPIRED: "2026-01-31"}.get(code, "7")
            one = Finding(code, Severity.NOTE, 0, 3, b"", 1, 4, b"", detail)
            sentence = findingwords.finding(one, files)
            assert sentence, code
            assert "{" not in sentence, code
            assert findingwords.finding_name(code)
        for act in Act:
            assert findingwords.suggestion(act)
        for decision in Decided:
            assert checkwords.decision_name(decision)
        assert set(FileNote) == set(checkwords._NOTES)
    finally:
        i18n.activate("en")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, ""), (0.4, ""), (90, "+1 min 30 s"), (-3600, "−1 h"), (3725.4, "+1 h 2 min 5 s")],
)
def test_an_offset_in_words(seconds: float, words: str) -> None:
    assert findingwords.offset(seconds) == words


def test_what_is_recorded_already_is_no_question(ledger: Ledger, tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A", "P1"), back(5, "X"), loan(60, "P9", "A"))
    b = dat(tmp_path / "b.dat", loan(5, "X", "P9"), loan(7, "B", "P9"), loan(6, "A", "P2"))
    before = {one.code for one in found(a, b, ledger=ledger) if one.severity is not Severity.NOTE}
    assert {Code.UNCLEAR_ORDER, Code.LENT_TWICE, Doubt.BACKWARDS} <= before
    plan = make_plan([a, b])
    ledger.begin(
        **{"server": "s", "url": "u", "desk": "d", "who": "w", "process_id": "", "name": ""},
        files=plan.files,
        lines=list(plan.lines()),
    )
    ledger.settle([Settled(number, LineState.RECORDED) for number in range(1, 7)])
    said = found(a, b, ledger=ledger)
    assert {one.code for one in said} == {Code.RECORDED_EARLIER}
    assert len(said) == 6
    # A new line that contradicts a recorded one is one.
    with b.open("ab") as stream:
        stream.write(encode(loan(9, "A", "P3")))
    asked = [one for one in found(a, b, ledger=ledger) if one.severity is not Severity.NOTE]
    assert [(one.code, one.file, one.number) for one in asked] == [(Code.LENT_TWICE, 1, 4)]
