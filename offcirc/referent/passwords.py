"""The password store of the person's account on this PC (Windows Credential Manager and its like).

Opening it may take a while and may ask the desktop for leave: never from the window's thread.
"""

from __future__ import annotations

import os

SERVICE = "offcirc"
"""The same as the command line’s: a password kept by one door opens the other."""
VARIABLE = "OFFCIRC_PASSWORD"
MAIL_VARIABLE = "OFFCIRC_MAIL_PASSWORD"


def remembered(url: str, login: str, variable: str = VARIABLE) -> str:
    """The password for a login at a server, from the environment or the store; else empty."""
    given = os.environ.get(variable)
    if given:
        return given
    if not url or not login:
        return ""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, _name(url, login)) or ""
    except (KeyringError, OSError, RuntimeError):
        return ""


def remember(url: str, login: str, password: str) -> bool:
    """Keep a password; false when this PC has no store that can."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, _name(url, login), password)
        return keyring.get_password(SERVICE, _name(url, login)) == password
    except (KeyringError, OSError, RuntimeError):
        return False


def forget(url: str, login: str) -> None:
    """Keep no password for a login at a server."""
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(SERVICE, _name(url, login)) is not None:
            keyring.delete_password(SERVICE, _name(url, login))
    except (KeyringError, OSError, RuntimeError):
        return


def _name(url: str, login: str) -> str:
    return f"{login} @ {url.rstrip('/')}"
