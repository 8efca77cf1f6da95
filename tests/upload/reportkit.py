"""Reports for the tests of every format, hostile texts among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from offcirc.core.transaction import Operation
from offcirc.upload.report.report import (
    DecidedAct,
    JobReport,
    JobStatus,
    LineDecision,
    LineStatus,
    Origin,
    ReportFile,
    ReportLine,
)

HOSTILE = [
    '=HYPERLINK("http://evil.example";"x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "X" * 80,
    "\u202egnp.exe\u202c",
    "\u200f\u2066A1\u2069",
    "\x00\x1b[31m\x07\x7f",
    "a\tb\r\nc",
    "_x0041_",
    "\ud800",
    "'=1",
    "P" * 255,
    "</style></script><b>",
    "<para>&amp;<font size=99>",
]
"""What a barcode, a reader's identifier, a name, a title or a server's words may hold."""


def line(number: int, status: LineStatus = LineStatus.REJECTED, **more: object) -> ReportLine:
    known = ReportLine(
        file="OffCirc.dat",
        line=number,
        status=status,
        message="User not found. Barcode: 9900452388527",
        reason="patron-unknown",
        at=datetime(2018, 1, 15, 10, 40),
        operation=Operation.LOAN,
        item="UBX58950971",
        patron="9900452388527",
        raw="201801151040LUBX58950971 9900452388527",
    )
    return replace(known, **more)  # type: ignore[arg-type]


def report(*lines: ReportLine, **more: object) -> JobReport:
    def count(status: LineStatus) -> int:
        return sum(one.status is status for one in lines)

    whole = JobReport(
        id=1,
        process_id="2744228060004116",
        name="Prêts - Télécharger les transactions hors-ligne",
        server="http://127.0.0.1:8000",
        desk="BUC_PRET",
        who="Référent",
        started=datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC),
        finished=datetime(2018, 1, 17, 16, 33, 14, tzinfo=UTC),
        run_seconds=27.0,
        status=JobStatus.COMPLETED,
        dry_run=False,
        files=(ReportFile("OffCirc.dat", "ab" * 32, 5847, 57),),
        records=57,
        recorded=57 - len(lines) + count(LineStatus.RECORDED),
        rejected=count(LineStatus.REJECTED),
        unknown=count(LineStatus.UNKNOWN),
        held=count(LineStatus.HELD),
        skipped=count(LineStatus.SKIPPED),
        left=0,
        lines=lines,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


HELD = line(
    3,
    LineStatus.HELD,
    message="Damaged.",
    reason="impossible-date",
    at=None,
    operation=None,
    item="",
    patron="",
    raw="20180230\\xff",
)
NOTED = line(4, LineStatus.RECORDED, message="", reason="", notes=("in-transit", "renewal"))
ALL = report(
    line(1),
    line(2, LineStatus.SKIPPED, message="Recorded earlier.", reason="already-recorded"),
    HELD,
    NOTED,
    line(5, LineStatus.UNKNOWN, message="No answer came.", reason="no-answer"),
)
KNOWN = line(
    6,
    message="Item not found. Barcode: TOTO31400",
    reason="item-unknown",
    item="TOTO31400",
    exact=datetime(2018, 1, 15, 10, 40, 12, 345000),
    origin=Origin("BUC du Mirail", "BUC_PRET", "Bureau 2"),
    title="Œuvres complètes : Война и мир",
    patron_name="Élodie Durand-Lefèvre",
    decision=LineDecision(
        DecidedAct.CORRECTED,
        "Référente",
        datetime(2018, 1, 17, 8, 5, tzinfo=UTC),
        "lu sur la carte",
        "T0",
    ),
)
RETURN = line(
    7,
    message="Return item failed, item was not on loan. Barcode: OTOLO104602",
    reason="not-on-loan",
    operation=Operation.RETURN,
    item="OTOLO104602",
    patron="",
    raw="201801151041ROTOLO104602",
)
WHOLE = report(*ALL.lines, KNOWN, RETURN)
"""A line of every status, and one of which everything is known."""


def hostile_report() -> JobReport:
    """Each hostile text wherever others may write."""
    return report(
        *(
            line(
                number,
                file=text,
                item=text,
                patron=text,
                message=text,
                title=text,
                patron_name=text,
                raw=text,
                reason="other",
                origin=Origin(text, text, text),
                decision=LineDecision(DecidedAct.HELD, text, None, text, text),
            )
            for number, text in enumerate(HOSTILE, 1)
        ),
        name=HOSTILE[0],
        process_id=HOSTILE[4],
        desk=HOSTILE[5],
        who=HOSTILE[8],
        problem=HOSTILE[10],
    )
