"""Menus and lists that have opened over a window: a scan closes them and is a scan."""

from __future__ import annotations

import pytest
from desk.screen_kit import AskedDesk
from helpers import wait_until

pytestmark = pytest.mark.xvfb

READER = "9921000000164"


def popup(desk: AskedDesk) -> str:
    """The menu or list that is open over the windows, if one is."""
    return str(desk.ask("popup"))


def test_the_menu_of_a_field(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    for number, code in enumerate(("37000034179", "PASTEDCUT01", "OTOLO104602"), 1):
        x.key("Menu")
        wait_until(lambda: popup(asked_desk), what="the menu")
        x.type(f"{code}\r", delay_ms=3)
        asked_desk.wait_for(rows=number, last_item=code, borrower=READER, item="")
        assert popup(asked_desk) == ""


def test_the_list_of_a_choice_in_the_settings(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    asked_desk.ask("open", "settings")
    wait_until(lambda: "Settings" in asked_desk.state["active"], what="the settings")
    before = asked_desk.ask("values")
    lists = [name for name in asked_desk.ask("widgets") if name.startswith("QComboBox")]
    assert len(lists) >= 4
    for number, name in enumerate(lists, 1):
        asked_desk.ask("focus", name)
        wait_until(lambda name=name: asked_desk.ask("has_focus", name), what=name)
        x.key("alt+Down")
        wait_until(lambda: popup(asked_desk), what="the list")
        code = f"1{number:05}"
        x.type(f"{code}\r", delay_ms=3)
        asked_desk.wait_for(rows=number, last_item=code, borrower=READER, item="")
        assert popup(asked_desk) == ""
    assert asked_desk.ask("values") == before


def test_the_dialog_that_asks_for_a_folder(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    asked_desk.ask("open", "settings")
    wait_until(lambda: "Settings" in asked_desk.state["active"], what="the settings")
    before = asked_desk.ask("values")
    asked_desk.ask("choose", "collection")
    wait_until(lambda: asked_desk.state["active"].startswith("QFileDialog"), what="the dialog")
    x.type("37000034179\r", delay_ms=3)
    asked_desk.wait_for(rows=1, last_item="37000034179", borrower=READER, item="")
    x.type("OTOLO104602\r", delay_ms=3)
    asked_desk.wait_for(rows=2, last_item="OTOLO104602")
    assert asked_desk.ask("values") == before
    assert any(name.startswith("QFileDialog") for name in asked_desk.state["windows"])
