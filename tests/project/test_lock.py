"""requirements.lock: everything the program and its tests need, each file by its hash."""

from __future__ import annotations

import re
import tomllib

from helpers import TOP
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = (TOP / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


def locked() -> dict[str, str]:
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK, re.MULTILINE)
    }


def wanted() -> list[Requirement]:
    texts = (
        PROJECT["project"]["dependencies"]
        + PROJECT["dependency-groups"]["dev"]
        + PROJECT["build-system"]["requires"]
    )
    return [Requirement(text) for text in texts]


def test_every_package_is_pinned_to_hashes():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) == len(locked())
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_the_lock_points_nowhere():
    assert not re.search(r"://|^-|@ |file:", LOCK, re.MULTILINE)


def test_the_lock_serves_what_the_project_asks_for():
    pins = locked()
    unmet = [
        str(requirement)
        for requirement in wanted()
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert unmet == []


def test_the_lock_serves_windows_too():
    assert {"colorama", "pywin32-ctypes"} <= locked().keys()
