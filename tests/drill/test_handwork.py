"""The work list of the uploader knows what was done on the practice server."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from drill.drill_kit import Played, put_right

from offcirc.drill.truth import ActKind
from offcirc.practice.acts import queues
from offcirc.practice.web.serve import running
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
from offcirc.upload.followup import followup, handwork
from offcirc.upload.followup.followup import Action
from offcirc.upload.followup.task import TaskKind


def looked(played):
    folder = played.folder
    with (
        running(folder / "library", folder / "server") as url,
        contextlib.closing(PracticeServer(url)) as server,
        Ledger(folder / LEDGER_NAME) as ledger,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        tasks = followup.tasks(ledger, done=False)
        found = handwork.look(ledger, server, server.identity, tasks)
        assert handwork.look(ledger, server, "another server", tasks) == []
        return {each.task.kind: each for each in found}, followup.tasks(ledger)


@pytest.mark.promise("followup-ticks-itself-off")
def test_a_task_that_was_done_at_the_server_is_ticked_off_with_who_and_when(tmp_path):
    played = Played(tmp_path, "everything")
    played.type()
    played.upload()
    before, tasks = looked(played)
    kinds = {TaskKind.PATRON, TaskKind.ITEM, TaskKind.DUE_DATE, TaskKind.HOLD_SHELF}
    assert kinds <= set(before)
    assert all(each.done is None for each in before.values())
    assert "/readers/" in before[TaskKind.ITEM].pages[0]
    for kind in kinds - {TaskKind.ITEM}:
        assert all("/items/" in page for page in before[kind].pages)
    opened = {task.id for task in tasks if not task.done}

    played.follow_up(ActKind.DUE_DATE)
    only, tasks = looked(played)
    assert {kind for kind, each in only.items() if each.done is not None} == {TaskKind.DUE_DATE}
    played.follow_up(ActKind.ITEM_UNKNOWN, ActKind.PATRON_UNKNOWN, ActKind.SECOND_SCAN)
    after, tasks = looked(played)
    assert all(each.done is not None for kind, each in after.items() if kind in kinds)
    done = [task for task in tasks if task.id in opened and task.kind in kinds]
    assert all(task.done for task in done)
    for task in done:
        assert [event.who for event in task.events if event.action is Action.DONE] == ["Référent"]
        assert "Référent" in task.notes[-1].text


def test_what_was_done_before_the_loan_is_not_about_it(tmp_path):
    played = Played(tmp_path, "other-network")
    played.type()
    played.upload()
    with Ledger(played.folder / LEDGER_NAME) as ledger:
        tasks = followup.tasks(ledger, done=False)
    played.follow_up()
    line = tasks[0].lines[0]

    class Early:
        def __init__(self, server):
            self._server = server
            self.patron_work = server.patron_work

        def item_work(self, barcodes):
            late = line.at.replace(year=line.at.year - 1)
            return [
                replace(work, deeds=tuple(replace(deed, at=late) for deed in work.deeds))
                for work in self._server.item_work(barcodes)
            ]

    folder = played.folder
    with (
        running(folder / "library", folder / "server") as url,
        contextlib.closing(PracticeServer(url)) as server,
        Ledger(folder / LEDGER_NAME) as ledger,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        found = handwork.look(ledger, Early(server), server.identity, tasks)
        assert [each.done for each in found] == [None] * len(tasks)


def sent_elsewhere(played: Played) -> str:
    """An item that came back at a desk of another library than its own."""
    lines = [line for line in played.truth.lines if line.operation == "R"]
    back = next(line for line in lines if line.desk == "C")
    here = next(line for line in lines if line.desk == "A")
    played.type(lambda line: [replace(here, item=back.item)] if line == here else [])
    played.upload()
    return back.item


def test_a_scan_where_the_item_does_not_belong_ticks_nothing_off(tmp_path):
    played = Played(tmp_path, "two-days")
    item = sent_elsewhere(played)
    before, _tasks = looked(played)
    assert set(before) == {TaskKind.TRANSIT}
    played.at_the_server(lambda db, actor: queues.arrived(db, actor, item))
    still, _tasks = looked(played)
    assert still[TaskKind.TRANSIT].done is None
    played.at_the_server(lambda db, actor: queues.arrived(db, actor, item), "SCI_PRET")
    after, _tasks = looked(played)
    assert after[TaskKind.TRANSIT].done is not None


def test_a_return_by_hand_where_the_item_belongs_is_its_scan(tmp_path):
    played = Played(tmp_path, "two-days")
    item = sent_elsewhere(played)
    for desk, done in (("BUC_PRET", False), ("SCI_PRET", True)):
        played.at_the_server(lambda db, actor: queues.returned(db, actor, item), desk)
        found, _tasks = looked(played)
        assert (found[TaskKind.TRANSIT].done is not None) is done


def test_a_due_date_changed_before_the_upload_is_not_about_the_line(tmp_path):
    played = Played(tmp_path, "half-day")
    played.type()
    [act] = [each for each in played.truth.acts if each.kind is ActKind.DUE_DATE]

    def lent_and_put_right(db, actor):
        reader = db.execute("SELECT primary_id FROM patrons LIMIT 1").fetchone()[0]
        actor.apply(db, "L", act.items[0], reader, at=actor.now - timedelta(days=1))
        put_right(db, actor, act)

    played.at_the_server(lent_and_put_right)
    played.upload()
    found, _tasks = looked(played)
    assert found[TaskKind.DUE_DATE].done is None
    assert played.found()["due-date-as-it-was"] == 1
