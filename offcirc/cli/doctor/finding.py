"""What the doctor says of one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How serious a finding is."""

    FINE = "fine"
    NOTE = "note"
    """Works, but somebody should know."""
    PROBLEM = "problem"
    """Something must be done."""


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """What was found.

    Attributes:
        name: the check, the same in every language.
        level: how serious it is.
        sentence: what was found, in the active language.
        advice: what to do about it; empty when nothing.
        figures: measured values, for programs; the unit is part of the name.
    """

    name: str
    level: Level
    sentence: str
    advice: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


def fine(name: str, sentence: str, figures: Mapping[str, float] | None = None) -> DoctorFinding:
    """All is well."""
    return DoctorFinding(name, Level.FINE, sentence, figures=figures or {})


def worth_knowing(
    name: str, sentence: str, advice: str = "", figures: Mapping[str, float] | None = None
) -> DoctorFinding:
    """It works, but somebody should know."""
    return DoctorFinding(name, Level.NOTE, sentence, advice, figures or {})


def problem(
    name: str, sentence: str, advice: str, figures: Mapping[str, float] | None = None
) -> DoctorFinding:
    """Something must be done."""
    return DoctorFinding(name, Level.PROBLEM, sentence, advice, figures or {})
