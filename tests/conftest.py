"""What every test gets: a home of its own, English, no real window, and no unexplained warning."""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Before anything imports Qt: windows are drawn in memory (on Windows, where those would find no
# letters, on the screen). Tests on a real X server start the program as its own process and say so.
os.environ.setdefault("QT_QPA_PLATFORM", "windows" if sys.platform == "win32" else "offscreen")
# Nobody's real password store is opened by a test.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# Else each process of a run compiles every test and the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from helpers.xserver import XServer

from offcirc import i18n
from offcirc.windows.quick import load_qt

# As the program does, and before pytest's own plugin loads Qt: every import after it is quicker.
load_qt()

sys.dont_write_bytecode = False

# "CI=true" is how continuous integration says that it has every tool: there, nothing is skipped.
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
SKIPS_FOR_ANOTHER_SYSTEM = re.compile(r"only on ", re.IGNORECASE)

# Choices of the person at the machine that must not colour a test.
PERSONAL = re.compile(
    r"OFFCIRC_(?!PROVE$).*|XDG_.*|LANGUAGE|LC_.*|LANG|.*_proxy|.*_PROXY|DISPLAY|WAYLAND_DISPLAY"
)

# Enough to walk every branch; "make prove" looks at fifty times as many.
settings.register_profile(
    "offcirc", deadline=None, database=None, derandomize=IN_CI, max_examples=60
)
settings.register_profile("prove", parent=settings.get_profile("offcirc"), max_examples=5_000)
# The same examples each time, and none made smaller: it is enough that one fails.
settings.register_profile(
    "mutants",
    parent=settings.get_profile("offcirc"),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
PROVE = os.environ.get("OFFCIRC_PROVE") == "1"
settings.load_profile("prove" if PROVE else "offcirc")


# The files that take longest, the longest first. Begun last, one would be waited for alone.
HEAVY = (
    "test_referent_window.py",
    "test_referent_signing_in.py",
    "test_referent_after.py",
    "test_waitlist.py",
    "test_referent_look.py",
    "test_demo.py",
    "test_bad_disks.py",
    "test_settingswindow.py",
    "test_referent_opinion.py",
    "test_scan_traps.py",
    "test_bootstrap.py",
    "test_datrepair.py",
    "test_almareport.py",
    "test_checkup.py",
    "test_followup_command.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What has no small size, ``prove(alone=True)``, is no test of the everyday suite.

    Heavy files come first, whatever order the others have been shuffled into.
    """
    place = {name: number for number, name in enumerate(HEAVY)}
    items.sort(key=lambda item: place.get(item.path.name, len(HEAVY)))
    alone = {
        item for item in items if any(m.kwargs.get("alone") for m in item.iter_markers("prove"))
    }
    if alone and not PROVE:
        config.hook.pytest_deselected(items=[item for item in items if item in alone])
        items[:] = [item for item in items if item not in alone]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new, empty home: data, settings and caches of the test's program land below it."""
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if PERSONAL.fullmatch(name)]:
        monkeypatch.delenv(name)
    for name, below in {
        "HOME": "",
        "USERPROFILE": "",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
        "XDG_CACHE_HOME": ".cache",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_RUNTIME_DIR": "run",
        "XDG_STATE_HOME": ".local/state",
        "OFFCIRC_DATA_DIR": "offcirc",
    }.items():
        monkeypatch.setenv(name, str(folder / below))
    if sys.platform == "win32":  # which has no variable for the place of settings, so ours moves it
        monkeypatch.setenv("OFFCIRC_SETTINGS_DIR", str(folder / ".config" / "offcirc"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    # Qt complains when this one is missing or open to others.
    (folder / "run").mkdir(mode=0o700)
    return folder


_DATABASE = re.compile(r".*\.db(-shm)?")
_trespasses: list[str] = []


def _watch(event: str, values: tuple[object, ...]) -> None:
    """Note who opens, not through SQLite, a database that this process has open."""
    if event != "open" or not isinstance(values[0], str) or not _DATABASE.fullmatch(values[0]):
        return
    wanted = os.path.realpath(values[0])
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if str(fd.readlink()) == wanted:
                _trespasses.append(values[0])
                return


if sys.platform == "linux":
    sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _databases_are_for_sqlite() -> Iterator[None]:
    """Closing any other descriptor takes away the locks that SQLite holds on the file."""
    _trespasses.clear()
    yield
    assert not _trespasses, f"open in SQLite, and opened beside it: {_trespasses}"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test starts in English, and leaves English behind."""
    i18n.activate("en")
    yield
    i18n.activate("en")


@pytest.fixture
def expected_log() -> list[str]:
    """Patterns of the warnings and errors that a test provokes on purpose; each has to come."""
    return []


@pytest.fixture(autouse=True)
def _quiet_log(caplog: pytest.LogCaptureFixture, expected_log: list[str]) -> Iterator[None]:
    """A warning or an error in the log that a test did not announce is a failure."""
    yield
    came = [
        record.getMessage()
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    surprises = [
        text for text in came if not any(re.search(pattern, text) for pattern in expected_log)
    ]
    assert not surprises, f"logged without being expected: {surprises}"
    absent = [
        pattern for pattern in expected_log if not any(re.search(pattern, text) for text in came)
    ]
    assert not absent, f"expected in the log and never logged: {absent}"


@pytest.fixture(autouse=True)
def _no_key_stays_down() -> Iterator[None]:
    """Qt believes that Ctrl is held until it hears otherwise: the next test's clicks would add."""
    yield
    gui = sys.modules.get("PySide6.QtGui")
    if gui is None or gui.QGuiApplication.instance() is None:
        return
    held = gui.QGuiApplication.keyboardModifiers()
    if held != type(held).NoModifier:
        front = gui.QGuiApplication.focusWindow() or gui.QWindow()
        core, test = sys.modules["PySide6.QtCore"], importlib.import_module("PySide6.QtTest")
        up = test.QTest.KeyAction.Release
        test.QTest.sendKeyEvent(up, front, core.Qt.Key.Key_Control, "", type(held).NoModifier)
    assert held == type(held).NoModifier, f"the test has left keys held down: {held}"


@pytest.fixture(scope="session")
def _one_x_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XServer]:
    with XServer(tmp_path_factory.mktemp("x")) as server:
        yield server


@pytest.fixture
def x_server(_one_x_server: XServer) -> Iterator[XServer]:
    """A real X server with a window manager, of this test process alone; no key is held down."""
    yield _one_x_server
    _one_x_server.let_go()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """In continuous integration, a test skipped for want of something is a failed test."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if IN_CI and skipped and not SKIPS_FOR_ANOTHER_SYSTEM.search(str(report.longrepr)):
        report.outcome = "failed"
        report.longrepr = f"skipped in continuous integration: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[pytest.CollectReport]:
    """The same for a whole file that asks to be skipped."""
    report = yield
    if IN_CI and report.skipped and not SKIPS_FOR_ANOTHER_SYSTEM.search(str(report.longrepr)):
        report.outcome = "failed"
        report.longrepr = f"skipped in continuous integration: {report.longrepr}"
    return report
