"""The desk as those see it who work with it: what it shows, where it keeps, what it says and does.

Two roles. :class:`DeskHost` is enough for most: to speak, to find the next field, to hear what was
recorded. :class:`WholeDesk` is for the few that set other parts to work: what takes a scan, what
records, what acts on rows. Nobody but :mod:`offcirc.desk.program.assembly`, which puts the parts
together, and who opens a window knows the window itself; a test sees to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QLineEdit, QWidget

    from offcirc.core.barcodes.controlcards import Card
    from offcirc.core.session import DeskDecision, Session
    from offcirc.core.transaction import Operation
    from offcirc.desk.face.controls import Controls
    from offcirc.desk.face.look import Look
    from offcirc.desk.message import Message
    from offcirc.desk.program.extras import Companions
    from offcirc.desk.scan.intake import Intake
    from offcirc.desk.scan.keys import ScanKeys
    from offcirc.desk.scan.pile import PileCheck
    from offcirc.desk.shop.book_drop import BookDrop
    from offcirc.desk.shop.day_figures import DayFigures
    from offcirc.desk.shop.disk_clock_watch import Caretaker
    from offcirc.desk.shop.recorder import RowRecorder
    from offcirc.desk.shop.row_actions import Book
    from offcirc.desk.shop.setup import Setup
    from offcirc.desk.shop.store import DeskStore
    from offcirc.desk.shop.waitlist import WaitList
    from offcirc.scanning.decoder import Scan
    from offcirc.storage.journal.rows import Row


class DeskHost(Protocol):
    """What is seen and heard of a desk, and what can be asked of it."""

    @property
    def pane(self) -> QWidget:
        """The window, for those that live in it or beside it."""

    @property
    def ui(self) -> Controls:
        """The controls."""

    @property
    def look(self) -> Look:
        """Type and sizes."""

    @property
    def keys(self) -> ScanKeys:
        """The scan keys of the window."""

    @property
    def store(self) -> DeskStore:
        """Journal and file."""

    @property
    def folder(self) -> Path:
        """The data folder."""

    @property
    def session(self) -> Session:
        """What the desk remembers between two scans."""

    @property
    def tally(self) -> DayFigures:
        """The day's figures, and what the status line hints at."""

    @property
    def companions(self) -> Companions | None:
        """Settings, sounds and tools; ``None`` until they are attached."""

    def now(self) -> datetime:
        """The moment, aware, in the PC's own time zone."""

    def say(self, message: Message) -> None:
        """Show a message in the band, and let it be heard."""

    def target(self) -> QLineEdit:
        """The field a scan belongs to when the staff have chosen none."""

    def focus(self, field: QLineEdit) -> None:
        """Put the cursor in a field; the next scan replaces what is there."""

    def choose(self, operation: Operation) -> None:
        """Switch to an operation, and go to the field a scan belongs to."""

    def clear(self, *, counted: bool = False) -> None:
        """Ready for the next reader."""

    def undo(self) -> None:
        """Bring back what was just deleted; else void the newest row that is not saved."""

    def print_slip(self) -> None:
        """Print the due slip of the reader at the desk."""

    @property
    def recorded(self) -> SignalInstance:
        """A transaction is on the disk and in the list; its id."""

    @property
    def shown(self) -> SignalInstance:
        """A transaction was recorded, and band and fields say so; the transaction."""

    @property
    def cleared(self) -> SignalInstance:
        """The reader at the desk is served."""

    @property
    def patron(self) -> SignalInstance:
        """A reader's card has come; the card."""

    @property
    def saved(self) -> SignalInstance:
        """OffCirc.dat has grown."""

    @property
    def moved(self) -> SignalInstance:
        """Rows are kept in another folder now; the folder."""

    @property
    def closed(self) -> SignalInstance:
        """The window is closed for good."""

    @property
    def said(self) -> SignalInstance:
        """A message stands in the band; the message."""


class WholeDesk(DeskHost, Protocol):
    """The desk with its parts, for those that set others to work."""

    @property
    def intake(self) -> Intake:
        """Takes scans and typed lines to where they belong."""

    @property
    def book(self) -> Book:
        """The rows."""

    @property
    def waitlist(self) -> WaitList:
        """What was shown and is not recorded."""

    @property
    def drop(self) -> BookDrop:
        """The book drop: what is returned now came back earlier."""

    @property
    def pile(self) -> PileCheck:
        """Compares what is recorded with what is in the hand."""

    @property
    def caretaker(self) -> Caretaker:
        """Looks after disk and clock."""

    @property
    def asked(self) -> set[str]:
        """What closing has asked about once."""

    @property
    def recorder(self) -> RowRecorder:
        """Keeps a loan or return and shows it."""

    def open_store(self, *, again: bool = False) -> bool:
        """Open journal and file, and show what is there; says so in the band when it cannot."""

    def use(self, setup: Setup) -> None:
        """Work by these settings from now on."""

    def obey(self, order: Card, scan: Scan) -> None:
        """Do what a control card says."""

    def refuse(self, decision: DeskDecision) -> None:
        """Say why the session does not accept something, and go to the field at fault."""

    def voided(self, message: Message, row: Row | None) -> None:
        """Say what became of a row, and count it no more if it was deleted."""

    def save_rows(self) -> str:
        """Save pending rows without a word; why it failed if it did."""

    def empty_item(self) -> None:
        """The item is recorded: its field is empty for the next scan, which comes at once."""

    def show_count(self) -> None:
        """Show how many items the reader has taken, or were returned."""
