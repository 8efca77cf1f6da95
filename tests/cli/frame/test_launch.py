from __future__ import annotations

import os
import subprocess
import sys

import pytest
from helpers import ask_to_end, wait_until, with_window


def opened(environment, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "offcirc", *map(str, words)],
        env=with_window(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def opened_and_closed(process, ready):
    try:
        wait_until(ready.exists, what="the window")
        ask_to_end(process)
        _out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [(), ("desk",)], ids=["alone", "desk"])
def test_the_desk_opens_on_its_data_folder(environment, tmp_path, words):
    folder, ready = tmp_path / "desk", tmp_path / "shown"
    environment["OFFCIRC_TRACE_SHOWN"] = str(ready)  # made when the window takes scans
    opened_and_closed(opened(environment, "--data-dir", folder, *words), ready)
    assert (folder / "journal.db").exists()


def test_a_data_folder_that_cannot_be_stops_no_desk(environment, tmp_path):
    """As with ``offcirc-desk``: it goes on in the fallback place."""
    taken, ready = tmp_path / "file", tmp_path / "shown"
    taken.touch()
    environment["OFFCIRC_TRACE_SHOWN"] = str(ready)
    environment["OFFCIRC_FALLBACK"] = str(tmp_path / "fallback")
    opened_and_closed(opened(environment, "desk", "--data-dir", taken), ready)
    assert (tmp_path / "fallback").exists()


@pytest.mark.parametrize("command", ["desk", "uploader"])
def test_without_qt_a_sentence_names_what_is_missing(offcirc, tmp_path, environment, command):
    broken = tmp_path / "broken"
    (broken / "PySide6").mkdir(parents=True)
    (broken / "PySide6" / "__init__.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file", name="PySide6")\n'
    )
    path = os.pathsep.join((str(broken), environment["PYTHONPATH"]))
    ran = offcirc(command, env={"PYTHONPATH": path})
    assert (ran.code, ran.out) == (2, "")
    assert "libEGL.so.1" in ran.err
    assert len(ran.err.splitlines()) == 1
