"""An uploader that says when a request is about to leave and when it has been answered.

Run as a program: address, data folder, batch size, resume or not (or "watched": somebody looks at
the history in the same program meanwhile), files. Whoever reads what it says can kill it at any
point.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Event
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.run import run_upload


def say(*words: object) -> None:
    print(*words, flush=True)


class Telling(PracticeServer):
    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        say("sending")
        answers = super().submit(job, events)
        say("answered")
        return answers


class Watched(Telling):
    ledger: Path
    count = 0

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        answers = super().submit(job, events)
        self.count += 1
        if self.count == 1:
            with Ledger(self.ledger) as history:
                history.uploads()
        return answers


def main(url: str, data: str, batch_size: str, resume: str, *files: str) -> None:
    kind = Watched if resume == "watched" else Telling
    Watched.ledger = Path(data) / "ledger.db"
    with (
        kind(url, batch_size=int(batch_size)) as server,
        Ledger(Path(data) / "ledger.db") as ledger,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        report = run_upload(
            [Path(file) for file in files],
            server,
            ledger,
            desk="BUC_PRET",
            who="Référent",
            resume=resume == "resume",
            patience=Patience(tries=3, first=0.02),
        )
    say(report.status, report.recorded, report.rejected, report.unknown, report.left)


if __name__ == "__main__":
    main(*sys.argv[1:])
