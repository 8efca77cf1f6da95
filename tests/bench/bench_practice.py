"""The practice library at its largest: its pages beside those of a small one, long jobs by hand."""

from __future__ import annotations

import re
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from measuring import SCRATCH, Row, in_turn, milliseconds
from practice.conftest import Browser

from offcirc.practice import state
from offcirc.practice.accounts import SignedIn
from offcirc.practice.acts import filejobs
from offcirc.practice.acts.actor import Actor
from offcirc.practice.circulation import Circulation
from offcirc.practice.library import generate
from offcirc.practice.recording import Recorder
from offcirc.practice.web.serve import running

DAY = date(2026, 11, 27)
# A page of jobs shows a hundred, the out-box two hundred: both have as many to show.
SMALL, LARGE = (500, 200), (50_000, 1_000)
TIMES = 25
SHORT, LONG = 5_000, 50_000


def run() -> list[Row]:
    """Pages with 1,000 items, 500 readers, 200 jobs, and with a hundred and five times as many."""
    shutil.rmtree(SCRATCH / "practice", ignore_errors=True)
    with _opened("small", *SMALL) as small, _opened("large", *LARGE) as large:
        floor = statistics.median(
            milliseconds(lambda: large.browser.get("/password")) for _time in range(TIMES)
        )
        rows = [Row("an empty page", floor, "ms")]
        less, more = small.pages(), large.pages()
        for name in more:
            values = in_turn(TIMES, [partial(_see, less[name]), partial(_see, more[name])])
            before, now = map(statistics.median, values)
            rows.append(
                Row(f"page: {name}", now, "ms", None, before, f"{SMALL[0]} readers", at_most=1.5)
            )
        short, long = (large.job(count) for count in (SHORT, LONG))
        rows.append(
            Row(f"the jobs, one of {LONG:,} lines among them", _ms(more["jobs"]), "ms", None, floor)
        )
    grown = (long / LONG) / (short / SHORT)
    return [
        *rows,
        Row(f"job by hand, {LONG:,} lines", LONG / long, "lines/s"),
        Row(f"a line of it, beside one of {SHORT:,}", grown, "×", at_most=1.5),
    ]


@dataclass(frozen=True)
class Large:
    """A library served, and somebody at its pages."""

    browser: Browser
    made: generate.MadeLibrary

    def pages(self) -> dict[str, Callable[[], object]]:
        """Each page as a person would ask for it."""
        browser, patron, item = self.browser, self.made.patrons[7], self.made.items[7]
        reader, book = browser.patron(patron.barcode), browser.item(item.barcode)
        (job, *_more) = re.findall(r'href="(/jobs/\d+)"', browser.get("/jobs"))
        seen = {
            "home": "/",
            "jobs": "/jobs",
            "a job": job,
            "readers": "/readers",
            "a reader": reader,
            "a reader's record": f"{reader}/record",
            "items": "/items",
            "an item": book,
            "returns": "/returns",
            "scanning": "/scan",
            "hold shelf": "/shelf",
            "registrations": "/registrations",
            "out-box": "/letters",
            "rules": "/settings",
        }
        pages: dict[str, Callable[[], object]] = {
            name: partial(browser.get, path) for name, path in seen.items()
        }
        return pages | {
            "reader by card": partial(browser.post, "/readers", who=patron.barcode),
            "reader by name": partial(browser.post, "/readers", who=self.made.patrons[-1].name),
            "item by title": partial(browser.post, "/items", what="no such title"),
            "rules of an item": partial(browser.post, f"{book}/rules", who=patron.barcode),
        }

    def job(self, count: int) -> float:
        """Seconds of a job of so many lines, from the click to its end."""
        items, patrons = self.made.items, self.made.patrons
        lines = [
            _line(items[-at].barcode, patrons[-at % 4_000].barcode, at % 500)
            for at in range(1, count + 1)
        ]
        begun = time.perf_counter()
        answer = self.browser.upload(f"{count}.dat", "".join(lines).encode())
        assert answer.status_code == 303, answer.text
        while re.search(r'http-equiv="refresh"', self.browser.get("/jobs")):
            time.sleep(0.1)
        return time.perf_counter() - begun


@contextmanager
def _opened(name: str, readers: int, jobs: int) -> Iterator[Large]:
    folder = SCRATCH / "practice" / name
    made = generate.make(readers, 1, today=DAY)
    generate.write(folder / "library", made)
    with state.opened(folder / "data", folder / "library") as kept:
        _upload(kept, made, jobs)
    served: AbstractContextManager[str] = running(folder / "library", folder / "data")
    with served as url:
        browser = Browser(url)
        with browser.http:
            browser.sign_in("responsable", "BUC_PRET")
            yield Large(browser, made)


def _upload(kept: state.OpenLibrary, made: generate.MadeLibrary, jobs: int) -> None:
    """A file of one line each, as the pages would take it."""
    now = datetime(2026, 11, 27, 20, tzinfo=UTC).astimezone(kept.policy.timezone)
    circulation = Circulation(kept.policy)
    actor = Actor("referent", "R", "BUC_PRET", now, kept.policy, circulation, str)
    account = SignedIn("referent", "R", "operator", ("BUC_PRET",))
    with closing(state.connect(kept.database)) as db:
        db.execute("BEGIN")
        for number in range(jobs):
            content = _line(made.items[number].barcode, made.patrons[number % 500].barcode).encode()
            name = f"{number}.dat"
            job = filejobs.accept(db, actor, account, name=name, content=content, again=False)
            lines = filejobs.prepared(content, name, now)
            assert not filejobs.step(db, Recorder(circulation), actor, job, lines)
        db.execute("COMMIT")


def _see(page: Callable[[], object], _round: int) -> None:
    page()


def _ms(page: Callable[[], object]) -> float:
    return statistics.median(milliseconds(page) for _time in range(TIMES))


def _line(item: str, patron: str, minute: int = 0) -> str:
    return f"20261127{9 + minute // 60 % 9:02}{minute % 60:02}L{item:<80}{patron}\r\n"
