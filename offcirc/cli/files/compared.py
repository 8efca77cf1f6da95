"""What comparing the lines of several files has found, as the command shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from offcirc.core.dat.datfile import Status
from offcirc.core.transaction import Record


@dataclass(frozen=True, slots=True)
class Compared:
    """Something that comparing lines has found.

    Attributes:
        file: the file, as it was given.
        line: the line's number; 0 when it is about the whole file.
        status: a warning, or fine when it is only good to know.
        code: what, for programs.
        name: what, in two or three words.
        message: what, as a sentence.
        suggestion: what might be done.
        record: what the line says; ``None`` when it is about a file.
    """

    file: str
    line: int
    status: Status
    code: str
    name: str
    message: str
    suggestion: str
    record: Record | None

    def facts(self) -> dict[str, Any]:
        """As programs get it."""
        record = self.record
        return {
            "file": self.file,
            "line": self.line,
            "status": self.status.value,
            "message": self.message,
            "timestamp": record.at.isoformat(timespec="minutes") if record else None,
            "operation": record.operation.value if record else None,
            "item": record.item if record else "",
            "patron": record.patron if record else "",
            "code": self.code,
            "suggestion": self.suggestion,
        }
