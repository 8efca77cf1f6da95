"""Whatever has the focus on a real screen, in whatever window, a scan lands where it belongs."""

from __future__ import annotations

import pytest
from desk.screen_kit import AskedDesk
from helpers import wait_until

pytestmark = pytest.mark.xvfb

READER = "9921000000164"


def focus(desk: AskedDesk, name: str) -> bool:
    """Put the focus on a widget, and see that it has it; false when it can have it no more."""
    if not desk.ask("focus", name):
        return False  # of two radio buttons, Qt gives it to the chosen one only
    wait_until(lambda: desk.ask("has_focus", name), what=f"the focus on {name}")
    return True


def opened(desk: AskedDesk, *windows: str) -> list[str]:
    """Widgets that can have the focus, with these windows open."""
    for window in windows:
        before = desk.state["windows"]
        desk.ask("open", window)
        if window != "tools":
            wait_until(lambda before=before: desk.state["windows"] != before, what=window)
    return list(desk.ask("widgets"))


@pytest.mark.parametrize("end", ["\r", "\t"], ids=["enter", "tab"])
def test_every_widget_of_the_desk_s_own_window(asked_desk: AskedDesk, end: str) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    rows = 0
    for number, name in enumerate(opened(asked_desk)):
        if "Borrower" in name or not focus(asked_desk, name):
            continue  # a scan into the borrower field is the next reader's card: the next test
        x.type(f"B{number:04}{end}")
        rows += 1
        asked_desk.wait_for(last_item=f"B{number:04}", rows=rows, borrower=READER, item="")
        assert asked_desk.state["loan"]
    assert rows >= 9


def test_a_card_goes_to_the_borrower_wherever_the_focus_is(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    asked = 0
    for number, name in enumerate(opened(asked_desk)):
        # Alt+C acts a moment later, as every button does: that is waited for.
        if not asked_desk.state["borrower"]:
            x.type(f"{READER}\r")
            asked_desk.wait_for(borrower=READER, title="Ready to lend")
        x.key("alt+c")
        asked_desk.wait_for(borrower="", title="Ready")
        if "Item" in name or not focus(asked_desk, name):
            continue
        x.type(f"99{number:06}\r")
        asked += 1
        asked_desk.wait_for(borrower=f"99{number:06}", title="Ready to lend")
    assert asked >= 9
    assert asked_desk.state["rows"] == 0


@pytest.mark.parametrize("window", ["settings", "manual", "tools"])
def test_every_widget_of_the_windows_beside_it(asked_desk: AskedDesk, window: str) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    own = set(opened(asked_desk))
    beside = [name for name in opened(asked_desk, window) if name not in own]
    assert beside
    before = asked_desk.ask("values")
    for number, name in enumerate(beside):
        if window == "tools" and name not in asked_desk.ask("widgets"):
            opened(asked_desk, "tools")  # a scan closes the panel
        assert focus(asked_desk, name)
        # Digits choose from lists, a blank ticks boxes, Enter presses buttons: not in a scan.
        code = f"1 3{number:03}" if number % 2 else f"13{number:03}"
        x.type(f"{code}\r")
        if " " in code:
            asked_desk.wait_for(title="Not recorded", code=code)
        else:
            asked_desk.wait_for(last_item=code, borrower=READER, item="")
        assert asked_desk.state["loan"]
    assert asked_desk.state["rows"] == (len(beside) + 1) // 2
    assert asked_desk.ask("values") == before, "a scan changed a setting"


def test_the_scanner_test_takes_scans_for_itself(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    opened(asked_desk, "test")
    wait_until(lambda: "Scanner test" in asked_desk.state["active"], what="the scanner test")
    x.type("37000034179\r")
    wait_until(lambda: asked_desk.ask("tested")[0] == "37000034179", what="the scan in the test")
    assert asked_desk.state["rows"] == 0
    x.key("Escape")
    wait_until(lambda: asked_desk.state["active"].startswith("DeskWindow"), what="the desk")
    x.type("37000034179\r")
    asked_desk.wait_for(rows=1, last_item="37000034179")
