"""Try setup, MSI and portable archive with the real programs: ``make windows-setup``.

On Linux, under wine: PyInstaller makes the bundle with Windows' own Python, makensis and wixl pack
it, and a PC without Python installs, works, is killed, recovers, upgrades and removes. Files are
looked at, not exit codes alone.
Debian packages: those of try_windows.py, and nsis wixl msitools.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(TOP / "tests"), str(TOP)]

import installers  # noqa: E402 - found beside this file
import msi  # noqa: E402
import payload  # noqa: E402
import setup  # noqa: E402
import try_windows  # noqa: E402
import wine_pc  # noqa: E402
import wine_python  # noqa: E402
from desk_hand import DeskHand  # noqa: E402
from helpers.checkout import project_files  # noqa: E402
from version import version  # noqa: E402

BUILD = TOP / "build" / "windows"
LARGEST = 30 * 1024 * 1024
_STICK = "Clé USB n° 2\\OffCirc à emporter"


class Round:
    """One installer, from nothing to nothing: each step expects what the one before has left.

    Attributes:
        failed: how many expectations were not met.
    """

    def __init__(self, pc: wine_pc.WinePC, by: installers.Installer) -> None:
        self.failed = 0
        self._pc = pc
        self._by = by
        self._install = pc.path(installers.FOLDER)
        self._site = pc.path(r"ProgramData\OffCirc\site.toml")
        self._told = ""
        self._scanned: list[str] = []
        self._hand = DeskHand(pc, f"C:\\{installers.FOLDER}\\offcirc-desk.exe", self._data)

    def run(self) -> None:
        """All of it."""
        for leftover in (self._install, self._site.parent, self._data.parent):
            shutil.rmtree(leftover, ignore_errors=True)
        for step in (
            self._refuses_faulty_settings,
            self._installs,
            self._works,
            self._refuses_while_it_runs,
            self._recovers,
            self._upgrades,
            self._is_removed,
        ):
            step()

    def expect(self, what: str, is_so: bool) -> None:
        """Say whether something is as it should be."""
        self.failed += not is_so
        print("ok  " if is_so else "FAIL", f"{self._by.name}: {what}", flush=True)

    @property
    def _data(self) -> Path:
        (user,) = [
            path
            for path in (self._pc.drive / "users").iterdir()
            if path.name != "Public" and path.is_dir()
        ]
        return user / "AppData" / "Local" / "OffCirc" / "OffCirc.dat"

    def _programs(self) -> list[bool]:
        return [(self._install / each).exists() for each in payload.PROGRAMS]

    def _entries(self) -> list[Path]:
        """In everybody's Start menu; what an MSI adds, wine puts into the account's own."""
        drive = self._pc.drive
        places = (drive / "ProgramData" / "Microsoft", self._data.parents[2] / "Roaming")
        return [path for place in places for path in place.rglob("OffCirc*.lnk")]

    def _version(self) -> str:
        program = f"C:\\{installers.FOLDER}\\offcirc.exe"
        return self._pc.wine(program, "--version").stdout.strip()

    def _refuses_faulty_settings(self) -> None:
        faulty = self._pc.drive / "faulty.toml"
        faulty.write_text("[desk]\nlibary = 3\n", encoding="utf-8")
        code = self._by.install(older=True, words={"CONFIG": r"C:\faulty.toml"})
        self.expect(f"faulty settings: refused (code {code})", code in self._by.faulty)
        self.expect("faulty settings: nothing installed", not any(self._programs()))
        self.expect("faulty settings: none in place", not self._site.exists())

    def _installs(self) -> None:
        good = self._pc.drive / "offcirc.toml"
        good.write_text('[desk]\nlibrary = "BUC"\n', encoding="utf-8")
        words = {"CONFIG": r"C:\offcirc.toml", "DESK": "Desk 2", "LIBRARY": "BU Sciences"}
        started = time.monotonic()
        code = self._by.install(older=True, words=words)
        seconds = time.monotonic() - started
        self.expect(f"silent installation in {seconds:.0f} s: code 0 (is {code})", code == 0)
        self.expect("the programs are there", all(self._programs()))
        said = self._version()
        self.expect(f"it is the older one ({said})", payload.OLDER in said)
        self.expect("the Start menu has two entries", len(self._entries()) == 2)
        names = [
            name for name in payload.PROGRAMS if not payload.names_publisher(self._install / name)
        ]
        self.expect(f"each program names its publisher {names or ''}", not names)
        self._told = self._site.read_text("utf-8") if self._site.exists() else ""
        names = 'name = "Desk 2"' in self._told and 'library = "BU Sciences"' in self._told
        self.expect("settings in place, with this PC's own names", names)

    def _works(self) -> None:
        # Through the program for terminals: the windowed one takes a warning of wine's own, about
        # the sharpness of its screen, for a fault.
        words = ("-m", "offcirc.desk.main", "--smoke")
        smoke = self._pc.wine(f"C:\\{installers.FOLDER}\\offcirc.exe", *words)
        self.expect(f"the desk tries itself (code {smoke.returncode})", smoke.returncode == 0)
        self.expect("the desk's window opens", self._hand.open())
        self._scan("B1", "B2", "37000034179")

    def _refuses_while_it_runs(self) -> None:
        code = self._by.install(older=False, words={})
        self.expect(f"a running desk: upgrade refused (code {code})", code in self._by.running)
        self.expect("a running desk: nothing changed", payload.OLDER in self._version())
        self._scan("B4")
        self._hand.kill()

    def _recovers(self) -> None:
        self.expect("killed, and opened again", self._hand.open())
        self._scan("B5")
        self._hand.close()
        self._all_there("killed and recovered")

    def _upgrades(self) -> None:
        code = self._by.install(older=False, words={})
        self.expect(f"upgrade: code 0 (is {code})", code == 0)
        said = self._version()
        self.expect(f"upgrade: it is the newer one ({said})", version() in said)
        gone = not (self._install / "_internal" / "gone.txt").exists()
        self.expect("upgrade: no file of the older one is left", gone)
        self._untouched("upgrade")
        self.expect("upgrade: the desk opens", self._hand.open())
        self._scan("C1")
        self._hand.close()
        self._all_there("upgrade")

    def _is_removed(self) -> None:
        stray = self._install / "OffCirc.dat"
        stray.write_text("in the program's folder by mistake", encoding="ascii")
        code = self._by.remove()
        self._pc.wine("cmd", "/c", "exit")
        self.expect(f"removal: code 0 (is {code})", code == 0)
        self.expect("removal: no program left", not any(self._programs()))
        self.expect("removal: Start menu clean", not self._entries())
        others = [path.name for path in self._install.iterdir() if path != stray]
        self.expect(f"removal: only the stray OffCirc.dat is left {others or ''}", not others)
        self.expect("removal: a stray OffCirc.dat is still there", stray.exists())
        self._untouched("removal")
        self._all_there("removal")

    def _scan(self, *items: str) -> None:
        self._scanned += items
        typed = " ".join(items)
        self.expect(f"typed scans are acknowledged: {typed}", self._hand.scan(*items))

    def _untouched(self, when: str) -> None:
        same = self._site.exists() and self._site.read_text("utf-8") == self._told
        self.expect(f"{when}: site.toml untouched", same)

    def _all_there(self, when: str) -> None:
        found = self._hand.loans()
        right = found == self._scanned
        self.expect(f"{when}: OffCirc.dat holds every scan, byte by byte", right)
        if not right:
            print(f"     {found} instead of {self._scanned}", flush=True)


class Portable:
    """The archive, unpacked on a stick whose path has blanks and accents.

    Attributes:
        failed: how many expectations were not met.
    """

    def __init__(self, pc: wine_pc.WinePC, bundle: Path) -> None:
        self.failed = 0
        self._pc = pc
        self._place = pc.drive / _STICK.replace("\\", "/")
        shutil.rmtree(self._place, ignore_errors=True)
        shutil.copytree(bundle, self._place)
        (self._place / "portable").touch()

    def run(self) -> None:
        """Work on it, and look that it keeps to its folder."""
        hand = DeskHand(
            self._pc, f"C:\\{_STICK}\\offcirc-desk.exe", self._place / "data" / "OffCirc.dat"
        )
        self._expect("the desk's window opens", hand.open())
        self._expect("typed scans are acknowledged", hand.scan("P1", "P2"))
        hand.kill()
        self._expect("killed, and opened again", hand.open())
        hand.close()
        self._expect("OffCirc.dat on the stick holds every scan", hand.loans() == ["P1", "P2"])

    def _expect(self, what: str, is_so: bool) -> None:
        self.failed += not is_so
        print("ok  " if is_so else "FAIL", f"portable: {what}", flush=True)


class Trial(Protocol):
    """Something that is run, and counts."""

    failed: int

    def run(self) -> None:
        """Do it."""


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing, try everything; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=("setup", "msi", "portable"), help="one of them alone")
    only = parser.parse_args(arguments).only
    lacking = [*try_windows.missing(), *msi.missing()] + ["makensis"] * (setup.find() is None)
    if lacking:
        print("\n".join(lacking), file=sys.stderr)
        return 3
    with wine_pc.WinePC(BUILD) as pc:
        try_windows.set_up(pc)
        bundle = _timed(
            "bundle", lambda: payload.make(pc, TOP, list(project_files()), BUILD / "payload")
        )
    made = _packed(bundle, only)
    with wine_pc.WinePC(BUILD / "bare") as pc:
        wine_python.fill_gaps(pc, BUILD / "made")
        trials: list[Trial] = [Round(pc, each) for each in installers.on(pc, made)]
        if only in (None, "portable"):
            trials.append(Portable(pc, bundle))
        for trial in trials:
            trial.run()
    failed = sum(trial.failed for trial in trials)
    if "setup" in made and made["setup"][1].stat().st_size > LARGEST:
        print(f"FAIL setup: larger than {LARGEST // 1024 // 1024} MB", flush=True)
        failed += 1
    print(f"{failed} failed" if failed else "all as it should be")
    return bool(failed)


def _packed(bundle: Path, only: str | None) -> dict[str, tuple[Path, Path]]:
    """Setup and MSI, of an older version and of this one."""
    out = BUILD / "packed"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    before = payload.older(bundle, BUILD / "older")
    made: dict[str, tuple[Path, Path]] = {}
    if only in (None, "setup"):
        # A 64-bit setup: wine needs no 32-bit part for it.
        target = "amd64-unicode"
        old = setup.build(before, out, payload.OLDER, target=target, quick=True)
        new = _timed("setup", lambda: setup.build(bundle, out, version(), target=target))
        made["setup"] = old, new
    if only in (None, "msi"):
        old = msi.build(before, out, payload.OLDER)
        made["msi"] = old, _timed("msi", lambda: msi.build(bundle, out, version()))
    for _old, new in made.values():
        print(f"{new.name}: {new.stat().st_size / 1024 / 1024:.1f} MB", flush=True)
    return made


def _timed(what: str, make: Callable[[], Path]) -> Path:
    started = time.monotonic()
    made = make()
    print(f"{what} made in {time.monotonic() - started:.0f} s", flush=True)
    return made


if __name__ == "__main__":
    sys.exit(main())
