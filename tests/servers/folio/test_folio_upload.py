"""Whole uploads to FOLIO: the sample, two desks, again, tokens that end meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from servers.daymodel import SAMPLE, DayModel, day_model
from servers.double import LOGIN, PASSWORD, cut_after, cut_before, error_500, error_500_after
from servers.foliodouble import POINTS, TENANT, ZONE, FolioDouble, running_folio

from offcirc.servers.folio.adapter import FolioServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import run_upload

OPTIONS = {"tenant": TENANT, "service_points": "SCI_PRET=cd2", "timezone": ZONE.key}
DESKS = (SAMPLE / "two-desks" / "desk-A.dat", SAMPLE / "two-desks" / "desk-B.dat")
HURRY = Patience(tries=8, first=0.01, longest=0.05, quiet=0.05)


@pytest.fixture
def folio() -> Iterator[FolioDouble]:
    with running_folio() as double:
        double.take(SAMPLE)
        yield double


def upload(
    folio: FolioDouble, ledger: Path, *files: Path, width: int = 0, desk: str = "BUC_PRET"
) -> JobReport:
    server = FolioServer(folio.url, OPTIONS, width=width, answer_seconds=5)
    with server, Ledger(ledger) as kept:
        server.sign_in(LOGIN, PASSWORD)
        return run_upload(
            list(files), server, kept, desk=desk, who="x", resume=True, patience=HURRY
        )


def held(folio: FolioDouble) -> dict[str, tuple[str, str]]:
    """Who has what, by minutes of the library's clock."""
    return {
        item: (patron, f"{at.astimezone(ZONE):%Y%m%d%H%M}")
        for item, (patron, at) in folio.open_loans().items()
    }


def agree(folio: FolioDouble, report: JobReport, model: DayModel) -> None:
    assert held(folio) == model.holders
    told = Counter(model.told)
    good = told.pop("recorded", 0) + told.pop("renewed", 0) + told["in-house"]
    assert folio.in_house.total() == told.pop("in-house", 0)
    assert (report.recorded, report.unknown) == (good, 0)
    refused = Counter(line.reason for line in report.lines if line.status.value == "rejected")
    assert refused == told
    assert folio.done.total() == good
    assert max(folio.done.values()) == 1


@pytest.mark.parametrize("width", [0, 1, 8])
def test_the_sample_comes_out_as_the_model_says(
    folio: FolioDouble, tmp_path: Path, width: int
) -> None:
    report = upload(folio, tmp_path / "l.db", SAMPLE / "OffCirc.dat", width=width)
    model = day_model(in_house=True, guarded=True).play(SAMPLE / "OffCirc.dat")
    assert report.complete
    assert "later-action" in model.told
    agree(folio, report, model)


def test_two_desks_are_one_day(folio: FolioDouble, tmp_path: Path) -> None:
    report = upload(folio, tmp_path / "l.db", *DESKS)
    agree(folio, report, day_model(in_house=True, guarded=True).play(*DESKS))


def test_a_second_upload_changes_nothing(folio: FolioDouble, tmp_path: Path) -> None:
    upload(folio, tmp_path / "l.db", SAMPLE / "OffCirc.dat")
    before, done = held(folio), folio.done.total()
    report = upload(folio, tmp_path / "l.db", SAMPLE / "OffCirc.dat")
    assert (held(folio), folio.done.total()) == (before, done)
    assert (report.recorded, report.unknown, report.skipped) == (0, 0, done)


def test_from_another_pc_it_changes_nothing_either(folio: FolioDouble, tmp_path: Path) -> None:
    """Without the ledger of the first: FOLIO has what is recorded, and refuses the rest."""
    upload(folio, tmp_path / "one.db", SAMPLE / "OffCirc.dat")
    before = held(folio)
    report = upload(folio, tmp_path / "two.db", SAMPLE / "OffCirc.dat")
    assert held(folio) == before
    # Only uses in the house count again.
    assert (report.recorded, report.unknown) == (4, 0)


@pytest.mark.promise("folio-tokens-end")
@pytest.mark.parametrize("refreshing", [True, False])
def test_tokens_end_in_mid_upload(folio: FolioDouble, tmp_path: Path, *, refreshing: bool) -> None:
    folio.token_life = 7
    folio.refreshing = refreshing
    report = upload(folio, tmp_path / "l.db", SAMPLE / "OffCirc.dat")
    agree(folio, report, day_model(in_house=True, guarded=True).play(SAMPLE / "OffCirc.dat"))
    assert (folio.refreshed > 5) is refreshing
    assert (folio.sign_ins > 5) is not refreshing


@pytest.mark.parametrize("fate", [cut_before, cut_after, error_500, error_500_after])
@pytest.mark.parametrize("act", ["check-out-by-barcode", "check-in-by-barcode"])
def test_lost_answers_are_settled_by_looking(
    folio: FolioDouble, tmp_path: Path, act: str, fate: object
) -> None:
    folio.misbehave(act, *[fate] * 3)  # type: ignore[list-item]
    report = upload(folio, tmp_path / "l.db", *DESKS)
    agree(folio, report, day_model(in_house=True, guarded=True).play(*DESKS))


def test_items_go_back_to_the_desk_that_their_lines_name(
    folio: FolioDouble, tmp_path: Path
) -> None:
    report = upload(folio, tmp_path / "l.db", *DESKS, desk="SCI_PRET")
    assert report.complete
    sent = [body for _method, path, body in folio.requests if "check-in-by-barcode" in path]
    assert {body["servicePointId"] for body in sent} == {POINTS["cd2"]}
    assert {datetime.fromisoformat(body["checkInDate"]).utcoffset() for body in sent} == {
        datetime(2018, 3, 6, tzinfo=ZONE).utcoffset()
    }
