"""Before anything is sent: what would be refused, whom it would surprise, what to look after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from upload.handover_kit import desk_file
from upload.kit import back, dat, loan

from offcirc import resources
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, Record
from offcirc.practice.web import serve
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.control import Control
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.preview.preview import Preview, PreviewSource, make_preview
from offcirc.upload.report.report import JobStatus, LineStatus
from offcirc.upload.run import preview_upload

SAMPLE = resources.path("practice/toulouse")


class Asked(PracticeServer):
    """A practice server that can do what a test says, and counts what it is asked."""

    limits: dict[str, Any]
    asked: list[str]

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, **self.limits)

    def look_up_items(self, barcodes: Any) -> Any:
        self.asked += barcodes
        return super().look_up_items(barcodes)

    def look_up_patrons(self, identifiers: Any) -> Any:
        self.asked += identifiers
        return super().look_up_patrons(identifiers)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("practice")
    with serve.running(SAMPLE, folder, now=datetime(2018, 3, 7, 9, 0)) as url:
        yield url


@pytest.fixture
def server(url: str) -> Iterator[Asked]:
    with Asked(url) as server:
        server.asked, server.limits = [], {}
        server.sign_in("referent", "bac-a-sable-1")
        yield server


def preview(server: PracticeServer, *files: Path, **more: Any) -> Preview:
    return make_preview(make_plan(files), server, desk="BUC_PRET", **more)


def column(table: str, number: int, which: int, *, unless: Any = lambda cells: False) -> str:
    lines = (SAMPLE / f"{table}.csv").read_text("utf-8").splitlines()[1:]
    rows = [cells for line in lines if not unless(cells := line.split(","))]
    return rows[number][which]


def an_item(number: int = 0) -> str:
    """One that may be lent."""
    return column("items", number, 0, unless=lambda cells: cells[4] or cells[6])


def a_reader(number: int = 0) -> str:
    """One whose account lasts and who is not blocked."""
    return column("patrons", number, 1, unless=lambda cells: cells[4][0] != "*" or cells[5])


def test_a_dry_run_foretells_what_the_upload_says(server: Asked) -> None:
    found = preview(server, SAMPLE / "OffCirc.dat")
    assert found.how is PreviewSource.DRY_RUN
    assert found.report.dry_run
    assert (found.report.records, found.report.exceptions, found.report.left) == (57, 9, 0)
    assert server.asked == []


def test_readers_who_would_be_overdue_at_once_are_counted(server: Asked, tmp_path: Path) -> None:
    long_ago = datetime(2018, 1, 15, 10, 0)
    reader, other = a_reader(), a_reader(1)
    items = [an_item(number) for number in range(4)]
    lend, today = Operation.LOAN, datetime(2018, 3, 7, 8, 30)
    file = dat(
        tmp_path / "a.dat",
        Record(long_ago, lend, items[0], reader),
        Record(long_ago, lend, items[1], reader),
        # Brought back within the same upload: nobody is overdue with this one.
        Record(long_ago, lend, items[2], other),
        Record(today, Operation.RETURN, items[2]),
        Record(today, lend, items[3], other),
    )
    found = preview(server, file)
    assert found.report.rejected == 0, found.report.lines
    assert (found.overdue_lines, found.overdue_patrons) == (2, 1)
    assert ("due-at-upload", 3) in found.remarks


def test_without_a_dry_run_each_item_and_reader_is_asked_about_once(
    server: Asked, tmp_path: Path
) -> None:
    server.limits = {"dry_run": False}
    item, other, reader = an_item(), an_item(1), a_reader()
    file = dat(
        tmp_path / "a.dat",
        loan(0, item, reader),
        loan(1, "NOSUCHITEM", reader),
        loan(2, other, "NOBODY"),
        back(3, item),
        back(4, item),
        b"rubbish!",
    )
    found = preview(server, file)
    assert found.how is PreviewSource.LOOK_UP
    assert server.asked == [item, "NOSUCHITEM", other, reader, "NOBODY"]
    assert (found.report.recorded, found.report.rejected, found.report.held) == (2, 3, 1)
    assert [(line.line, line.reason) for line in found.report.lines] == [
        (2, "item-unknown"),
        (3, "patron-unknown"),
        (5, "not-on-loan"),
        (6, "too-short"),
    ]
    assert all(line.message for line in found.report.lines)
    assert (found.overdue_lines, found.overdue_patrons) == (None, None)


def blocked_reader() -> str:
    lines = (SAMPLE / "patrons.csv").read_text("utf-8").splitlines()[1:]
    return next(line.split(",")[1] for line in lines if line.split(",")[5])


@pytest.mark.parametrize("overrides", [True, False])
def test_a_blocked_reader_is_refused_only_where_blocks_hold(
    server: Asked, tmp_path: Path, overrides: bool
) -> None:
    server.limits = {"dry_run": False, "overrides_blocks": overrides}
    found = preview(server, dat(tmp_path / "a.dat", loan(0, an_item(), blocked_reader())))
    if overrides:
        assert found.report.recorded == 1
        assert found.remarks == (("patron-overdue", 1),)
    else:
        [line] = found.report.lines
        assert (line.status, line.reason) == (LineStatus.REJECTED, "patron-blocked")
        assert line.message == "The borrower is blocked."


def test_a_server_that_tells_nothing_leaves_the_lines_open(server: Asked, tmp_path: Path) -> None:
    server.limits = {"dry_run": False, "look_up": False}
    found = preview(server, dat(tmp_path / "a.dat", loan(0, "A"), b"rubbish!"))
    assert found.how is PreviewSource.NONE
    assert (found.report.left, found.report.held, found.report.recorded) == (1, 1, 0)


def test_a_preview_can_be_cancelled(server: Asked) -> None:
    control = Control()
    control.cancel()
    found = preview(server, SAMPLE / "OffCirc.dat", control=control)
    assert found.report.status is JobStatus.CANCELLED
    assert found.report.left == 57


def test_what_a_person_makes_sure_of_is_said(server: Asked) -> None:
    found = preview(server, SAMPLE / "OffCirc.dat")
    assert "BUC_PRET" in next(item.text for item in found.preflight if item.code == "desk")
    assert any(item.after for item in found.preflight)


def test_its_lines_tell_desk_seconds_and_decision(server: Asked, tmp_path: Path) -> None:
    records = loan(0, "NOWHERE", a_reader()), loan(1, "NOWHERE2", a_reader())
    path = desk_file(tmp_path / "OffCirc.dat", DeskIdentity("BUC", "", "Desk 1"), *records)
    with Ledger(tmp_path / "ledger.db") as ledger:
        (_first, second) = make_plan([path]).lines()
        book = DecisionBook(ledger)
        said = DecidedLine(second.key, path.name, second.number, second.raw)
        book.hold([said], who="Lou", note="ask")
        found = preview_upload([path], server, ledger, desk="BUC_PRET", who="Lou")
    refused, held = found.report.lines
    assert (refused.status, held.status) == (LineStatus.REJECTED, LineStatus.HELD)
    assert refused.origin.desk == held.origin.desk == "Desk 1"
    assert held.decision is not None
    assert held.decision.who == "Lou"
