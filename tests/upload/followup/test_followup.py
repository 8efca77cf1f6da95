"""The work list: what uploads leave to be done, kept until it is done."""

from __future__ import annotations

import pytest
from upload.kit import back, loan
from upload.past_kit import (
    FINE,
    HARMLESS,
    NOBODY,
    NOTHING,
    OPEN,
    TOO_LATE,
    End,
    Told,
    past,
    uploaded,
)

from offcirc import i18n
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.followup import followupwords as words
from offcirc.upload.followup.followup import (
    Action,
    NoSuchTaskError,
    act,
    find_tasks,
    tasks,
)
from offcirc.upload.followup.task import TaskKind

EXCLUDED = End(LineState.RECORDED, notes=("item-excluded",), due_at="2018-01-15T09:00")
REQUESTED = End(LineState.RECORDED, notes=("hold-shelf-processing",))
AWAY = End(LineState.RECORDED, notes=("in-transit",))


def kinds(found):
    return [task.kind for task in found]


@pytest.fixture
def day(ledger, tmp_path):
    """One line of each kind."""
    return past(
        ledger,
        tmp_path / "a.dat",
        Told(loan(0, "I1")),
        Told(loan(1, "I2", "P9"), NOBODY),
        Told(loan(2, "X1", "P2"), NOTHING),
        Told(back(3, "I3"), HARMLESS),
        Told(loan(4, "I4", "P9"), NOBODY),
        Told(loan(5, "I5"), TOO_LATE),
        Told(b"201801150907Lbroken"),
        Told(loan(7, "I6"), EXCLUDED),
        Told(back(8, "I7"), REQUESTED),
        Told(back(9, "I8"), AWAY),
        Told(loan(10, "I9"), OPEN),
        Told(loan(11, "I10"), End(LineState.REJECTED, "other", "Computer says no")),
    )


def test_every_kind_of_line_is_the_work_it_leaves(ledger, day):
    found = tasks(ledger)
    assert kinds(found) == [
        TaskKind.PATRON,
        TaskKind.ITEM,
        TaskKind.CHECK,
        TaskKind.OTHER,
        TaskKind.DAMAGED,
        TaskKind.DUE_DATE,
        TaskKind.HOLD_SHELF,
        TaskKind.TRANSIT,
        TaskKind.HARMLESS,
        TaskKind.HARMLESS,
    ]
    assert [task.done for task in found] == [False] * 8 + [True] * 2
    reader = found[0]
    assert (reader.patron, [line.item for line in reader.lines]) == ("P9", ["I2", "I4"])
    assert found[4].lines[0].raw == "201801150907Lbroken"
    assert kinds(tasks(ledger, done=False)) == kinds(found)[:8]


def test_the_note_for_an_item_is_ready_in_the_language_of_the_report(ledger, day):
    reader = tasks(ledger)[0]
    assert words.item_note(reader.lines[0]) == "Lent to an unknown borrower (2018-01-15)"
    i18n.activate("fr")
    assert words.item_note(reader.lines[0]) == "Prêté à un lecteur inconnu (15/01/2018)"


def test_what_was_done_is_kept_across_restarts(ledger, day):
    reader, item, *_ = tasks(ledger)
    act(ledger, [reader], Action.DONE, who="Camille")
    act(ledger, [item], Action.ASSIGNED, who="Camille", text="Lou")
    act(ledger, [item], Action.NOTED, who="Lou", text="called\nthe reader")
    with Ledger(ledger.path) as again:
        done = find_tasks(again, [reader.id])[0]
        given = find_tasks(again, [item.id])[0]
    assert done.done
    assert [event.who for event in done.events] == ["Camille"]
    assert (given.assigned, given.done) == ("Lou", False)
    assert [event.text for event in given.notes] == ["called the reader"]
    act(ledger, [done], Action.REOPENED, who="Lou")
    assert not find_tasks(ledger, [reader.id])[0].done
    assert [event.action for event in find_tasks(ledger, [reader.id])[0].events] == [
        Action.DONE,
        Action.REOPENED,
    ]


def test_one_act_on_several_lines_is_told_once(ledger, day):
    reader = tasks(ledger)[0]
    act(ledger, [reader], Action.NOTED, who="Camille", text="ask the desk")
    assert len(find_tasks(ledger, [reader.id])[0].events) == 1


