r"""Bad days of a Windows desk, with the real program: killed, its file held open, its disk full.

    python installer/windows/try_desk.py                  # a few kills; OFFCIRC_PROVE=1: fifty
    python installer/windows/try_desk.py --pictures DIR    # and what its window said

On Linux under wine, after ``try_windows.py`` (it sets the PC up). Scans are typed by xdotool, the
program is killed by ``taskkill /F``, OffCirc.dat is held by a program that shares it with nobody,
and the disk is a small one of its own. After each day every row that was shown is looked for.
Debian packages: those of try_windows.py, and imagemagick for the pictures.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE), str(TOP / "tests"), str(TOP)]

import try_windows  # noqa: E402 - found beside this file
import wine_pc  # noqa: E402
from desk_hand import DeskHand  # noqa: E402

from offcirc.core.dat import datline  # noqa: E402
from offcirc.storage.dat.datwriter import DatWriter  # noqa: E402
from offcirc.storage.journal.journal import Journal  # noqa: E402

PROGRAM = (r"C:\python\pythonw.exe", "-m", "offcirc.desk.main", "--data-dir")
_UNSHOWN = 1
"""A row may be on the disk and not yet on the screen when the power goes: one each time."""

_HOLDER = r"""
import ctypes, sys, time
open_ = ctypes.WinDLL("kernel32").CreateFileW
open_.restype = ctypes.c_void_p
held = open_(sys.argv[1], 0x80000000, 0, None, 3, 0x80, None)
open(sys.argv[2], "w").write("held" if held != 2**64 - 1 else "not held")
time.sleep(3600)
"""

_SHUTDOWN = r"""
import ctypes
user = ctypes.WinDLL("user32")
user.FindWindowW.restype = ctypes.c_void_p
user.SendMessageW.argtypes = ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_ssize_t
window = user.FindWindowW(None, "Offline Circulation")
for message, word in ((0x11, 0), (0x16, 1)):  # may the session end? it does
    user.SendMessageW(window, message, word, 0)
