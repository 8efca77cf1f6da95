"""From a clean checkout to what is published: ``python3 installer/build.py``.

Sets the checkout up as ``make test`` does, then makes in ``dist/``: the wheel, the bundle of the
three programs as a portable archive, the Debian package (on Debian and its kin), the Windows setup
(on Windows, with NSIS), the bill of materials, and the checksums of all of it. ``build.py bundle``
and the other names below make one thing alone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from version import version

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
DIST = TOP / "dist"
BUNDLE = DIST / "offcirc"
SUMS = "SHA256SUMS"
# This checkout's program, whatever the environment holds.
sys.path.insert(0, str(TOP))


def main(arguments: list[str]) -> int:
    """Make everything, or the things named."""
    if not _in_environment():
        return _again_in_environment(arguments)
    wanted = arguments or ["wheel", "bundle", "portable", *_for_this_system(), "sbom", "sums"]
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        print(f"usage: build.py [{' | '.join(STEPS)}]...", file=sys.stderr)
        return 2
    DIST.mkdir(exist_ok=True)
    for name in wanted:
        print(f"build: {name}", flush=True)
        STEPS[name]()
    return 0


def wheel() -> None:
    """The wheel."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST)]
    subprocess.run([*command, str(TOP)], check=True, stdout=subprocess.DEVNULL)


def bundle() -> None:
    """The folder with the three programs, and the licences of everything in it."""
    import catalogue
    import licences

    catalogue.compile_all()
    spec = HERE / "bundle" / "offcirc.spec"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    work = TOP / "build" / "pyinstaller"
    places = ["--distpath", str(DIST), "--workpath", str(work)]
    subprocess.run([*command, *places, str(spec)], check=True, cwd=TOP)
    licences.collect(BUNDLE)


def portable() -> None:
    """The bundle as an archive to unpack anywhere."""
    name = f"offcirc-{version()}-{_system()}"
    if sys.platform == "win32":
        shutil.make_archive(str(DIST / name), "zip", DIST, "offcirc")
        return
    archive = DIST / f"{name}.tar.xz"
    owner = ["--owner=0", "--group=0", "--sort=name"] if sys.platform == "linux" else []
    folder = "OffCirc.app" if sys.platform == "darwin" else BUNDLE.name
    command = ["tar", "-C", str(DIST), *owner, "-cJf", str(archive), folder]
    subprocess.run(command, check=True, env=os.environ | {"XZ_OPT": "-9e -T1"})


def deb() -> None:
    """The Debian package."""
    import deb as debian

    debian.build(BUNDLE, DIST, version())


def setup() -> None:
    """The setup for Windows, from a bundle made there."""
    sys.path.insert(0, str(HERE / "windows"))
    import setup as windows

    windows.build(BUNDLE, DIST, version())


def msi() -> None:
    """The package for fleets, on Linux, where wixl is, from a bundle made on Windows."""
    sys.path.insert(0, str(HERE / "windows"))
    import msi as windows

    windows.build(BUNDLE, DIST, version())


def sbom() -> None:
    """The bill of materials."""
    import sbom as materials

    path = DIST / f"offcirc-{version()}-{_system()}.cdx.json"
    path.write_text(materials.bill(BUNDLE if BUNDLE.is_dir() else None), encoding="utf-8")


def sums() -> None:
    """The checksums of what is published, as ``sha256sum --check`` reads them."""
    rows = []
    for path in sorted(DIST.iterdir()):
        if path.is_file() and path.name != SUMS:
            with path.open("rb") as stream:
                rows.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.name}\n")
    (DIST / SUMS).write_text("".join(rows), encoding="ascii")


STEPS = {
    "wheel": wheel,
    "bundle": bundle,
    "portable": portable,
    "deb": deb,
    "setup": setup,
    "msi": msi,
    "sbom": sbom,
    "sums": sums,
}


def _for_this_system() -> list[str]:
    if sys.platform == "win32":
        return ["setup"]
    return ["deb"] if sys.platform == "linux" and shutil.which("dpkg-deb") else []


def _system() -> str:
    names = {"win32": "windows", "darwin": "macos"}
    return f"{names.get(sys.platform, sys.platform)}-{platform.machine().lower()}"


def _in_environment() -> bool:
    return Path(sys.prefix).resolve() == (TOP / ".venv").resolve()


def _again_in_environment(arguments: list[str]) -> int:
    """Set the environment up, and run this file in it."""
    setup = subprocess.run([sys.executable, str(HERE / "bootstrap.py")], check=False)
    if setup.returncode:
        return setup.returncode
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    command = [str(TOP / ".venv" / inside), str(HERE / "build.py"), *arguments]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
