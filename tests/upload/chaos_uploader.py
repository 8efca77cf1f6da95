"""An uploader that is in a hurry, for the chaos test.

Run as a program: address, data folder, batch size, width, seconds that an answer may take, manner,
file. The manner is ``keys``; ``koha`` for a Koha; or
``blind`` for a library system that can neither be asked afterwards nor knows keys: each sending of
a line then has a key of its own, so that a line sent twice is recorded twice, and seen.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from servers.kohadouble import PASSWORD, STAFF

from offcirc.servers.errors import ServerError
from offcirc.servers.koha.server import KohaServer
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities, Answer, Event, Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.base.patience import Patience
from offcirc.upload.run import run_upload

HURRY = Patience(tries=8, first=0.01, longest=0.2, longest_asked=0.1, quiet=0.2)
LATE = replace(HURRY, quiet=2.0)
"""Longer than a request of the proxy's can be late: what is not there then never will be."""


class Blind(PracticeServer):
    """Sends lines as if the server had no memory for them."""

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, look_back=False, idempotent_keys=False)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        return super().submit(
            job, [replace(event, key=f"{event.key}-{uuid.uuid4().hex}") for event in events]
        )


def _adapter(manner: str, url: str, size: int, width: int, seconds: float) -> Server:
    if manner == "koha":
        return KohaServer(url, width=width, answer_seconds=seconds)
    kind = Blind if manner == "blind" else PracticeServer
    return kind(url, batch_size=size, width=width, answer_seconds=seconds)


def main(
    url: str, data: str, batch_size: str, width: str, seconds: str, manner: str, file: str
) -> str:
    adapter = _adapter(manner, url, int(batch_size), int(width), float(seconds))
    login = (STAFF, PASSWORD) if manner == "koha" else ("referent", "bac-a-sable-1")
    try:
        with (
            adapter as server,
            Ledger(Path(data) / "ledger.db") as ledger,
        ):
            server.sign_in(*login)
            report = run_upload(
                [Path(file)],
                server,
                ledger,
                desk="BUC_PRET",
                who="Référent",
                resume=True,
                patience=LATE if manner == "koha" else HURRY,
            )
    except (ServerError, LedgerBusyError) as error:
        return f"not-begun {type(error).__name__}"
    return report.status.value


if __name__ == "__main__":
    print(main(*sys.argv[1:]), flush=True)
