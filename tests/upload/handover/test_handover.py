"""Files for Alma: what is in them, their names, and that no line is lost or given twice."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from helpers import TOP
from hypothesis import given
from hypothesis import strategies as st
from upload.handover_kit import desk_file
from upload.kit import back, dat, loan, loans

from offcirc import i18n, resources
from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError
from offcirc.servers.errors import ByHandError
from offcirc.servers.files.alma import AlmaFile
from offcirc.servers.registry import Profile, open_server
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover import checklist, handoverparts
from offcirc.upload.handover.handedfile import handed_file, load_handover, waiting
from offcirc.upload.handover.handover import hand_over, preview_handover
from offcirc.upload.handover.handovererrors import NoDeskError, NothingToHandOverError
from offcirc.upload.handover.handoverparts import Happening
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobStatus, LineStatus
from offcirc.upload.run import list_jobs

STEP = 1 if os.environ.get("OFFCIRC_PROVE") == "1" else 4
"""Every so many-th write is one at which the program is killed."""
SAMPLE = resources.path("practice/toulouse/OffCirc.dat")
MIRAIL = DeskIdentity("BUC du Mirail", "BUC_PRET", "Poste 1")
ARSENAL = DeskIdentity("Bibliothèque de l’Arsenal", "ARS_PRET", "Poste 7")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "alma"


@pytest.fixture
def give(ledger, out):
    def hand(*files: Path, **more):
        more = {"folder": out, "who": "Camille", **more}
        return hand_over(make_plan(files), ledger, **more)

    return hand


def dats(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.dat"))}


def test_one_desk_gives_its_own_file_in_order(give, out, ledger):
    done = give(SAMPLE, desk="BUC_PRET")
    assert dats(out) == {"OffCirc_BUC_PRET_2018-01-15_2018-01-17.dat": SAMPLE.read_bytes()}
    (file,) = done.files
    assert (file.lines, file.loans, file.returns, file.waiting) == (57, 34, 23, 57)
    assert (file.place, file.places, file.desk) == (1, 1, "BUC_PRET")
    assert file.first == datetime(2018, 1, 15, 9, 14)
    (report,) = done.reports
    assert (report.status, report.handed_over, report.exceptions) == (JobStatus.WAITING, 57, 0)
    assert not report.complete
    assert [job.status for job in list_jobs(ledger)] == [JobStatus.WAITING]
    assert waiting(ledger) == [file]
    assert handed_file(ledger, file.job) == file
    assert load_handover(ledger, file.job).files == done.files


@pytest.mark.promise("files-are-their-owners-alone")
@pytest.mark.skipif(os.name == "nt", reason="modes of files are only on POSIX")
def test_what_is_written_is_private(give, out):
    give(SAMPLE, desk="BUC_PRET")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_the_desks_of_a_circulation_desk_are_merged_and_others_apart(give, tmp_path, out):
    one = desk_file(tmp_path / "1.dat", MIRAIL, loan(0, "A"), loan(5, "B"))
    two = desk_file(
        tmp_path / "2.dat", DeskIdentity("BUC du Mirail", "BUC_PRET", "Poste 2"), loan(3, "C")
    )
    other = desk_file(tmp_path / "3.dat", ARSENAL, back(1, "Z"))
    done = give(one, two, other)
    assert dats(out) == {
        "OffCirc_BUC-du-Mirail_BUC_PRET_2018-01-15.dat": (
            encode(loan(0, "A")) + encode(loan(3, "C")) + encode(loan(5, "B"))
        ),
        "OffCirc_Bibliotheque-de-l-Arsenal_ARS_PRET_2018-01-15.dat": encode(back(1, "Z")),
    }
    assert [(file.desk, file.library, file.lines) for file in done.files] == [
        ("BUC_PRET", "BUC du Mirail", 3),
        ("ARS_PRET", "Bibliothèque de l’Arsenal", 1),
    ]
    assert [[file.name for file in report.files] for report in done.reports] == [
        ["1.dat", "2.dat"],
        ["3.dat"],
    ]


def test_an_item_that_goes_to_and_fro_needs_a_second_file(give, tmp_path, out):
    here = desk_file(
        tmp_path / "1.dat", MIRAIL, loan(0, "A", "P1"), loan(9, "A", "P2"), loan(9, "B")
    )
    there = desk_file(tmp_path / "2.dat", ARSENAL, back(5, "A"), loan(6, "Q"))
    done = give(here, there)
    assert [(file.desk, file.lines) for file in done.files] == [
        ("BUC_PRET", 2),
        ("ARS_PRET", 2),
        ("BUC_PRET", 1),
    ]
    assert done.files[0].path.read_bytes() == encode(loan(0, "A", "P1")) + encode(loan(9, "B"))
    assert done.files[2].path.read_bytes() == encode(loan(9, "A", "P2"))
    assert done.files[2].path.name == "OffCirc_BUC-du-Mirail_BUC_PRET_2018-01-15_2.dat"
    page = checklist.checklist(done)
    assert [row.place for row in page.files] == [1, 2, 3]
    assert "order" in page.order


def test_damaged_lines_are_left_out_and_told(give, tmp_path, out):
    collapsed = b"201801150900LA P1"
    bare_return = b"201801150901RB"
    file = dat(tmp_path / "x.dat", collapsed, b"201801159999LC P1", bare_return, b"", loan(3, "D"))
    done = give(file, desk="D1")
    (written,) = dats(out).values()
    assert written == (encode(loan(0, "A", "P1")) + encode(back(1, "B")) + encode(loan(3, "D")))
    assert all(len(line) in (93, 95) for line in written.split(b"\r\n")[:-1])
    (report,) = done.reports
    assert (done.lines, done.held) == (3, 1)
    (line,) = report.exception_lines
    assert (line.line, line.status) == (2, LineStatus.HELD)


def test_decisions_hold_in_the_file_and_the_original_stays(tmp_path, ledger, out):
    file = dat(tmp_path / "x.dat", loan(0, "A"), loan(1, "B"), loan(2, "C"), loan(3, "D"))
    before = file.read_bytes()
    lines = list(make_plan([file]).lines())
    named = [DecidedLine(line.key, "x.dat", line.number, line.raw) for line in lines]
    book = DecisionBook(ledger)
    book.correct(named[0], LineChange(item="A2"), who="Camille")
    book.drop([named[1]], who="Camille")
    book.hold([named[2]], who="Camille")
    plan = make_plan([file], decisions=decided(ledger))
    done = hand_over(plan, ledger, folder=out, who="Camille", desk="D1")
    (written,) = dats(out).values()
    assert written == encode(loan(0, "A2")) + encode(loan(3, "D"))
    assert (done.lines, done.held) == (2, 2)
    assert file.read_bytes() == before


def test_only_damaged_lines_make_a_report_and_no_file(give, tmp_path, out):
    done = give(dat(tmp_path / "x.dat", b"201801159999LC P1", b"20180115"), desk="D1")
    assert (done.files, done.held, done.checklist) == ((), 2, None)
    assert done.reports[0].status is JobStatus.COMPLETED
    assert list(out.iterdir()) == []


def test_lines_handed_over_before_are_left_out(give, tmp_path, out):
    first = give(loans(tmp_path / "x.dat", 3), desk="D1")
    with pytest.raises(NothingToHandOverError):
        give(tmp_path / "x.dat", desk="D1")
    assert len(dats(out)) == 1
    # The desk went on, and somebody renamed its file.
    more = loans(tmp_path / "renamed.dat", 5)
    second = give(more, desk="D1")
    assert (second.lines, second.skipped) == (2, 3)
    assert {line.reason for line in second.reports[0].lines} == {reasons.ALREADY_HANDED_OVER}
    assert second.files[0].path != first.files[0].path
    assert first.files[0].path.read_bytes() == (tmp_path / "x.dat").read_bytes()


def test_on_demand_they_are_handed_over_again_and_waited_for_once(give, tmp_path, ledger):
    first = give(loans(tmp_path / "x.dat", 3), desk="D1")
    again = give(tmp_path / "x.dat", desk="D1", again=True)
    assert again.lines == 3
    assert again.files[0].path.read_bytes() == first.files[0].path.read_bytes()
    assert [file.job for file in waiting(ledger)] == [again.files[0].job]
    old = next(job for job in list_jobs(ledger) if job.id == first.files[0].job)
    assert (old.status, old.handed_over, old.skipped) == (JobStatus.COMPLETED, 0, 3)
    assert [ledger.runs(job.id)[-1].status for job in list_jobs(ledger)] == ["waiting", "completed"]


def test_a_line_that_two_files_hold_is_written_once(give, tmp_path, out):
    one = desk_file(tmp_path / "1.dat", MIRAIL, loan(0, "A"), loan(1, "B"))
    copied = desk_file(tmp_path / "2.dat", ARSENAL, loan(1, "B"), loan(2, "C"))
    done = give(one, copied)
    assert (done.lines, done.skipped) == (3, 1)
    assert sum(content.count(b"\r\n") for content in dats(out).values()) == 3


def test_who_does_not_say_the_desk_is_asked(give, tmp_path, out):
    named = desk_file(tmp_path / "1.dat", MIRAIL, loan(0, "A"))
    bare = loans(tmp_path / "bare.dat", 1)
    with pytest.raises(NoDeskError) as caught:
        give(named, bare)
    assert "bare.dat" in caught.value.words()
    assert not list(out.glob("*"))
    done = give(named, bare, desk="OTHER")
    assert {file.desk for file in done.files} == {"BUC_PRET", "OTHER"}


@pytest.mark.promise("nothing-destroyed")
def test_nothing_is_overwritten(give, tmp_path, out):
    out.mkdir()
    taken = out / "OffCirc_D1_2018-01-15.dat"
    taken.write_bytes(b"mine")
    done = give(loans(tmp_path / "x.dat", 1), desk="D1")
    assert taken.read_bytes() == b"mine"
    assert done.files[0].path.name == "OffCirc_D1_2018-01-15_2.dat"
    again = give(loans(tmp_path / "x.dat", 1), desk="D1", again=True)
    assert again.files[0].path.name == "OffCirc_D1_2018-01-15_3.dat"
    assert again.checklist != done.checklist


def test_a_preview_writes_nothing(ledger, tmp_path, out):
    plan = make_plan([dat(tmp_path / "x.dat", loan(0, "A"), b"20180115")])
    seen = preview_handover(plan, ledger, folder=out, desk="D1")
    assert (seen.id, seen.lines, seen.held, seen.checklist) == (0, 1, 1, None)
    assert seen.files[0].path == out / "OffCirc_D1_2018-01-15.dat"
    assert seen.files[0].size == 97
    assert not out.exists()
    assert list_jobs(ledger) == []


def test_a_full_disk_loses_nothing(give, tmp_path, out, ledger, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        raise StorageError(Fault.DISK_FULL, path)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace", full)
        with pytest.raises(StorageError):
            give(loans(tmp_path / "x.dat", 3), desk="D1")
    assert dats(out) == {}
    done = give(loans(tmp_path / "y.dat", 4), desk="D1")
    assert (done.lines, done.skipped) == (1, 3)
    contents = list(dats(out).values())
    assert sorted(content.count(b"\r\n") for content in contents) == [1, 3]
    assert {file.waiting for file in waiting(ledger)} == {1, 3}


def test_a_stick_that_is_gone_is_replaced_by_the_next_folder(
    give, tmp_path, out, ledger, monkeypatch
):
    def gone(path: Path, data: bytes) -> None:
        path.parent.rmdir()
        raise StorageError(Fault.VANISHED, path)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace", gone)
        with pytest.raises(StorageError):
            give(loans(tmp_path / "x.dat", 3), desk="D1")
    done = give(tmp_path / "x.dat", desk="D1", folder=tmp_path / "elsewhere")
    assert done.checklist.parent == tmp_path / "elsewhere"
    (path,) = (tmp_path / "elsewhere").glob("*.dat")
    assert path.read_bytes() == (tmp_path / "x.dat").read_bytes()
    assert [file.path for file in waiting(ledger)] == [path]


def test_two_at_once_do_not_meet(give, tmp_path, ledger):
    with Ledger(ledger.path) as other, other.exclusive(), pytest.raises(LedgerBusyError):
        give(loans(tmp_path / "x.dat", 1), desk="D1")


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with signals")
def test_killed_at_any_write_every_line_is_in_one_file(tmp_path):
    one = desk_file(tmp_path / "1.dat", MIRAIL, loan(0, "A"), loan(9, "A", "P2"), b"20180115")
    two = desk_file(tmp_path / "2.dat", ARSENAL, back(5, "A"), loan(6, "Q"))
    expected = sorted(map(encode, (loan(0, "A"), loan(9, "A", "P2"), back(5, "A"), loan(6, "Q"))))
    at, code = 1 - STEP, -signal.SIGKILL
    while code == -signal.SIGKILL:
        at += STEP
        data, out = tmp_path / f"data{at}", tmp_path / f"out{at}"
        words_ = [sys.executable, "-m", "upload.killed_handover", data, out, str(at), one, two]
        code = subprocess.run(
            words_,
            check=False,
            env={**os.environ, "PYTHONPATH": f"{TOP}{os.pathsep}{TOP / 'tests'}"},
        ).returncode
        with Ledger(data / "ledger.db") as ledger:
            with suppress(NothingToHandOverError):
                hand_over(make_plan([one, two]), ledger, folder=out, who="referent")
            files = waiting(ledger)
            pages = " ".join(page.read_text("utf-8") for page in out.glob("*.html"))
            assert all(file.path.name in pages for file in files)
            assert sorted(file.path for file in files) == sorted(out.glob("*.dat"))
            lines = [
                line + b"\r\n"
                for file in files
                for line in file.path.read_bytes().split(b"\r\n")
                if line
            ]
            assert sorted(lines) == expected
            states = [ledger.counts(ledger.upload(job.id)) for job in list_jobs(ledger)]
            assert sum(count[LineState.PLANNED] for count in states) == 0
        assert not list(out.glob("*.tmp"))
    assert code == 0
    assert at > 8


HAPPENINGS = st.lists(
    st.builds(Happening, st.sampled_from("ABC"), st.sampled_from("xyz")), max_size=14
)


@given(HAPPENINGS)
def test_files_keep_the_order_of_each_item(happenings: list[Happening]):
    parts = handoverparts.desk_parts(happenings)
    sent = [place for part in parts for place in part.places]
    assert sorted(sent) == list(range(len(happenings)))
    assert all(happenings[place].desk == part.desk for part in parts for place in part.places)
    for item in "xyz":
        order = [place for place in sent if happenings[place].item == item]
        assert order == sorted(order)
    # No file could be joined with the next one.
    assert all(one.desk != two.desk for one, two in pairwise(parts))


def test_desks_go_in_the_order_that_needs_the_fewest_files():
    happenings = [Happening("A", "1"), Happening("B", "2"), Happening("A", "2")]
    assert [part.desk for part in handoverparts.desk_parts(happenings)] == ["B", "A"]
    many = [Happening(f"D{number}", "1") for number in range(9)]
    assert len(handoverparts.desk_parts(many)) == 9
    assert len(handoverparts.desk_parts([*many[::-1], Happening("E", "2")])) == 10


def test_there_is_nothing_to_connect_to():
    with pytest.raises(ByHandError) as caught:
        open_server("alma", {"alma": Profile("", AlmaFile.kind)})
    assert "--server alma" in caught.value.words()


def test_what_to_make_sure_of_is_there_for_programs_too():
    items = AlmaFile().preflight("BUC_PRET")
    assert [item.code for item in items if not item.after] == ["role", "block-preference", "desk"]
    assert "BUC_PRET" in items[2].text
    assert [item.code for item in items if item.after] == ["block-preference-reset", "keep-files"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_checklist_says_it_all_in_both_forms(give, tmp_path, language):
    i18n.activate(language)
    done = give(desk_file(tmp_path / "1.dat", MIRAIL, loan(0, "<b>A")), who="<Camille>")
    page = done.checklist.read_text("utf-8")
    text = done.checklist.with_suffix(".txt").read_bytes().decode("utf-8-sig")
    for shown in (page.replace("&gt;", ">"), " ".join(text.replace("[ ]", "").split())):
        assert "Services aux usagers > Outils avancés > Prêt secouru / Retour secouru" in shown
        assert "Télécharger et valider le contenu du fichier" in shown
        assert "Rafraîchir" in shown
        assert "Terminé avec succès" in shown
        assert "Circulation Desk Operator" in shown
        assert "Item on loan by another patron" in shown
        assert "Handle automatically" in shown
        assert "BUC_PRET" in shown
        assert "OffCirc_BUC-du-Mirail_BUC_PRET_2018-01-15.dat" in shown
    assert "<Camille>" not in page
    assert f'lang="{language}"' in page
    assert {"en": "For each file", "fr": "Pour chaque fichier"}[language] in text
    assert text.count("\r\n") == text.count("\n")
    assert "<Camille>" in text
