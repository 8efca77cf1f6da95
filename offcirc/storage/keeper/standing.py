"""How things stand with what is kept on disk, as values and as sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from offcirc.disk.errors import StorageError, describe
from offcirc.disk.space import LOW
from offcirc.i18n import _, ngettext
from offcirc.storage.dat.datwriter import Saved
from offcirc.storage.dat.findings import RepairFinding
from offcirc.storage.journal.rows import Row, Where
from offcirc.storage.keeper.bring_back import Reunion


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand; for the status line. :func:`describe_standing` words it.

    Attributes:
        where: where the next transaction is expected to go; ``None`` when neither place took the
            last one.
        fault: why the journal is not used; ``None`` when it is.
        save_fault: why the last save failed; ``None`` when it did not.
        away: rows in the fallback place that are not deleted and not home yet.
        fallback: that place.
        free: free bytes on the journal's disk; ``None`` when unknown.
        reserve: whether some room is kept back for when the disk is full.
        sheltered: rows of a journal that is lost which were still to be saved, and are in the
            fallback place too.
        unkept: such rows for which there is no place: this program alone has them.
        gone: saved rows of an OffCirc.dat that was moved away, deleted or emptied.
        changed: saved rows that are not in OffCirc.dat as they were.
    """

    where: Where | None
    fault: StorageError | None
    save_fault: StorageError | None
    away: int
    fallback: Path
    free: int | None
    reserve: bool
    sheltered: int = 0
    unkept: int = 0
    gone: int = 0
    changed: int = 0

    @property
    def low(self) -> bool:
        """Whether the disk is nearly full."""
        return self.free is not None and self.free < LOW


@dataclass(frozen=True, slots=True)
class Tended:
    """What happened by itself.

    Attributes:
        back: the journal can be used again; rows that could not be seen can be now.
        reunion: what was brought home.
        saved: what was saved because an earlier save had failed.
        findings: what was found when OffCirc.dat was compared with the journal.
        restated: rows that are in another state than they were shown in.
    """

    back: bool = False
    reunion: Reunion = field(default_factory=Reunion)
    saved: Saved | None = None
    findings: tuple[RepairFinding, ...] = ()
    restated: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        done = self.back or bool(self.reunion) or self.saved is not None
        return done or bool(self.findings or self.restated)


def describe_standing(standing: Standing, *, space: bool = True) -> tuple[str, ...]:
    """What the staff should know, the gravest first; nothing when all is well.

    Args:
        standing: how things stand.
        space: whether to say so when the disk is nearly full.
    """
    told = []
    if standing.where is None and standing.fault is not None:
        told.append(_("Nothing can be recorded. {why}").format(why=describe(standing.fault)))
        if standing.unkept:
            told.append(_unkept(standing))
    elif standing.where is Where.FALLBACK and standing.fault is not None:
        told.append(_away(standing))
    elif standing.away:
        told.append(_left_away(standing))
    if standing.save_fault is not None and standing.where is not None:
        told.append(
            _(
                "OffCirc.dat cannot be written at present. The rows are safe, and will be saved "
                "once it can be. {why}"
            ).format(why=describe(standing.save_fault))
        )
    if space and standing.low:
        told.append(
            _(
                "Only {free} MB are left on this PC’s disk. Please have some space freed soon."
            ).format(free=(standing.free or 0) >> 20)
        )
    return tuple(told)


def describe_missing(standing: Standing) -> str:
    """What is to be asked about rows that had been saved and are in no file; empty if none are."""
    if standing.gone:
        return ngettext(
            "OffCirc.dat was moved, deleted or emptied; {rows} saved row was in it. Was it taken "
            "away to be uploaded? If not: More, Make OffCirc.dat again.",
            "OffCirc.dat was moved, deleted or emptied; {rows} saved rows were in it. Was it taken "
            "away to be uploaded? If not: More, Make OffCirc.dat again.",
            standing.gone,
        ).format(rows=standing.gone)
    if standing.changed:
        return ngettext(
            "Somebody changed or replaced OffCirc.dat: {rows} saved row is not in it as it was. "
            "If it is to be uploaded: More, Make OffCirc.dat again.",
            "Somebody changed or replaced OffCirc.dat: {rows} saved rows are not in it as they "
            "were. If they are to be uploaded: More, Make OffCirc.dat again.",
            standing.changed,
        ).format(rows=standing.changed)
    return ""


def describe_tended(tended: Tended) -> tuple[str, ...]:
    """What happened by itself and the staff should hear of; findings have words of their own."""
    told = []
    rows = len(tended.reunion.moved)
    if rows:
        told.append(
            ngettext(
                "All is well again: {rows} row has been brought home from the fallback place.",
                "All is well again: {rows} rows have been brought home from the fallback place.",
                rows,
            ).format(rows=rows)
        )
    elif tended.back:
        told.append(_("All is well again: the usual place can be used."))
    if tended.saved is not None and tended.saved.rows:
        rows = tended.saved.rows
        told.append(
            ngettext(
                "{rows} row that was waiting has been saved to {path}.",
                "{rows} rows that were waiting have been saved to {path}.",
                rows,
            ).format(rows=rows, path=tended.saved.path)
        )
    late = len(tended.reunion.too_late)
    if late:
        told.append(
            ngettext(
                "{rows} row that you deleted had been saved before, so it is in OffCirc.dat.",
                "{rows} rows that you deleted had been saved before, so they are in OffCirc.dat.",
                late,
            ).format(rows=late)
        )
    return tuple(told)


def _away(standing: Standing) -> str:
    assert standing.fault is not None
    why = describe(standing.fault)
    if standing.unkept:
        why = f"{_unkept(standing)} {why}"
    elif standing.sheltered:
        return ngettext(
            "Recording goes on in a fallback place, {folder}. {rows} row that was still to be "
            "saved is kept there too. {why}",
            "Recording goes on in a fallback place, {folder}. {rows} rows that were still to be "
            "saved are kept there too. {why}",
            standing.sheltered,
        ).format(folder=standing.fallback, rows=standing.sheltered, why=why)
    if standing.unkept:
        return _("Recording goes on in a fallback place, {folder}. {why}").format(
            folder=standing.fallback, why=why
        )
    return _(
        "Recording goes on in a fallback place, {folder}; nothing is lost, and all will be brought "
        "together by itself. {why}"
    ).format(folder=standing.fallback, why=why)


def _unkept(standing: Standing) -> str:
    return ngettext(
        "{rows} row that is still to be saved is on no disk, only in this window: leave it open.",
        "{rows} rows that are still to be saved are on no disk, only in this window: leave it "
        "open.",
        standing.unkept,
    ).format(rows=standing.unkept)


def _left_away(standing: Standing) -> str:
    return ngettext(
        "{rows} row is still in the fallback place, {folder}; it will be brought home by itself.",
        "{rows} rows are still in the fallback place, {folder}; they will be brought home by "
        "themselves.",
        standing.away,
    ).format(rows=standing.away, folder=standing.fallback)
