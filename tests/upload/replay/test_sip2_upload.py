"""The sample and its two desks over SIP2: what comes of each line, told by a model of its own."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from servers.sipdouble import LOGIN, NOW, PASSWORD, PERIOD, SipDouble, SipLoan, running_sip
from upload import bigday

from offcirc import resources
from offcirc.core.answers import Note
from offcirc.servers.errors import ServerError
from offcirc.servers.sip2.server import Sip2Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.lines import dating
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobReport, LineStatus
from offcirc.upload.run import run_upload

SAMPLE = resources.path("practice/toulouse")
HURRY = Patience(tries=4, first=0.001, longest=0.01, longest_asked=0.01, quiet=0.01)
ROUNDS = range(40 if os.environ.get("OFFCIRC_PROVE") == "1" else 2)


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def library() -> Iterator[SipDouble]:
    with running_sip() as double:
        fill(double)
        yield double


def fill(double: SipDouble) -> None:
    double.items = {row["barcode"]: row["title"] for row in rows("items.csv")}
    double.patrons = {row["barcode"]: row["barcode"] for row in rows("patrons.csv")}
    for row in rows("loans.csv"):
        double.loans[row["item_barcode"]] = SipLoan(row["patron_barcode"], NOW, NOW + PERIOD)


def model(*files: Path) -> tuple[Counter[str], dict[str, str]]:
    """What comes of the lines, and who has what in the end."""
    items, patrons = ({row["barcode"] for row in rows(f"{n}.csv")} for n in ("items", "patrons"))
    holders = {row["item_barcode"]: row["patron_barcode"] for row in rows("loans.csv")}
    told: Counter[str] = Counter()
    lines = [line for file in files for line in file.read_text().splitlines()]
    for line in sorted(lines, key=lambda line: (line[:12], line[12] == "L")):
        loan, item, patron = line[12] == "L", line[13:93].strip(), line[93:].strip()
        if item not in items:
            came = "item-unknown"
        elif not loan:
            came = "recorded" if holders.pop(item, None) else "not-on-loan"
        elif patron not in patrons:
            came = "patron-unknown"
        elif holders.setdefault(item, patron) != patron:
            came = "on-loan-to-another"
        else:
            came = "recorded"
        told[came] += 1
    return told, holders


def upload(library: SipDouble, ledger: Path, *files: Path, resume: bool = False) -> JobReport:
    with Sip2Server(library.url, answer_seconds=5) as server, Ledger(ledger) as book:
        server.sign_in(LOGIN, PASSWORD)
        return run_upload(
            list(files), server, book, desk="CPL", who="r", resume=resume, patience=HURRY
        )


def holders(library: SipDouble) -> dict[str, str]:
    return {item: loan.patron for item, loan in library.loans.items()}


@pytest.mark.parametrize(
    "names", [("OffCirc.dat",), ("two-desks/desk-A.dat", "two-desks/desk-B.dat")]
)
def test_every_line_comes_to_what_the_model_says(
    library: SipDouble, tmp_path: Path, names: tuple[str, ...]
) -> None:
    files = []
    for name in names:
        files.append(tmp_path / Path(name).name)
        files[-1].write_bytes((SAMPLE / name).read_bytes())
    report = upload(library, tmp_path / "ledger.db", *files)
    told, held = model(*files)
    refused = Counter(line.reason for line in report.lines if line.status is LineStatus.REJECTED)
    assert refused == {why: count for why, count in told.items() if why != "recorded"}
    assert report.recorded == told["recorded"]
    assert holders(library) == held


@pytest.mark.promise("sip-dates-said")
def test_the_lines_that_lose_their_time_are_counted_beforehand_and_listed_afterwards(
    library: SipDouble, tmp_path: Path
) -> None:
    file = tmp_path / "OffCirc.dat"
    file.write_bytes((SAMPLE / "OffCirc.dat").read_bytes())
    loans = sum(line[12] == "L" for line in file.read_text().splitlines())
    with Sip2Server(library.url) as server:
        found = dating.undated(make_plan([file]), server.abilities)
    assert found == dating.Undated(loans=loans)
    assert f"{loans} loans will be dated today" in dating.sentence(found)
    report = upload(library, tmp_path / "ledger.db", file)
    dated = [line for line in report.lines if Note.DATE_NOT_KEPT in line.notes]
    refused = [line for line in report.lines if line.status is LineStatus.REJECTED and line.patron]
    assert refused
    assert len(dated) == loans - len(refused)


@pytest.mark.prove
@pytest.mark.parametrize("round_", ROUNDS)
def test_on_a_bad_day_every_line_is_there_once_or_unknown(tmp_path: Path, round_: int) -> None:
    file = bigday.day(tmp_path / "a.dat", 50, 30, 12)
    chance = random.Random(round_)
    fates = {"": 10, "lose": 1, "cut": 1, "garble": 1, "deaf": 1}
    undisturbed = {}
    for disturbed in (False, True):
        with running_sip() as double:
            double.items = {bigday.item(number): "Titre" for number in range(30)}
            double.patrons = {bigday.patron(number): "Lecteur" for number in range(12)}
            ledger = tmp_path / f"{disturbed}.db"
            if disturbed:
                double.fate = lambda _code: chance.choices(list(fates), list(fates.values()))[0]
                for _attempt in range(3):
                    with suppress(ServerError):
                        upload(double, ledger, file, resume=True)
                double.fate = lambda _code: ""
            report = upload(double, ledger, file, resume=True)
            assert report.complete
            now = {item: (one.patron, one.renewals) for item, one in double.loans.items()}
        if not disturbed:
            undisturbed = now
            continue
        unknown = {line.item for line in report.lines if line.status is LineStatus.UNKNOWN}
        assert {item: one for item, one in now.items() if item not in unknown} == {
            item: one for item, one in undisturbed.items() if item not in unknown
        }
        assert not [line for line in report.lines if line.status is LineStatus.REJECTED]
        assert len(unknown) <= 4
