"""Closing interrupted anywhere loses nothing and doubles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import TOP
from storage.desk_kit import CrashError, Desk
from storage.faulty import FaultyDisk, Kind, quick_folder
from upload.archive_kit import damaged
from upload.closing_kit import put_away
from upload.kit import loan, loans
from upload.past_kit import FINE, uploaded

from offcirc.core.dat.datline import encode
from offcirc.storage.ledger.closings import Whose, closings
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.close import closing


def evening(folder: Path, disk: FaultyDisk | None, whose: Whose) -> None:
    """A finished upload of a file of three lines and one more; closing, and everything may fail.

    Without a disk that may fail, everything is ready to be closed.
    """
    place = folder / "files"
    with Ledger(folder / "data" / "ledger.db") as ledger:
        if whose is Whose.DESK:
            desk = Desk(place)
            desk.scan(3)
            desk.save()
            path = desk.path
            uploaded(ledger, [path], [FINE] * 3)
            desk.scan()
            desk.save()
            desk.close()
        else:
            path = loans(place / "OffCirc.dat", 3)
            uploaded(ledger, [path], [FINE] * 3)
            path.write_bytes(path.read_bytes() + encode(loan(9, "I9")))
        (folder / "expected").write_bytes(path.read_bytes())
        if disk is None:
            return
        disk.count, disk.folder = 0, folder
        put_away(ledger, path, leave=True)


EVERY = 1 if os.environ.get("OFFCIRC_PROVE") == "1" else 3
KINDS = [Kind.REFUSED, Kind.CRASH, Kind.CRASH_AFTER]


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whose", [Whose.PLAIN, Whose.DESK])
def test_closing_interrupted_anywhere_loses_nothing_and_doubles_nothing(whose, kind):
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        disk = FaultyDisk(folder / "nowhere")
        disk.install(patch)
        evening(folder, disk, whose)
        steps = disk.count
    assert steps > 15
    # Each kind of failure begins at another step, so that together they meet every one.
    for step in range(1 + KINDS.index(kind) % EVERY, steps + 1, EVERY):
        with quick_folder() as folder:
            with pytest.MonkeyPatch.context() as patch:
                disk = FaultyDisk(folder / "nowhere")
                disk.install(patch)
                disk.fail_at, disk.kind = step, kind
                try:
                    evening(folder, disk, whose)
                except (CrashError, Exception):  # whatever it was, the morning comes
                    disk.heal()
            check_the_morning_after(folder)


def killed_closing(folder: Path, line: int) -> str:
    """Close in a process of its own that dies before a line of the code; what it printed."""
    words = (folder / "data", folder / "files" / "OffCirc.dat", str(line))
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[1] / "killed_closer.py", *words],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == (137 if line else 0), done.stderr
    return done.stdout


@pytest.mark.prove
@pytest.mark.parametrize("whose", [Whose.PLAIN, Whose.DESK])
def test_a_process_killed_before_any_line_of_closing_loses_nothing(whose):
    with quick_folder() as folder:
        evening(folder, None, whose)
        lines = int(killed_closing(folder, 0))
        check_the_morning_after(folder)
    tried = range(1, lines + 1) if EVERY == 1 else (lines // 2, lines * 3 // 4)
    for line in tried:
        with quick_folder() as folder:
            evening(folder, None, whose)
            killed_closing(folder, line)
            check_the_morning_after(folder)


def check_the_morning_after(folder: Path) -> None:
    whole = (folder / "expected").read_bytes()
    cut = len(whole) - len(whole.splitlines(keepends=True)[-1])
    path = folder / "files" / "OffCirc.dat"
    with Ledger(folder / "data" / "ledger.db") as ledger:
        assert all(
            done.problem == "" for done in closing.resume(ledger, folder=folder / "data", who="Lou")
        )
        closed = any(one.in_force for one in closings(ledger))
        if (folder / "files" / "journal.db").exists():
            desk = Desk(folder / "files")
            assert desk.codes() == []
            assert desk.pending() == []
            desk.close()
        assert path.read_bytes() == (whole[cut:] if closed else whole)
        if not closed:
            put_away(ledger, path, leave=True)
            assert path.read_bytes() == whole[cut:]
        found = [one.facts for one in closings(ledger) if one.in_force]
        assert len(found) == 1
        stored = folder / "data" / "archive" / found[0].archive / found[0].stored
        assert stored.read_bytes() == whole[:cut]
        assert damaged(stored.parent) == []
        left = [each.name for each in stored.parent.parent.iterdir() if each.name.startswith(".")]
        assert left == []
