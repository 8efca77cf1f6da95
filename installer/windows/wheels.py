"""The Windows wheels of the lock, downloaded by their hashes into a folder that is kept."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent

PYTHON = "3.11"
"""The series of the Windows Python that is tried: the one whose wheels are fetched."""

EXTRA = HERE / "wine" / "wheels.lock"
"""What only Windows under wine needs: its Python travels in the wheel of a game engine."""

NOT_NEEDED = frozenset(
    (
        *("ast-serialize", "grimp", "import-linter", "librt", "mypy", "mypy-extensions"),
        *("pip", "ruff", "types-pyserial"),
    )
)
"""Tools of developers, which say nothing about Windows."""

_WINDOWS = {
    "os_name": "nt",
    "sys_platform": "win32",
    "platform_machine": "AMD64",
    "platform_system": "Windows",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.9",
}


def wanted(lock: str) -> Iterator[str]:
    """The entries of a lock that Windows needs, each with its hashes.

    Args:
        lock: its text, as pip reads it.
    """
    for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", lock):
        text, *hashes = [part.strip() for part in entry.replace("\\\n", "\n").splitlines()]
        if not hashes or text.startswith("#"):
            continue
        found = Requirement(text)
        marked = found.marker is None or found.marker.evaluate(_WINDOWS)
        if marked and found.name.lower() not in NOT_NEEDED:
            kept = [part for part in hashes if part.startswith("--hash")]
            yield " ".join([f"{found.name}{found.specifier}", *kept])


def download(folder: Path) -> list[Path]:
    """Fetch what is missing; returns every wheel that Windows needs.

    Raises:
        subprocess.CalledProcessError: pip says why on the screen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = "\n".join(
        path.read_text(encoding="utf-8") for path in (TOP / "requirements.lock", EXTRA)
    )
    lines = list(wanted(lock))
    there = folder / "wanted.txt"
    done = folder / "done.txt"
    text = "\n".join(lines) + "\n"
    if not (done.exists() and done.read_text(encoding="utf-8") == text):
        there.write_text(text, encoding="utf-8")
        subprocess.run([*_pip(folder), "-r", str(there)], check=True)
        done.write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.whl"))


def _pip(folder: Path) -> list[str]:
    platform = ["--platform", "win_amd64", "--python-version", PYTHON, "--implementation", "cp"]
    abis = ["--abi", "cp311", "--abi", "abi3", "--abi", "none"]
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes", *platform, *abis),
        *("--dest", str(folder)),
    ]
