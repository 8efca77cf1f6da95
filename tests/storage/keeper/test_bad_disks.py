"""Real disks that fill up, end, or fail: the system itself says no, not a test's double."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from storage.desk_kit import MORNING

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Transaction, record_now
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.journal.rows import RowState, Where
from offcirc.storage.keeper.keeper import Keeper

PROGRAM = Path(__file__).parents[1] / "desk_on_a_bad_disk.py"
TOP = PROGRAM.parents[2]
FULL = os.environ.get("OFFCIRC_PROVE") == "1"
linux = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")


class Disk:
    """A small disk in memory, mounted."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        folder.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "offcirc-test", str(folder)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("only on machines where a test may mount a disk")

    def fill(self, leave: int = 0) -> Path:
        """Some other program fills it up."""
        ballast = self.folder / "ballast"
        free = shutil.disk_usage(self.folder).free
        with ballast.open("ab", buffering=0) as file:
            file.write(b"\xa5" * max(0, free - leave))
        return ballast

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def mounted(tmp_path) -> Iterator[object]:
    if sys.platform != "linux":
        pytest.skip("only on Linux")
    disks: list[Disk] = []

    def mount(size: str) -> Disk:
        disk = Disk(tmp_path / f"disk{len(disks)}", size)
        disks.append(disk)
        return disk

    yield mount
    for disk in disks:
        disk.unmount()


def loan(number: int) -> Transaction:
    return record_now(
        MORNING + timedelta(seconds=number), Operation.LOAN, f"{number:011}", "9921000000164"
    )


def check_all_saved(keeper: Keeper, kept: Sequence[Transaction]) -> None:
    keeper.reunite()
    assert keeper.standing.fault is None
    if keeper.pending():
        keeper.save()
    saved = [row for row in keeper.rows_since(MORNING) if row.state is RowState.SAVED]
    assert [row.transaction for row in saved] == list(kept)
    assert keeper.file.read_bytes() == b"".join(encode(each.record) for each in kept)


def test_a_megabyte_fills_up_in_the_middle_of_the_day(mounted, tmp_path):
    disk = mounted("1m")
    kept = []
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        assert keeper.standing.low
        keeper.tend()
        assert not keeper.standing.reserve, "a megabyte of one would be all of it"
        for number in range(20):
            kept.append(loan(number))
            assert keeper.append(kept[-1]).where is Where.MAIN
        keeper.save()
        ballast = disk.fill()
        places = set()
        for number in range(20, 400):
            kept.append(loan(number))
            places.add(keeper.append(kept[-1]).where)
            if Where.FALLBACK in places and number % 50 == 0:
                keeper.tend()
        assert Where.FALLBACK in places
        standing = keeper.standing
        assert standing.fault.fault is Fault.DISK_FULL
        assert standing.away > 0
        with pytest.raises(StorageError):
            keeper.save()
        assert len(keeper.pending()) == 380
        assert keeper.reunite().reunion.moved == ()
        ballast.unlink()
        check_all_saved(keeper, kept)
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        assert keeper.pending() == []


def test_a_whole_disk_of_one_megabyte_holds_thousands_of_transactions(mounted, tmp_path):
    """The write-ahead log is kept short where room is short."""
    disk = mounted("1m")
    kept = []
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        for number in range(2000):
            kept.append(loan(number))
            assert keeper.append(kept[-1]).where is Where.MAIN
        keeper.save()
        while keeper.append(loan(len(kept))).where is Where.MAIN:
            kept.append(loan(len(kept)))
            assert len(kept) < 10_000
    assert len(kept) > 3000


def test_the_reserve_is_room_for_the_rest_of_the_day(mounted, tmp_path):
    disk = mounted("24m")
    kept = []
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        keeper.tend()
        assert keeper.standing.reserve
        kept.append(loan(0))
        keeper.append(kept[0])
        disk.fill()
        for number in range(1, 1500):
            kept.append(loan(number))
            assert keeper.append(kept[-1]).where is Where.MAIN
        assert not keeper.standing.reserve
        keeper.tend()
        assert keeper.standing.low
        assert not keeper.standing.reserve
        check_all_saved(keeper, kept)
    assert not (tmp_path / "fallback").exists()


def test_a_full_disk_in_the_morning(mounted, tmp_path):
    disk = mounted("2m")
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        kept = [loan(0)]
        keeper.append(kept[0])
    ballast = disk.fill()
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        for number in range(1, 300):
            kept.append(loan(number))
            keeper.append(kept[-1])
        assert keeper.standing.where is Where.FALLBACK
        ballast.unlink()
        check_all_saved(keeper, kept)


