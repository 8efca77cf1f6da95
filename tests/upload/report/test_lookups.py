"""Titles and names in a report: asked for once, kept, forgotten; never where nobody wants them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from helpers.library import begin_library

from offcirc import resources
from offcirc.practice.web.serve import running
from offcirc.servers.errors import UnreachableError
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.storage.ledger import lookups
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.lookups import LookedUp, LookupKind
from offcirc.upload.report.lookups import LONGEST, look_up
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import load_report, preview_upload, run_upload

SAMPLE = resources.path("practice/toulouse/OffCirc.dat")


class Watched(PracticeServer):
    """The real adapter, which notes what it is asked and can lose its network."""

    def __init__(self, url: str) -> None:
        super().__init__(url, batch_size=50)
        self.items: list[str] = []
        self.patrons: list[str] = []
        self.gone = False

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        if self.gone:
            raise UnreachableError(self.url)
        self.items += barcodes
        return super().look_up_items(barcodes)

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        self.patrons += identifiers
        return super().look_up_patrons(identifiers)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Watched]:
    with (
        running(None, begin_library(tmp_path / "library"), now=datetime(2018, 3, 7, 9, 0)) as url,
        Watched(url) as server,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        yield server


def upload(server: PracticeServer, ledger: Ledger, *, names: bool) -> JobReport:
    return run_upload(
        [SAMPLE],
        server,
        ledger,
        desk="BUC_PRET",
        who="Référent",
        patron_names=names,
    )


def told(report: JobReport) -> dict[int, tuple[str, str]]:
    return {line.line: (line.title, line.patron_name) for line in report.lines}


EXPECTED = {
    5: ("Titre 034", ""),  # nobody has this identifier
    18: ("", "Lecteur 056"),  # no item has this barcode
    19: ("Titre 003", ""),  # a return
    28: ("Titre 043", "Lecteur 015"),  # recorded, with something to do
}


def test_the_report_knows_titles_and_names(library: Watched, ledger: Ledger) -> None:
    report = upload(library, ledger, names=True)
    assert told(report).items() >= EXPECTED.items()
    assert (
        len(library.items) == len(set(library.items)) == len({line.item for line in report.lines})
    )
    assert set(library.patrons) == {line.patron for line in report.lines if line.patron}
    assert load_report(ledger, report.id) == report
    assert all(line.id for line in report.lines)
    library.items.clear()
    look_up(library, ledger, report, names=True)
    assert not library.items, "what is known is not asked again"


def test_names_that_nobody_wants_are_not_even_asked_for(library: Watched, ledger: Ledger) -> None:
    report = upload(library, ledger, names=False)
    assert told(report)[28] == ("Titre 043", "")
    assert not library.patrons
    assert {found.kind for found in lookups.known(ledger, report.id).values()} == {LookupKind.ITEM}


def test_a_dry_run_knows_them_and_keeps_nothing(library: Watched, ledger: Ledger) -> None:
    report = preview_upload(
        [SAMPLE], library, ledger, desk="BUC_PRET", who="Référent", patron_names=True
    ).report
    assert told(report).items() >= EXPECTED.items()
    assert not ledger.database.execute("SELECT count(*) FROM looked_up").fetchone()[0]


def test_a_server_that_goes_away_leaves_a_whole_report(library: Watched, ledger: Ledger) -> None:
    library.gone = True
    report = upload(library, ledger, names=True)
    assert report.complete
    assert (report.records, report.exceptions) == (57, 9)
    assert set(told(report).values()) == {("", "")}
    library.gone = False
    look_up(library, ledger, report, names=True)
    assert told(load_report(ledger, report.id)).items() >= EXPECTED.items()


def test_nothing_is_asked_once_somebody_cancels(library: Watched, ledger: Ledger) -> None:
    report = upload(library, ledger, names=False)
    library.items.clear()
    lookups.forget_patrons(ledger, [report.id])
    look_up(library, ledger, report, names=True, cancelled=lambda: True)
    assert not library.patrons


def test_readers_are_forgotten_and_titles_stay(library: Watched, ledger: Ledger) -> None:
    first = upload(library, ledger, names=True)
    second = upload(library, ledger, names=True)
    readers = {line.patron for line in first.lines if line.patron}
    assert lookups.forget_patrons(ledger, [first.id, 99]) == len(readers)
    assert {name for _title, name in told(load_report(ledger, first.id)).values()} == {""}
    assert told(load_report(ledger, first.id))[28][0] == "Titre 043"
    assert told(load_report(ledger, second.id))[18] == ("", "Lecteur 056")
    rows = ledger.database.execute(
        "SELECT code, label FROM looked_up WHERE upload = ? AND kind = 'reader'", (first.id,)
    ).fetchall()
    assert rows == []


def test_a_title_is_kept_without_what_cannot_be_seen(library: Watched, ledger: Ledger) -> None:
    report = upload(library, ledger, names=False)
    hostile = "\u200f\x1b[31mTitre\u202e\n  long " + "x" * 1000

    class Hostile(Watched):
        def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
            return [ItemFound(barcode, True, hostile) for barcode in barcodes]

    ledger.database.execute("DELETE FROM looked_up")
    with Hostile(library.url) as server:
        look_up(server, ledger, report, names=False)
    title = told(load_report(ledger, report.id))[28][0]
    assert title.startswith("[31mTitre long xxx")
    assert len(title) == LONGEST
    assert title.isprintable()


def test_a_later_answer_takes_the_place_of_an_earlier_one(library: Watched, ledger: Ledger) -> None:
    report = upload(library, ledger, names=False)
    lookups.keep(ledger, report.id, [LookedUp(LookupKind.ITEM, "OTOLO906216", True, "Autre", "BU")])
    assert told(load_report(ledger, report.id))[28][0] == "Autre"
    known = lookups.known(ledger, report.id)
    assert known[LookupKind.ITEM, "OTOLO906216"].detail == "BU"
