"""Everything that can happen at every moment of a scan: it is recorded whole, or it is red.

Small in the usual run; ``make prove`` plays every case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from desk.screen_kit import AskedDesk
from helpers import wait_until

pytestmark = [pytest.mark.xvfb, pytest.mark.prove]

READER = "9921000000164"
PROVE = bool(os.environ.get("OFFCIRC_PROVE"))
PACES = (2, 12, 30)
CLICKED = (
    *("patron", "item", "clear", "action", "loan", "return_", "list", "save", "delete"),
    *("help", "more", "status", "band", "group"),
)
PRESSED = (
    *("ctrl+s", "ctrl+z", "ctrl+a", "ctrl+x", "ctrl+v", "ctrl+alt+l", "ctrl+alt+r", "F1"),
    *("alt+s", "alt+d", "alt+c", "alt+b", "alt+i", "alt+a", "alt+t", "alt+h", "alt+m"),
    *("Delete", "BackSpace", "Left", "Home", "shift+Home", "Escape", "Menu"),
)
FRONT = ("settings", "manual", "test", "tools", "menu")
ENDS = ("Escape", "alt+F4")


def cases() -> Iterator[tuple[str, str, int, int]]:
    """What happens, what it is done with, at which tenth of the scan, and the scanner's pace."""
    every = [("click", each) for each in CLICKED]
    every += [("key", each) for each in PRESSED]
    every += [("hold", each) for each in ("save", "clear", "list")]
    every += [("front", each) for each in FRONT]
    # The manual gives way to the desk at once, and Alt+F4 would close that.
    every += [("Escape", each) for each in FRONT] + [("alt+F4", "settings"), ("alt+F4", "test")]
    every += [("serial", "")]
    for number, (what, where) in enumerate(every):
        # Keys pressed while a window closes are nobody's, for the window system hands them to none.
        for tenth in range(1 if what in ENDS else 0, 11):
            for turn, pace in enumerate(PACES):
                if PROVE or ((number + turn * 5) % 11 == tenth and number % 6 == 2 * turn):
                    yield what, where, tenth, pace


class Scanner:
    """Scans in front of a desk to which something happens in the middle of it."""

    def __init__(self, desk: AskedDesk) -> None:
        self._desk = desk
        self._number = 0
        self.whole = {READER, ""}
        self.spots = {name: desk.ask("centre", name) for name in CLICKED}

    def play(self, what: str, where: str, tenth: int, pace: int) -> None:
        """One scan; afterwards it is in the list, or a refusal was shown."""
        desk = self._desk
        desk.ask("fresh", READER)
        wait_until(lambda: desk.state["active"].startswith("DeskWindow"), what="the desk")
        self._number += 1
        code = f"37{self._number:09}"
        self.whole.add(code)
        place = tenth * len(code) // 10
        if what in ("front", *ENDS):
            self._bring(where)
        desk.ask("reds")
        if what == "serial":
            other = f"SER{self._number:06}"
            self.whole.add(other)
            desk.ask("bytes", other[:5])
            desk.x.xdotool(*_keys(code[:place], pace), "sleep", "0")
            desk.ask("bytes", f"{other[5:]}|")
            desk.x.xdotool(*_keys(code[place:], pace), *_keys("\r", pace))
            wait_until(lambda: self._known(other), what=f"{other} or a refusal")
        else:
            done = self._done(what, where, pace)
            desk.x.xdotool(
                *_keys(code[:place], pace), *done, *_keys(code[place:], pace), *_keys("\r", pace)
            )
        if what == "hold":
            desk.x.xdotool("mouseup", "1")
        if where != "test":
            wait_until(lambda: self._known(code), what=f"{code} or a refusal after {what} {where}")

    def _known(self, code: str) -> bool:
        """Whether it is a row, was taken for a card where that is what was asked for, or is red."""
        seen = self._desk.ask("items")
        return any(code in row for row in seen) or bool(self._desk.ask("reds"))

    def partial(self) -> list[str]:
        """What is recorded or stands for a reader and was never scanned."""
        return [one for row in self._desk.ask("items") for one in row if one not in self.whole]

    def _bring(self, where: str) -> None:
        desk = self._desk
        if where == "menu":
            desk.x.key("Menu")
            wait_until(lambda: desk.ask("popup"), what="the menu")
            return
        if where == "tools":
            desk.ask("open", where)
            return

        def in_front() -> bool:
            desk.ask("open", where)  # again, if the desk's own coming to the front came later
            return not desk.state["active"].startswith("DeskWindow")

        wait_until(in_front, what=where)

    def _done(self, what: str, where: str, pace: int) -> list[str]:
        if what in ("click", "hold"):
            x, y = map(str, self.spots[where])
            return ["mousemove", x, y, *(["click", "1"] if what == "click" else ["mousedown", "1"])]
        if what == "key":
            return ["key", "--delay", str(pace), where]
        return ["key", "--delay", str(pace), what] if what in ENDS else []


def _keys(text: str, pace: int) -> list[str]:
    """What xdotool needs to be told; its keys take twice the pace, its typing takes it."""
    if text == "\r":
        return ["key", "--delay", str(pace // 2), "Return"]
    return ["type", "--delay", str(pace), "--args", "1", text] if text else []


def test_a_scan_is_whole_or_refused_whatever_happens(asked_desk: AskedDesk) -> None:
    asked_desk.x.type(f"{READER}\r")
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    scanner = Scanner(asked_desk)
    number = 0
    for case in cases():
        scanner.play(*case)
        assert not scanner.partial(), (case, scanner.partial())
        number += 1
    assert number > (1500 if PROVE else 20)


def test_a_scanner_in_alt_mode_is_named(asked_desk: AskedDesk) -> None:
    x = asked_desk.x
    x.type(f"{READER}\r")
    x.type("37000034179\r")
    asked_desk.wait_for(rows=1, kind="recorded")
    keys: list[str] = []
    for character in "37000034180":
        codes = [f"KP_{digit}" for digit in f"0{ord(character)}"]
        keys += ["keydown", "alt", "key", "--delay", "1", *codes, "keyup", "alt"]
    x.xdotool(*keys, "key", "Return")
    shown = asked_desk.wait_for(kind="refused")
    assert "ALT mode" in shown["detail"]
    assert shown["rows"] == 1
