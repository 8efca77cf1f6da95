"""Every page by keyboard alone, in a real browser: nothing out of reach, the focus always seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from helpers import wait_until
from helpers.chromium import Chromium
from practice.conftest import PASSWORDS

from offcirc.cli.tools.drill import door
from offcirc.drill import making
from offcirc.practice.web.serve import running

PAGES = {
    "moniteur": ["/", "/jobs", "/readers", "/items", "/returns", "/scan", "/shelf", "/password"],
    "responsable": [
        *("/registrations", "/letters", "/settings", "/jobs", "/desk", "/library", "/drills"),
        "/drills/{drill}",
    ],
}
TABS = ["loans", "returns", "requests", "notes", "blocks", "record"]
READER, ITEM = "9971598771305", "d293004279"
_REACHABLE = """
window.all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, '
  + 'textarea, summary, [tabindex="0"]')].filter(e => !e.disabled && e.checkVisibility());
window.groups = new Set();
window.all = all.filter(e => e.type != 'radio' || (!groups.has(e.name) && groups.add(e.name)));
all[0].focus(); all.length"""
_WHERE = """(() => {
  const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  let place = all.indexOf(e);
  if (e.type == 'radio') place = all.findIndex(r => r.type == 'radio' && r.name == e.name);
  return [place, (s.outlineStyle != 'none' && parseFloat(s.outlineWidth) >= 1) && box.width > 0
    && box.right > 0 && box.bottom > 0 && box.top < innerHeight, e.outerHTML.slice(0, 120)]; })()"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """A server that knows of drills, and a drill that was begun."""
    data = tmp_path_factory.mktemp("keyboard")
    begun = making.start(data, "half-day", seed=1, now=datetime(2026, 11, 23, 9)).folder.name
    with running(None, data / "practice", drills=door(data, data / "practice")) as url:
        yield url, begun


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    folder = tmp_path / "browser"
    folder.mkdir()
    with Chromium(folder) as begun:
        yield begun


def sign_in(browser: Chromium, url: str, login: str) -> None:
    """With no key but letters, Enter, Tab and Space."""
    browser.go(f"{url}/sign-in?lang=en")
    browser.put(login)
    browser.press("Tab")
    browser.put(PASSWORDS[login])
    browser.press("Enter", leads=True)
    if browser.ask("location.pathname") == "/desk":
        while browser.ask("document.activeElement.type") != "radio":
            browser.press("Tab")
        browser.press(" ")
        browser.press("Enter", leads=True)
    assert browser.ask("location.pathname") == "/"


def walk(browser: Chromium) -> None:
    """Tab through the page that is open, from its top."""
    count = browser.ask(_REACHABLE)
    reached = [0]
    fields = browser.ask("document.querySelectorAll('input[type=date]').length")
    for _step in range(count + 3 * fields + 1):
        browser.press("Tab")
        place, seen, what = browser.ask(_WHERE)
        if place < 0:
            break
        assert seen, f"the focus is not seen: {what}"
        # A date is several stops in one field.
        if place not in reached:
            reached.append(place)
    assert reached == list(range(count)), browser.ask("all.map(e => e.outerHTML.slice(0, 80))")


def skip(browser: Chromium) -> None:
    """The first stop leads past the menu."""
    browser.ask("document.querySelector('a[href]').focus()")
    assert browser.ask("document.activeElement.className") == "skip"
    left = "document.activeElement.getBoundingClientRect().left > 0"
    wait_until(lambda: browser.ask(left), what="the first stop in sight")
    browser.press("Enter")
    wait_until(lambda: browser.ask("location.hash") == "#main", what="the skip")
    if not browser.ask("all.some(e => document.querySelector('#main').contains(e))"):
        return  # an out-box without a letter: nothing to stop at
    browser.press("Tab")
    assert browser.ask("document.querySelector('#main').contains(document.activeElement)"), (
        browser.ask("document.activeElement.outerHTML.slice(0, 200)")
    )


@pytest.mark.parametrize("login", PAGES)
def test_every_page_is_reached_through_by_keyboard(place, browser, login) -> None:
    url, drill = place
    sign_in(browser, url, login)
    for page in PAGES[login]:
        browser.go(url + page.format(drill=drill))
        assert browser.ask("!!document.querySelector('nav.menu')"), page
        walk(browser)
        skip(browser)


def test_a_reader_and_an_item_by_keyboard(place, browser) -> None:
    url, _drill = place
    sign_in(browser, url, "responsable")
    browser.go(f"{url}/readers")
    browser.write("main #who", READER)
    browser.press("Enter", leads=True)
    base = "/".join(browser.ask("location.pathname").split("/")[:3])
    for tab in TABS:
        browser.go(f"{url}{base}/{tab}")
        walk(browser)
    browser.go(f"{url}/items")
    browser.write("#what", ITEM)
    browser.press("Enter", leads=True)
    walk(browser)
    skip(browser)
