"""The ledger of uploads, for the commands that only look into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offcirc.cli.frame.parser import Context

if TYPE_CHECKING:
    from offcirc.storage.ledger.ledger import Ledger


@contextmanager
def ledger(context: Context) -> Iterator[Ledger | None]:
    """The ledger of the data folder; ``None`` when nothing was ever uploaded, so none is made."""
    from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger

    path = context.data_dir / LEDGER_NAME
    if not path.exists():
        yield None
        return
    with Ledger(path) as book:
        yield book
