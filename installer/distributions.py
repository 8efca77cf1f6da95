"""The packages that are shipped with the program: what it needs at run time, and what those need.

Read from the environment this runs in, which the lock has filled.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NOT_SHIPPED = {
    "pip",
    "pygments",
    "pillow",
    "markdown-it-py",
    "mdurl",
    "pycparser",
    "charset-normalizer",
}
"""Needed on paper only: the bundle leaves them out (see bundle/offcirc.spec)."""


def shipped() -> list[Distribution]:
    """The packages in the bundle, ours first, the others by name."""
    found: dict[str, Distribution] = {}
    _walk("offcirc", found)
    own = found.pop("offcirc")
    return [own, *(found[name] for name in sorted(found) if name not in NOT_SHIPPED)]


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
