"""The packages that are shipped with the program: what it needs at run time, and what those need.

Read from the environment this runs in, which the lock has filled.
"""

from __future__ import annotations

from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    packages_distributions,
)
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NOT_SHIPPED = {
    "pip",
    "pygments",
    "pillow",
    "markdown-it-py",
    "mdurl",
    "pycparser",
    "cffi",
    "tabulate",
    "click-default-group",
}
"""Needed on paper only: the bundle leaves them out (see bundle/offcirc.spec)."""

FOUND_BESIDE = ("attrs", "packaging", "charset-normalizer")
"""What nothing of ours asks for, and the bundle holds because some package would use it."""


def shipped(bundle: Path | None = None) -> list[Distribution]:
    """The packages in the bundle, ours first, the others by name.

    Args:
        bundle: the folder of the programs: what lies in it counts, whoever asked for it. Without
            one, what will be in it.
    """
    own = distribution("offcirc")
    if bundle is not None:
        return [own, *(distribution(name) for name in sorted(in_bundle(bundle)))]
    found: dict[str, Distribution] = {}
    for name in ("offcirc", *FOUND_BESIDE):
        _walk(name, found)
    return [own, *(found[name] for name in sorted(found.keys() - NOT_SHIPPED - {"offcirc"}))]


def in_bundle(bundle: Path) -> set[str]:
    """The packages of which something lies in a bundle, ours left out."""
    owners = packages_distributions()
    inside = {path.name.split(".")[0] for path in (bundle / "_internal").iterdir()}
    names = {canonicalize_name(owner) for part in inside for owner in owners.get(part, ())}
    return names - {"offcirc"}


def licence_of(package: Distribution) -> str:
    """A package's licence in a few words, as it states it itself."""
    meta = package.metadata
    stated = meta.get("License-Expression") or ""
    if not stated:
        classifiers = meta.get_all("Classifier") or []
        names = [line.rsplit("::", 1)[-1].strip() for line in classifiers if "License ::" in line]
        stated = ", ".join(names) or (meta.get("License") or "").splitlines()[0:1][0]
    return stated


def name_of(package: Distribution) -> str:
    """A package's name in its one spelling."""
    return canonicalize_name(package.metadata["Name"])


def _walk(name: str, found: dict[str, Distribution]) -> None:
    name = canonicalize_name(name)
    if name in found:
        return
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return  # for another system
    found[name] = package
    for text in package.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            _walk(requirement.name, found)
