"""An uploader to a library system of others, for the chaos test: run as a program and killed.

Arguments: kind, address, options as JSON, data folder, desk, seconds that an answer may take, and
files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from servers.double import LOGIN, PASSWORD

from offcirc.servers.errors import ServerError
from offcirc.servers.evergreen.adapter import EvergreenServer
from offcirc.servers.folio.adapter import FolioServer
from offcirc.servers.protocol import Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.run import run_upload

HURRY = Patience(tries=8, first=0.01, longest=0.2, longest_asked=0.1, quiet=1.5)


def adapter(kind: str, url: str, options: dict[str, str], seconds: float) -> Server:
    if kind == "folio":
        return FolioServer(url, options, answer_seconds=seconds)
    return EvergreenServer(url, options, answer_seconds=seconds, poll_seconds=0.01, batch_size=25)


def main(kind: str, url: str, options: str, data: str, desk: str, seconds: str, *files: str) -> str:
    server = adapter(kind, url, json.loads(options), float(seconds))
    try:
        with server, Ledger(Path(data) / "ledger.db") as ledger:
            server.sign_in(LOGIN, PASSWORD)
            report = run_upload(
                [Path(file) for file in files],
                server,
                ledger,
                desk=desk,
                who="x",
                resume=True,
                patience=HURRY,
            )
    except ServerError as error:
        return f"not-begun {type(error).__name__}"
    return report.status.value


if __name__ == "__main__":
    print(main(*sys.argv[1:]), flush=True)
