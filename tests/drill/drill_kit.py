"""A drill played without windows: lines typed into journals, an upload, acts by hand."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from offcirc.core.transaction import Operation, record_now
from offcirc.drill import making, recorded, scoring
from offcirc.drill.truth import ActKind, DrillAct, DrillLine, Truth, read
from offcirc.practice import state
from offcirc.practice.acts import actor as acting
from offcirc.practice.acts import loans, queues
from offcirc.practice.acts.actor import Actor
from offcirc.practice.circulation import Circulation
from offcirc.practice.lookups import find_patron
from offcirc.practice.web.serve import running
from offcirc.servers.practice import PracticeServer
from offcirc.settings.deskname import desk_identity
from offcirc.settings.load import load
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal
from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.run import run_upload

Typist = Callable[[DrillLine], Iterable[DrillLine]]


class Played:
    """A drill in the making; ``now`` is the true time; ``begun`` elsewhere, or begun here."""

    def __init__(self, data: Path, name: str, begun: Path | None = None) -> None:
        self.now = datetime.now().astimezone().replace(second=0, microsecond=0)
        self.now -= timedelta(minutes=90)
        self.made = (
            making.MadeDrill(begun, read(begun))
            if begun
            else making.start(data, name, seed=7, now=self.now.replace(tzinfo=None))
        )
        self.folder = self.made.folder

    @property
    def truth(self) -> Truth:
        return self.made.truth

    def type(self, slip: Typist = lambda line: [line], *, save: bool = True) -> None:
        """All desks type their lines at the same time, part after part; then they save."""
        with contextlib.ExitStack() as stack:
            desks = {
                desk.letter: stack.enter_context(self._desk(desk.letter))
                for desk in self.truth.desks
            }
            clocks = {desk.letter: timedelta(minutes=desk.clock) for desk in self.truth.desks}
            for line in sorted(self.truth.lines, key=lambda line: line.part):
                for typed in slip(line):
                    self.now += timedelta(minutes=1)
                    at = self.now + clocks[line.desk]
                    closing = self.now.replace(tzinfo=None) - timedelta(days=1)
                    operation = Operation.LOAN if typed.operation == "L" else Operation.RETURN
                    desks[line.desk].append(
                        record_now(
                            *(at, operation, typed.item, typed.patron),
                            stated=closing if typed.box else None,
                        )
                    )
            for desk in desks.values():
                if save:
                    DatWriter(desk).save()

    def _desk(self, letter: str) -> Journal:
        folder = self.folder / scoring.DESKS / letter
        settings = load({"data_dir": str(folder)}, environment={}, site=folder / "none.toml")
        return Journal.open(folder, identity=desk_identity(settings))

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / scoring.DESKS).glob("*/OffCirc.dat"))

    def upload(self, *, right: bool = True) -> None:
        """All files together, the wrong clock put right."""
        offsets = {
            str(self.folder / scoring.DESKS / desk.letter / "OffCirc.dat"): -60 * desk.clock
            for desk in self.truth.desks
            if right
        }
        plan = make_plan(self.files, offsets=offsets)
        folder = self.folder
        with (
            running(folder / making.LIBRARY, folder / recorded.SERVER) as url,
            contextlib.closing(PracticeServer(url)) as server,
            Ledger(folder / LEDGER_NAME) as ledger,
        ):
            account = server.sign_in("referent", "bac-a-sable-1")
            assert "BUC_PRET" in account.desks
            run_upload(self.files, server, ledger, desk="BUC_PRET", who="x", plan=plan)

    def follow_up(self, *kinds: ActKind) -> None:
        """Do what is left to be done by hand, of all kinds when none is named."""
        for act in self.truth.acts:
            if not kinds or act.kind in kinds:
                self.at_the_server(lambda db, actor, act=act: _do(db, actor, act))

    def at_the_server(
        self, deed: Callable[[sqlite3.Connection, Actor], object], desk: str = "BUC_PRET"
    ) -> None:
        """Do something by hand at a circulation desk, now."""
        with state.opened(self.folder / recorded.SERVER, self.folder / making.LIBRARY) as kept:
            now = datetime.now(kept.policy.timezone)
            actor = Actor(
                *("referent", "Référent", desk, now, kept.policy),
                *(Circulation(kept.policy), str),
            )
            with contextlib.closing(state.connect(kept.database)) as db:
                deed(db, actor)

    def score(self) -> scoring.DrillScore:
        return scoring.score(self.folder)

    def found(self) -> dict[str, int]:
        """The slips that the score names, with how many lines each."""
        score = self.score()
        marks = [*score.desks.values(), score.upload, score.acts]
        return {each.slip.value: each.count for mark in marks for each in mark.findings}


def _do(db: sqlite3.Connection, actor: Actor, act: DrillAct) -> None:
    if act.kind is ActKind.ITEM_UNKNOWN:
        reader = find_patron(db, act.patron)["primary_id"]
        acting.note(db, actor, "patron", reader, text="a un livre inconnu")
    for item in act.items:
        if act.kind is ActKind.PATRON_UNKNOWN:
            acting.note(db, actor, "item", item, text="Prêté à un usager inconnu")
        elif act.kind is ActKind.SECOND_SCAN:
            queues.arrived(db, actor, item)
        elif act.kind is ActKind.DUE_DATE:
            put_right(db, actor, act)


def put_right(db: sqlite3.Connection, actor: Actor, act: DrillAct) -> None:
    """Give the loan of an item that may not be lent another due date."""
    loan = db.execute(
        "SELECT l.id, p.ref FROM loans l JOIN patrons p ON p.primary_id = l.patron "
        "WHERE l.item = ? AND l.returned_at IS NULL",
        act.items,
    ).fetchone()
    day = actor.now.date() + timedelta(days=8)
    while day.weekday() == 6:
        day += timedelta(days=1)
    loans.change_due(db, actor, loan["ref"], [loan["id"]], day)
