"""From the desk's window to a loan under the real card on the server, at the minute it was made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from desk.side.test_readings import settings
from desk.window_kit import Desk, scan
from practice.conftest import Client
from pytestqt.qtbot import QtBot

from offcirc.storage.registrations.seal import new_key

KEY = new_key()
WITH_KEY = {"OFFCIRC_REGISTRATIONS_KEY": KEY}
ITEM, REAL = "37000034179", "9921000000164"


@pytest.mark.qt_log_ignore("plugin does not support")
@pytest.mark.promise("registered-loans-go-up-at-their-time")
def test_from_the_window_to_a_validated_loan(offcirc, server, tmp_path: Path, qtbot: QtBot):
    folder = tmp_path / "desk"
    folder.mkdir(mode=0o700)
    desk = Desk(folder, qtbot)
    at = datetime(2018, 1, 15, 14, 20).astimezone()
    desk.now = lambda: at
    desk.open()
    text = f'[registrations]\nkey = "{KEY}"\n'
    registering = desk.window.attach(settings(tmp_path, text)).registering
    registering.show()
    registering.window.fields["name"].setText("Diallo, Awa")
    registering.window.plain.click()
    scan(f"{ITEM}\r")
    desk.window.end_session()
    words = ("upload", "desk/OffCirc.dat", "--server", server.url, "--desk", "BUC_PRET")
    held = offcirc(*words, "--format", "json", env=WITH_KEY)
    assert [line["reason"] for line in held.json["lines"]] == ["registration-pending"]
    (told,) = offcirc("registrations", "list", "--format", "json", env=WITH_KEY).json[
        "registrations"
    ]
    assert told["name"] == "Diallo, Awa"
    offcirc("registrations", "validate", told["id"], "--card", REAL, env=WITH_KEY)
    done = offcirc(*words, "--format", "json", env=WITH_KEY)
    assert done.json["recorded"] == 1
    client = Client(server.url)
    with client.http:
        client.sign_in()
        assert client.item(ITEM)["loaned_at"].startswith("2018-01-15T14:20")
