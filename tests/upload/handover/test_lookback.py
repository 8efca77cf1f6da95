"""PMB and others that write no report: proved before, looked up after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from servers.files.readers import Shelf, pmb_check, pmb_run
from upload.kit import back, dat, loan

from offcirc import resources
from offcirc.core.answers import Note, Reason
from offcirc.servers.errors import UnreachableError
from offcirc.servers.files.destiny import Destiny
from offcirc.servers.files.koc import KohaQueue
from offcirc.servers.files.pmb import Pmb
from offcirc.servers.files.target import FileTarget, Unfit
from offcirc.servers.protocol import ItemFound, Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base import reasons
from offcirc.upload.followup.followup import tasks
from offcirc.upload.followup.task import TaskKind
from offcirc.upload.handover.handedfile import waiting
from offcirc.upload.handover.handover import finish_interrupted, hand_over, preview_handover
from offcirc.upload.handover.handovererrors import (
    NoLookingBackError,
    NothingThereError,
    NotProvenError,
)
from offcirc.upload.handover.lookback import look_back, prove
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobStatus, LineStatus

NOW = datetime(2018, 3, 7, 9)
TWO = resources.path("practice/toulouse/two-desks")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(items={"I1", "I2", "I3"}, cards={"P1", "P2"})


@pytest.fixture
def carry(tmp_path: Path, ledger: Ledger) -> Callable[..., Any]:
    """Hand files over to a system that a shelf stands for."""

    def handed(shelf: Shelf, *files: Path, target: FileTarget | None = None, **words: Any) -> Any:
        plan = make_plan(files)
        known = prove(plan, cast(Server, shelf))
        return hand_over(
            plan,
            ledger,
            folder=tmp_path / "out",
            who="Camille",
            target=target or Pmb(),
            known=known,
            **words,
        )

    return handed


def looked(ledger: Ledger, job: int, shelf: Shelf) -> dict[tuple[str, str], tuple[str, str]]:
    report = look_back(ledger, job, cast(Server, shelf))
    return {
        (line.operation.value if line.operation else "", line.item): (line.status, line.reason)
        for line in report.lines
    }


@pytest.mark.promise("pmb-renewals")
def test_a_renewal_that_pmb_would_not_do_is_named_and_not_called_recorded(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry
) -> None:
    """PMB answers *déjà en possession*, and the old due date stays."""
    shelf.loans = dict.fromkeys(("I1", "I2"), ("P1", NOW))
    lines = [loan(0, "I1"), back(1, "I2"), loan(2, "I2"), loan(3, "I3"), loan(4, "I3")]
    done = carry(shelf, dat(tmp_path / "a.dat", *lines))
    content = done.files[0].path.read_bytes()
    assert content == b"RETOUR SECOURU\r\nI2\r\nPRET SECOURU\r\nP1\r\nI2\r\nI3\r\nI3\r\n"
    assert [
        (line.item, line.status, line.reason)
        for line in done.reports[0].lines
        if line.status is LineStatus.HELD
    ] == [("I1", LineStatus.HELD, Unfit.RENEWAL)]


@pytest.mark.promise("pmb-unknown-card")
def test_unknown_cards_and_items_go_to_the_follow_up_not_to_pmb(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry
) -> None:
    lines = [loan(0, "I1"), loan(1, "I2", "NOBODY"), loan(2, "TOTO", "P2"), back(3, "I3")]
    done = carry(shelf, dat(tmp_path / "a.dat", *lines))
    (file,) = done.files
    content = file.path.read_bytes()
    assert content == b"PRET SECOURU\r\nP1\r\nI1\r\nRETOUR SECOURU\r\nI3\r\n"
    assert pmb_check(content, shelf) == ""
    assert (done.lines, done.refused, done.held) == (2, 2, 0)
    (report,) = done.reports
    assert {(line.item, line.status, line.reason) for line in report.lines} >= {
        ("I2", LineStatus.REJECTED, Reason.PATRON_UNKNOWN),
        ("TOTO", LineStatus.REJECTED, Reason.ITEM_UNKNOWN),
    }
    assert {task.kind for task in tasks(ledger)} == {TaskKind.PATRON, TaskKind.ITEM}
    page = done.checklist.read_text("utf-8")
    assert "Loans and returns for PMB" in page
    assert "PMB keeps no times" in page
    assert "Lancer quand même" in page
    # Registered meanwhile: now its line goes, and that one alone.
    shelf.cards = {"P1", "P2", "NOBODY"}
    again = carry(shelf, tmp_path / "a.dat")
    assert again.files[0].path.read_bytes() == b"PRET SECOURU\r\nNOBODY\r\nI2\r\n"


def test_nothing_is_written_that_nobody_has_proved(tmp_path: Path, ledger: Ledger) -> None:
    plan = make_plan([dat(tmp_path / "a.dat", loan(0, "I1"))])
    for act in (partial_hand_over, preview_handover):
        with pytest.raises(NotProvenError) as told:
            act(plan, ledger, folder=tmp_path / "out", target=Pmb())
        assert "PMB would lend" in told.value.words()
    assert not (tmp_path / "out").exists()
    assert ledger.uploads() == []


def partial_hand_over(plan: Any, ledger: Ledger, **words: Any) -> object:
    return hand_over(plan, ledger, who="x", **words)


def test_a_server_that_cannot_be_asked_proves_nothing(tmp_path: Path) -> None:
    class Gone(Shelf):
        def look_up_patrons(self, cards):
            raise UnreachableError("http://pmb.example")

    plan = make_plan([dat(tmp_path / "a.dat", loan(0, "I1"))])
    with pytest.raises(UnreachableError):
        prove(plan, cast(Server, Gone()))


def test_every_line_is_looked_up_afterwards(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry
) -> None:
    lines = [
        loan(0, "I1"),
        loan(1, "I2"),
        back(2, "I2"),
        loan(3, "I2", "P2"),
        back(4, "I3"),
    ]
    shelf.loans = {"I3": ("P2", NOW)}
    done = carry(shelf, dat(tmp_path / "a.dat", *lines))
    assert [file.waiting for file in waiting(ledger)] == [5]
    pmb_run(done.files[0].path.read_bytes(), shelf, NOW)
    report = look_back(ledger, done.files[0].job, cast(Server, shelf))
    assert (report.recorded, report.unknown, report.rejected) == (3, 2, 0)
    assert report.status is JobStatus.COMPLETED
    assert {line.reason for line in report.lines if line.status is LineStatus.UNKNOWN} == {
        reasons.OVERTAKEN
    }
    recorded = [line for line in report.lines if line.status is LineStatus.RECORDED]
    assert all(Note.DATE_NOT_KEPT in line.notes for line in recorded)
    assert waiting(ledger) == []
    with pytest.raises(NoLookingBackError):
        look_back(ledger, done.files[0].job, cast(Server, shelf))


@pytest.mark.promise("pmb-look-back")
def test_what_pmb_dropped_in_silence_is_named(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry
) -> None:
    shelf.items = {"I1", "I2", "I3", "I4"}
    shelf.loans = {"I2": ("P2", NOW), "I4": ("P2", NOW)}
    lines = [loan(0, "I1"), loan(1, "I2"), loan(2, "I3"), back(3, "I4")]
    done = carry(shelf, dat(tmp_path / "a.dat", *lines))
    # I2 is refused, and a PHP error at I3 ends the rest.
    pmb_run(done.files[0].path.read_bytes(), shelf, NOW, breaks_at="I3")
    assert looked(ledger, done.files[0].job, shelf) == {
        ("L", "I1"): (LineStatus.RECORDED, ""),
        ("L", "I2"): (LineStatus.REJECTED, Reason.ON_LOAN_TO_ANOTHER),
        ("L", "I3"): (LineStatus.REJECTED, reasons.NOT_THERE),
        ("R", "I4"): (LineStatus.REJECTED, reasons.NOT_THERE),
    }


def test_a_file_that_was_not_uploaded_yet_goes_on_waiting(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry
) -> None:
    done = carry(shelf, dat(tmp_path / "a.dat", loan(0, "I1"), back(1, "I3")))
    with pytest.raises(NothingThereError) as told:
        look_back(ledger, done.files[0].job, cast(Server, shelf))
    assert done.files[0].path.name in told.value.words()
    assert [file.waiting for file in waiting(ledger)] == [2]


class Telling(Shelf):
    """One that says of items only what it is told to."""

    says: ItemFound

    def look_up_items(self, barcodes):
        return [
            self.says if one == self.says.barcode else ItemFound(one, found=True, on_loan=True)
            for one in barcodes
        ]

    def look_up_patrons(self, cards):
        return [
            type(found)(found.identifier, found=True, items=("I1",), known_as=("p-2",))
            for found in super().look_up_patrons(cards)
        ]


@pytest.mark.parametrize(
    ("line", "item", "expected"),
    [
        (back(1, "X"), ItemFound("X", found=True, on_loan=None), ("unknown", reasons.NOT_SHOWN)),
        (back(1, "X"), ItemFound("X", found=False), ("rejected", Reason.ITEM_UNKNOWN)),
        (
            back(1, "X"),
            ItemFound("X", found=True, on_loan=True, lent_at=NOW),
            ("unknown", reasons.NOT_SHOWN),
        ),
        (back(1, "X"), ItemFound("X", found=True, on_loan=False), ("recorded", "")),
        (
            loan(1, "X", "P2"),
            ItemFound("X", found=True, on_loan=True, patron="P-2"),
            ("recorded", ""),
        ),
        (
            loan(1, "X", "P2"),
            ItemFound("X", found=True, on_loan=True, patron="P9"),
            ("rejected", Reason.ON_LOAN_TO_ANOTHER),
        ),
        (
            loan(1, "X", "P2"),
            ItemFound("X", found=True, on_loan=None),
            ("rejected", reasons.NOT_THERE),
        ),
    ],
)
def test_what_a_system_shows_of_an_item(
    tmp_path: Path, ledger: Ledger, carry, line, item: ItemFound, expected
) -> None:
    done = carry(Shelf(), dat(tmp_path / "a.dat", loan(0, "I1"), line))
    telling = Telling()
    telling.says = item
    found = looked(ledger, done.files[0].job, telling)
    assert found[line.operation.value, "X"] == expected


def test_a_file_cut_off_is_written_again_as_it_was(
    tmp_path: Path, ledger: Ledger, shelf: Shelf, carry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from offcirc.upload.handover import handover

    file = dat(tmp_path / "a.dat", loan(0, "I1"), back(1, "I2"))
    with monkeypatch.context() as broken:
        broken.setattr(handover, "write", lambda *_: (_ for _ in ()).throw(OSError("cut off")))
        with pytest.raises(OSError, match="cut off"):
            carry(shelf, file)
    with ledger.exclusive():
        (done,) = finish_interrupted(ledger, tmp_path / "out")
    expected = b"PRET SECOURU\r\nP1\r\nI1\r\nRETOUR SECOURU\r\nI2\r\n"
    assert done.files[0].path.read_bytes() == expected
    assert done.target.name == "PMB"


def test_each_day_a_file_for_destiny(tmp_path: Path, carry) -> None:
    file = dat(tmp_path / "a.dat", loan(0, "I1"), loan(24 * 60, "I2"), loan(24 * 60 + 1, "%I"))
    done = carry(Shelf(), file, target=Destiny())
    assert [one.path.name for one in done.files] == [
        "OffCirc_2018-01-15.txt",
        "OffCirc_2018-01-16.txt",
    ]
    assert (done.held, done.refused) == (1, 0)


def test_koha_s_queue_wants_its_desks_apart(tmp_path: Path, carry) -> None:
    done = carry(Shelf(), *sorted(TWO.glob("*.dat")), target=KohaQueue(), desk="BUC_PRET")
    assert [one.path.suffix for one in done.files] == [".koc"]
    assert done.files[0].desk == "BUC_PRET"
    assert "never “Apply directly”" in done.checklist.read_text("utf-8")
