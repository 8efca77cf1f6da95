"""The desk follows the referent's word: its uploaded file is put away, and the window says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from desk.side.test_readings import settings
from desk.window_kit import BOOK, READER, Desk
from helpers import raw
from helpers.waiting import holds
from pytestqt.qtbot import QtBot
from upload.past_kit import FINE, uploaded

from offcirc.desk.program.extras import Companions
from offcirc.storage.closing.receipts import Order, Receipt, receipt_path, write_receipt
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.close.closing import close, look_at
from offcirc.upload.close.reopening import undo

UPLOADED = datetime(2018, 5, 31, 16, 30, tzinfo=UTC)


def receipt_for(data: bytes, order: Order = Order.CLOSE) -> Receipt:
    return Receipt(
        *(order, "OffCirc.dat", len(data), sha256(data).hexdigest(), data.count(b"\n"), ()),
        *(
            7,
            "2744",
            "http://library.example",
            "BUC_PRET",
            "Camille",
            UPLOADED,
            "Camille",
            UPLOADED,
        ),
    )


@pytest.fixture
def tools(desk: Desk, tmp_path: Path) -> Companions:
    return desk.window.attach(settings(tmp_path))


def rest(tools: Companions) -> None:
    """Let the desk be looked at twice with nothing in between."""
    tools.closer.look()
    tools.closer.look()


def save(desk: Desk, *items: str) -> bytes:
    desk.lend(*items)
    desk.window.save()
    return desk.file()


def test_a_receipt_in_the_data_folder_is_followed_and_told(desk: Desk, tools: Companions, language):
    data = save(desk, BOOK, "37000034180")
    place = receipt_path(desk.folder / "OffCirc.dat")
    write_receipt(place, receipt_for(data))
    rest(tools)
    assert desk.file() == b""
    assert not place.exists()
    assert "Camille" in desk.banner
    assert "2" in desk.banner
    assert [path.read_bytes() for path in (desk.folder / "archive").iterdir()] == [data]
    save(desk, "37000034181")
    assert desk.file().count(b"\r\n") == 1
    assert "Camille" not in desk.banner


def test_nothing_happens_while_somebody_scans(desk: Desk, tools: Companions):
    data = save(desk, BOOK)
    write_receipt(receipt_path(desk.folder / "OffCirc.dat"), receipt_for(data))
    tools.closer.look()
    desk.lend("37000034180")
    tools.closer.look()
    assert desk.file() == data
    desk.ui.item.setText("370000")
    rest(tools)
    assert desk.file() == data
    desk.ui.item.clear()
    rest(tools)
    assert desk.file() == b""
    assert [row[3] for row in desk.rows()] == ["pending", "saved"]


def test_a_receipt_for_another_file_is_left_alone(desk: Desk, tools: Companions):
    data = save(desk, BOOK)
    place = receipt_path(desk.folder / "OffCirc.dat")
    write_receipt(place, receipt_for(b"another file"))
    rest(tools)
    rest(tools)
    assert desk.file() == data
    assert place.exists()
    place.write_bytes(b"{}")
    rest(tools)
    assert desk.file() == data


def test_a_closing_is_taken_back(desk: Desk, tools: Companions):
    data = save(desk, BOOK)
    place = receipt_path(desk.folder / "OffCirc.dat")
    write_receipt(place, receipt_for(data))
    rest(tools)
    write_receipt(place, receipt_for(data, Order.REOPEN))
    rest(tools)
    assert desk.file() == data
    assert "taken the closing back" in desk.banner


@pytest.mark.parametrize("since", [True, False])
def test_from_the_collection_folder_and_back(desk: Desk, tmp_path: Path, qtbot: QtBot, since: bool):
    collected = tmp_path / "collected"
    collected.mkdir()
    tools = desk.window.attach(settings(tmp_path, f"collection = '{collected}'"))
    tools.copies.begin()
    data = save(desk, BOOK)
    qtbot.waitUntil(lambda: any(path.read_bytes() == data for path in collected.glob("*.dat")))
    (copy,) = collected.glob("*.dat")
    qtbot.waitUntil(manifest_path(copy).exists)
    with Ledger(tmp_path / "referent" / "ledger.db") as ledger:
        folder = ledger.path.parent
        upload = uploaded(ledger, [copy], [FINE])
        close(ledger, [look_at(ledger, copy, folder=folder)], folder=folder, who="Lou")
        assert receipt_path(copy).exists()
        tools.copies.wake()
        qtbot.waitUntil(lambda: tools.copies.mirror.state.receipt is not None)
        rest(tools)
        assert desk.file() == b""
        assert "Camille" in desk.banner
        qtbot.waitUntil(lambda: not receipt_path(copy).exists())
        assert list(collected.glob("*.dat")) == []
        more = b""
        if since:
            more = save(desk, "37000034180")
            qtbot.waitUntil(lambda: holds(copy, more))
        (done,) = undo(ledger, upload, folder=folder, who="Lou")
        assert done.problem == ""
        tools.copies.wake()
        qtbot.waitUntil(lambda: tools.copies.mirror.state.receipt is not None)
        rest(tools)
        assert desk.file() == data + more
        qtbot.waitUntil(lambda: holds(copy, data + more))
        qtbot.waitUntil(lambda: not receipt_path(copy).exists())


def test_readers_of_files_closed_long_ago_are_forgotten(desk: Desk, tools: Companions, monkeypatch):
    data = save(desk, BOOK)
    write_receipt(receipt_path(desk.folder / "OffCirc.dat"), receipt_for(data))
    rest(tools)
    pending = save(desk, "37000034180")
    store = desk.window.store
    store.forget(timedelta(days=365))
    journal = desk.folder / "journal.db"
    assert READER.encode() in raw(journal) + raw(journal.with_name("journal.db-wal"))
    from offcirc.storage import stamps

    later = datetime.now(UTC) + timedelta(days=400)
    monkeypatch.setattr(stamps, "utc_now", lambda: later)
    for _look in range(9):
        tools.closer.look()
    closed = [path.read_bytes() for path in (desk.folder / "archive").iterdir()]
    assert READER.encode() not in b"".join(closed)
    row = store.keeper.rows_since(datetime(2000, 1, 1, tzinfo=UTC))[0]
    assert row.transaction.patron.startswith("~")
    assert desk.file() == pending
