"""What the operating system says about its drives, asked so that nothing can go wrong.

Every answer is a hint: where the system does not tell, or refuses, there is none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

_MOUNTS = Path("/proc/self/mountinfo")
_BLOCK_DEVICES = Path("/sys/dev/block")
_MACOS_MOUNT = "/sbin/mount"
_SERVICES = r"SYSTEM\CurrentControlSet\Services"


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system in its place.

    Attributes:
        point: where it is.
        system: its kind, as the operating system calls it.
        device: its number, ``major:minor``; empty where there are none.
        local: whether the system says that it is on this computer; ``None`` if it does not say.
    """

    point: PurePath
    system: str
    device: str = ""
    local: bool | None = None


class Machine:
    """This computer.

    Attributes:
        platform: as ``sys.platform``.
        environ: its environment variables.
        home: the user's home folder.
    """

    def __init__(self) -> None:
        self.platform = sys.platform
        self.environ: Mapping[str, str] = os.environ
        self.home: PurePath = Path("~").expanduser()

    def mounts(self) -> list[Mount]:
        """The file systems, later ones over earlier ones; none on Windows."""
        with suppress(OSError, subprocess.SubprocessError):
            if self.platform == "linux":
                return parse_mountinfo(_MOUNTS.read_text(errors="surrogateescape"))
            if self.platform == "darwin":
                done = subprocess.run(  # noqa: S603 - a fixed program of the system
                    [_MACOS_MOUNT], capture_output=True, text=True, timeout=5, check=True
                )
                return parse_macos_mounts(done.stdout)
        return []

    def is_removable(self, device: str) -> bool:
        """Whether the disk with this number can be pulled out: a stick, a card, a USB disk."""
        with suppress(OSError):
            place = (_BLOCK_DEVICES / device).resolve()
            if re.search(r"/usb\d", str(place)):
                return True
            for folder in (place, place.parent):
                answer = folder / "removable"
                if answer.exists():
                    return answer.read_text().strip() == "1"
        return False

    def drive_type(self, root: str) -> int:
        """What Windows calls the type of a drive (``GetDriveTypeW``); 0 when unknown."""
        if sys.platform != "win32":
            return 0
        import ctypes  # noqa: PLC0415 - Windows only

        return int(ctypes.windll.kernel32.GetDriveTypeW(root))

    def volume_label(self, root: str) -> str:
        """The name of a Windows volume; empty when unknown."""
        if sys.platform != "win32":
            return ""
        import ctypes  # noqa: PLC0415 - Windows only

        label = ctypes.create_unicode_buffer(261)
        known = ctypes.windll.kernel32.GetVolumeInformationW(
            root, label, len(label), None, None, None, None, 0
        )
        return label.value if known else ""

    def has_service(self, name: str) -> bool:
        """Whether Windows knows a service or driver of this name, and it is not disabled."""
        if sys.platform != "win32":
            return False
        import winreg  # noqa: PLC0415 - Windows only

        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_SERVICES}\{name}") as key,
        ):
            disabled = 4
            return bool(winreg.QueryValueEx(key, "Start")[0] != disabled)
        return False

    def exists(self, path: PurePath) -> bool:
        """Whether there is a file or folder."""
        with suppress(OSError, ValueError):
            return Path(path).exists()
        return False

    def read(self, path: PurePath) -> str:
        """The text of a small file; empty when there is none."""
        with suppress(OSError, ValueError):
            return Path(path).read_text(encoding="utf-8", errors="replace")
        return ""

    def path(self, text: str) -> PurePath:
        """A path as this computer writes it."""
        return PureWindowsPath(text) if self.platform == "win32" else PurePosixPath(text)


def parse_mountinfo(text: str) -> list[Mount]:
    """Read what Linux says of its mounts (proc(5), ``/proc/[pid]/mountinfo``)."""
    mounts = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        if len(fields) > 4 and rest:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            mounts.append(Mount(PurePosixPath(point), rest[0], fields[2]))
    return mounts


def parse_macos_mounts(text: str) -> list[Mount]:
    """Read what ``mount`` says on macOS: ``/dev/disk3s5 on /System/Volumes/Data (apfs, local)``."""
    mounts = []
    for line in text.splitlines():
        found = re.fullmatch(r".+? on (/.*) \(([^()]+)\)", line)
        if found:
            system, *rest = found[2].split(", ")
            mounts.append(Mount(PurePosixPath(found[1]), system, local="local" in rest))
    return mounts
