"""What the desk knows offline: said after the row is recorded, dated, and never a refusal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from desk import knowing_kit as kit
from desk.knowing_kit import BOOK, KEPT, NOTED, NOW, OTHERS, PLAIN, WANTED, KnowingDesk
from desk.window_kit import Desk, scan
from pytestqt.qtbot import QtBot

from offcirc.core.told import ToldCode, parse_told
from offcirc.core.transaction import Operation
from offcirc.desk.face.cells import ListColumn
from offcirc.desk.knowing.asking import KnowingState
from offcirc.desk.message import MessageKind
from offcirc.knowledge.place import KnowledgePlace


@pytest.fixture
def knowing(closed_desk: Desk, tmp_path: Path, qtbot: QtBot) -> KnowingDesk:
    return KnowingDesk(closed_desk, tmp_path, qtbot)


def told(desk: Desk, place: int = 0) -> tuple[ToldCode, ...]:
    return parse_told(desk.ui.model.row(place).told).what


@pytest.mark.promise("known-and-recorded")
@pytest.mark.parametrize(
    ("card", "code", "word"),
    [
        (kit.LATE, ToldCode.OVERDUE, "retard"),
        (kit.QUITUS, ToldCode.QUITUS, "quitus"),
        (kit.PAUSED, ToldCode.SUSPENDED, "ven. 19 janv."),
        (kit.GONE, ToldCode.EXPIRED, "10/01/2018"),
    ],
)
def test_a_blocked_reader_is_named_and_lent_to(knowing, french, card, code, word):
    desk = knowing.begin().desk
    scan(f"{card}\r")
    knowing.settle()
    assert desk.band == (MessageKind.KNOWN, f"Lecteur bloqué {card}")
    assert word in desk.detail
    assert "dim. 14 janv. 22:00" in desk.detail or "dim. 14 janv. 21:00" in desk.detail
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, card, "pending")]
    knowing.settle()
    assert desk.band[0] is MessageKind.KNOWN
    assert word in desk.detail
    assert "Le prêt est enregistré." in desk.detail
    assert told(desk) == (code,)


@pytest.mark.promise("excluded-goes-back")
def test_an_excluded_item_is_loud_and_recorded_and_ctrl_z_takes_it_back(knowing, language):
    desk = knowing.begin().desk
    desk.lend(KEPT, to=PLAIN)
    knowing.settle()
    assert desk.band[0] is MessageKind.STOP
    assert "Ctrl+Z" in desk.detail
    assert desk.ui.band.message.lasting
    assert desk.ui.band.message.beside == ()
    assert desk.rows() == [("L", KEPT, PLAIN, "pending")]
    desk.window.undo()
    assert desk.rows() == [("L", KEPT, PLAIN, "voided")]


@pytest.mark.parametrize(
    ("item", "code"),
    [(WANTED, ToldCode.REQUESTED), (OTHERS, ToldCode.ELSEWHERE), (NOTED, ToldCode.NOTE)],
)
def test_returns(knowing, language, item, code):
    desk = knowing.begin().desk
    desk.window.choose(Operation.RETURN)
    scan(f"{item}\r")
    knowing.settle()
    assert desk.band[0] is MessageKind.KNOWN
    assert told(desk) == (code,)
    if code is ToldCode.NOTE:
        assert "3 CD dedans" in desk.detail
    if code is ToldCode.ELSEWHERE:
        assert "BU Sciences" in desk.detail or "SCI" in desk.detail
    scan(f"{BOOK}\r")
    knowing.settle()
    assert desk.band[0] is MessageKind.RECORDED
    assert not told(desk)


@pytest.mark.promise("nothing-found-nothing-said")
def test_where_nothing_is_known_nothing_is_said(knowing):
    desk = knowing.begin(level=1).desk
    scan("9921000000999\r")
    before = desk.ui.band.message
    knowing.settle()
    assert desk.ui.band.message is before
    scan("unknown-item\r")
    before = desk.ui.band.message
    knowing.settle()
    assert desk.ui.band.message is before
    assert not desk.ui.model.row(0).told


def test_a_card_that_is_not_in_the_list_of_all_readers(knowing):
    desk = knowing.begin().desk
    scan("9921000000999\r")
    knowing.settle()
    assert desk.band == (MessageKind.KNOWN, "Card not in the list 9921000000999")
    assert "unknown" not in desk.detail
    scan(f"{BOOK}\r")
    knowing.settle()
    assert desk.band[0] is MessageKind.RECORDED
    assert told(desk) == (ToldCode.NOT_LISTED,)


def test_a_loan_says_when_it_is_due_in_the_band_and_in_the_list(knowing):
    desk = knowing.begin().desk
    desk.lend(BOOK, to=PLAIN)
    knowing.settle()
    assert desk.band[0] is MessageKind.RECORDED
    assert desk.ui.band.message.beside == ("Due about", "Mon 5 Feb", "(estimate)")
    assert not desk.ui.list.isColumnHidden(ListColumn.DUE)
    index = desk.ui.model.index(0, ListColumn.DUE)
    assert desk.ui.model.data(index) == "Mon 5 Feb"


@pytest.mark.parametrize(("days", "said"), [(0, ()), (14, ("Due about", "Mon 29 Jan"))])
def test_an_unknown_class_is_never_guessed(knowing, days, said):
    desk = knowing.begin(f"default_loan = {days}\n").desk
    desk.lend("not-in-the-list", to=PLAIN)
    knowing.settle()
    assert desk.ui.band.message.beside[:2] == said


@pytest.mark.promise("old-knowledge-says-so")
def test_old_knowledge_tells_its_age_then_falls_silent_but_for_what_may_not_leave(knowing):
    desk = knowing.begin(as_of=NOW - timedelta(days=3)).desk
    scan(f"{kit.LATE}\r")
    knowing.settle()
    assert "3 days old" in desk.detail
    knowing.at += timedelta(days=5)
    desk.window.clear()
    scan(f"{kit.LATE}\r")
    knowing.settle()
    assert desk.band[0] is MessageKind.READY
    scan(f"{KEPT}\r")
    knowing.settle()
    assert desk.band[0] is MessageKind.STOP
    assert "8 days old" in desk.detail


def test_what_was_told_is_in_the_journal_before_the_file_is_written(knowing):
    desk = knowing.begin().desk
    desk.lend(KEPT, to=kit.LATE)
    knowing.settle()
    desk.window.save()
    (row,) = desk.window.store.rows_to_show(knowing.at)
    assert parse_told(row.told).what == (ToldCode.EXCLUDED, ToldCode.OVERDUE)


def test_a_doubt_of_the_day_stays_readable(knowing):
    desk = knowing.begin().desk
    desk.lend(BOOK, to=PLAIN)
    desk.lend(BOOK, to=kit.LATE)
    knowing.settle()
    assert PLAIN in desk.detail
    assert "overdue items" in desk.detail


def test_a_newer_file_comes_by_itself_and_a_foreign_one_changes_nothing(
    knowing, tmp_path: Path, monkeypatch
):
    share = tmp_path / "share"
    share.mkdir()
    kit.make(share / "OffCirc.knowledge")
    from offcirc.desk.knowing import asking

    monkeypatch.setattr(asking, "FETCH_SECONDS", 0.05)
    knowing.begin(installed=False)
    (knowing.desk.folder / "knowledge.key").write_text(kit.KEY.text)
    text = f"collection = '{share}'\n"
    text += '[desk]\ncirculation_desk = "BUC_PRET"\n[knowledge]\ndays = 0\n'
    knowing.companions.apply(kit.settings(tmp_path, text))
    knowing.wait(lambda: knowing.knower.state.facts is not None)
    newer = NOW - timedelta(hours=1)
    kit.make(tmp_path / "newer", as_of=newer).replace(share / "OffCirc.knowledge")
    knowing.wait(lambda: knowing.knower.state.facts.made == newer)
    (share / "OffCirc.knowledge").write_bytes(b"not one" * 500)
    knowing.wait(lambda: knowing.knower.state.trouble != "")
    assert knowing.knower.state.facts.made == newer
    knowing.desk.lend(KEPT, to=PLAIN)
    knowing.settle()
    assert knowing.desk.band[0] is MessageKind.STOP


def test_a_share_that_hangs_holds_up_nobody(knowing, tmp_path: Path, monkeypatch):
    import threading

    hangs, end = threading.Event(), threading.Event()

    def hang(*_args: object) -> None:
        hangs.set()
        end.wait()

    monkeypatch.setattr(KnowledgePlace, "take", hang)
    kit.install(knowing.desk, kit.make(tmp_path / "OffCirc.knowledge"))
    knowing.begin(installed=False)
    knowing.companions.apply(
        kit.settings(tmp_path, f"collection = '{tmp_path}'\n[knowledge]\ndays = 0\n")
    )
    knowing.wait(lambda: hangs.is_set() and knowing.knower.state.facts is not None)
    knowing.desk.lend(KEPT, to=PLAIN)
    knowing.settle()
    assert knowing.desk.band[0] is MessageKind.STOP
    end.set()


def test_damage_at_any_page_is_said_and_stops_no_scan(knowing, tmp_path: Path):
    knowing.begin()
    current = KnowledgePlace(knowing.desk.folder).current
    data = current.read_bytes()
    for number, page in enumerate(range(0, len(data), 4096)):
        current.write_bytes(data[:page] + b"\xff" * 200 + data[page + 200 :])
        knowing.knower.state = KnowingState()
        text = f"[knowledge]\ndays = 0\ndefault_loan = {number + 1}\n"
        knowing.companions.apply(kit.settings(tmp_path, text))
        knowing.desk.lend(f"item-{number}", to=PLAIN)
        knowing.wait(lambda: knowing.knower.state.trouble != "")
        assert knowing.desk.rows()[0][:2] == ("L", f"item-{number}")
        assert knowing.desk.ui.status.standing.hint


def test_the_outage_over_nothing_is_known_any_more(knowing, french):
    from desk.program.test_closer import receipt_for

    from offcirc.storage.closing.receipts import receipt_path, write_receipt

    desk = knowing.begin().desk
    desk.lend(BOOK, to=PLAIN)
    knowing.settle()
    desk.window.save()
    place = KnowledgePlace(desk.folder)
    before = place.current
    write_receipt(receipt_path(desk.folder / "OffCirc.dat"), receipt_for(desk.file()))
    for _look in range(2):
        knowing.companions.closer.look()
    knowing.wait(lambda: place.current is None)
    knowing.wait(lambda: knowing.knower.state.facts is None)
    assert not before.exists()


def test_many_scans_leave_nothing_behind(knowing):
    desk = knowing.begin().desk
    scan(f"{kit.LATE}\r")
    for number in range(150):
        scan(f"{BOOK if number % 2 else f'x{number}'}\r")
    knowing.settle()
    knower = knowing.knower
    knower.write()
    assert not knower._waiting
    assert not knower._told
    assert len(desk.window.store.rows_to_show(knowing.at)) >= 76