def test_a_drive_is_pulled_and_put_back(mounted, tmp_path):
    """The journal on a drive of its own, the fallback place on the PC's disk."""
    disk = mounted("8m")
    real = tmp_path / "drive"
    kept = [loan(0), loan(1)]
    with Keeper.open(disk.folder / "data", fallback=tmp_path / "fallback") as keeper:
        keeper.append(kept[0])
        keeper.append(kept[1])
        subprocess.run(["cp", "-r", disk.folder, real], check=True)  # as it is, wherever it is
        disk.unmount()
        kept.append(loan(2))
        assert keeper.append(kept[2]).where is Where.FALLBACK
        assert keeper.standing.fault.fault is Fault.VANISHED
        assert len(keeper.pending()) == 3
        assert list(disk.folder.iterdir()) == []
        keeper.reunite()
        assert list(disk.folder.iterdir()) == [], "nothing is begun where the drive was"
        subprocess.run(["mount", "--bind", str(real), str(disk.folder)], check=True)
        check_all_saved(keeper, kept)


def run(
    tmp_path: Path, scans: int, *, limit: int = 0, before: Sequence[str] = ()
) -> list[list[str]]:
    """Let a desk work in a process of its own, and return what it promised."""
    done = subprocess.run(
        [*before, sys.executable, str(PROGRAM), str(tmp_path / "home"), str(tmp_path / "fallback"),
         str(scans), str(limit)],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def check_promises(tmp_path: Path, promises: list[list[str]]) -> None:
    with Keeper.open(tmp_path / "home", fallback=tmp_path / "fallback") as keeper:
        keeper.reunite()
        assert keeper.standing.fault is None
        if keeper.pending():
            keeper.save()
        assert keeper.pending() == []
        rows = keeper.rows_since(MORNING - timedelta(days=20_000))
        content = keeper.file.read_bytes()
    saved = [row for row in rows if row.state is RowState.SAVED]
    names = [row.transaction.id for row in saved]
    assert len(set(names)) == len(names)
    kept = [word[2] for word in promises if word[0] == "kept"]
    deleted = {word[1] for word in promises if word[0] == "deleted"}
    assert [name for name in kept if name not in deleted] == names
    assert content == b"".join(encode(row.transaction.record) for row in saved)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits: only on POSIX")
@pytest.mark.parametrize("growth", [1_000, 14_000, 34_000])
def test_files_may_not_grow_any_more(tmp_path, growth):
    """A quota or a limit of the file system, without any privilege to provoke it."""
    promises = run(tmp_path, 1)
    size = (tmp_path / "home" / "journal.db").stat().st_size
    promises += run(tmp_path, 200, limit=size + growth)
    places = {word[1] for word in promises if word[0] == "kept"}
    assert places == {"main", "fallback"}
    check_promises(tmp_path, promises)


@linux
@pytest.mark.parametrize("who", ["folder", "file"])
def test_a_folder_or_journal_that_may_only_be_read(tmp_path, who):
    promises = run(tmp_path, 3)
    home = tmp_path / "home"
    shut = home if who == "folder" else home / "journal.db"
    mode = shut.stat().st_mode
    before: list[str] = []
    if os.getuid() == 0:  # whom no permission stops
        setpriv = shutil.which("setpriv")
        if setpriv is None or not os.access(sys.executable, os.X_OK):
            pytest.skip("only on machines with setpriv")
        before = [setpriv, "--bounding-set=-all", "--inh-caps=-all", "--securebits=+noroot"]
    shut.chmod(0o500 if who == "folder" else 0o400)
    try:
        promises += run(tmp_path, 5, before=before)
    finally:
        shut.chmod(mode)
    assert [word[1] for word in promises if word[0] == "kept"][3:] == ["fallback"] * 5
    check_promises(tmp_path, promises)


def strace(tmp_path: Path, call: str, error: str, number: int, below: str) -> list[str]:
    """Have one system call on the files of a place fail, as a broken disk does."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("only on machines with strace")
    names = ("", "journal.db", "journal.db-wal", "OffCirc.dat", "journal.owner")
    paths = [word for name in names for word in ("-P", str(tmp_path / below / name))]
    return [
        program, "-f", "-qq", "-o", str(tmp_path / "trace"), *paths,
        "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}",
    ]  # fmt: skip


@linux
@pytest.mark.prove
@pytest.mark.parametrize(
    ("call", "error"),
    [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO"), ("write", "ENOSPC"),
     ("fsync", "EIO")],
)  # fmt: skip
def test_a_system_call_fails(tmp_path, call, error):
    """SQLite's own writes and flushes too; the journal and OffCirc.dat are there already."""
    step = 1 if FULL else 17
    number, hits = 1, 0
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        promises = run(folder, 8)
        promises += run(folder, 12, before=strace(folder, call, error, number, "home"))
        if "INJECTED" not in (folder / "trace").read_text():
            break
        hits += 1
        assert [word for word in promises if word[0] == "refused"] == []
        check_promises(folder, promises)
        number += step
    assert hits
