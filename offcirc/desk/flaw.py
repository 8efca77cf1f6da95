"""Why a run of keys is no whole scan."""

from __future__ import annotations

from enum import StrEnum


class Flaw(StrEnum):
    """Why a scan is not known to be whole."""

    BEHEADED = "beheaded"
    """The field holds less than the keys brought, or some of the keys went elsewhere."""

    CHANGED = "changed"
    """The field holds something else than the keys brought."""

    PARTS = "parts"
    """It came in two parts, or two things came as one."""

    KEY = "key"
    """A key that writes nothing came in the middle."""

    SIGN = "sign"
    """A control character came in the middle."""

    HELD = "held"
    """A key was held down."""

    ALT = "alt"
    """The characters came as Alt and the digits of their codes."""
