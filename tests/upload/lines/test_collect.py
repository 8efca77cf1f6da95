"""Files and folders, looked at: whose, how exact, uploaded before or not."""

from __future__ import annotations

import gzip
import platform
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from upload.desks import RealDesk
from upload.kit import START, back, dat, loan

from offcirc.core.identity import DeskIdentity
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineState, Settled
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.lines import collect as collect_module
from offcirc.upload.lines.collect import CollectProgress, collect, expand
from offcirc.upload.lines.copies import guess
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lines.source import (
    CollectedFile,
    FileNote,
    Precision,
    SourceState,
    UploadedBefore,
)

HERE = Path(__file__).parents[1]
NOW = datetime(2018, 1, 20)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RealDesk]:
    made = RealDesk(tmp_path / "desk")
    yield made
    made.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger" / "ledger.db") as book:
        yield book


def only(*paths: Path, **options: object) -> CollectedFile:
    (source,) = collect(paths, now=NOW, **options)
    return source


def test_a_bare_file_tells_minutes_and_its_name_a_desk(tmp_path: Path) -> None:
    path = dat(
        tmp_path / "OffCirc_Mirail_20180115.dat",
        *(loan(0, "A"), back(5, "B"), b"rubbish!", b"", loan(60 * 24 * 30, "C")),
    )
    source = only(path)
    assert (source.state, source.name) == (SourceState.READY, path.name)
    assert (source.lines, source.loans, source.returns, source.damaged) == (4, 2, 1, 1)
    assert source.doubtful == 1
    assert (source.first, source.last) == (START, START + timedelta(days=30))
    assert (source.precision, source.exact) == (Precision.MINUTES, 0)
    assert (source.identity, source.guessed) == (DeskIdentity(desk_name="Mirail"), True)
    assert source.standing is UploadedBefore.NEW
    assert source.size == path.stat().st_size


def test_the_collection_folder_tells_desk_and_milliseconds(desk: RealDesk, tmp_path: Path) -> None:
    desk.lend("A", at=1.5)
    desk.take_back("A", at=2.25)
    desk.save()
    desk.mirror(tmp_path / "share")
    source = only(tmp_path / "share")
    assert source.identity == desk.identity
    assert (source.told_by, source.guessed) == (ToldBy.MANIFEST, False)
    assert source.computer == platform.node()
    assert (source.precision, source.exact, source.notes) == (Precision.EXACT, 2, ())
    lines = list(make_plan([source]).lines())
    assert [line.exact for line in lines] == ["2018-01-15T09:00:01.500", "2018-01-15T09:00:02.250"]
    assert [line.minute for line in lines] == ["2018-01-15T09:00"] * 2
    (file,) = make_plan([source]).files
    assert (file.library, file.circulation_desk) == ("BUC du Mirail", "BUC_PRET")
    assert (file.desk_name, file.told_by) == ("Desk 1", "manifest")


def test_a_data_folder_tells_the_same_by_its_journal(desk: RealDesk) -> None:
    desk.lend("A", at=1)
    desk.save()
    before = sorted(path.name for path in desk.folder.iterdir())
    for running in (True, False):
        if not running:
            desk.close()
            before = sorted(path.name for path in desk.folder.iterdir())
        source = only(desk.folder)
        assert (source.told_by, source.identity) == (ToldBy.JOURNAL, desk.identity)
        assert (source.precision, source.notes) == (Precision.EXACT, ())
        assert sorted(path.name for path in desk.folder.iterdir()) == before
    desk.open()


def test_a_manifest_older_than_its_file_covers_the_first_lines(
    desk: RealDesk, tmp_path: Path
) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    with copy.open("ab") as file:
        file.write(dat(tmp_path / "x", loan(3, "B")).read_bytes())
    source = only(copy)
    assert source.notes == (FileNote.MANIFEST_OLDER,)
    assert (source.precision, source.exact, source.lines) == (Precision.PARTLY, 1, 2)
    assert [bool(line.exact) for line in make_plan([source]).lines()] == [True, False]


def test_a_manifest_of_other_content_is_ignored(desk: RealDesk, tmp_path: Path) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    copy.write_bytes(copy.read_bytes().replace(b"A ", b"Z ", 1))
    source = only(copy)
    assert source.notes == (FileNote.MANIFEST_MISMATCH,)
    assert source.precision is Precision.MINUTES
    assert source.guessed
    assert not next(make_plan([source]).lines()).exact


