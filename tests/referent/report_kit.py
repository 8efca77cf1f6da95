"""Reports to show, made up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from offcirc.core.transaction import Operation
from offcirc.upload.followup.task import Task, TaskKind, TaskLine
from offcirc.upload.report.report import JobReport, JobStatus, LineStatus, ReportFile, ReportLine


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


def outage(folder: Path) -> list[Path]:
    """The files of three desks, one of them with damaged and doubtful lines."""
    made = {
        "Mirail/Banque 1.dat": [("201801150914", "L"), ("201801151720", "R")],
        "Mirail/Banque 2.dat": [
            ("201801161000", "L"),
            ("2018011614XX", "L"),
            ("201801151000", "R"),
        ],
        "Sciences/OffCirc.dat": [("201801171400", "L")],
    }
    found = []
    for name, lines in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(
            f"{at}{operation}{f'3700003{number:04}':<80}"
            f"{'9921000000164' if operation == 'L' else ''}\r\n"
            for number, (at, operation) in enumerate(lines)
        )
        path.write_bytes(text.encode())
        found.append(path)
    return found


def tasks() -> list[Task]:
    """A work list, made up."""
    facts = {
        "upload": 1,
        "server": "practice",
        "desk": "BUC_PRET",
        "file": "OffCirc.dat",
        "at": datetime(2018, 1, 15, 15, 30),
        "operation": Operation.LOAN,
        "patron": "9987125433541",
        "reason": "",
        "message": "Item not found. Barcode: TOTO31400",
        "raw": "201801151530LTOTO31400 9987125433541",
        "due_at": None,
        "done": False,
        "title": "Germinal",
        "patron_name": "M. Ide",
    }
    return [
        Task(
            f"X{number}",
            kind,
            tuple(TaskLine(id=number * 10 + n, number=n, item=f"TOTO{n}", **facts) for n in (1, 2)),
            assigned="Awa",
        )
        for number, kind in enumerate((TaskKind.PATRON, TaskKind.ITEM, TaskKind.HOLD_SHELF), 1)
    ]
