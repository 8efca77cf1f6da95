"""An upload to the double of a server, and what became of its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from servers.double import LOGIN, PASSWORD, Double
from upload.kit import Clock

from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import (
    run_upload,
)

OpenDouble = Callable[..., PracticeServer]


def upload(
    files: Sequence[Path], server: Any, ledger: Ledger, clock: Clock | None = None, **more: Any
) -> JobReport:
    patience = (clock or Clock()).patience()
    return run_upload(
        list(files), server, ledger, desk="D1", who="Référent", patience=patience, **more
    )


def states(report: JobReport) -> tuple[int, int, int, int, int, int]:
    return (
        report.recorded,
        report.rejected,
        report.unknown,
        report.held,
        report.skipped,
        report.left,
    )


def items(count: int) -> list[str]:
    return [f"I{number}" for number in range(count)]


class Limited(PracticeServer):
    """A library system that can do less."""

    limits: dict[str, Any]

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, **self.limits)


def limited(double: Double, **limits: Any) -> Limited:
    server = Limited(double.url, answer_seconds=0.4)
    server.limits = {"batch_size": 3, **limits}
    server.sign_in(LOGIN, PASSWORD)
    return server
