"""The real desk window on a real journal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.screen_kit import AskedDesk
from desk.window_kit import Desk
from helpers.xserver import XServer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from offcirc import i18n
from offcirc.desk.face import look as style
from offcirc.settings.places import data_dir
from offcirc.windows import face


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Windows in memory can be neither limited nor raised, and Qt says so: no failure."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("plugin does not support"))


@pytest.fixture(scope="session", autouse=True)
def _fonts(qapp: QApplication) -> None:
    QApplication.setStyle("Fusion")
    face.load_fonts()
    qapp.setPalette(style.palette())


@pytest.fixture
def closed_desk(tmp_path: Path, qtbot: QtBot) -> Desk:
    """A desk whose window has not been opened yet."""
    return Desk(data_dir(tmp_path / "desk"), qtbot)


@pytest.fixture
def desk(closed_desk: Desk) -> Iterator[Desk]:
    """A desk, open and ready."""
    yield closed_desk.open()
    closed_desk.window.end_session()


@pytest.fixture
def asked_desk(x_server: XServer, tmp_path: Path) -> Iterator[AskedDesk]:
    """The program on a real X server, open and ready."""
    desk = AskedDesk(x_server, tmp_path / "desk")
    try:
        yield desk.ready()
        assert desk.end() == 0
    finally:
        desk.kill()


@pytest.fixture
def french() -> None:
    """The window speaks French."""
    i18n.activate("fr")


@pytest.fixture(params=i18n.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn."""
    return i18n.activate(request.param)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("only on Linux, and only where a disk may be mounted")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
