"""Which password to sign in with: the environment's, else the one kept on this PC."""

from __future__ import annotations

import os

from offcirc.servers import passwordstore

VARIABLE = "OFFCIRC_PASSWORD"
MAIL_VARIABLE = "OFFCIRC_MAIL_PASSWORD"


def remembered(url: str, login: str, variable: str = VARIABLE) -> str:
    """The password for a login at a server, from the environment or the store; else empty.

    Raises:
        BrokenStoreError: this PC's store does not work.
    """
    return os.environ.get(variable) or passwordstore.kept(url, login)
