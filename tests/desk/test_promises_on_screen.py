"""What a disk, an administrator or a cat may do to the folder, under the real program.

What the window says of it is looked at, and afterwards what is on the disk.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk.screen_kit import AskedDesk
from desk.test_real_screen import READER, file_lines
from helpers import wait_until
from helpers.xserver import XServer

from offcirc.desk.shop.disk_clock_watch import SELDOM

pytestmark = pytest.mark.xvfb

Start = Callable[[], AskedDesk]


@pytest.fixture
def start(x_server: XServer, tmp_path: Path) -> Iterator[Start]:
    """Starts the desk, again and again in the same folder."""
    desks: list[AskedDesk] = []

    def begin() -> AskedDesk:
        spare = str(tmp_path / "spare")
        desks.append(AskedDesk(x_server, tmp_path / "data", OFFCIRC_FALLBACK=spare))
        return desks[-1].ready()

    yield begin
    for desk in desks:
        desk.kill()


def scan(desk: AskedDesk, *items: str) -> None:
    """A reader's items, waited for."""
    before = desk.state["rows"]
    desk.x.type("".join(f"{item}\r" for item in items))
    desk.wait_for(rows=before + sum(item != READER for item in items))


def stated(desk: AskedDesk) -> list[str]:
    return [item for _operation, item, _patron in file_lines(desk.folder / "OffCirc.dat")]


def says(desk: AskedDesk, text: str) -> str:
    """Wait until the strip at the top says something; all that it says then."""
    wait_until(lambda: text in desk.state["banner"], 60, what=text)
    return str(desk.state["banner"])


@pytest.mark.parametrize("what", ["folder", "journal"])
def test_pending_rows_outlive_folder_and_journal(start: Start, what: str) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2")
    if what == "folder":
        shutil.rmtree(desk.folder)
    else:
        (desk.folder / "journal.db").unlink()
    scan(desk, "B3", "B4")
    told = says(desk, "2 rows that were still to be saved are kept there too")
    assert "deleted, moved or replaced" in told
    desk.x.key("ctrl+s")
    wait_until(lambda: desk.state["title"] == "The file could not be saved", what="the refusal")
    assert "Nothing is lost" in desk.state["detail"]
    assert desk.state["pending"] == 4
    desk.end()

    again = start()
    assert [item for item, _state in again.state["states"]] == ["B1", "B2", "B3", "B4"]
    says(again, "was not there any more. A new one was begun")
    assert again.end() == 0
    assert stated(again) == ["B1", "B2", "B3", "B4"]


def test_a_file_deleted_with_its_folder_is_saved_anew(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2")
    desk.x.key("ctrl+s")
    desk.wait_for(pending=0)
    shutil.rmtree(desk.folder)
    scan(desk, "B3")
    wait_until(
        lambda: desk.state["states"] == [["B1", "pending"], ["B2", "pending"], ["B3", "pending"]],
        what="that nothing is called saved",
    )
    desk.end()
    again = start()
    assert again.end() == 0
    assert stated(again) == ["B1", "B2", "B3"]


@pytest.mark.parametrize("damage", ["overwritten", "zeroed", "emptied"])
def test_a_damaged_journal_is_no_dead_end(start: Start, damage: str) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2")
    assert desk.ask("rounds", str(SELDOM)) is True
    wait_until((desk.folder / "journal.reserve").exists, 60, what="a round")
    desk.kill()
    path = desk.folder / "journal.db"
    content = path.read_bytes()
    path.write_bytes(
        {
            "overwritten": b"\xa5" * 3000 + content[3000:],
            "zeroed": bytes(4096) + content[4096:],
            "emptied": b"",
        }[damage]
    )
    again = start()
    told = says(again, "was damaged")
    assert "Nothing was lost" not in again.state["detail"]
    assert "put aside as journal.damaged-" in told
    scan(again, READER, "B3")
    assert again.state["kind"] == "recorded"
    again.ask("answer", "journal")
    again.wait_for(banner="")
    assert again.end() == 0
    assert stated(again) == ["B1", "B2", "B3"], "the log held them all"
    assert len(list(again.folder.glob("journal.damaged-*.db"))) == 1


def test_beside_a_newer_journal_work_goes_on(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1")
    assert desk.end() == 0
    database = sqlite3.connect(desk.folder / "journal.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = (desk.folder / "journal.db").read_bytes()
    again = start()
    scan(again, READER, "B2")
    assert again.state["kind"] == "rescued"
    says(again, "newer version")
    again.end()
    assert (again.folder / "journal.db").read_bytes() == before


def test_undo_brings_back_what_was_deleted(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2")
    desk.x.key("alt+d")
    wait_until(lambda: desk.state["title"] == "Delete this one?", what="the proposal")
    desk.x.key("alt+d")
    wait_until(lambda: desk.state["title"] == "Loan deleted", what="the deletion")
    desk.x.key("ctrl+z")
    wait_until(lambda: desk.state["title"] == "Loan brought back", what="the row")
    assert desk.state["states"] == [["B1", "pending"], ["B2", "voided"], ["B2", "pending"]]
    scan(desk, "9782070360024")
    desk.x.key("F8")
    wait_until(lambda: desk.state["code"] == "9782070360024", what="the odd row gone")
    assert desk.end() == 0
    assert stated(desk) == ["B1", "B2"]
    database = sqlite3.connect(f"file:{desk.folder / 'journal.db'}?mode=ro", uri=True)
    told = "SELECT r.kind, t.item FROM remarks AS r JOIN transactions AS t ON t.seq = r.seq"
    assert database.execute(told).fetchall() == [("restores", "B2"), ("odd", "9782070360024")]
    database.close()


def test_a_file_deleted_in_mid_day_is_noticed_and_made_again(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2")
    desk.x.key("ctrl+s")
    desk.wait_for(pending=0)
    (desk.folder / "OffCirc.dat").unlink()
    says(desk, "2 saved rows were in it")
    assert {state for _item, state in desk.state["states"]} == {"missing"}
    desk.x.key("alt+m")
    wait_until(lambda: any("Circ.dat again" in each for each in desk.ask("widgets")), what="tools")
    desk.x.key("alt+f")
    wait_until(lambda: desk.state["title"] == "2 rows written again", what="the file")
    assert {state for _item, state in desk.state["states"]} == {"saved"}
    assert "saved rows" not in desk.state["banner"]
    assert desk.end() == 0
    assert stated(desk) == ["B1", "B2"]


def test_an_emptied_file_that_was_uploaded_is_asked_about_once(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1")
    desk.x.key("ctrl+s")
    desk.wait_for(pending=0)
    assert desk.end() == 0
    (desk.folder / "OffCirc.dat").write_bytes(b"")
    again = start()
    says(again, "1 saved row was in it")
    again.ask("answer", "lost")
    again.wait_for(banner="")
    assert again.state["states"] == [["B1", "saved"]]
    scan(again, READER, "B2")
    assert again.end() == 0
    assert stated(again) == ["B2"]


def test_a_changed_file_is_left_alone_and_said(start: Start) -> None:
    desk = start()
    scan(desk, READER, "B1", "B2", "B3")
    desk.x.key("ctrl+s")
    desk.wait_for(pending=0)
    file = desk.folder / "OffCirc.dat"
    edited = file.read_bytes().replace(b"B2 ", b"X2 ")
    file.write_bytes(edited)
    says(desk, "1 saved row is not in it")
    assert desk.state["states"][1] == ["B2", "missing"]
    scan(desk, "B4")
    assert desk.end() == 0
    assert file.read_bytes().startswith(edited)
    assert stated(desk) == ["B1", "X2", "B3", "B4"]
