"""Collects the licences of everything that is shipped into one folder of the bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution
from pathlib import Path

from distributions import licence_of, name_of, shipped
from sbom import others_than_packages

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
_LICENCE = re.compile(r"(?i)(licen[cs]e|copying|notice|authors)[^/]*(\.(txt|md|rst))?$")
_CODE = (".py", ".pyc", ".pyi", ".so")


def collect(bundle: Path) -> Path:
    """Write the folder ``licences`` of a bundle; returns it.

    Raises:
        FileNotFoundError: a package states no licence and none is known here.
    """
    folder = bundle / "licences"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for name in ("NOTICE.txt", "LGPL-3.0.txt", "GPL-3.0.txt", "Apache-2.0.txt"):
        shutil.copy(HERE / "licence-texts" / name, folder)
    shutil.copy(TOP / "LICENSE", folder)
    rows = []
    for package in shipped(bundle):
        name = name_of(package)
        rows.append(f"{name} {package.version}: {licence_of(package)}")
        if name != "offcirc":
            _texts(package, folder / name)
    for part in others_than_packages():
        (licence,) = part["licenses"][0]["license"].values()
        rows.append(f"{part['name']} {part.get('version', '')}: {licence}")
    (folder / "packages.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if python.exists():
        (folder / "python").mkdir()
        shutil.copy(python, folder / "python")
    if sys.platform == "linux":
        _system_libraries(bundle, folder)
    return folder


def _texts(package: Distribution, folder: Path) -> None:
    files = [
        file
        for file in package.files or []
        if _LICENCE.search(file.name)
        and not file.name.endswith(_CODE)
        # The texts of a package's own toys and examples are not shipped.
        and (".dist-info" in str(file) or "/" not in str(file))
    ]
    for file in files:
        folder.mkdir(exist_ok=True)
        shutil.copy(str(package.locate_file(file)), folder / file.name)


def _system_libraries(bundle: Path, folder: Path) -> None:
    """The copyright files of Debian's packages whose libraries were taken along."""
    for library in sorted((bundle / "_internal").glob("lib*.so*")):
        if library.is_symlink():
            continue
        found = subprocess.run(
            ["dpkg-query", "-S", f"*/{library.name}"], capture_output=True, text=True, check=False
        )
        package = found.stdout.split(":", 1)[0].strip()
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        if package and copyright_file.exists():
            target = folder / "system" / package
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(copyright_file, target / "copyright")
