"""The setup for Windows, made by makensis from a bundle; it runs on Linux and Windows alike."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent


def find() -> str | None:
    """The compiler, if it is on this machine."""
    usual = r"C:\Program Files (x86)\NSIS\makensis.exe"
    return shutil.which("makensis") or (usual if Path(usual).exists() else None)


def build(
    bundle: Path, out: Path, version: str, *, target: str | None = None, quick: bool = False
) -> Path:
    """Make the setup; returns it.

    It is signed by what ``OFFCIRC_SIGN_COMMAND`` names, to which the file is appended; without it,
    it is not, and the programs in the bundle are left as they are too.

    Args:
        bundle: the folder with the programs.
        out: the folder to put it into.
        version: X.Y.Z.
        target: the kind of NSIS stub; the compiler's own choice when not given.
        quick: packed quickly and not small, for trials.

    Raises:
        FileNotFoundError: there is no makensis.
        subprocess.CalledProcessError: it refused.
    """
    compiler = find()
    if compiler is None:
        raise FileNotFoundError("makensis")
    setup = out / f"OffCirc-{version}-setup.exe"
    words = {
        "VERSION": version,
        "OUT": str(setup),
        "BUNDLE": str(bundle),
        "LICENCE": str(TOP / "LICENSE"),
    }
    if target:
        words["TARGET"] = target
    if sign := os.environ.get("OFFCIRC_SIGN_COMMAND"):
        for program in sorted(bundle.glob("*.exe")):
            subprocess.run([*sign.split(), str(program)], check=True)
        words["SIGN"] = sign
    # In the order in which a person reads them: options first, the script last.
    mark = "/" if sys.platform == "win32" else "-"
    options = [f"{mark}D{name}={value}" for name, value in words.items()]
    if quick:
        options.append(f"{mark}XSetCompressor /FINAL zlib")
    command = [compiler, f"{mark}V2", f"{mark}INPUTCHARSET", "UTF8", *options]
    subprocess.run([*command, str(HERE / "offcirc.nsi")], check=True)
    return setup
