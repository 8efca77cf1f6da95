"""The ledger of uploads, for the commands that only look into it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from offcirc.cli.frame.parser import Context

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger


def ledger(context: Context) -> AbstractContextManager[Ledger | None]:
    """The ledger of the data folder; ``None`` when nothing was ever uploaded, so none is made."""
    from offcirc.storage.ledger.ledger import Ledger

    return Ledger.if_any(context.data_dir)
