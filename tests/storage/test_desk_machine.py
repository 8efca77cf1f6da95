"""Any mixture of scans, deletions, saves, faults, crashes and moved files, as a simple model."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from storage.desk_kit import Desk

from offcirc.disk import durable
from offcirc.disk.errors import NotPendingError, StorageError

BY_HAND = b"by hand\r\n"


def short_write(fd, data):
    return os.write(fd, data[: len(data) // 2])


def broken(*_):
    raise OSError(errno.EIO, "error")


class DeskMachine(RuleBasedStateMachine):
    """The model: what the file must hold, which rows wait, and whether a save is in doubt.

    Attributes:
        content: what OffCirc.dat holds; ``None`` when there is no file.
        waiting: the pending rows.
        doubt: rows of a save that a crash interrupted; ``None`` when there is none.
        reached: whether any byte of it got into the file.
    """

    @initialize()
    def open(self):
        self.folder = Path(tempfile.mkdtemp())
        self.patch = pytest.MonkeyPatch()
        self.desk = Desk(self.folder)
        self.content = None
        self.waiting = []
        self.doubt = None
        self.reached = False

    def teardown(self):
        self.desk.close()
        shutil.rmtree(self.folder)

    def settle(self):
        """What a repair makes of a save in doubt."""
        if self.doubt is not None and self.reached:
            self.content = (self.content or b"") + self.desk.stated(*self.doubt)
            self.waiting = [seq for seq in self.waiting if seq not in self.doubt]
        self.doubt = None

    @rule(count=st.integers(1, 4))
    def scan(self, count):
        self.waiting += self.desk.scan(count)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def delete(self, data):
        seq = data.draw(st.sampled_from(self.waiting))
        if self.doubt is not None and seq <= self.doubt[-1]:
            with pytest.raises(NotPendingError):
                self.desk.journal.void(seq)
        else:
            self.desk.journal.void(seq)
            self.waiting.remove(seq)

    @rule()
    def save(self):
        self.settle()
        assert self.desk.save().rows == len(self.waiting)
        if self.waiting:
            self.content = (self.content or b"") + self.desk.stated(*self.waiting)
        self.waiting = []

    @rule()
    def start_again(self):
        self.desk.reopen()

    @rule()
    def repair(self):
        self.settle()
        self.desk.writer.repair()

    @precondition(lambda self: self.waiting and self.doubt is None)
    @rule(data=st.data())
    def crash_in_the_save(self, data):
        length = len(self.desk.stated(*self.waiting))
        written = data.draw(st.one_of(st.none(), st.integers(0, length)))
        self.desk.crash_while_saving(self.patch, written)
        self.doubt = list(self.waiting)
        self.reached = written != 0
        self.content = self.content or b""

    @precondition(lambda self: self.waiting and self.doubt is None)
    @rule(fault=st.sampled_from([("write", short_write), ("write", broken), ("flush", broken)]))
    def save_on_a_bad_disk(self, fault):
        with self.patch.context() as patch:
            patch.setattr(durable, *fault)
            with pytest.raises(StorageError):
                self.desk.save()
        self.content = self.content or b""
        # When the cut could not be flushed either, it is not certain yet.
        if fault[0] == "flush":
            self.doubt, self.reached = list(self.waiting), False

    @precondition(lambda self: self.content is not None)
    @rule()
    def move_the_file_away(self):
        self.desk.path.unlink()
        self.content, self.reached = None, False

    @precondition(lambda self: self.content)
    @rule()
    def empty_the_file(self):
        self.desk.path.write_bytes(b"")
        self.content, self.reached = b"", False

    @precondition(lambda self: self.doubt is None)
    @rule()
    def add_by_hand(self):
        with self.desk.path.open("ab") as file:
            file.write(BY_HAND)
        self.content = (self.content or b"") + BY_HAND

    @precondition(lambda self: self.doubt is None and self.content)
    @rule()
    def remove_the_last_line_by_hand(self):
        lines = self.content.splitlines(keepends=True)
        self.content = b"".join(lines[:-1])
        self.desk.path.write_bytes(self.content)

    @invariant()
    def pending_rows_are_the_waiting_ones(self):
        assert self.desk.pending() == self.waiting

    @invariant()
    def the_file_is_what_it_should_be(self):
        if self.doubt is not None:
            return
        assert self.desk.path.exists() == (self.content is not None)
        if self.content is not None:
            assert self.desk.path.read_bytes() == self.content


DeskMachine.TestCase.settings = settings(
    max_examples=2000 if os.environ.get("OFFCIRC_PROVE") == "1" else 40,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
test_any_day_at_the_desk = pytest.mark.prove(DeskMachine.TestCase)