def test_a_task_is_found_by_the_name_of_any_of_its_lines(ledger, day):
    reader = tasks(ledger)[0]
    assert find_tasks(ledger, [f"r{reader.lines[1].id}"])[0].id == reader.id
    for name in ("", "R", "Z1", "R999", "R1", "R-1", "R²"):
        with pytest.raises(NoSuchTaskError):
            find_tasks(ledger, [name])[0]


def test_tasks_of_several_jobs_stand_together(ledger, day, tmp_path):
    other = past(ledger, tmp_path / "b.dat", Told(loan(60, "I20", "P9"), NOBODY))
    reader = tasks(ledger)[0]
    assert reader.jobs == (day.id, other.id)
    assert [line.item for line in reader.lines] == ["I2", "I4", "I20"]
    assert [line.item for line in tasks(ledger, other.id)[0].lines] == ["I20"]
    elsewhere = past(ledger, tmp_path / "c.dat", Told(loan(90, "I21", "P9"), NOBODY), server="two")
    assert [task.jobs for task in tasks(ledger) if task.patron == "P9"] == [
        (day.id, other.id),
        (elsewhere.id,),
    ]


def test_a_group_with_a_new_line_is_open_again(ledger, tmp_path):
    past(ledger, tmp_path / "a.dat", Told(loan(0, "I1", "P9"), NOBODY))
    act(ledger, [tasks(ledger)[0]], Action.DONE, who="Camille")
    assert tasks(ledger)[0].done
    past(ledger, tmp_path / "b.dat", Told(loan(5, "I2", "P9"), NOBODY))
    assert not tasks(ledger)[0].done


def test_a_line_uploaded_again_and_refused_again_is_work_once(ledger, tmp_path):
    path = tmp_path / "a.dat"
    past(ledger, path, Told(loan(0, "I1", "P9"), NOBODY))
    act(ledger, [tasks(ledger)[0]], Action.DONE, who="Camille")
    again = uploaded(ledger, [path], [NOBODY])
    found = tasks(ledger)
    assert len(found) == 1
    assert found[0].jobs == (again.id,)
    assert found[0].done, "what was ticked off stays ticked off"


def test_a_line_uploaded_again_and_recorded_is_done(ledger, tmp_path):
    path = tmp_path / "a.dat"
    first = past(ledger, path, Told(loan(0, "I1", "P9"), NOBODY), Told(loan(1, "I2")))
    again = uploaded(ledger, [path], [FINE, End(LineState.SKIPPED, "already-recorded")])
    (task,) = tasks(ledger)
    assert task.jobs == (first.id,)
    assert task.done
    assert task.lines[0].settled == again.id
    assert words.status(task) == f"done by upload {again.id}"


def test_a_remark_told_again_about_a_recorded_line_is_no_more_work(ledger, tmp_path):
    path = tmp_path / "a.dat"
    past(ledger, path, Told(back(0, "I1"), REQUESTED))
    uploaded(
        ledger,
        [path],
        [End(LineState.SKIPPED, "already-recorded", notes=("hold-shelf-processing",))],
    )
    assert len(tasks(ledger)) == 1


def test_lines_cut_off_on_their_way_are_to_be_checked(ledger, tmp_path):
    upload = past(
        ledger, tmp_path / "a.dat", Told(loan(0, "I1"), End(LineState.PLANNED)), status=""
    )
    ledger.mark([upload.first_line], LineState.SENDING)
    (task,) = tasks(ledger)
    assert task.kind is TaskKind.CHECK
    assert task.lines[0].message == "The server’s answer never came."
    with ledger.exclusive():
        assert tasks(ledger) == [], "while an upload is under way it is simply on its way"


def test_nothing_is_left_of_an_upload_that_went_well(ledger, tmp_path):
    past(ledger, tmp_path / "a.dat", Told(loan(0, "I1")), Told(back(1, "I1")))
    assert tasks(ledger) == []
    assert words.summary([]) == "There is nothing to do: no upload has left any work."


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_and_state_has_words(ledger, day, language):
    i18n.activate(language)
    first = tasks(ledger)[0]
    act(ledger, [first], Action.NOTED, who="Lou", text="{braces} stay")
    act(ledger, [first], Action.ASSIGNED, who="Lou", text="")
    for task in tasks(ledger):
        assert words.kind_name(task.kind)
        assert words.advice(task.kind)
        assert words.headline(task)
        assert words.status(task)
        for event in task.events:
            assert "Lou" in words.event_sentence(event)
    assert "{braces} stay" in words.event_sentence(find_tasks(ledger, [first.id])[0].notes[0])
