"""The work list elsewhere: every format says the same, and hostile texts do no harm in any."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat

import pytest
from upload.kit import loan
from upload.past_kit import NOBODY, NOTHING, End, Told, past

from offcirc import i18n
from offcirc.storage.ledger import lookups
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.errors import ReportNotWrittenError
from offcirc.upload.followup.followup import Action, act, tasks
from offcirc.upload.followup.slips import Edit, KnownFrom, Slip
from offcirc.upload.followup.worklist import WorklistFormatError, write_worklist

HOSTILE = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "-2+3", "I" * 80]
LIKELY = Slip("990000001", Edit.SWAPPED, (KnownFrom.LOANS,), "", 3, loan(0, "I").at)


@pytest.fixture
def found(ledger, tmp_path):
    past(
        ledger,
        tmp_path / "OffCirc.dat",
        *(Told(loan(n, item, f"99000001{n}"), NOBODY) for n, item in enumerate(HOSTILE)),
        Told(loan(10, "X1", "=cmd|' /C calc'!A0"), NOTHING),
        Told(loan(11, "I1"), End(LineState.REJECTED, "other", "a\u202etxt\x1b[31m<b>")),
    )
    lookups.keep(
        ledger,
        1,
        [
            lookups.LookedUp(lookups.LookupKind.ITEM, HOSTILE[0], True, "=A <b>title</b>"),
            lookups.LookedUp(lookups.LookupKind.PATRON, "990000010", True, "Camille Dupont"),
        ],
    )
    found = tasks(ledger)
    act(ledger, [found[0]], Action.NOTED, who="<i>Lou</i>", text="@SUM(1)")
    return tasks(ledger)


def written(found, path, **more):
    write_worklist(found, path, **more)
    if os.name != "nt":  # where it is the folder that is closed
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text(encoding="utf-8")


def test_text_holds_every_task_and_no_sign_that_steers(found, tmp_path):
    text = written(found, tmp_path / "w.txt", slips={found[0].patron: [LIKELY]})
    for task in found:
        assert f"[ ] {task.id} " in text
    assert "Perhaps 990000001: two characters swapped" in text
    assert "Lent to an unknown borrower (2018-01-15)" in text
    assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_csv_opens_as_text_everywhere(found, tmp_path):
    text = written(found, tmp_path / "w.csv")
    head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert len(rows) == sum(len(task.lines) for task in found)
    cells = [cell for row in rows for cell in row]
    bare = [cell for cell in cells if not re.fullmatch(r'="[^"]*"', cell)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in bare)
    items = {row[head.index("Item barcode")].removeprefix("'") for row in rows}
    assert set(HOSTILE) <= items


@pytest.mark.parametrize("ending", [".txt", ".csv", ".html", ".json"])
def test_titles_are_told_and_names_only_where_they_may_go(found, tmp_path, ending):
    assert found[0].lines[0].patron_name == "Camille Dupont"
    text = written(found, tmp_path / f"w{ending}")
    assert "title" in text
    assert "Dupont" not in text
    assert "Dupont" in written(found, tmp_path / f"n{ending}", names=True)


def test_html_loads_and_runs_nothing(found, tmp_path):
    text = written(found, tmp_path / "w.html", slips={found[0].patron: [LIKELY]})
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;i&gt;Lou" in text
    assert not re.search(r"(src|href)=", text)
    assert text.count('class="box"') == len(found)
    assert "default-src 'none'" in text


def test_json_has_the_facts(found, tmp_path):
    told = json.loads(written(found, tmp_path / "w.json", slips={found[0].patron: [LIKELY]}))
    assert (told["left"], told["done"]) == (len(found), 0)
    first = told["tasks"][0]
    assert first["likely"][0]["reader"] == "990000001"
    assert first["events"][0]["text"] == "@SUM(1)"
    assert first["lines"][0]["note"] == "Lent to an unknown borrower (2018-01-15)"
    assert first["lines"][0]["timestamp"] == "2018-01-15T09:00"


@pytest.mark.parametrize("ending", [".txt", ".csv", ".html", ".json"])
def test_french_is_french(found, tmp_path, ending):
    i18n.activate("fr")
    text = written(found, tmp_path / f"w{ending}")
    assert "Prêté à un lecteur inconnu (15/01/2018)" in text


def test_an_empty_list_is_said_to_be_empty(tmp_path):
    for ending in (".txt", ".html"):
        assert "There is nothing to do" in written([], tmp_path / f"w{ending}")
    assert json.loads(written([], tmp_path / "w.json")) == {"left": 0, "done": 0, "tasks": []}


def test_an_unknown_ending_and_a_place_that_is_not_there_are_told(tmp_path):
    with pytest.raises(WorklistFormatError) as caught:
        write_worklist([], tmp_path / "w.pdf")
    assert ".html" in caught.value.words()
    with pytest.raises(ReportNotWrittenError):
        write_worklist([], tmp_path / "none" / "w.txt")