def test_where_manifest_and_line_disagree_the_line_is_right(desk: RealDesk, tmp_path: Path) -> None:
    desk.lend("A", at=1)
    desk.lend("B", at=2)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    told = manifest_path(copy)
    told.write_bytes(told.read_bytes().replace(b'T08:00:01.000Z",60', b'T08:05:01.000Z",60'))
    source = only(copy)
    assert (source.exact, source.precision) == (1, Precision.PARTLY)
    assert [line.exact[11:19] for line in make_plan([source]).lines()] == ["", "09:00:02"]


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"[1]\n"])
def test_a_damaged_manifest_is_said_and_does_no_harm(
    desk: RealDesk, tmp_path: Path, damage: bytes
) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    manifest_path(copy).write_bytes(damage)
    assert only(copy).notes == (FileNote.MANIFEST_DAMAGED,)
    assert only(copy).ready


def test_a_manifest_that_was_cut_off_is_damaged(desk: RealDesk, tmp_path: Path) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    whole = manifest_path(copy).read_bytes()
    for size in range(len(whole) - 3):
        manifest_path(copy).write_bytes(whole[:size])
        assert only(copy).notes == (FileNote.MANIFEST_DAMAGED,), size


def test_a_journal_that_is_no_journal_is_said(tmp_path: Path) -> None:
    dat(tmp_path / "OffCirc.dat", loan(0, "A"))
    (tmp_path / "journal.db").write_bytes(b"not a database at all" * 100)
    source = only(tmp_path)
    assert (source.ready, source.notes) == (True, (FileNote.JOURNAL_UNUSABLE,))


def test_a_journal_of_an_older_version_is_said_and_left_as_it_is(tmp_path: Path) -> None:
    dat(tmp_path / "OffCirc.dat", loan(0, "A"))
    old = gzip.decompress((HERE.parent / "storage" / "journal-layout-1.db.gz").read_bytes())
    (tmp_path / "journal.db").write_bytes(old)
    assert only(tmp_path).notes == (FileNote.JOURNAL_UNUSABLE,)
    assert (tmp_path / "journal.db").read_bytes() == old
    assert {path.name for path in tmp_path.iterdir()} == {"OffCirc.dat", "journal.db"}


def test_a_clock_that_was_set_right_corrects_the_lines_before(
    desk: RealDesk, tmp_path: Path
) -> None:
    desk.wrong = -3600
    desk.close()
    desk.open()
    desk.lend("A", at=60)
    desk.lend("B", at=120)
    desk.at(180)
    desk.set_clock(0)
    desk.lend("C", at=240)
    desk.save()
    source = only(desk.mirror(tmp_path / "share"))
    assert source.notes == (FileNote.CLOCK_MOVED,)
    assert [tuple(one) for one in source.corrections] == [(1, 2, 3600.0)]
    assert source.offset == 3600
    lines = list(make_plan([source]).lines())
    assert [line.minute[11:] for line in lines] == ["09:01", "09:02", "09:04"]
    assert lines[0].raw.startswith(b"201801150801")


def test_a_tree_is_searched_for_files_of_any_name_and_case(tmp_path: Path) -> None:
    wanted = [
        dat(tmp_path / "tree" / name, loan(number, f"I{number}"))
        for number, name in enumerate(
            ["a/OffCirc.dat", "b/OFFCIRC.DAT", "b/c/day 2 Mirail.Dat", "d/é.dat"]
        )
    ]
    for name in (".hidden/OffCirc.dat", "a/.OffCirc.dat.tmp"):
        dat(tmp_path / "tree" / name, loan(0, "X"))
    (tmp_path / "tree" / "a" / "notes.txt").write_text("Ring the desk of Mirail.")
    found = collect([tmp_path / "tree", wanted[0]], now=NOW)
    assert [source.path for source in found] == wanted
    assert [source.name for source in found] == [
        *("a/OffCirc.dat", "b/OFFCIRC.DAT", "day 2 Mirail.Dat", "é.dat")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_links_that_lead_round_in_a_circle_are_not_followed(tmp_path: Path) -> None:
    path = dat(tmp_path / "tree" / "a" / "OffCirc.dat", loan(0, "A"))
    (tmp_path / "tree" / "a" / "round").symlink_to(tmp_path / "tree")
    (tmp_path / "link.dat").symlink_to(path)
    assert expand([tmp_path / "tree", tmp_path / "link.dat"]) == [path]


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", SourceState.NOT_OFFCIRC),
        (b"Dear Sir,\nyes.\n", SourceState.NOT_OFFCIRC),
        (None, SourceState.UNREADABLE),
    ],
)
def test_what_cannot_be_used_says_why(
    tmp_path: Path, content: bytes | None, state: SourceState
) -> None:
    path = tmp_path / "other.dat"
    if content is not None:
        path.write_bytes(content)
    source = only(path)
    assert source.state is state
    assert source.reason.startswith("other.dat")
    assert not source.ready
    assert not source.sha256


