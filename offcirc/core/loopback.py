"""Whether an address is this very machine's: what goes there crosses no network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its number or as ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_this_machine(url: str) -> bool:
    """Whether the host of a web address is this machine."""
    try:
        return _port(urlsplit(url).netloc) is not None
    except ValueError:
        return False


def names_this_machine(authority: str, port: int) -> bool:
    """Whether the ``Host`` of a request is this machine at this very port.

    A web page reaches a server of this machine under a name of its own, such as
    ``127.0.0.1.evil.example``; so the whole of it is looked at.

    Args:
        authority: host and port as the request names them.
        port: where the server listens.
    """
    return _port(authority) == port


def _port(authority: str) -> int | None:
    """The port of an authority that is this machine, 80 if it names none; ``None`` elsewhere."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None or not is_loopback(found[1] or found[2]):
        return None
    return int(found[3] or 80)


# Not urlsplit(), for which the host of "[::1].evil.example" is "::1".
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]@/?#]+))(?::([0-9]{1,5}))?")
