"""The checkout that is being tested."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# What .gitignore leaves out, for a copy of the checkout on a machine without git.
_LEFT_OUT = {
    ".git", ".venv", "build", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".hypothesis", ".import_linter_cache", "demo-output", "bench-output", "htmlcov",
}  # fmt: skip
_LEFT_OUT_ENDINGS = (".mo", ".pot", ".pyc", ".egg-info", "uv.lock", ".coverage")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, tracked or about to be: nothing made by a tool."""
    if (TOP / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=TOP,
            capture_output=True,
            check=False,
        )
        if listed.returncode == 0:
            names = sorted(set(listed.stdout.decode().split("\0")) - {""})
            return tuple(TOP / name for name in names if (TOP / name).is_file())
    return tuple(sorted(_walk(TOP)))


def raw(path: Path) -> bytes:
    """The bytes of a database that may be open here, read by another process.

    Reading them in this one would take away the locks that SQLite holds on the file.
    """
    if sys.platform == "win32":  # where locks are the handle's, and there is no such program
        return path.read_bytes()
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name in _LEFT_OUT or path.name.endswith(_LEFT_OUT_ENDINGS):
            continue
        found += _walk(path) if path.is_dir() and not path.is_symlink() else [path]
    return found
