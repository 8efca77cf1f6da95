"""Refused lines, corrected, go up again by themselves: once, and with their own time."""

from __future__ import annotations

import pytest
from servers import double as wrong
from upload.kit import Clock, back, dat, loan
from upload.past_kit import NOTHING, Told, past

from offcirc.core.transaction import Problem
from offcirc.storage.ledger.decisions import LineChange
from offcirc.upload.followup import followupwords as words
from offcirc.upload.followup.correcting import NotCorrectableError, correct, take_back
from offcirc.upload.followup.followup import find_tasks, tasks, waiting
from offcirc.upload.followup.task import TaskKind
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobStatus
from offcirc.upload.run import run_upload


def upload(server, ledger, files=(), **more):
    return run_upload(
        list(files),
        server,
        ledger,
        desk=more.pop("desk", "D1"),
        who="Camille",
        patience=Clock().patience(),
        **more,
    )


def send(server, ledger):
    return [
        upload(server, ledger, plan=batch, desk=batch.desk, resume=True)
        for batch in waiting(ledger)
    ]


def only(ledger, kind=TaskKind.ITEM):
    (task,) = [task for task in tasks(ledger) if task.kind is kind and not task.done]
    return task


@pytest.fixture
def refused(server, ledger, tmp_path):
    """A loan of an item that nobody knows, between two others, uploaded."""
    path = dat(
        tmp_path / "a.dat", loan(0, "I1"), loan(1, "UNKNOWN", "P2"), back(2, "I1"), b"broken line"
    )
    assert upload(server, ledger, [path]).rejected == 1
    return path


def test_a_corrected_line_goes_up_with_its_own_time(server, ledger, double, refused):
    task = only(ledger)
    correct(ledger, [task.lines[0].id], LineChange(item="I2"), who="Lou")
    assert find_tasks(ledger, [task.id])[0].waiting
    (report,) = send(server, ledger)
    assert (report.recorded, report.records, report.desk) == (1, 1, "D1")
    sent = double.requests[-2][2]["transactions"]
    assert [(each["at"], each["item"], each["patron"]) for each in sent] == [
        ("2018-01-15T09:01", "I2", "P2")
    ]
    done = find_tasks(ledger, [task.id])[0]
    assert (done.done, done.waiting, done.lines[0].settled) == (True, False, report.id)
    assert done.lines[0].correction.who == "Lou"
    assert waiting(ledger) == []


def test_a_time_put_right_goes_up_as_it_was_said(server, ledger, double, tmp_path):
    path = dat(tmp_path / "a.dat", loan(0, "I1"), loan(1, "UNKNOWN", "P2"))
    plan = make_plan([path], offsets={"a.dat": 3600})
    upload(server, ledger, plan=plan)
    line = only(ledger).lines[0].id
    correct(ledger, [line], LineChange(minute="2018-01-15T09:01", item="I2"), who="Lou")
    send(server, ledger)
    sent = double.requests[-2][2]["transactions"]
    assert [(each["at"], each["item"]) for each in sent] == [("2018-01-15T09:01", "I2")]


def test_sending_twice_records_once(server, ledger, double, refused):
    correct(ledger, [only(ledger).lines[0].id], LineChange(item="I2"), who="Lou")
    (batch,) = waiting(ledger)
    for _again in range(2):
        upload(server, ledger, plan=batch, desk=batch.desk, resume=True)
    assert double.order.count("I2") == 1
    assert max(double.applied.values()) == 1


def test_its_whole_file_uploaded_again_does_not_record_it_again(server, ledger, double, refused):
    correct(ledger, [only(ledger).lines[0].id], LineChange(item="I2"), who="Lou")
    send(server, ledger)
    report = upload(server, ledger, [refused])
    assert (report.recorded, report.rejected) == (0, 0)
    assert report.skipped == 3
    assert double.order.count("I2") == 1


