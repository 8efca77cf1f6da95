"""Whole uploads to Evergreen: the sample, two desks, again, faults on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.daymodel import SAMPLE, DayModel, day_model
from servers.double import (
    LOGIN,
    PASSWORD,
    Misbehaviour,
    cut_after,
    cut_before,
    error_500,
    error_500_after,
    html_after,
)
from servers.evergreendouble import (
    WORKSTATION,
    ZONE,
    EvergreenDouble,
    running_evergreen,
)

from offcirc.servers.evergreen.adapter import EvergreenServer
from offcirc.servers.evergreen.sessions import EvergreenSessions
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import run_upload

OPTIONS = {"workstation": WORKSTATION, "timezone": ZONE.key}
DESKS = (SAMPLE / "two-desks" / "desk-A.dat", SAMPLE / "two-desks" / "desk-B.dat")
HURRY = Patience(tries=8, first=0.01, longest=0.05, quiet=0.05)


@pytest.fixture
def evergreen() -> Iterator[EvergreenDouble]:
    with running_evergreen() as double:
        double.take(SAMPLE)
        yield double


def upload(
    evergreen: EvergreenDouble,
    ledger: Path,
    *files: Path,
    size: int = 200,
    meanwhile: Callable[[], None] = lambda: None,
) -> JobReport:
    server = EvergreenServer(
        evergreen.url, OPTIONS, batch_size=size, answer_seconds=5, poll_seconds=0
    )
    with server, Ledger(ledger) as kept:
        server.sign_in(LOGIN, PASSWORD)
        meanwhile()
        return run_upload(
            list(files), server, kept, desk=WORKSTATION, who="x", resume=True, patience=HURRY
        )


def agree(evergreen: EvergreenDouble, report: JobReport, model: DayModel) -> None:
    assert evergreen.held() == model.holders
    told = Counter(model.told)
    good = told.pop("recorded", 0) + told.pop("renewed", 0)
    assert (report.recorded, report.unknown) == (good, 0)
    refused = Counter(line.reason for line in report.lines if line.status.value == "rejected")
    assert refused == told
    assert evergreen.done.total() == good
    assert max(evergreen.done.values()) == 1


def model(*files: Path) -> DayModel:
    return day_model(in_house=False, guarded=False).play(*files)


@pytest.mark.parametrize("size", [1, 10, 200])
def test_the_sample_comes_out_as_the_model_says(
    evergreen: EvergreenDouble, tmp_path: Path, size: int
) -> None:
    report = upload(evergreen, tmp_path / "l.db", SAMPLE / "OffCirc.dat", size=size)
    assert report.complete
    agree(evergreen, report, model(SAMPLE / "OffCirc.dat"))


def test_two_desks_are_one_day(evergreen: EvergreenDouble, tmp_path: Path) -> None:
    report = upload(evergreen, tmp_path / "l.db", *DESKS)
    agree(evergreen, report, model(*DESKS))


def test_a_second_upload_changes_nothing(evergreen: EvergreenDouble, tmp_path: Path) -> None:
    first = upload(evergreen, tmp_path / "l.db", SAMPLE / "OffCirc.dat")
    before, done = evergreen.held(), evergreen.done.total()
    report = upload(evergreen, tmp_path / "l.db", SAMPLE / "OffCirc.dat")
    assert (evergreen.held(), evergreen.done.total()) == (before, done)
    assert (report.skipped, report.recorded) == (first.recorded, 0)


@pytest.mark.promise("evergreen-lost-answers")
@pytest.mark.parametrize("fate", [cut_before, cut_after, error_500, error_500_after, html_after])
@pytest.mark.parametrize("act", ["create", "load", "execute", "summary", "exceptions", "login"])
def test_lost_answers_are_settled(
    evergreen: EvergreenDouble, tmp_path: Path, act: str, fate: Misbehaviour
) -> None:
    def meanwhile() -> None:
        if act == "login":
            evergreen.expire()
        evergreen.misbehave(act, fate, fate)

    report = upload(evergreen, tmp_path / "l.db", *DESKS, size=9, meanwhile=meanwhile)
    agree(evergreen, report, model(*DESKS))


def dies(*_arguments: object) -> bool:
    raise KeyboardInterrupt


@pytest.mark.promise("evergreen-lost-answers")
def test_what_was_under_way_is_found_by_whoever_resumes(
    evergreen: EvergreenDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dies while lines are processed: the marks of its session tell which they are."""
    with monkeypatch.context() as patch:
        patch.setattr(EvergreenSessions, "_is_done", dies)
        with pytest.raises(KeyboardInterrupt):
            upload(evergreen, tmp_path / "l.db", *DESKS)
    report = upload(evergreen, tmp_path / "l.db", *DESKS)
    agree(evergreen, report, model(*DESKS))
    assert sum(1 for session in evergreen.sessions.values() if session["end_time"]) == 1


def test_tokens_end_in_mid_upload(evergreen: EvergreenDouble, tmp_path: Path) -> None:
    evergreen.token_life = 4
    report = upload(evergreen, tmp_path / "l.db", SAMPLE / "OffCirc.dat", size=9)
    agree(evergreen, report, model(SAMPLE / "OffCirc.dat"))
    assert evergreen.sign_ins > 5


def test_a_session_that_dies_leaves_its_lines_unknown(
    evergreen: EvergreenDouble, tmp_path: Path
) -> None:
    evergreen.stuck_after = 20
    report = upload(evergreen, tmp_path / "l.db", *DESKS)
    assert (report.complete, report.recorded, report.unknown) == (True, 0, 28)