def test_an_empty_file_is_a_day_without_loans(tmp_path: Path) -> None:
    source = only(dat(tmp_path / "a.dat"))
    assert (source.ready, source.lines, source.notes) == (True, 0, (FileNote.EMPTY,))
    assert source.mark == b""


def test_of_equal_files_the_one_that_knows_more_is_taken(desk: RealDesk, tmp_path: Path) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    bare = tmp_path / "by hand.dat"
    shutil.copy(copy, bare)
    first, second = collect([bare, copy], now=NOW)
    assert (first.same_as, first.notes) == (copy.name, (FileNote.SAME_CONTENT,))
    assert second.same_as == ""
    assert [line.file for line in make_plan([bare, copy]).lines()] == [1]


def test_an_earlier_copy_is_left_out_and_what_is_told_beside_it_is_used(
    desk: RealDesk, tmp_path: Path
) -> None:
    desk.lend("A", at=1)
    desk.save()
    copy = desk.mirror(tmp_path / "share")
    desk.lend("B", at=62)
    desk.save()
    bare = tmp_path / "later.dat"
    shutil.copy(desk.path, bare)
    for given in ([bare, copy], [copy, bare]):
        by_name = {source.name: source for source in collect(given, now=NOW)}
        assert by_name[copy.name].same_as == bare.name
        assert FileNote.EARLIER_COPY in by_name[copy.name].notes
        later = by_name[bare.name]
        assert (later.identity, later.exact, later.same_as) == (desk.identity, 1, "")
        lines = list(make_plan(given).lines())
        assert [(line.item, bool(line.exact)) for line in lines] == [("A", True), ("B", False)]


def test_the_copy_of_an_earlier_copy_names_the_file_that_is_taken(tmp_path: Path) -> None:
    early = dat(tmp_path / "early.dat", loan(0, "A"))
    again = dat(tmp_path / "again.dat", loan(0, "A"))
    whole = dat(tmp_path / "whole.dat", loan(0, "A"), loan(1, "B"))
    *copies, taken = collect([early, again, whole], now=NOW)
    assert [(one.same_as, one.notes) for one in copies] == [
        ("whole.dat", (FileNote.EARLIER_COPY,))
    ] * 2
    assert taken.same_as == ""
    assert collect([early, again], now=NOW)[1].notes == (FileNote.SAME_CONTENT,)


def test_a_file_that_only_begins_alike_is_no_copy(tmp_path: Path) -> None:
    one = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"))
    other = dat(tmp_path / "b.dat", loan(0, "A"), loan(1, "C"), loan(2, "D"))
    cut = tmp_path / "cut.dat"
    cut.write_bytes(other.read_bytes()[:-3])
    assert [source.same_as for source in collect([one, other, cut], now=NOW)] == ["", "", ""]


def uploaded(ledger: Ledger, path: Path, *states: LineState, server: str = "s") -> None:
    """An earlier upload of a file in which its lines came to these states."""
    plan = make_plan([path])
    lines: list[LineFacts] = list(plan.lines())
    number = ledger.begin(
        **{"server": server, "url": "u", "desk": "d", "who": "w", "process_id": "", "name": ""},
        files=plan.files,
        lines=lines,
    )
    upload = ledger.upload(number)
    assert upload is not None
    rows = ledger.lines(upload, LineState.PLANNED)
    ledger.settle(Settled(row.id, state) for row, state in zip(rows, states, strict=True))


def test_what_was_uploaded_is_known_by_content_whatever_the_name(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"), loan(2, "C"))
    uploaded(ledger, path, LineState.RECORDED, LineState.REJECTED, LineState.UNKNOWN)
    other = tmp_path / "other name.dat"
    path.rename(other)
    source = only(other, ledger=ledger)
    assert (source.recorded, source.refused, source.open) == (1, 1, 1)
    assert source.standing is UploadedBefore.ALL
    assert only(other, ledger=ledger, server="another").standing is UploadedBefore.NEW
    assert only(other).standing is UploadedBefore.NEW
    dat(other, loan(0, "A"), loan(1, "B"), loan(2, "C"), loan(3, "D"))
    grown = only(other, ledger=ledger, server="s")
    assert (grown.standing, grown.recorded, grown.lines) == (UploadedBefore.PARTLY, 1, 4)


def test_a_line_that_was_dropped_is_not_missed(ledger: Ledger, tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "B"))
    uploaded(ledger, path, LineState.RECORDED, LineState.PLANNED)
    assert only(path, ledger=ledger).standing is UploadedBefore.PARTLY
    key = list(make_plan([path]).lines())[1].key
    DecisionBook(ledger).drop([DecidedLine(key)], who="Ana")
    source = only(path, ledger=ledger)
    assert (source.dropped, source.standing) == (1, UploadedBefore.ALL)