def test_a_correction_refused_again_is_corrected_again(server, ledger, double, refused):
    first = only(ledger)
    correct(ledger, [first.lines[0].id], LineChange(item="UNKNOWN2"), who="Lou")
    send(server, ledger)
    second = only(ledger)
    assert second.lines[0].item == "UNKNOWN2"
    assert find_tasks(ledger, [first.id])[0].done
    # It was not done: the newer refusal stands for it.
    (old,) = (task for task in tasks(ledger, first.jobs[0]) if task.kind is TaskKind.ITEM)
    job = second.jobs[0]
    assert words.status(old) == f"refused again by upload {job}"
    assert words.correction_sentence(old.lines[0]).endswith(f"refused again by upload {job}")
    assert first.id not in [task.id for task in tasks(ledger)]
    correct(ledger, [second.lines[0].id], LineChange(item="I3"), who="Lou")
    assert [len(batch.facts) for batch in waiting(ledger)] == [1]
    send(server, ledger)
    assert [task for task in tasks(ledger) if task.kind is TaskKind.ITEM and not task.done] == []
    assert double.order[-1] == "I3"
    report = upload(server, ledger, [refused])
    assert report.rejected == 0
    assert double.order.count("I3") == 1


def test_what_can_be_read_of_a_damaged_line_need_not_be_said(server, ledger, double, tmp_path):
    path = dat(tmp_path / "a.dat", loan(0, "I1"), b"201801150901LI2")
    upload(server, ledger, [path])
    task = only(ledger, TaskKind.DAMAGED)
    correct(ledger, [task.lines[0].id], LineChange(patron="P9"), who="Lou")
    (report,) = send(server, ledger)
    assert report.recorded == 1
    sent = double.requests[-2][2]["transactions"][0]
    assert (sent["at"], sent["item"], sent["patron"]) == ("2018-01-15T09:01", "I2", "P9")


def test_a_damaged_line_is_written_out(server, ledger, double, refused):
    task = only(ledger, TaskKind.DAMAGED)
    change = LineChange("2018-01-15T09:07", "L", "I9", "P9")
    correct(ledger, [task.lines[0].id], change, who="Lou")
    (report,) = send(server, ledger)
    assert report.recorded == 1
    assert find_tasks(ledger, [task.id])[0].done
    assert double.requests[-2][2]["transactions"][0]["at"] == "2018-01-15T09:07"


def test_the_last_word_before_sending_holds(server, ledger, double, refused):
    line = only(ledger).lines[0].id
    correct(ledger, [line], LineChange(item="I7"), who="Lou")
    correct(ledger, [line], LineChange(item="I8"), who="Lou")
    send(server, ledger)
    assert "I7" not in double.order
    assert double.order[-1] == "I8"


def test_a_correction_taken_back_is_not_sent(ledger, server, refused):
    task = only(ledger)
    correct(ledger, [task.lines[0].id], LineChange(item="I2"), who="Lou")
    take_back(ledger, [task.lines[0].id], who="Lou")
    assert waiting(ledger) == []
    assert find_tasks(ledger, [task.id])[0].lines[0].correction is None


def test_an_interrupted_sending_is_resumed_and_nothing_else_is(server, ledger, double, refused):
    correct(ledger, [only(ledger).lines[0].id], LineChange(item="I2"), who="Lou")
    double.always("/transactions", wrong.cut_before)
    (stopped,) = send(server, ledger)
    assert stopped.status is JobStatus.STOPPED
    double.always("/transactions", None)
    (report,) = send(server, ledger)
    assert (report.id, report.recorded) == (stopped.id, 1)
    assert max(double.applied.values()) == 1


def test_each_line_goes_where_it_was_refused(ledger, tmp_path):
    for number, place in enumerate([("s1", "A"), ("s1", "B"), ("s2", "A")]):
        path = tmp_path / f"{number}.dat"
        past(ledger, path, Told(loan(number, "X1"), NOTHING), server=place[0], desk=place[1])
    for task in tasks(ledger):
        correct(ledger, [line.id for line in task.lines], LineChange(item="I1"), who="Lou")
    assert {(batch.server, batch.desk, len(batch.facts)) for batch in waiting(ledger)} == {
        ("s1", "A", 1),
        ("s1", "B", 1),
        ("s2", "A", 1),
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (LineChange(item="two words"), Problem.BLANK_IN_ITEM),
        (LineChange(item="é"), Problem.BAD_CHARACTERS),
        (LineChange(patron=" x"), Problem.BAD_CHARACTERS),
        (LineChange(item="UNKNOWN"), None),
        (LineChange(), None),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_decided(ledger, refused, change, problem):
    task = only(ledger)
    with pytest.raises(NotCorrectableError) as caught:
        correct(ledger, [task.lines[0].id], change, who="Lou")
    assert caught.value.problem is problem
    assert caught.value.words()
    assert waiting(ledger) == []


def test_a_recorded_line_is_not_corrected(ledger, refused):
    with pytest.raises(NotCorrectableError):
        correct(ledger, [1], LineChange(item="I2"), who="Lou")
