"""Files for Alma, uploaded one by one in their order, to a library that judges like Alma."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from helpers.library import begin_library
from upload.handover_kit import desk_file, report_text

from offcirc import resources
from offcirc.core.identity import DeskIdentity
from offcirc.practice.web.serve import running
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.handover.almaimport import import_report
from offcirc.upload.handover.handover import hand_over
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import run_upload

TWO = resources.path("practice/toulouse/two-desks")


@pytest.fixture
def upload(tmp_path: Path) -> Iterator:
    """Upload files, each with its desk, one after the other to a fresh library."""
    with ExitStack() as stack:
        count = 0

        def run(*files: tuple[Path, str]) -> list[JobReport]:
            nonlocal count
            count += 1
            data = tmp_path / f"library{count}"
            url = stack.enter_context(
                running(None, begin_library(data), now=datetime(2018, 3, 7, 9, 0))
            )
            server = stack.enter_context(PracticeServer(url))
            server.sign_in("referent", "bac-a-sable-1")
            book = stack.enter_context(Ledger(tmp_path / f"ledger{count}" / "ledger.db"))
            return [run_upload([path], server, book, desk=desk, who="x") for path, desk in files]

        yield run


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Path, Path]:
    """The sample of two desks, at two circulation desks."""
    identities = {
        "A": DeskIdentity("BUC du Mirail", "BUC_PRET", "1"),
        "B": DeskIdentity("BU Sciences", "SCI_PRET", "1"),
    }
    one, two = (
        desk_file(
            tmp_path / f"{name}.dat",
            identity,
            *(TWO / f"desk-{name}.dat").read_bytes().splitlines(),
        )
        for name, identity in identities.items()
    )
    return one, two


def test_in_the_order_of_the_checklist_nothing_is_refused(desks, upload, ledger, tmp_path):
    done = hand_over(make_plan(desks), ledger, folder=tmp_path / "alma", who="Camille")
    assert done.lines == 28
    reports = upload(*((file.path, file.desk) for file in done.files))
    assert [report.exceptions for report in reports] == [0] * len(done.files)
    # A whole file for each desk cannot do that, in neither order.
    one, two = desks
    whole = ((one, "BUC_PRET"), (two, "SCI_PRET"))
    for order in (whole, whole[::-1]):
        assert sum(report.exceptions for report in upload(*order)) > 0


def test_what_the_library_reports_comes_back_to_the_right_lines(upload, ledger, tmp_path):
    sample = resources.path("practice/toulouse/OffCirc.dat")
    plan = make_plan([sample])
    file = hand_over(plan, ledger, folder=tmp_path / "alma", who="x", desk="BUC_PRET").files[0]
    (theirs,) = upload((file.path, "BUC_PRET"))
    rows = [(line.line - 1, line.message) for line in theirs.exception_lines]
    path = tmp_path / "report.txt"
    path.write_text(report_text(rows, theirs.records), "utf-8")
    ours = import_report(path, ledger, who="x").report
    assert {line.line: line.message for line in ours.exception_lines} == {
        line.line: line.message for line in theirs.exception_lines
    }
    assert (ours.recorded, ours.exceptions) == (theirs.recorded, theirs.exceptions)
