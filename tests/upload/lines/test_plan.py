"""From files to lines in one order."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from upload.desks import RealDesk
from upload.kit import back, dat, loan

from offcirc import i18n
from offcirc.core.fingerprint import KeyMaker
from offcirc.core.order.clockfix import Trust
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import Ledger, content_of
from offcirc.storage.ledger.ledgerrows import LineFacts, LineState
from offcirc.upload.base.errors import (
    FileChangedError,
    NoFilesError,
    NotOffCircError,
    PlanError,
    UnreadableFileError,
)
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan, short_names


def test_lines_of_several_files_come_in_one_order_whatever_order_they_are_given_in(
    tmp_path: Path,
) -> None:
    files = [
        dat(tmp_path / "a.dat", loan(0, "A"), loan(5, "B")),
        dat(tmp_path / "b.dat", back(3, "C"), back(5, "B")),
        dat(tmp_path / "c.dat", loan(4, "D")),
    ]
    orders = {
        tuple(line.item for line in make_plan(order).lines()) for order in permutations(files)
    }
    assert orders == {("A", "C", "D", "B", "B")}
    operations = [line.operation for line in make_plan(files).lines()]
    assert operations[-2:] == ["R", "L"]


def test_a_line_keeps_file_number_raw_text_and_key(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"))
    b = dat(tmp_path / "b.dat", b"", back(1, "B"))
    _first, line = make_plan([a, b]).lines()
    assert (line.file, line.number, line.minute) == (1, 2, "2018-01-15T09:01")
    assert line.raw == b"201801150901R" + b"B".ljust(80)
    assert line.key == KeyMaker().key(back(1, "B"))


def test_a_damaged_line_is_held_with_its_reason(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), b"201802301420LX", b"rubbish\xff", loan(1, "B"))
    lines = list(make_plan([path]).lines())
    held = [line for line in lines if line.state is LineState.HELD]
    assert [(line.number, line.reason, line.raw) for line in held] == [
        (2, "impossible-date", b"201802301420LX"),
        (3, "bad-characters", b"rubbish\xff"),
    ]
    assert [line.item for line in lines if line.state is LineState.PLANNED] == ["A", "B"]


def test_a_doubtful_line_is_sent_all_the_same(tmp_path: Path) -> None:
    path = dat(
        tmp_path / "a.dat",
        loan(60 * 24 * 365 * 100, "FUTURE"),
        b"201805091348L37000034179          9921000000164",
        b"201805091349R" + b"X1".ljust(80) + b"9921000000164",
    )
    lines = list(make_plan([path]).lines())
    assert [line.state for line in lines] == [LineState.PLANNED] * 3
    assert (lines[1].item, lines[1].patron) == ("37000034179", "9921000000164")
    assert lines[2].patron == ""


def test_the_same_content_twice_is_planned_once_and_said(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"))
    copy = dat(tmp_path / "copy.dat", loan(0, "A"))
    plan = make_plan([a, copy, a])
    assert [file.same_as for file in plan.files] == ["", "a.dat", "a.dat"]
    assert [line.file for line in plan.lines()] == [0]


def test_an_empty_file_is_a_day_without_loans(tmp_path: Path) -> None:
    empty = dat(tmp_path / "empty.dat")
    assert list(make_plan([empty]).lines()) == []


def test_no_file() -> None:
    with pytest.raises(NoFilesError):
        make_plan([])


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="missing"):
        make_plan([tmp_path / "missing.dat"])
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path])
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path / "a\0b"])


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path / "pipe"])


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0\x00\x10JFIF", "201801".encode("utf-16"), b"Dear Sir,\nyes.\n"]
)
def test_another_kind_of_file_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(NotOffCircError) as caught:
        make_plan([path])
    assert caught.value.words().startswith("other: ")


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    plan = make_plan([path])
    dat(path, loan(0, "A"), loan(1, "B"))
    with pytest.raises(FileChangedError):
        list(plan.lines())


def test_a_file_that_vanishes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    plan = make_plan([path])
    path.unlink()
    with pytest.raises(UnreadableFileError):
        list(plan.lines())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_errors_are_worded_in_both_languages(tmp_path: Path, language: str) -> None:
    i18n.activate(language)
    try:
        with pytest.raises(PlanError) as caught:
            make_plan([tmp_path / "missing.dat"])
        words = caught.value.words()
    finally:
        i18n.activate("en")
    expected = {"en": "there is no such file", "fr": "ce fichier n’existe pas"}
    assert expected[language] in words


def test_names_are_as_short_as_tells_them_apart() -> None:
    paths = [
        Path("day1/desk1/OffCirc.dat"),
        Path("day1/desk2/OffCirc.dat"),
        Path("day2/desk2/OffCirc.dat"),
        Path("other/other.dat"),
    ]
    assert short_names(paths) == [
        "desk1/OffCirc.dat",
        "day1/desk2/OffCirc.dat",
        "day2/desk2/OffCirc.dat",
        "other.dat",
    ]
    assert short_names([Path("a.dat"), Path("a.dat")]) == ["a.dat", "a.dat"]


# -- decisions --------------------------------------------------------------------------------


@pytest.fixture
def book(ledger: Ledger) -> DecisionBook:
    return DecisionBook(ledger)


def key_of(path: Path, number: int = 1) -> DecidedLine:
    """The line of a file, as decisions name it."""
    lines = {line.number: line for line in make_plan([path]).lines()}
    return DecidedLine(lines[number].key, path.name, number, lines[number].raw)


def planned(ledger: Ledger, *paths: Path) -> list[LineFacts]:
    return list(make_plan(paths, decisions=decided(ledger)).lines())


@pytest.mark.promise("the-file-stays-as-it-is")
def test_a_corrected_line_is_sent_as_corrected_and_keeps_its_bytes(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A", "P1"), loan(1, "B", "P1"))
    made = book.correct(key_of(path), LineChange(item="X"), who="Ana")
    line, other = planned(ledger, path)
    assert (line.item, line.patron, line.state) == ("X", "P1", LineState.PLANNED)
    assert line.raw == path.read_bytes().split(b"\r\n")[0]
    assert (line.decision, other.decision) == (made.id, 0)
    assert other.key == key_of(path, 2).key


def test_the_key_of_a_corrected_line_depends_on_the_correction_alone(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    original = key_of(path)
    book.correct(original, LineChange(item="X"), who="Ana")
    (line,) = planned(ledger, path)
    assert line.key != original.key
    other_name = dat(tmp_path / "elsewhere" / "b.dat", loan(0, "A"))
    with Ledger(tmp_path / "other" / "ledger.db") as other:
        DecisionBook(other).correct(original, LineChange(item="X"), who="Bob", note="same")
        plan = make_plan([other_name], decisions=decided(other), offsets={"b.dat": 3600})
        (again,) = plan.lines()
    assert again.key == line.key
    assert again.minute != line.minute
    # The line that says the same by itself is another transaction.
    (true,) = make_plan([dat(tmp_path / "c.dat", loan(0, "X"))]).lines()
    assert true.key != line.key
    # A correction that changes nothing changes no key either.
    book.correct(original, LineChange(item="A"), who="Ana")
    (line,) = planned(ledger, path)
    assert line.key == original.key


def test_a_clock_offset_changes_no_key(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    (line,) = make_plan([path], offsets={"a.dat": -90}).lines()
    assert line.key == key_of(path).key
    assert line.minute == "2018-01-15T08:58"


def test_item_and_borrower_change_places(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "P1", "A"), back(1, "B"))
    book.swap([key_of(path)], who="Ana")
    book.swap([key_of(path, 2)], who="Ana")
    line, returned = planned(ledger, path)
    assert (line.item, line.patron) == ("A", "P1")
    # A return has no borrower to change places with: it waits for somebody to think again.
    assert (returned.state, returned.reason) == (LineState.HELD, "held-by-decision")


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("hold", "held-by-decision"),
        ("drop", "dropped-by-decision"),
        ("later", "left-for-later"),
    ],
)
def test_lines_that_are_not_to_be_sent_never_go_out_until_that_is_undone(
    ledger: Ledger, book: DecisionBook, tmp_path: Path, act: str, reason: str
) -> None:
    path = dat(tmp_path / "a.dat", *(loan(n, f"I{n}") for n in range(4)))
    made = getattr(book, act)([key_of(path, 2), key_of(path, 3)], who="Ana")
    lines = planned(ledger, path)
    assert [line.state for line in lines] == [
        *(LineState.PLANNED, LineState.HELD, LineState.HELD, LineState.PLANNED)
    ]
    assert {(line.reason, line.decision) for line in lines[1:3]} == {(reason, made.id)}
    assert [line.item for line in lines] == ["I0", "I1", "I2", "I3"]
    book.undo(made.id, who="Ana")
    assert {line.state for line in planned(ledger, path)} == {LineState.PLANNED}


def test_the_newest_decision_about_a_line_holds(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    book.hold([key_of(path)], who="Ana")
    newer = book.correct(key_of(path), LineChange(patron="P9"), who="Bob")
    (line,) = planned(ledger, path)
    assert (line.patron, line.state) == ("P9", LineState.PLANNED)
    book.undo(newer.id, who="Ana")
    (line,) = planned(ledger, path)
    assert (line.patron, line.state) == ("P1", LineState.HELD)


@pytest.mark.parametrize("clock_first", [True, False])
@pytest.mark.parametrize("time", ["2018-01-15T10:00", "2018-01-15T09:01"], ids=["new", "as-is"])
def test_a_time_put_right_is_moved_by_no_clock(
    ledger: Ledger, book: DecisionBook, tmp_path: Path, *, clock_first: bool, time: str
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"), b"201801150902Lgarbled")
    for clock in (clock_first, not clock_first):
        if clock:
            book.clock(DecidedLine(key_of(path).key), 3600, who="Ana")
        else:
            book.correct(key_of(path, 2), LineChange(minute=time), who="Ana")
            book.correct(key_of(path, 3), LineChange(time, "L", "C", "P2"), who="Ana")
    # And not by what is said for one merge either.
    for offset in (0, 72_000):
        plan = make_plan([path], offsets={"a.dat": offset}, decisions=decided(ledger))
        times = {line.item: line.minute for line in plan.lines()}
        assert (times["B"], times["C"]) == (time, time)
        assert times["A"] == ("2018-01-15T10:00" if not offset else "2018-01-16T06:00")


def test_a_time_put_right_stays_when_the_item_is_put_right_too(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    book.correct(key_of(path), LineChange(minute="2018-01-15T09:30"), who="Ana")
    book.clock(DecidedLine(key_of(path).key), 3600, who="Ana")
    (line,) = planned(ledger, path)
    book.correct(DecidedLine(line.key, "a.dat", 1, line.raw), LineChange(item="B"), who="Ana")
    (line,) = planned(ledger, path)
    assert (line.item, line.minute) == ("B", "2018-01-15T09:30")


def test_a_damaged_line_can_be_told_what_it_was(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), b"201801150901Lgarbled", loan(2, "C"))
    damaged = key_of(path, 2)
    assert len(damaged.key) == 32
    book.correct(damaged, LineChange(item="B"), who="Ana")
    held = next(line for line in planned(ledger, path) if line.number == 2)
    assert (held.state, held.reason) == (LineState.HELD, "held-by-decision")
    whole = LineChange("2018-01-15T09:01", "L", "B", "P2")
    book.correct(damaged, whole, who="Ana")
    lines = planned(ledger, path)
    assert [(line.item, line.state) for line in lines] == [
        ("A", LineState.PLANNED),
        ("B", LineState.PLANNED),
        ("C", LineState.PLANNED),
    ]
    assert (lines[1].raw, lines[1].patron) == (b"201801150901Lgarbled", "P2")


def test_a_correction_whose_reader_was_erased_holds_its_line(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    book.correct(key_of(path), LineChange(patron="P2"), who="Ana")
    book.forget_patrons(datetime.now(UTC) + timedelta(days=1))
    (line,) = planned(ledger, path)
    assert (line.state, line.reason) == (LineState.HELD, "held-by-decision")


def test_decisions_hold_when_the_file_grows_and_is_called_something_else(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    book.drop([key_of(path)], who="Ana")
    book.clock(DecidedLine(key_of(path).key), 60, who="Ana")
    grown = dat(tmp_path / "b.dat", loan(0, "A"), loan(1, "B"))
    lines = planned(ledger, grown)
    assert [(line.state, line.minute[11:]) for line in lines] == [
        (LineState.HELD, "09:01"),
        (LineState.PLANNED, "09:02"),
    ]


def test_two_lines_of_one_minute_are_told_and_go_as_chosen(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    a, b = dat(tmp_path / "a.dat", loan(0, "X")), dat(tmp_path / "b.dat", back(0, "X"))
    for given in ([a, b], [b, a]):
        plan = make_plan(given)
        assert [line.operation for line in plan.lines()] == ["R", "L"]
        (pair,) = plan.pairs
        names = [plan.files[one.desk].name for one in (pair.first, pair.second)]
        assert names == ["b.dat", "a.dat"]
    book.before(key_of(a), key_of(b), who="Ana")
    plan = make_plan([a, b], decisions=decided(ledger))
    assert [line.operation for line in plan.lines()] == ["L", "R"]
    assert plan.pairs == []
    book.before(key_of(b), key_of(a), who="Ana")
    assert [line.operation for line in planned(ledger, a, b)] == ["R", "L"]
    book.before(key_of(a), key_of(b), who="Ana")
    assert [line.operation for line in planned(ledger, a, b)] == ["L", "R"]


def test_exact_times_settle_a_minute_and_are_kept(tmp_path: Path) -> None:
    one, other = RealDesk(tmp_path / "one"), RealDesk(tmp_path / "two", "Desk 2")
    one.lend("X", at=10)
    other.take_back("X", at=50)
    plan = make_plan([one.save(), other.save()])
    lines = list(plan.lines())
    assert [(line.operation, line.exact[17:]) for line in lines] == [
        ("L", "10.000"),
        ("R", "50.000"),
    ]
    assert plan.pairs == []
    for desk in (one, other):
        desk.close()


def test_another_clock_can_be_believed(ledger: Ledger, book: DecisionBook, tmp_path: Path) -> None:
    desk = RealDesk(tmp_path / "one")
    desk.lend("A", at=60)
    desk.at(90)
    desk.set_clock(-1800)  # somebody set it wrong
    desk.lend("B", at=120)
    path = desk.save()
    desk.close()
    times = {}
    for trust in Trust:
        made = book.clock(key_of(path), 0, trust=trust, who="Ana")
        times[trust] = [line.minute[11:] for line in planned(ledger, path)]
        book.undo(made.id, who="Ana")
    assert times == {
        Trust.AFTER: ["08:31", "08:32"],
        Trust.BEFORE: ["09:01", "09:02"],
        Trust.NEITHER: ["09:01", "08:32"],
    }


def test_a_plan_made_by_other_decisions_is_another_upload(
    ledger: Ledger, book: DecisionBook, tmp_path: Path
) -> None:
    a, b = dat(tmp_path / "a.dat", loan(0, "A")), dat(tmp_path / "b.dat", loan(0, "B"))

    def content() -> str:
        return content_of(make_plan([a, b], decisions=decided(ledger)).files)

    plain = content_of(make_plan([a, b]).files)
    assert content() == plain
    elsewhere = book.hold([DecidedLine(b"z" * 32)], who="Ana")
    assert content() == plain
    seen = {plain}
    for decide in (
        lambda: book.hold([key_of(a)], who="Ana"),
        lambda: book.before(key_of(b), key_of(a), who="Ana"),
        lambda: book.clock(key_of(b), 60, who="Ana"),
    ):
        made = decide()
        assert content() not in seen
        seen.add(content())
        book.undo(made.id, who="Ana")
        assert content() == plain
    assert content_of(make_plan([a, b], offsets={"a.dat": 60}).files) not in seen
    assert elsewhere.id


def test_what_was_collected_is_planned_without_looking_again(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    sources = collect([path, dat(tmp_path / "b.dat", loan(1, "B"))])
    plan = make_plan(sources)
    assert [line.item for line in plan.lines()] == ["A", "B"]
    assert [line.item for line in make_plan(sources[1:]).lines()] == ["B"]
    dat(path, loan(0, "A"), loan(2, "C"))
    with pytest.raises(FileChangedError):
        list(plan.lines())
    (broken,) = collect([tmp_path / "missing.dat"])
    with pytest.raises(UnreadableFileError):
        make_plan([broken])
    (other,) = collect([dat(tmp_path / "c.dat", b"Dear Sir,")])
    with pytest.raises(NotOffCircError):
        make_plan([other])


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_more_desks_than_the_system_lets_files_be_open(tmp_path: Path) -> None:
    import resource

    paths = [dat(tmp_path / f"{n}.dat", loan(n % 60, f"I{n}")) for n in range(150)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    plan = make_plan(paths)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        items = [line.item for line in plan.lines()]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert sorted(items) == sorted(f"I{n}" for n in range(150))
    dat(paths[0], loan(0, "I0"), loan(1, "more"))
    with pytest.raises(FileChangedError):
        list(plan.lines())
    paths[1].unlink()
    with pytest.raises(UnreadableFileError):
        list(plan.lines())
