"""What is due when the uploader starts: interrupted closings are ended, old readers erased."""

from __future__ import annotations

from pathlib import Path

from offcirc.storage.ledger import LEDGER_NAME, Ledger
from offcirc.upload import closing, closingwords, retention
from offcirc.upload.errors import LedgerBusyError


def tidy(data_dir: Path, *, days: int, who: str) -> list[str]:
    """Do what is due in a data folder; nothing while an upload is under way there.

    Args:
        data_dir: the data folder.
        days: after how many days readers are erased; 0 keeps them.
        who: who is at work.

    Returns:
        What was done, a sentence each; empty when nothing was due.

    Raises:
        StorageError: something could not be done; the next time goes on.
    """
    path = data_dir / LEDGER_NAME
    if not path.exists():
        erased = retention.erase_due(None, data_dir, days=days)
        return [retention.sentence(erased, days)] if erased else []
    told = []
    with Ledger(path) as ledger:
        try:
            done = closing.take_up(ledger, folder=data_dir, who=who)
        except LedgerBusyError:
            return []
        told += [closingwords.closed(one) for one in done]
        erased = retention.erase_due(ledger, data_dir, days=days)
    if erased:
        told.append(retention.sentence(erased, days))
    return told
