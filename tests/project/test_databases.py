"""Databases are opened through SQLite alone: closing anything else takes its locks away."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from helpers import TOP

PACKAGE = TOP / "offcirc"
DOORS = {"disk/database.py", "practice/state.py", "practice/fill.py"}
"""Where SQLite may be asked to open a file."""
OPENERS = re.compile(
    r"(open|open_private|read_bytes|read_text|write_bytes|write_text|touch|copy\w*|look|pieces"
    r"|create|replace|move|ZipFile)"
)
OURS = re.compile(
    r"(JOURNAL|LEDGER)_NAME|DATABASE\b|\w\.db\b|\b(journal|ledger|database)\.path\b"
    r"|\bself\._journal\b(?!\.)"
)
THROUGH_SQLITE = re.compile(r"(Journal|Keeper|Ledger)\.open|open_database|reading")


def test_no_code_opens_a_database_but_through_sqlite() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for call in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(call, ast.Call):
                wrong += [f"{name}:{call.lineno}: {said}" for said in faults(name, call)]
    assert not wrong, "\n".join(wrong)


def test_the_law_knows_a_trespass_when_it_sees_one() -> None:
    for code in (
        "(folder / JOURNAL_NAME).read_bytes()",
        "open(data / 'ledger.db', 'rb')",
        "os.open(ledger.path, os.O_RDONLY)",
        "shutil.copy2(folder / LEDGER_NAME, there)",
        "durable.open_private(self.journal.path, flags)",
        "sqlite3.connect(path)",
    ):
        call = ast.parse(code, mode="eval").body
        assert isinstance(call, ast.Call)
        assert list(faults("desk/window.py", call)), code


def faults(name: str, call: ast.Call) -> list[str]:
    """What is wrong with a call."""
    called = ast.unparse(call.func)
    if called == "sqlite3.connect":
        return [] if name in DOORS else [ast.unparse(call)]
    verb = called.rpartition(".")[2]
    if not OPENERS.fullmatch(verb) or THROUGH_SQLITE.search(called):
        return []
    first = [called.rpartition(".")[0], *(ast.unparse(word) for word in call.args)]
    return [ast.unparse(call)] if any(OURS.search(word) for word in first) else []


def test_the_names_that_nobody_may_hand_in_are_all_there() -> None:
    from offcirc.disk.durable import is_database
    from offcirc.practice.state import DATABASE
    from offcirc.storage.journal.journal import JOURNAL_NAME
    from offcirc.storage.ledger.ledger import LEDGER_NAME

    for name in (JOURNAL_NAME, LEDGER_NAME, DATABASE):
        for beside in ("", "-wal", "-shm"):
            assert is_database(Path("/somewhere") / f"{name}{beside}")
    assert not is_database(Path("OffCirc.dat"))
