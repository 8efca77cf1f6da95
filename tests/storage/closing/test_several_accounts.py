"""Several accounts of one PC in one data folder: by its group, and in no other way."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from storage.desk_kit import Desk
from upload.kit import loan
from upload.past_kit import Told, past

from offcirc import resources
from offcirc.core.identity import DeskIdentity
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.closing.receipts import read_receipt
from offcirc.storage.copies.mirror import Mirror
from offcirc.storage.journal.journal import Journal
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.close.candidates import obey
from offcirc.upload.close.closing import close, look_at

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only on Linux"),
    pytest.mark.skipif(not ROOT, reason="only on machines where tests run as root"),
]

GROUP, STRANGERS = 61_900, 61_999
ONE, OTHER, STRANGER = 61_901, 61_902, 61_903


def as_account(user: int, what: Callable[[], None], group: int = GROUP) -> None:
    """Do something as an account of this system, in a process of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        code = 1
        try:
            os.setgroups([group])
            os.setgid(user)  # a group of its own, as each account has
            os.setuid(user)
            os.umask(0o022)
            what()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that other accounts can reach, as they can an installed program's resources.

    A checkout may lie in somebody's home.
    """
    with tempfile.TemporaryDirectory(prefix="accounts-", dir="/var/tmp") as name:
        readable = shutil.copytree(resources.root(), Path(name, "resources"))
        for path in (Path(name), readable, *readable.rglob("*")):
            path.chmod(0o755)
        monkeypatch.setattr(resources, "root", lambda: readable)
        yield Path(name)


def folder_of_group(place: Path, name: str, mode: int) -> Path:
    folder = place / name
    folder.mkdir()
    os.chown(folder, 0, GROUP)
    folder.chmod(mode)
    return folder


def a_day(folder: Path) -> None:
    """Somebody opens the desk, scans and saves; somebody uploads and puts away."""
    desk = Desk(folder)
    before = len(desk.journal.rows_between(1, 10_000))
    desk.scan(2)
    assert len(desk.journal.rows_between(1, 10_000)) == before + 2
    desk.save()
    desk.close()
    with Ledger(folder / "ledger.db") as ledger, ledger.exclusive():
        number = len(ledger.uploads())
    with Ledger(folder / "ledger.db") as ledger:
        path = folder / f"from a stick {number}.dat"
        past(ledger, path, Told(loan(number, f"I{number}")))
        (done,) = close(ledger, [look_at(ledger, path, folder=folder)], folder=folder, who="Lou")
        assert done.problem == ""


def test_two_accounts_work_in_the_folder_of_their_group(place: Path, tmp_path: Path) -> None:
    a_day(tmp_path / "so that all is imported")
    folder = folder_of_group(place, "data", 0o2770)
    for user in (ONE, OTHER, ONE, OTHER):
        as_account(user, lambda: a_day(folder))
    for path in folder.rglob("*"):
        wanted = 0o2770 if path.is_dir() else 0o660
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
        assert path.stat().st_gid == GROUP

    def look() -> None:
        with pytest.raises(PermissionError):
            list(folder.iterdir())

    as_account(STRANGER, look, STRANGERS)


def test_a_program_that_was_killed_leaves_the_folder_to_the_next_account(
    place: Path, tmp_path: Path
) -> None:
    a_day(tmp_path / "so that all is imported")
    folder = folder_of_group(place, "data", 0o2770)

    def killed() -> None:
        desk = Desk(folder)
        desk.scan(3)
        assert (folder / "journal.db-wal").exists()
        sys.stdout.flush()
        os._exit(0)

    as_account(ONE, killed)
    as_account(OTHER, lambda: a_day(folder))


def test_without_a_group_a_folder_is_one_accounts_own(place: Path, tmp_path: Path) -> None:
    a_day(tmp_path / "so that all is imported")
    folder = folder_of_group(place, "data", 0o777)
    as_account(ONE, lambda: a_day(folder))
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0

    def refused() -> None:
        with pytest.raises(StorageError) as caught:
            Journal.open(folder)
        assert caught.value.fault is Fault.DENIED

    as_account(OTHER, refused)


@pytest.mark.parametrize(
    ("mode", "copy"),
    [(0o770, 0o660), (0o775, 0o660), (0o2750, 0o640), (0o750, 0o640), (0o755, 0o600)],
)
def test_the_collection_folder_says_who_reads_the_copies(
    place: Path, tmp_path: Path, mode: int, copy: int
) -> None:
    a_day(tmp_path / "so that all is imported")
    data = place / "desk"
    data.mkdir()
    os.chown(data, ONE, ONE)
    shared = folder_of_group(place, "collected", mode)
    os.chown(shared, ONE, GROUP)

    def mirrored() -> None:
        desk = Desk(data)
        desk.scan(2)
        desk.save()
        mirror = Mirror(data, desk.path, shared, DeskIdentity("BUC", "BUC_PRET", "Desk 2"))
        mirror.start()
        assert mirror.close()
        desk.close()

    as_account(ONE, mirrored)
    assert len(list(shared.iterdir())) == 2
    for path in shared.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == copy
        assert path.stat().st_gid == (GROUP if copy != 0o600 else ONE)


def test_referent_and_desk_are_two_accounts(place: Path, tmp_path: Path) -> None:
    a_day(tmp_path / "so that all is imported")
    data, mine = place / "desk", place / "referent"
    for folder, user in ((data, ONE), (mine, OTHER)):
        folder.mkdir()
        os.chown(folder, user, user)
    shared = folder_of_group(place, "collected", 0o770)

    def mirrored() -> None:
        desk = Desk(data)
        desk.scan(2)
        desk.save()
        mirror = Mirror(data, desk.path, shared, DeskIdentity("BUC", "BUC_PRET", "Desk 2"))
        mirror.start()
        assert mirror.close()
        desk.close()

    def put_away() -> None:
        from upload.past_kit import FINE, uploaded

        (path,) = shared.glob("*.dat")
        with Ledger(mine / "ledger.db") as ledger:
            uploaded(ledger, [path], [FINE] * 2)
            candidate = look_at(ledger, path, folder=mine)
            (done,) = close(ledger, [candidate], folder=mine, who="Lou")
            assert done.problem == ""
        assert [each.suffixes[0] for each in shared.iterdir()] == [".closed"]

    def obeyed() -> None:
        (path,) = shared.iterdir()
        told = read_receipt(path)
        assert told is not None
        obey(data, None, told)
        assert not (data / "OffCirc.dat").exists()

    as_account(ONE, mirrored)
    as_account(OTHER, put_away)
    as_account(ONE, obeyed)