"""


class Days:
    """The days, one after the other, on one PC.

    Attributes:
        failed: how many expectations were not met.
    """

    def __init__(self, pc: wine_pc.WinePC, pictures: Path | None) -> None:
        self.failed = 0
        self._pc = pc
        self._pictures = pictures

    def killed(self, rounds: int) -> None:
        """The program is killed at any moment while scans are typed, again and again."""
        chance = random.Random(17)  # noqa: S311 - moments of a trial
        hand = self._desk("killed")
        for number in range(rounds):
            self.expect(f"round {number}: the window opens", hand.open(again=number > 0))
            before = len(hand.shown())
            typing = hand.typing([f"R{number:02}I{item:03}" for item in range(200)])
            self._until(partial(hand.more_than, before))
            time.sleep(chance.random() * 2)
            hand.kill()
            typing.kill()
            typing.wait()
            hand.let_go()
            shown = hand.shown()
            problem = self._compare(hand.file.parent, shown, _UNSHOWN * (number + 1))
            self.expect(
                f"round {number}: {len(shown)} shown, {problem or 'all there'}", not problem
            )

    def held(self, scans: int) -> None:
        """Another program holds OffCirc.dat for a day of saves, and lets go."""
        hand = self._desk("held")
        self.expect("held: the window opens", hand.open())
        self.expect("held: first scans", hand.scan("H0001", "H0002"))
        hand.save()
        self._until(lambda: len(hand.loans()) == 2)
        sign = self._pc.drive / "held.txt"
        sign.unlink(missing_ok=True)
        (self._pc.drive / "holder.py").write_text(_HOLDER, encoding="ascii")
        holder = self._pc.start(
            r"C:\python\python.exe", r"C:\holder.py", r"C:\days\held\OffCirc.dat", r"C:\held.txt"
        )
        self._until(sign.exists)
        time.sleep(1)
        self.expect("held: nobody else may open it", sign.read_text() == "held")
        for first in range(3, scans, 10):
            done = hand.scan(*(f"H{number:04}" for number in range(first, first + 10)))
            self.expect(f"held: scans from {first} on", done)
            hand.save()
        self._picture("held")
        self._pc.wine("taskkill", "/F", "/IM", "python.exe")
        holder.wait(timeout=60)
        hand.close()
        expected = [f"H{number:04}" for number in range(1, len(hand.shown()) + 1)]
        self.expect("held: every line is in the file once it is let go", hand.loans() == expected)

    def ended(self) -> None:
        """Windows shuts down while rows wait to be saved."""
        hand = self._desk("ended")
        self.expect("session end: the window opens", hand.open())
        self.expect("session end: scans", hand.scan("E0001", "E0002"))
        (self._pc.drive / "shutdown.py").write_text(_SHUTDOWN, encoding="ascii")
        self._pc.python(r"C:\shutdown.py", limit=60)
        self.expect("session end: every line is in the file", hand.loans() == ["E0001", "E0002"])
        hand.kill()

    def full(self) -> None:
        """The disk fills up in mid-day, the program is killed, and there is room again."""
        disk = self._pc.drive / "days" / "disk"
        disk.mkdir(parents=True, exist_ok=True)
        size = "size=6m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=True)
        try:
            self._fill(disk)
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)

    def _fill(self, disk: Path) -> None:
        hand = self._desk("disk\\data")
        self.expect("full: the window opens", hand.open())
        self.expect("full: first scans", hand.scan("F0001"))
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 512)
            except OSError:
                pass
        done = hand.scan(*(f"F{number:04}" for number in range(2, 60)))
        self.expect("full: scans go on", done)
        self._picture("full")
        hand.kill()
        filler.unlink()
        self.expect("full: the window opens again", hand.open(again=True))
        self.expect("full: and takes a scan", hand.scan("F0060"))
        self._picture("full-room-again")
        hand.close()
        expected = [f"F{number:04}" for number in range(1, 61)]
        self.expect("full: every line is in the file, once, in order", hand.loans() == expected)

    def expect(self, what: str, is_so: bool) -> None:
        """Say whether something is as it should be."""
        self.failed += not is_so
        print("ok  " if is_so else "FAIL", what, flush=True)

    def _desk(self, name: str) -> DeskHand:
        folder = self._pc.drive.joinpath("days", *name.split("\\"))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return DeskHand(self._pc, (*PROGRAM, f"C:\\days\\{name}"), folder / "OffCirc.dat")

    def _compare(self, folder: Path, shown: list[str], unshown: int) -> str:
        """What is wrong with a copy of the folder after the next save; empty if nothing."""
        copy = try_windows.BUILD / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        with Journal.open(copy) as journal:
            writer = DatWriter(journal)
            writer.repair()
            writer.save()
            rows = journal.rows_between(1, 10**9)
        names = [row.transaction.id for row in rows]
        if [name for name in names if name in set(shown)] != shown:
            return f"{len(set(shown) - set(names))} lost, or another order"
        if len(names) - len(shown) > unshown:
            return f"{len(names) - len(shown)} that nobody saw"
        wanted = [datline.encode(row.transaction.record) for row in rows]
        found = (copy / "OffCirc.dat").read_bytes().splitlines(keepends=True)
        if found == wanted:
            return ""
        pairs = zip_longest(found, wanted)
        first = next(number for number, (one, other) in enumerate(pairs) if one != other)
        kept = copy.with_name(f"copy-{len(shown)}")
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        return f"{len(found)} lines for {len(wanted)} rows, other ones from {first} on: see {kept}"

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)

    def _picture(self, name: str) -> None:
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            where = str(self._pictures / f"{name}.png")
            words = ["import", "-window", "root", where]
            subprocess.run(words, env=self._pc.environment(), check=False)


def main() -> int:
    """Live through the days; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="what the window showed")
    parser.add_argument("--only", choices=("killed", "held", "ended", "full"))
    options = parser.parse_args()
    if lacking := try_windows.missing():
        print("\n".join(lacking), file=sys.stderr)
        return 3
    prove = os.environ.get("OFFCIRC_PROVE") == "1"
    with wine_pc.WinePC(try_windows.BUILD) as pc:
        try_windows.set_up(pc)
        days = Days(pc, options.pictures)
        if options.only in (None, "killed"):
            days.killed(50 if prove else 3)
        if options.only in (None, "held"):
            days.held(203 if prove else 33)
        if options.only in (None, "ended"):
            days.ended()
        if options.only in (None, "full"):
            days.full()
    print(f"{days.failed} failed")
    return bool(days.failed)


if __name__ == "__main__":
    raise SystemExit(main())
