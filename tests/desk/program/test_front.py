"""Another window in front takes the scans: the band says so, in grey, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from desk.screen_kit import AskedDesk
from helpers import wait_until
from helpers.xserver import XServer

pytestmark = pytest.mark.xvfb

READER, BOOK = "9921000000164", "37000034179"
STRANGER = """
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
field = QLineEdit()
field.setWindowTitle("Somebody else")
field.resize(200, 60)
field.show()
app.exec()
"""


@pytest.fixture
def stranger(asked_desk: AskedDesk) -> Iterator[str]:
    """A window of another program, in front of the desk."""
    x = asked_desk.x
    process = subprocess.Popen(
        [sys.executable, "-c", STRANGER], env=x.environment(), stderr=subprocess.DEVNULL
    )
    try:
        yield x.window("Somebody else")
    finally:
        process.kill()
        process.wait()


def test_the_green_goes_grey_while_another_window_is_in_front(
    x_server: XServer, asked_desk: AskedDesk, request: pytest.FixtureRequest
) -> None:
    x_server.type(f"{READER}\r{BOOK}\r")
    asked_desk.wait_for(rows=1, shown="recorded")
    request.getfixturevalue("stranger")
    asked_desk.wait_for(shown="behind")
    x_server.type(f"{BOOK}\r")
    assert asked_desk.state["rows"] == 1, "true: it does not arrive"
    x_server.window("^Offline Circulation")
    assert asked_desk.wait_for(shown="recorded")["code"] == BOOK


def test_our_own_windows_hand_scans_on_but_for_the_scanner_test(
    x_server: XServer, asked_desk: AskedDesk
) -> None:
    asked_desk.ask("open", "manual")
    wait_until(lambda: "Manual" in asked_desk.state["active"], what="the manual")
    x_server.type(f"{READER}\r")
    asked_desk.wait_for(shown="ready", borrower=READER)
    asked_desk.ask("open", "test")
    asked_desk.wait_for(shown="behind")
    asked_desk.ask("front")
    asked_desk.wait_for(shown="ready")


def test_help_leaves_fields_and_band_in_sight(asked_desk: AskedDesk) -> None:
    asked_desk.ask("open", "manual")
    wait_until(lambda: "Manual" in asked_desk.state["active"], what="the manual")
    assert asked_desk.ask("covered") == ["list"]
