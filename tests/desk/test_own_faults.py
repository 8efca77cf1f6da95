"""A bug in the program: logged without identifiers, said once, survived."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, scan
from pytestqt.qtbot import QtBot

from offcirc.core.desk import Session
from offcirc.desk import faults as module
from offcirc.desk.band import Kind
from offcirc.desk.faults import FaultLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[FaultLog]:
    """A log that catches; what was there before is put back."""
    before, was_on = sys.excepthook, faulthandler.is_enabled()
    made = FaultLog(tmp_path)
    yield made
    made.uninstall()
    sys.excepthook = before
    if was_on:
        faulthandler.enable()


def break_something(identifier: str) -> None:
    """What a bug does with an identifier at hand."""
    raise KeyError(identifier)


def catch(log: FaultLog, identifier: str) -> None:
    """Hand an exception to the hook as the interpreter does."""
    try:
        break_something(identifier)
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)


def test_it_is_told_once_and_logged_each_time(log: FaultLog) -> None:
    told: list[str] = []
    log.install(lambda: told.append("told"))
    for _ in range(3):
        catch(log, READER)
    assert told == ["told"]
    text = log.path.read_text()
    assert text.count("KeyError") == 3
    assert "test_own_faults.py" in text
    assert "break_something" in text


def test_no_identifier_reaches_the_log_and_nobody_else_reads_it(log: FaultLog) -> None:
    log.install(lambda: None)
    catch(log, READER)
    assert READER not in log.path.read_text()
    assert log.path.stat().st_mode & 0o077 == 0
    assert log.path.parent.stat().st_mode & 0o077 == 0


def test_a_log_grows_no_larger_than_it_may(log: FaultLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 500)
    log.install(lambda: None)
    for _ in range(20):
        catch(log, READER)
    sizes = {path.name: path.stat().st_size for path in log.path.parent.iterdir()}
    assert set(sizes) == {"desk.log", "desk.old.log", "desk-crash.log"}
    assert max(sizes.values()) < 1000


def test_a_log_that_cannot_be_written_is_no_second_fault(
    tmp_path: Path, log: FaultLog, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    told: list[str] = []
    log.install(lambda: told.append("told"))
    catch(log, READER)
    assert told == ["told"]
    assert "KeyError" in capsys.readouterr().err


def test_the_window_says_where_the_scans_are_and_goes_on(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, log: FaultLog
) -> None:
    desk.lend("B1")
    with monkeypatch.context() as broken, qtbot.captureExceptions():
        broken.setattr(Session, "item_given", lambda *_: break_something(READER))
        log.install(desk.window.say_our_fault)
        scan(f"{BOOK}\r")
    assert desk.band[0] is Kind.REFUSED
    assert desk.band[1] == "A fault in the program"
    assert str(desk.folder) in desk.detail
    assert desk.ui.item.text() == BOOK, "what was not recorded is still in its field"
    pause()
    scan("\r")
    assert desk.band == (Kind.RECORDED, f"Loan recorded {BOOK}")


def test_the_interpreters_own_death_is_written_down(log: FaultLog) -> None:
    log.install(lambda: None)
    assert faulthandler.is_enabled()
    faulthandler.dump_traceback(file=log._crash)
    crash = log.path.with_name("desk-crash.log")
    assert "test_own_faults.py" in crash.read_text()
    log.uninstall()
    assert not faulthandler.is_enabled()
