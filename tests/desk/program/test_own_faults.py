"""A bug in the program: logged without identifiers, said once, survived."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, scan
from helpers.rights import is_private
from pytestqt.qtbot import QtBot

from offcirc.core.session import Session
from offcirc.desk.message import MessageKind
from offcirc.desk.program import faults as module
from offcirc.desk.program.faults import FaultLog


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


@pytest.mark.promise("readers-are-private")
def test_no_identifier_reaches_the_log_and_nobody_else_reads_it(log: FaultLog) -> None:
    log.install(lambda: None)
    catch(log, READER)
    assert READER not in log.path.read_text()
    assert is_private(log.path)
    assert is_private(log.path.parent)


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


@pytest.mark.promise("faults-stop-nobody")
def test_the_window_says_where_the_scans_are_and_goes_on(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, log: FaultLog
) -> None:
    desk.lend("B1")
    with monkeypatch.context() as broken, qtbot.captureExceptions():
        broken.setattr(Session, "item_given", lambda *_: break_something(READER))
        log.install(desk.window.say_our_fault)
        scan(f"{BOOK}\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.band[1] == "A fault in the program"
    assert str(desk.folder) in desk.detail
    assert desk.ui.item.text() == BOOK, "what was not recorded is still in its field"
    pause()
    scan("\r")
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}")


def test_the_interpreters_own_death_is_written_down(log: FaultLog) -> None:
    log.install(lambda: None)
    assert faulthandler.is_enabled()
    faulthandler.dump_traceback(file=log._crash)
    crash = log.path.with_name("desk-crash.log")
    assert "test_own_faults.py" in crash.read_text()
    log.uninstall()
    assert not faulthandler.is_enabled()


def die(folder: Path) -> None:
    """What the interpreter leaves when it dies."""
    (folder / "logs").mkdir(exist_ok=True)
    words = 'Fatal Python error: Segmentation fault\n\n  File "desk/window.py", line 1 in say\n'
    (folder / "logs" / module.CRASH_NAME).write_text(words)


def test_last_words_are_told_once_and_kept(tmp_path: Path, log: FaultLog) -> None:
    die(tmp_path)
    assert log.install(lambda: None)
    assert "Segmentation fault" in log.path.read_text()
    log.uninstall()
    again = FaultLog(tmp_path)
    assert not again.install(lambda: None)
    again.uninstall()
    assert log.path.read_text().count("Segmentation fault") == 1


def test_last_words_left_in_the_fallback_place_are_told_too(tmp_path: Path, log: FaultLog) -> None:
    away = tmp_path / "away"
    away.mkdir()
    die(away)
    assert not log.install(lambda: None)
    assert log.died_in(away)
    assert not log.died_in(away)
    assert not log.died_in(tmp_path / "never was")
    assert "Segmentation fault" in log.path.read_text()


def test_it_follows_the_rows_and_lets_the_drive_go(tmp_path: Path, log: FaultLog) -> None:
    away = tmp_path / "away"
    away.mkdir()
    log.install(lambda: None)
    before = log._crash
    assert before is not None
    log.move(away)
    assert before.closed
    assert faulthandler.is_enabled()
    catch(log, READER)
    assert log.path.is_relative_to(away)
    assert "KeyError" in log.path.read_text()
    log.move(tmp_path)
    assert log.path.is_relative_to(tmp_path / "logs")


def test_a_fault_that_comes_all_the_time_fills_no_disk(log: FaultLog) -> None:
    log.install(lambda: None)
    for _ in range(1000):
        catch(log, READER)
    written = [line for line in log.path.read_text().splitlines() if "KeyError" in line]
    assert len(written) == 5 + 7
    assert written[-1].endswith("KeyError (640)")


def test_many_different_faults_are_not_told_all_at_once(tmp_path: Path, log: FaultLog) -> None:
    told: list[float] = []
    now = [0.0]
    made = FaultLog(tmp_path, lambda: now[0])
    made.install(lambda: told.append(now[0]))
    for place in range(5):
        exec(
            compile("\n" * place + "def fail(): raise OSError", f"place{place}.py", "exec"),
            scope := {},
        )
        try:
            scope["fail"]()
        except OSError as error:
            made.caught(OSError, error, error.__traceback__)
        now[0] += module.QUIET / 2
    made.uninstall()
    assert told == [0.0, module.QUIET, 2 * module.QUIET]


def test_the_window_says_that_it_broke_down_and_where_everything_is(desk: Desk) -> None:
    desk.window.say_broke_down(desk.folder / "logs" / "desk.log")
    assert desk.band == (MessageKind.NOTICE, "The program broke down last time")
    assert f"safe in {desk.folder}" in desk.detail
    assert "desk.log" in desk.detail
