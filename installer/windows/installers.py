"""The ways onto a PC: setup and MSI, each told the same things in its own words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from wine_pc import WinePC

FOLDER = r"Program Files\OffCirc"


class Installer(Protocol):
    """One of them.

    Attributes:
        name: what it is called in what is said.
        faulty: the exit codes that mean that the settings are not in order.
        running: those that mean that OffCirc is running.
    """

    name: str
    faulty: tuple[int, ...]
    running: tuple[int, ...]

    def install(self, *, older: bool, words: Mapping[str, str]) -> int:
        """Install silently, for everybody; the exit code."""

    def remove(self) -> int:
        """Remove silently; the exit code."""


class BySetup:
    """``OffCirc-X.Y.Z-setup.exe``."""

    name = "setup"
    faulty = (5,)
    running = (3,)

    def __init__(self, pc: WinePC, older: str, newer: str) -> None:
        self._pc = pc
        self._older = older
        self._newer = newer

    def install(self, *, older: bool, words: Mapping[str, str]) -> int:
        """Install silently, for everybody; the exit code."""
        said = " ".join(f'/{name}="{value}"' for name, value in words.items())
        program = self._older if older else self._newer
        return self._pc.line(f"{program} /S /AllUsers {said}").returncode

    def remove(self) -> int:
        """Remove silently; the exit code."""
        # With _?= it does not copy itself away first, and so can be waited for.
        line = rf'"C:\{FOLDER}\uninstall.exe" /AllUsers /S _?=C:\{FOLDER}'
        code = self._pc.line(f'"" {line}').returncode
        (self._pc.path(FOLDER) / "uninstall.exe").unlink(missing_ok=True)
        return code


class ByMsi:
    """``OffCirc-X.Y.Z.msi``: any failure is 1603, and the log says which; wine has 1627 as well.

    Of a program's exit code, wine lets eight bits through.
    """

    name = "msi"
    faulty = running = (1603, 1603 & 0xFF, 1627 & 0xFF)

    def __init__(self, pc: WinePC, older: str, newer: str) -> None:
        self._pc = pc
        self._older = older
        self._newer = newer

    def install(self, *, older: bool, words: Mapping[str, str]) -> int:
        """Install silently, for everybody; the exit code."""
        said = " ".join(f'{name}="{value}"' for name, value in words.items())
        package = self._older if older else self._newer
        return self._pc.line(f"msiexec /i {package} /qn {said}").returncode

    def remove(self) -> int:
        """Remove silently; the exit code."""
        return self._pc.line(f"msiexec /x {self._newer} /qn").returncode


def on(pc: WinePC, packed: Mapping[str, tuple[Path, Path]]) -> Iterator[Installer]:
    """Put what was packed, the older and the newer of each kind, on a PC."""
    kinds = {"setup": BySetup, "msi": ByMsi}
    for kind, files in packed.items():
        for path in files:
            shutil.copyfile(path, pc.drive / path.name)
        older, newer = (f"C:\\{path.name}" for path in files)
        yield kinds[kind](pc, older, newer)
