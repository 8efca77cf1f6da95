"""What the check step is told: findings of files read and checked together."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from helpers import TOP
from upload.kit import back, dat, loan

from offcirc.core.barcodes.rules import ANY
from offcirc.referent.background.inspecting import Wish, inspect, inspect_again
from offcirc.referent.background.inspection import FindingWeight, Inspection, KnownBefore
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
from offcirc.upload.lines import datread, plan
from offcirc.upload.lines.plan import make_plan

SAMPLES = TOP / "resources" / "practice" / "toulouse" / "two-desks"


def codes(tmp_path: Path, now: datetime, hours: str = "") -> list[str]:
    folder = tmp_path / "files"
    shutil.copytree(SAMPLES, folder)
    wish = Wish(paths=(folder,), data_dir=tmp_path, rules=ANY, now=now, hours=hours)
    inspection = inspect(wish, lambda _scan: None, lambda: False)
    return [row.code for row in inspection.rows]


def test_a_clock_wrong_all_day_is_one_finding_for_each_file(tmp_path: Path) -> None:
    assert codes(tmp_path, datetime(2026, 11, 25)) == ["clock-wrong", "clock-wrong"]


def test_on_the_day_itself_there_is_nothing_to_find(tmp_path: Path) -> None:
    assert codes(tmp_path, datetime(2018, 3, 7)) == []


def test_what_happened_while_the_library_was_closed_is_found(tmp_path: Path) -> None:
    found = codes(tmp_path, datetime(2018, 3, 7), hours="tue 11:00-20:00")
    assert set(found) == {"closed"}


def test_after_any_decision_it_is_as_if_all_were_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    files = [
        dat(folder / "a.dat", *(loan(n, f"I{n % 7}", f"P{n % 3}") for n in range(12)), b"damaged"),
        dat(folder / "b.dat", *(back(n, f"I{n % 5}") for n in range(9)), loan(9, "P1", "I1")),
        dat(folder / "c.dat", *(loan(n, f"I{n % 5}", "P9") for n in range(0, 9, 2))),
    ]
    wish = Wish((folder,), tmp_path, ANY, datetime(2018, 1, 16))
    known = KnownBefore()

    def whole() -> Inspection:
        return inspect(wish, lambda _scan: None, lambda: False)

    def again() -> Inspection:
        return inspect_again(wish, lambda _scan: None, lambda: False, known)

    assert inspect(wish, lambda _scan: None, lambda: False, known) == whole()
    with Ledger(tmp_path / LEDGER_NAME) as ledger:
        book = DecisionBook(ledger)
        lines = {
            (line.file, line.number): DecidedLine(
                line.key, files[line.file].name, line.number, line.raw
            )
            for line in make_plan(files).lines()
        }
        whole_change = LineChange("2018-01-15T09:03", "L", "I3", "P4")
        for decide in (
            lambda: book.hold([lines[0, 3]], who="Ana"),
            lambda: book.correct(lines[0, 5], LineChange(item="I0"), who="Ana"),
            lambda: book.correct(lines[0, 13], whole_change, who="Ana"),
            lambda: book.swap([lines[1, 10]], who="Ana"),
            lambda: book.drop([lines[2, 1]], who="Ana"),
            lambda: book.before(lines[0, 2], lines[1, 2], who="Ana"),
            lambda: book.clock(lines[1, 1], 120, who="Ana"),
            lambda: book.undo(1, who="Ana"),
        ):
            before = again()
            decide()
            assert again() == whole() != before
    # A file that was written to since is read again.
    with files[0].open("ab") as stream:
        stream.write(b"\r\nmore damage\r\n")
    assert again() == whole()
    assert sum(row.weight is FindingWeight.ERROR for row in again().rows) == 1


def test_files_that_are_what_they_were_are_not_opened_again(tmp_path: Path, monkeypatch) -> None:
    path = dat(tmp_path / "files" / "a.dat", loan(0, "A"), loan(1, "A", "P2"))
    wish = Wish((path,), tmp_path, ANY, datetime(2018, 1, 16))
    known = KnownBefore()
    found = inspect(wish, lambda _scan: None, lambda: False, known)
    opened: list[Path] = []
    monkeypatch.setattr(datread, "open_dat", lambda path, name: opened.append(path))
    monkeypatch.setattr(plan, "open_dat", lambda path, name: opened.append(path))
    assert inspect_again(wish, lambda _scan: None, lambda: False, known) == found
    assert opened == []
