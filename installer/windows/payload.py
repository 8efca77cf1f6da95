"""What the setups carry: the real bundle, made by PyInstaller on a wine PC, and an older one."""

from __future__ import annotations

import hashlib
import py_compile
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from wine_pc import WinePC

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent

PROGRAMS = ("offcirc.exe", "offcirc-desk.exe", "offcirc-uploader.exe")
PUBLISHER = "The OffCirc contributors"
OLDER = "0.0.9"
"""The version that the older bundle says it is."""

_SHIPPED = ("offcirc/", "resources/", "installer/bundle/", "requirements.lock", "pyproject.toml")
_SECONDS = 1500
_MAKE = (
    "import sys; sys.path.insert(0, 'installer'); import build; "
    "build.DIST.mkdir(exist_ok=True); build.bundle()"
)


def make(pc: WinePC, top: Path, files: list[Path], folder: Path) -> Path:
    """Make the bundle, unless the one that is there is of these very files; returns it.

    Args:
        pc: a PC with Python and the project on it.
        top: the checkout.
        files: the files of it.
        folder: where the bundle is kept.

    Raises:
        subprocess.SubprocessError: PyInstaller has not made it; what it said is in the error.
    """
    kept, stamp = folder / "offcirc", folder / "made-of.txt"
    of = _digest(top, files)
    if kept.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == of:
        return kept
    done = pc.python("-c", _MAKE, limit=_SECONDS)
    made = pc.drive / "offcirc" / "dist" / "offcirc"
    if done.returncode or not all((made / name).exists() for name in PROGRAMS):
        raise subprocess.SubprocessError(done.stdout[-3000:])
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, kept)
    stamp.write_text(of, encoding="ascii")
    return kept


def older(bundle: Path, folder: Path) -> Path:
    """A copy of a bundle that says it is of an older version, with a file that is no more.

    Raises:
        FileNotFoundError: this is no bundle of ours.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle, folder)
    module = folder / "_internal" / "offcirc" / "__init__.pyc"
    if not module.exists():
        raise FileNotFoundError(module)
    with tempfile.TemporaryDirectory(prefix="offcirc-older-") as name:
        source = Path(name) / "__init__.py"
        text = (TOP / "offcirc" / "__init__.py").read_text(encoding="utf-8")
        said = re.sub(r'(?m)^__version__ = ".+"$', f'__version__ = "{OLDER}"', text)
        source.write_text(said, encoding="utf-8")
        py_compile.compile(str(source), str(module), doraise=True)
    (folder / "_internal" / "gone.txt").write_text("no more in the new one", encoding="ascii")
    return folder


def names_publisher(program: Path) -> bool:
    """Whether a program says whose it is, where Windows shows its properties."""
    return PUBLISHER.encode("utf-16-le") in program.read_bytes()


def _digest(top: Path, files: list[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(top).as_posix()
        if name.startswith(_SHIPPED):
            found.update(name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
