"""A scanner set for another keyboard than the PC's, Caps Lock, and the control cards through both.

The keys are pressed by their place, as a scanner presses them; the X server has the layout.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.screen_kit import AskedDesk, press_keys
from helpers import wait_until
from helpers.xserver import XServer

from offcirc.core.barcodes.controlcards import TEST_TEXT
from offcirc.storage.journal.journal import Journal

pytestmark = pytest.mark.xvfb

CARD = "23529001000463"
ITEM = "30234000517861"


@pytest.fixture(params=["us", "fr"])
def layout(request: pytest.FixtureRequest, x_server: XServer) -> Iterator[str]:
    """The PC's keyboard; the American one is back afterwards."""
    _set_layout(x_server, request.param)
    yield request.param
    _set_layout(x_server, "us")


@pytest.fixture
def azerty(x_server: XServer) -> Iterator[XServer]:
    """A PC with a French keyboard; the American one is back afterwards."""
    _set_layout(x_server, "fr")
    yield x_server
    _set_layout(x_server, "us")


def _set_layout(x: XServer, name: str) -> None:
    if shutil.which("setxkbmap") is None:
        pytest.skip("needs setxkbmap")
    subprocess.run(["setxkbmap", name], env=x.environment(), check=True)


@pytest.fixture
def caps_lock(x_server: XServer) -> Iterator[XServer]:
    """Caps Lock is on; it is off again afterwards."""
    x_server.key("Caps_Lock")
    yield x_server
    x_server.key("Caps_Lock")


def decoded(tmp_path: Path) -> dict[str, str]:
    """The codes of our own sheet, as somebody else's reader finds them, by their words."""
    from offcirc.core.barcodes.controlcards import Card
    from offcirc.desk.paper.cardsheet import Paper, sheet

    for program in ("pdftoppm", "zbarimg"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    (tmp_path / "sheet.pdf").write_bytes(sheet(Paper.A4))
    drawn = ["pdftoppm", "-r", "200", "-gray", "sheet.pdf", "page"]
    subprocess.run(drawn, cwd=tmp_path, check=True)
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", *map(str, sorted(tmp_path.glob("page*.pgm")))],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.split()
    assert len(found) == len(Card)
    return {card.name: code for card in Card for code in found if code.startswith(card.value)}


def test_the_sheet_scanned_back_works_the_desk_without_a_hand_on_it(
    layout: str, x_server: XServer, tmp_path: Path, asked_desk: AskedDesk
) -> None:
    """LOAN, RETURN, SAVE, CLEAR, UNDO, HELP do what they say; the test card names the keyboard."""
    cards = decoded(tmp_path)
    desk = asked_desk

    def scan(code: str) -> None:
        press_keys(x_server, f"{code}\r")

    scan(CARD)
    desk.wait_for(borrower=CARD, title="Ready to lend")
    scan(ITEM)
    desk.wait_for(rows=1, pending=1, last_item=ITEM)
    scan(cards["RETURN"])
    desk.wait_for(loan=False, title="Ready for returns")
    scan(ITEM)
    desk.wait_for(rows=2, pending=2)
    assert desk.state["last"] == [["L", ITEM, CARD], ["R", ITEM, ""]]
    scan(cards["UNDO"])
    desk.wait_for(pending=1, title="Undone: return")
    scan(cards["LOAN"])
    desk.wait_for(loan=True, borrower=CARD, title="Same reader?")
    scan(cards["SAVE"])
    desk.wait_for(pending=0, kind="recorded", title="1 transaction saved to the file")
    scan(cards["CLEAR"])
    desk.wait_for(borrower="", item="", title="Ready")
    scan(cards["HELP"])
    x_server.window("manual")
    scan(CARD)  # with the manual in front
    desk.wait_for(borrower=CARD, title="Ready to lend")
    scan(cards["TEST"])
    x_server.window("Scanner test")
    wait_until(lambda: desk.ask("tested")[0] == TEST_TEXT, what="the test card")
    assert desk.ask("tested")[1] == ([] if layout == "us" else ["keyboard"])
    assert desk.state["rows"] == 2


def test_an_american_scanner_on_a_french_pc_is_read_as_meant(
    azerty: XServer, asked_desk: AskedDesk
) -> None:
    press_keys(azerty, f"{CARD}\r{ITEM}\r")
    shown = asked_desk.wait_for(rows=1, hint="Scanner: set its keyboard to French (AZERTY)")
    assert shown["last"] == [["L", ITEM, CARD]]
    assert shown["kind"] == "recorded", "told of once, with the card; then the hint lasts"
    asked_desk.end()
    with Journal.open(asked_desk.folder) as journal:
        (row,) = journal.rows_between(1, 10)
    assert row.transaction.raw == '"àé"\'ààà(&è_-&'


def test_caps_lock_is_warned_of_as_long_as_it_is_on(
    x_server: XServer, asked_desk: AskedDesk
) -> None:
    asked_desk.wait_for(hint="")
    x_server.key("Caps_Lock")
    try:
        asked_desk.wait_for(hint="Caps Lock is on")
        press_keys(x_server, f"{CARD}\rotolo104602\r")
        shown = asked_desk.wait_for(title="Not recorded", hint="Caps Lock is on")
        assert (shown["code"], shown["rows"]) == ("OTOLO104602", 0)
        assert "Press it once, scan again" in shown["detail"]
    finally:
        x_server.key("Caps_Lock")
    asked_desk.wait_for(hint="")
    press_keys(x_server, "otolo104602\r")
    asked_desk.wait_for(rows=1, last_item="otolo104602")
    press_keys(x_server, "37000034179\r")
    asked_desk.wait_for(rows=2, kind="recorded")


def test_caps_lock_that_was_on_before_the_start_is_noticed_with_the_first_key(
    caps_lock: XServer, asked_desk: AskedDesk
) -> None:
    press_keys(caps_lock, f"{CARD}\r")
    asked_desk.wait_for(hint="Caps Lock is on", borrower=CARD)
