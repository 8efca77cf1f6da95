"""A Windows PC in a folder, by wine: its screen, its programs run with a time limit.

What wine 8 wants, each learnt the hard way: output through a pipe (a plain file as standard output
kills Python at its start), standard input closed, everything on drive C:, and one lasting window,
without which wine's explorer holds on to the pipe of a killed child.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

PROGRAMS = ("wine", "wineserver", "Xvfb", "xdotool", "localedef")
_KILLED = 137


class WinePC:
    """A Windows of its own below a folder. Use as a context manager.

    Attributes:
        drive: where its drive C: is.
        display: such as ``:7``.
    """

    def __init__(self, folder: Path) -> None:
        self.drive = folder / "prefix" / "drive_c"
        self.display = ""
        self._folder = folder
        self._running = ExitStack()
        self._runs = 0

    def __enter__(self) -> WinePC:
        try:
            self._screen()
            if not self.drive.exists():
                self.wine("wineboot", "-i")
                # The setup asks for Windows 10, which is what wine plays only when told.
                self.wine("winecfg", "-v", "win10")
                self.settle()
            self._last_window()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    def environment(self) -> dict[str, str]:
        """The environment of every program in it: French, its own folder, its own screen."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | {
            "WINEPREFIX": str(self._folder / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
            "LOCPATH": str(self._locale()),
            "LANG": "fr_FR.UTF-8",
            "LC_ALL": "fr_FR.UTF-8",
            "DISPLAY": self.display,
        }

    def wine(self, *words: str, limit: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a program of Windows to its end.

        Args:
            words: the program and its arguments.
            limit: seconds it may take; then it is killed, and its exit code is 137.
        """
        process = subprocess.Popen(
            ["wine", *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            said, _none = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            # All that runs in it, for whatever it has started holds its pipe.
            subprocess.run(["wineserver", "-k"], env=self.environment(), check=False)
            said, _none = process.communicate()
            self._last_window()
            return subprocess.CompletedProcess(words, _KILLED, said + "\n(killed: too slow)")
        return subprocess.CompletedProcess(words, process.returncode, said.replace("\r", ""))

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program of Windows, with more variables, and go on; its window is a person's."""
        return subprocess.Popen(
            ["wine", *words],
            env=self.environment() | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def line(self, line: str, limit: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a line as an administrator types it into a batch file."""
        batch = self.drive / "line.bat"
        batch.write_bytes(f"@start /wait {line}\r\n@exit %errorlevel%\r\n".encode("cp1252"))
        return self.wine("cmd", "/c", r"C:\line.bat", limit=limit)

    def path(self, text: str) -> Path:
        r"""Where a path below C:, such as ``ProgramData\OffCirc``, is, whatever its capitals."""
        found = self.drive
        for part in text.split("\\"):
            names = {each.name.lower(): each for each in found.iterdir()} if found.is_dir() else {}
            found = names.get(part.lower(), found / part)
        return found

    def python(
        self, *words: str, limit: float = 300, at: str = r"C:\offcirc", env: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run its Python in a folder of it, with more variables (``NAME=value``)."""
        self._runs += 1
        batch = self.drive / f"run{self._runs}.bat"  # cmd reads it line by line, to its end
        lines = ["@set TZ=", *(f"@set {each}" for each in env), f"@cd /d {at}"]
        lines.append(r"@C:\python\python.exe %*")
        batch.write_text("\r\n".join(lines) + "\r\n", encoding="ascii")
        return self.wine("cmd", "/c", f"C:\\{batch.name}", *words, limit=limit)

    def settle(self) -> None:
        """Wait until every program in it has ended."""
        subprocess.run(["wineserver", "-w"], env=self.environment(), check=False, timeout=300)

    def _screen(self) -> None:
        reading, writing = os.pipe()
        server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                "1920x1200x24",
                "-nolisten",
                "tcp",
            ],
            pass_fds=(writing,),
            stderr=subprocess.DEVNULL,
        )
        self._running.callback(server.terminate)
        os.close(writing)
        with os.fdopen(reading) as stream:
            self.display = f":{stream.readline().strip()}"
        self._running.callback(
            lambda: subprocess.run(["wineserver", "-k"], env=self.environment(), check=False)
        )

    def _last_window(self) -> None:
        """A window that stays, and so keeps wine's explorer from waiting in somebody's pipe."""
        subprocess.Popen(
            ["wine", "notepad"],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        search = ["xdotool", "search", "--onlyvisible", "--class", "notepad"]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.5)
            found = subprocess.run(search, env=self.environment(), check=False, capture_output=True)
            if found.stdout.strip():
                return

    def _locale(self) -> Path:
        """French for Windows: wine takes its language from a locale of the system."""
        folder = self._folder / "locale"
        if not (folder / "fr_FR.UTF-8").exists():
            folder.mkdir(parents=True, exist_ok=True)
            made = str(folder / "fr_FR.UTF-8")
            subprocess.run(["localedef", "-i", "fr_FR", "-f", "UTF-8", made], check=False)
        return folder
