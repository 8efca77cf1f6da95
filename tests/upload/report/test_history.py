"""Past uploads as reports: which desk, when exactly, and what a referent had decided."""

from __future__ import annotations

from datetime import datetime

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineState, Settled
from offcirc.upload.base import reasons
from offcirc.upload.report import words
from offcirc.upload.report.history import list_jobs, load_report
from offcirc.upload.report.report import DecidedAct, JobReport, JobStatus, Origin

AT = datetime(2018, 1, 15, 10, 40)


def facts(number: int, record: Record | None, **more: object) -> LineFacts:
    """A line; what is not said otherwise is what its file says."""
    raw = encode(record).rstrip(b"\r\n") if record else b"20180115"
    known = LineFacts(
        0,
        number,
        raw,
        record.at.isoformat(timespec="minutes") if record else "",
        record.operation.value if record else "",
        record.item if record else "",
        record.patron if record else "",
        bytes([number]) * 32,
        LineState.PLANNED,
    )
    return known._replace(**more)


def uploaded(ledger: Ledger, *lines: LineFacts, told_by: str = "manifest") -> JobReport:
    """The report of an upload in which the server refuses every line that is sent."""
    file = FileFacts(
        "OffCirc.dat",
        "/nowhere/OffCirc.dat",
        "ab" * 32,
        100,
        library="BUC du Mirail",
        circulation_desk="BUC_PRET",
        desk_name="Bureau 2",
        told_by=told_by,
    )
    number = ledger.begin(
        server="s",
        url="http://s",
        desk="BUC_PRET",
        who="R",
        process_id="1",
        name="n",
        files=[file],
        lines=lines,
    )
    upload = ledger.upload(number)
    assert upload is not None
    sent = ledger.lines(upload, LineState.PLANNED)
    ledger.settle(
        Settled(line.id, LineState.REJECTED, "item-unknown", "Item not found.") for line in sent
    )
    ledger.end_run(number, "completed")
    return load_report(ledger, number)


def test_a_line_knows_its_desk_and_its_exact_time(ledger: Ledger) -> None:
    record = Record(AT, Operation.LOAN, "I1", "P1")
    minute, exact = uploaded(
        ledger, facts(1, record), facts(2, record, exact="2018-01-15T10:40:12.345")
    ).lines
    assert minute.exact is None
    assert exact.exact == datetime(2018, 1, 15, 10, 40, 12, 345000)
    assert (words.moment(minute), words.moment(exact)) == (
        "2018-01-15 10:40",
        "2018-01-15 10:40:12",
    )
    assert minute.origin == Origin("BUC du Mirail", "BUC_PRET", "Bureau 2")
    assert words.origin(minute) == "BUC du Mirail · BUC_PRET · Bureau 2"
    [guessed] = uploaded(ledger, facts(3, record), told_by="name").lines
    assert (guessed.origin, words.origin(guessed)) == (Origin(), "OffCirc.dat")
    assert minute.decision is None
    assert minute.id < exact.id


def test_a_line_knows_what_was_decided_and_what_its_file_says(ledger: Ledger) -> None:
    book = DecisionBook(ledger)
    line = DecidedLine(b"k" * 32, "OffCirc.dat", 1)
    corrected = book.correct(line, LineChange(item="I1"), who="Ana", note="lu sur le livre")
    swapped = book.swap([line], who="Ben")
    clock = book.clock(line, 60.0, who="Ana")
    record = Record(AT, Operation.LOAN, "WRONG", "P1")
    report = uploaded(
        ledger,
        facts(1, record, item="I1", decision=corrected.id),
        facts(
            2, Record(AT, Operation.LOAN, "P1", "I1"), item="I1", patron="P1", decision=swapped.id
        ),
        facts(3, record, minute="2018-01-15T10:41", decision=clock.id),
        facts(4, None, item="I1", patron="P1", operation="L", decision=corrected.id),
        facts(5, record, decision=99),
    )
    one, two, three, four, five = (line.decision for line in report.lines)
    assert one is not None
    assert (one.act, one.who, one.why, one.was) == (
        DecidedAct.CORRECTED,
        "Ana",
        "lu sur le livre",
        "WRONG",
    )
    assert one.at is not None
    assert one.at.tzinfo is not None
    assert two is not None
    assert (two.act, two.was) == (DecidedAct.SWAPPED, "P1 I1")
    assert three is None
    assert four is not None
    assert four.was == "20180115"
    assert five is None


def test_lines_kept_back_are_no_damaged_lines(ledger: Ledger) -> None:
    book = DecisionBook(ledger)
    line = DecidedLine(b"k" * 32)
    record = Record(AT, Operation.LOAN, "I1", "P1")
    cases = {
        reasons.KEPT_BACK: book.hold([line], who="Ana"),
        reasons.LEFT_FOR_LATER: book.later([line], who="Ana"),
        reasons.DROPPED: book.drop([line], who="Ana"),
    }
    report = uploaded(
        ledger,
        *(
            facts(number, record, state=LineState.HELD, reason=reason, decision=made.id)
            for number, (reason, made) in enumerate(cases.items(), 1)
        ),
    )
    acts = [line.decision.act for line in report.lines if line.decision]
    assert acts == [DecidedAct.HELD, DecidedAct.LATER, DecidedAct.DROPPED]
    assert all(line.decision and line.decision.was == "" for line in report.lines)
    assert all("Ana" in words.decision(line.decision) for line in report.lines)
    assert report.held == 3


def test_what_was_cut_off_is_not_under_way_because_later_work_is(ledger: Ledger) -> None:
    def begun(name: str) -> int:
        return ledger.begin(
            server="s", url="http://s", desk="D", who="R", process_id="", name=name,
            files=[FileFacts("OffCirc.dat", f"/{name}", name * 64, 100)],
            lines=[facts(ord(name), None)],
        )  # fmt: skip

    first, second = begun("a"), begun("b")
    with ledger.exclusive():
        jobs = {job.id: job for job in list_jobs(ledger)}
        assert jobs[first].status is JobStatus.STOPPED
        assert jobs[second].status is JobStatus.RUNNING

        # Resumed and ended: the run that was cut off has not lasted until now.
        ledger.start_run(first)
        ledger.end_run(first, "completed")
        run = ledger.runs(first)[-1]
        assert run.ended is not None
        assert load_report(ledger, first).run_seconds == (run.ended - run.started).total_seconds()
