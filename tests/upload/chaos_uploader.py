"""An uploader that is in a hurry, for the chaos test.

Run as a program: address, data folder, batch size, width, seconds that an answer may take, manner,
file. The manner is ``keys``, or
``blind`` for a library system that can neither be asked afterwards nor knows keys: each sending of
a line then has a key of its own, so that a line sent twice is recorded twice, and seen.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from offcirc.servers.errors import ServerError
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities, Answer, Event
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.base.patience import Patience
from offcirc.upload.run import run_upload

HURRY = Patience(tries=8, first=0.01, longest=0.2, longest_asked=0.1, quiet=0.2)


class Blind(PracticeServer):
    """Sends lines as if the server had no memory for them."""

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, look_back=False, idempotent_keys=False)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        return super().submit(
            job, [replace(event, key=f"{event.key}-{uuid.uuid4().hex}") for event in events]
        )


def main(
    url: str, data: str, batch_size: str, width: str, seconds: str, manner: str, file: str
) -> str:
    kind = Blind if manner == "blind" else PracticeServer
    adapter = kind(url, batch_size=int(batch_size), width=int(width), answer_seconds=float(seconds))
    try:
        with (
            adapter as server,
            Ledger(Path(data) / "ledger.db") as ledger,
        ):
            server.sign_in("referent", "bac-a-sable-1")
            report = run_upload(
                [Path(file)],
                server,
                ledger,
                desk="BUC_PRET",
                who="Référent",
                resume=True,
                patience=HURRY,
            )
    except (ServerError, LedgerBusyError) as error:
        return f"not-begun {type(error).__name__}"
    return report.status.value


if __name__ == "__main__":
    print(main(*sys.argv[1:]), flush=True)
