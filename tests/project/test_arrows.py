"""Which room may know which: the arrows drawn in the README, checked."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers import TOP

# What costs a noticeable part of a second to import and that the first window does not need.
HEAVY = ("httpx", "jinja2", "rich", "sqlite_utils", "starlette", "uvicorn")

WITHOUT_QT = """
import importlib, pkgutil, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6"):
            raise ImportError(f"{name} is not on this machine")

sys.meta_path.insert(0, NoQt())
import offcirc
names = [found.name for found in pkgutil.walk_packages(offcirc.__path__, "offcirc.", onerror=print)
         if found.name.split(".")[1] not in ("desk", "referent", "windows", "__main__")]
for name in names:
    importlib.import_module(name)
assert "PySide6" not in sys.modules
print(len(names))
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run a piece of code in a Python of its own."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=TOP, capture_output=True, encoding="utf-8", check=False)


def test_the_rooms_import_each_other_as_drawn():
    pytest.importorskip("importlinter", reason="only on a developer's machine")
    done = python(
        "import sys; from importlinter.cli import lint_imports;"
        " sys.exit(lint_imports(no_cache=True))"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_everything_but_the_windows_works_without_qt():
    done = python(WITHOUT_QT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


@pytest.mark.parametrize("door", ["offcirc.desk.main", "offcirc.referent.main"])
def test_a_window_does_not_wait_for_what_it_does_not_need_yet(door):
    done = python(f"import sys, {door}; print(sorted(set(sys.modules) & set({HEAVY!r})))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_desk_knows_nothing_of_uploading():
    done = python(
        "import sys, offcirc.desk.main;"
        "print(sorted(name for name in sys.modules if name.startswith(("
        "'offcirc.upload', 'offcirc.servers', 'offcirc.practice', 'offcirc.referent'))))"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