def test_a_file_can_be_known_by_its_mark_when_it_grows(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", b"rubbish!", loan(0, "A"))
    mark = only(path).mark
    assert len(mark) == 32
    dat(path, b"rubbish!", loan(0, "A"), *(loan(n, f"I{n}") for n in range(2000)))
    assert only(path).mark == mark


def test_progress_is_told_and_it_can_be_cancelled(tmp_path: Path) -> None:
    paths = [dat(tmp_path / f"{name}.dat", loan(0, name)) for name in "abc"]
    told: list[CollectProgress] = []
    collect(paths, now=NOW, progress=told.append)
    assert [scan.done for scan in told] == sorted(scan.done for scan in told)
    total = sum(path.stat().st_size for path in paths)
    assert told[-1] == CollectProgress(3, 3, total, total, "")
    assert {scan.name for scan in told} == {"a.dat", "b.dat", "c.dat", ""}
    with pytest.raises(CancelledError):
        collect(paths, now=NOW, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("path", "desk"),
    [
        ("OffCirc_BUC-du-Mirail_Desk-2_PC7.dat", "BUC du Mirail · Desk 2"),
        ("OffCirc_20180115_Mirail.dat", "Mirail"),
        ("OffCirc-15-01-2018 Rotonde.dat", "Rotonde"),
        ("offcirc 2018-01-15 (Santé banque 2).dat", "Santé banque 2"),
        ("Mirail/OffCirc.dat", "Mirail"),
        ("2018-01-15/OffCirc.dat", ""),
        ("Downloads/OffCirc (2).dat", ""),
        ("OffCirc 3.dat", "3"),
        ("files/OffCirc.dat", ""),
        ("desk-A.dat", "desk-A"),
    ],
)
def test_the_desk_is_guessed_from_the_name(path: str, desk: str) -> None:
    assert str(guess(Path("/srv/x") / path)[0]) == desk


def test_a_folder_with_too_many_files_is_said_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect_module, "FOLDER_LIMIT", 2)
    for name in "abc":
        dat(tmp_path / "tree" / f"{name}.dat", loan(0, name))
    first, second, folder = collect([tmp_path / "tree"], now=NOW)
    assert (first.name, second.name) == ("a.dat", "b.dat")
    assert folder.state is SourceState.UNREADABLE
    assert str(tmp_path / "tree") in folder.reason
    monkeypatch.setattr(collect_module, "FOLDER_LIMIT", 3)
    assert len(collect([tmp_path / "tree"], now=NOW)) == 3


def test_files_are_known_by_what_they_hold(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name, item in (("OffCirc.dat.txt", "A"), ("7 Jan 2021 CNS", "B"), ("c.bak", "C")):
        dat(tree / name, loan(0, item))
    (tree / "d.txt").write_bytes(b"\xef\xbb\xbf" + (tree / "c.bak").read_bytes())
    (tree / "e.txt").write_text((tree / "c.bak").read_text(), encoding="utf-16")
    (tree / "f.csv").write_text("file,line\nc.bak,1,201801150914LI1\n")
    (tree / "g.txt").write_bytes(b"")
    (tree / "h.ini.dat").write_text("[window]\n")
    found = {source.path.name: source.state for source in collect([tree], now=NOW)}
    assert found == {
        "OffCirc.dat.txt": SourceState.READY,
        "7 Jan 2021 CNS": SourceState.READY,
        "c.bak": SourceState.READY,
        "d.txt": SourceState.READY,
        "e.txt": SourceState.NOT_OFFCIRC,
        "h.ini.dat": SourceState.NOT_OFFCIRC,
    }


def test_desks_at_which_nothing_was_recorded_are_no_copies(tmp_path: Path) -> None:
    sources = collect([dat(tmp_path / "a.dat"), dat(tmp_path / "b.dat")], now=NOW)
    assert [(one.same_as, one.notes) for one in sources] == [("", (FileNote.EMPTY,))] * 2
    assert list(make_plan(sources).lines()) == []
