"""kill -9 at random moments: what was acknowledged is there, and OffCirc.dat holds it once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import wait_until

from offcirc.core.dat.datline import encode
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal, RowState

ROUNDS = 60 if os.environ.get("OFFCIRC_PROVE") == "1" else 6
PROGRAM = Path(__file__).parents[1] / "kill_me.py"
TOP = PROGRAM.parents[2]


def run_and_kill(folder: Path, said: Path, seed: int, batch: int) -> list[list[str]]:
    """Let a desk work for a random moment, kill it, and return what it had promised."""
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), str(seed), str(batch)],
            stdout=output,
            cwd=TOP,
            env={**os.environ, "PYTHONPATH": str(TOP)},
        )
    try:
        wait_until(said.read_text, what="the desk's first word")
        with pytest.raises(subprocess.TimeoutExpired):  # it never ends by itself
            process.wait(timeout=random.Random(seed).uniform(0.001, 0.25))
    finally:
        process.kill()
        process.wait()
    whole = said.read_text().rpartition("\n")[0]
    return [line.split() for line in whole.splitlines()]


@pytest.mark.prove
@pytest.mark.parametrize("batch", [3, 60])
@pytest.mark.promise("no-shown-scan-lost")
def test_killed_while_scans_are_recorded_and_saved(tmp_path, batch):
    folder = tmp_path / "data"
    promised: dict[int, str] = {}
    voided: set[int] = set()
    saves = 0
    for number in range(ROUNDS):
        for word in run_and_kill(folder, tmp_path / "said", batch * 1000 + number, batch):
            match word:
                case ["append", seq, name]:
                    promised[int(seq)] = name
                case ["void", seq]:
                    voided.add(int(seq))
                case ["save", _]:
                    saves += 1
        with Journal.open(folder) as journal:
            rows = journal.rows_between(1, 10**9)
            assert {row.seq: row.transaction.id for row in rows}.items() >= promised.items()
            assert voided <= {row.seq for row in rows if row.state is RowState.VOIDED}
            # Every second time the next desk itself has to repair.
            if number % 2 and number < ROUNDS - 1:
                continue
            writer = DatWriter(journal)
            writer.repair()
            writer.save()
            assert journal.pending() == []
            kept = [row for row in journal.rows_between(1, 10**9) if row.state is RowState.SAVED]
            lines = [encode(row.transaction.record) for row in kept]
            assert writer.path.read_bytes() == b"".join(lines)
    assert len(promised) > ROUNDS
    assert saves  # a busy machine saves less often before it is killed, but it does
