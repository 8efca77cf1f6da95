"""Who sits at this PC, for what the ledger keeps of what people did."""

from __future__ import annotations

import getpass


def account() -> str:
    """The name of the account, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"
