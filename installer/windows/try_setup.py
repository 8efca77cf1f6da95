"""Try the Windows setup on Linux, under wine: ``python installer/windows/try_setup.py``.

Needs makensis, wine and x86_64-w64-mingw32-gcc (Debian: nsis, wine64, gcc-mingw-w64-x86-64). The
programs in it are stand-ins, for PyInstaller builds for Windows only on Windows; what is tried is
the setup itself: what it puts where, what it refuses, what it leaves alone. Files are looked at,
not exit codes alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import setup  # noqa: E402 - found beside this file

_TARGET = "amd64-unicode"
"""A 64-bit setup: wine needs no 32-bit part for it."""

PROGRAMS = ("offcirc.exe", "offcirc-desk.exe", "offcirc-uploader.exe")


class Wine:
    """A Windows of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.drive = folder / "prefix" / "drive_c"
        self._environment = os.environ | {
            "WINEPREFIX": str(folder / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "DISPLAY": "",
        }
        self.run("wineboot", "-i")
        # The setup asks for Windows 10, which is what wine plays unless told otherwise.
        self.run("winecfg", "-v", "win10")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program."""
        return subprocess.Popen(
            ["wine64" if shutil.which("wine64") else "wine", *words],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *words: str) -> int:
        """Run a program to its end, and wait for what it started."""
        code = self.start(*words).wait(timeout=300)
        subprocess.run(["wineserver", "-w"], env=self._environment, check=False, timeout=300)
        return code

    def type(self, line: str) -> int:
        """Run a line as an administrator types it into a batch file; its exit code."""
        batch = self.drive / "line.bat"
        batch.write_text(f"@start /wait {line}\r\n@exit %errorlevel%\r\n", encoding="ascii")
        return self.run("cmd", "/c", r"C:\line.bat")

    def path(self, text: str) -> Path:
        """Where a path of this Windows is, whatever its capitals."""
        found = self.drive
        for part in text.split("\\"):
            names = {each.name.lower(): each for each in found.iterdir()} if found.is_dir() else {}
            found = names.get(part.lower(), found / part)
        return found

    def close(self) -> None:
        """End everything in it."""
        subprocess.run(["wineserver", "-k"], env=self._environment, check=False)


def main() -> int:
    """Try it all; returns how many of the expectations failed."""
    with tempfile.TemporaryDirectory(prefix="offcirc-setup-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        wine = Wine(folder)
        try:
            return _try(folder, wine)
        finally:
            wine.close()


class _Trial:
    """One round: each method expects something of what the one before has left."""

    def __init__(self, folder: Path, wine: Wine) -> None:
        self.failed = 0
        self._folder = folder
        self._wine = wine
        self._install = wine.path(r"Program Files\OffCirc")
        self._menu = r"ProgramData\Microsoft\Windows\Start Menu\Programs\OffCirc"
        self._data = wine.path("users") / "someone" / "AppData" / "Local" / "OffCirc"
        self._first = setup.build(_bundle(folder / "one"), folder, "1.0.0", target=_TARGET)
        self._second = setup.build(_bundle(folder / "two"), folder, "1.1.0", target=_TARGET)
        self._first_name = _windows(self._first)
        self._told = ""

    def expect(self, what: str, is_so: bool) -> None:
        """Say whether something is as it should be."""
        self.failed += not is_so
        print("ok  " if is_so else "FAIL", what, flush=True)

    @property
    def _site(self) -> Path:
        return self._wine.path(r"ProgramData\OffCirc\site.toml")

    @property
    def _part(self) -> str:
        part = self._install / "_internal" / "part.txt"
        return part.read_text() if part.exists() else ""

    def _programs(self) -> list[bool]:
        return [(self._install / each).exists() for each in PROGRAMS]

    def refuses_faulty_settings(self) -> None:
        """Nothing is changed before the settings are judged."""
        faulty = self._folder / "faulty.toml"
        faulty.write_text("FAULTY\n", encoding="utf-8")
        code = self._wine.type(f"{self._first_name} /S /AllUsers /CONFIG={_windows(faulty)}")
        self.expect(f"faulty settings: refused with 5 (is {code})", code == 5)
        self.expect("faulty settings: nothing installed", not any(self._programs()))
        self.expect("faulty settings: none in place", not self._site.exists())

    def installs(self) -> None:
        """Silently, with settings and names."""
        config = self._folder / "offcirc.toml"
        config.write_text('[desk]\nlibrary = "BUC"\n', encoding="utf-8")
        names = '/DESK="Desk 2" /LIBRARY="BU Sciences"'
        line = f"{self._first_name} /S /AllUsers /CONFIG={_windows(config)} {names}"
        code = self._wine.type(line)
        self.expect(f"silent installation: exit code 0 (is {code})", code == 0)
        self.expect("the programs are there", all(self._programs()))
        self.expect("what they need is there", self._part == "one")
        menu = self._wine.path(self._menu)
        self.expect("the Start menu has two entries", len(list(menu.glob("*.lnk"))) == 2)
        self._told = self._site.read_text() if self._site.exists() else ""
        self.expect("site.toml is the one given", 'library = "BUC"' in self._told)
        names = "--desk Desk 2" in self._told and "--library BU Sciences" in self._told
        self.expect("this PC's own names are in it", names)
        self._data.mkdir(parents=True)
        (self._data / "journal.db").write_text("journal")
        self._install.mkdir(exist_ok=True)
        (self._install / "OffCirc.dat").write_text("in the program's folder by mistake")

    def refuses_while_it_runs(self) -> None:
        """A desk at work is left alone."""
        running = self._wine.start(str(self._install / "offcirc-desk.exe"))
        time.sleep(3)
        code = self._wine.start(str(self._second), "/S", "/AllUsers").wait(timeout=300)
        self.expect(f"a running desk: upgrade refused with 3 (is {code})", code == 3)
        self.expect("a running desk: nothing changed", self._part == "one")
        running.kill()
        self._wine.close()

    def upgrades(self) -> None:
        """A new version; what was recorded and set is as it was."""
        code = self._wine.run(str(self._second), "/S", "/AllUsers")
        self.expect(f"upgrade: exit code 0 (is {code})", code == 0)
        self.expect("upgrade: the new version", self._part == "two")
        self._untouched("upgrade")

    def uninstalls(self) -> None:
        """The program goes, everything else stays."""
        uninstaller = str(self._install / "uninstall.exe")
        place = "_?=C:\\Program Files\\OffCirc"
        code = self._wine.run(uninstaller, "/AllUsers", "/S", place)
        self.expect(f"removal: exit code 0 (is {code})", code == 0)
        self.expect("removal: no program left", not any(self._programs()))
        self.expect("removal: Start menu clean", not self._wine.path(self._menu).exists())
        self._untouched("removal")
        stray = (self._install / "OffCirc.dat").exists()
        self.expect("removal: a stray OffCirc.dat is still there", stray)

    def takes_tools_quotation_marks(self) -> None:
        """Deployment tools put them around the whole word."""
        self._wine.run(str(self._second), "/S", "/AllUsers", "/DESK=Desk 3")
        told = self._site.read_text() if self._site.exists() else ""
        self.expect("quotation marks around the whole word", "--desk Desk 3\n" in told)

    def installs_for_one(self) -> None:
        """For one account, in a folder of its choice."""
        code = self._wine.run(str(self._first), "/S", "/CurrentUser", r"/D=C:\Somewhere\OffCirc")
        self.expect(f"for one account, elsewhere: exit code 0 (is {code})", code == 0)
        there = self._wine.path(r"Somewhere\OffCirc\offcirc.exe").exists()
        self.expect("for one account, elsewhere: there", there)

    def _untouched(self, when: str) -> None:
        site = self._site.exists() and self._site.read_text() == self._told
        self.expect(f"{when}: site.toml untouched", site)
        journal = self._data / "journal.db"
        kept = journal.exists() and journal.read_text() == "journal"
        self.expect(f"{when}: journal untouched", kept)


def _try(folder: Path, wine: Wine) -> int:
    trial = _Trial(folder, wine)
    trial.refuses_faulty_settings()
    trial.installs()
    trial.refuses_while_it_runs()
    trial.upgrades()
    trial.uninstalls()
    trial.takes_tools_quotation_marks()
    trial.installs_for_one()
    print(f"{trial.failed} failed" if trial.failed else "all as it should be")
    return trial.failed


def _windows(path: Path) -> str:
    """A path of this machine as Windows has it."""
    return "Z:" + str(path).replace("/", "\\")


def _bundle(folder: Path) -> Path:
    """A bundle of stand-ins."""
    (folder / "_internal").mkdir(parents=True)
    (folder / "licences").mkdir()
    (folder / "_internal" / "part.txt").write_text(folder.name)
    (folder / "licences" / "LICENSE").write_text("MIT")
    source = str(HERE / "standin.c")
    for name in PROGRAMS:
        command = ["x86_64-w64-mingw32-gcc", "-O1", "-s", "-o", str(folder / name), source]
        subprocess.run(command, check=True)
    return folder


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
