"""The bill of materials of a release: what is in it, in which version, under which licence.

Packages of Python, what is no package (Python, OpenSSL, SQLite, Qt, fonts), and every program and
library of the bundle as a file. A package's hash is that of its ``RECORD``, which holds the hash of
each of its files; a file's is its own.

Format: CycloneDX 1.5, JSON (https://cyclonedx.org/docs/1.5/json/). It is written by hand because a
few fields of it are all that is wanted, and the tools for it bring in more packages than we ship.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
import ssl
from collections.abc import Iterator
from importlib.metadata import Distribution, version
from pathlib import Path
from typing import Any

from distributions import licence_of, name_of, shipped

TOP = Path(__file__).resolve().parent.parent
_LIBRARIES = (".so", ".dll", ".dylib", ".pyd", ".exe")


def bill(bundle: Path | None = None) -> str:
    """The bill of materials as text.

    Args:
        bundle: the folder of the programs, if it has been built.
    """
    own, *others = shipped(bundle)
    components = [*map(_package, others), *others_than_packages(), *_files(bundle)]
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**_package(own), "type": "application", "hashes": []}},
        "components": components,
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def others_than_packages() -> Iterator[dict[str, Any]]:
    """What is shipped and no package of Python."""
    from PySide6.QtCore import qVersion

    openssl = ssl.OPENSSL_VERSION.split()[1]
    yield _component("Python", platform.python_version(), "PSF-2.0", "framework")
    yield _component("OpenSSL", openssl, "Apache-2.0", "library")
    yield _component("SQLite", sqlite3.sqlite_version, "blessing", "library")
    yield _component("Qt", qVersion(), "LGPL-3.0-only", "framework")
    # Its loader is the beginning of each program; it is linked to no licence of ours.
    yield _component(
        "PyInstaller",
        version("pyinstaller"),
        "GPL-2.0-or-later WITH Bootloader-exception",
        "library",
    )
    for font in sorted((TOP / "resources" / "fonts").glob("*.ttf")):
        licence = "Bitstream-Vera" if font.stem.startswith("DejaVu") else "OFL-1.1"
        yield {**_component(font.stem, "", licence, "file"), "hashes": [_hash(font.read_bytes())]}


def _package(package: Distribution) -> dict[str, Any]:
    name = name_of(package)
    found = {
        **_component(name, package.version, "", "library"),
        "purl": f"pkg:pypi/{name}@{package.version}",
        "licenses": [{"license": {"name": licence_of(package)}}],
    }
    record = package.read_text("RECORD")
    return {**found, "hashes": [_hash(record.encode())] if record else []}


def _files(bundle: Path | None) -> Iterator[dict[str, Any]]:
    """The programs and libraries in the bundle: what is built for one machine alone."""
    if bundle is None:
        return
    for path in sorted(bundle.rglob("*")):
        library = any(ending in path.name for ending in _LIBRARIES)
        if path.is_file() and not path.is_symlink() and (library or path.parent == bundle):
            name = path.relative_to(bundle).as_posix()
            yield {"type": "file", "name": name, "hashes": [_hash(path.read_bytes())]}


def _component(name: str, release: str, licence: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "name": name}
    if release:
        found["version"] = release
    if licence:
        found["licenses"] = [{"license": {"name" if " " in licence else "id": licence}}]
    return found


def _hash(content: bytes) -> dict[str, str]:
    return {"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}
