"""Reports to show, made up."""

from __future__ import annotations

from datetime import UTC, datetime

from offcirc.core.transaction import Operation
from offcirc.upload.report import JobReport, JobStatus, LineStatus, ReportFile, ReportLine


def line(number: int = 18, **changes) -> ReportLine:
    facts = {
        "file": "OffCirc.dat",
        "line": number,
        "status": LineStatus.REJECTED,
        "message": "Item not found. Barcode: TOTO31400",
        "reason": "item-unknown",
        "at": datetime(2018, 1, 15, 15, 30),
        "operation": Operation.LOAN,
        "item": "TOTO31400",
        "patron": "9987125433541",
        "raw": "201801151530LTOTO31400 9987125433541",
    }
    return ReportLine(**(facts | changes))


def job(**changes) -> JobReport:
    facts = {
        "id": 1,
        "process_id": "2744228060004116",
        "name": "Prêts - Télécharger les transactions hors-ligne",
        "server": "http://127.0.0.1:8000",
        "desk": "BUC_PRET",
        "who": "Référent",
        "started": datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC),
        "finished": datetime(2018, 1, 17, 16, 33, 14, tzinfo=UTC),
        "run_seconds": 27.0,
        "status": JobStatus.COMPLETED,
        "dry_run": False,
        "files": (ReportFile("OffCirc.dat", "ab" * 32, 5000, 57),),
        "records": 57,
        "recorded": 48,
        "rejected": 9,
        "unknown": 0,
        "held": 0,
        "skipped": 0,
        "left": 0,
        "lines": (),
    }
    return JobReport(**(facts | changes))
