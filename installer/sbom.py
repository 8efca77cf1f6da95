"""The bill of materials of a release: which packages are in it, in which version.

Format: CycloneDX 1.5, JSON (https://cyclonedx.org/docs/1.5/json/). It is written by hand because a
few fields of it are all that is wanted, and the tools for it bring in more packages than we ship.
"""

from __future__ import annotations

import json
from typing import Any

from distributions import licence_of, name_of, shipped


def bill() -> str:
    """The bill of materials as text."""
    own, *others = shipped()
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": _component(own, kind="application")},
        "components": [_component(package) for package in others],
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _component(package: Any, kind: str = "library") -> dict[str, Any]:
    name = name_of(package)
    return {
        "type": kind,
        "name": name,
        "version": package.version,
        "purl": f"pkg:pypi/{name}@{package.version}",
        "licenses": [{"license": {"name": licence_of(package)}}],
    }
