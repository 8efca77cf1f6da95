"""The wheel, built from the project's files alone and installed in an empty virtual environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from helpers import TOP, project_files

import offcirc

OPEN_ALL = """
import json, pathlib, sys, offcirc
from offcirc import i18n, resources
opened = {name: len(resources.path(name).read_bytes()) for name in json.load(sys.stdin)}
i18n.activate("fr")
print(json.dumps({"package": offcirc.__file__, "root": str(resources.root()), "opened": opened,
                  "french": i18n._("error")}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy that holds only what a clone would hold."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "checkout"
    for path in project_files():
        target = copy / path.relative_to(TOP)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        [*command, str(copy)], capture_output=True, encoding="utf-8", check=False, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new virtual environment that holds the wheel.

    The packages it depends on are borrowed from the environment of the tests, listed after the new
    one: no network is needed.
    """
    pytest.importorskip("pip", reason="only where Python has its pip")
    place = tmp_path_factory.mktemp("installed") / "env"
    venv.create(place, symlinks=os.name != "nt")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--quiet"]
    done = subprocess.run(
        [*pip, "--no-deps", "--disable-pip-version-check", str(wheel)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = place.glob("Lib/site-packages" if os.name == "nt" else "lib/*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(python: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-I", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=python.parent,
    )


def test_every_resource_can_be_opened(installed):
    sources = {
        path.relative_to(TOP / "resources").as_posix(): path.stat().st_size
        for path in project_files()
        if path.is_relative_to(TOP / "resources")
    }
    compiled = [
        name.removesuffix(".po") + ".mo"
        for name in sources
        if name.startswith("locale/") and name.endswith(".po")
    ]
    assert compiled
    done = run(installed, "-c", OPEN_ALL, given=json.dumps([*sources, *compiled]))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    place = installed.parent.parent
    assert Path(seen["package"]).is_relative_to(place)
    assert Path(seen["root"]).is_relative_to(place)
    assert {name: seen["opened"][name] for name in sources} == sources
    assert all(seen["opened"][name] > 0 for name in compiled)
    assert seen["french"] == "erreur"


def test_the_command_answers(installed):
    help_text = run(installed, "-m", "offcirc", "--help")
    assert help_text.returncode == 0, help_text.stderr
    for command in ("desk", "uploader", "check", "upload", "server", "demo"):
        assert command in help_text.stdout
    version = run(installed, "-m", "offcirc", "--version")
    assert version.returncode == 0, version.stderr
    assert offcirc.__version__ in version.stdout


def test_the_three_scripts_are_there(installed):
    ending = ".exe" if os.name == "nt" else ""
    for name in ("offcirc", "offcirc-desk", "offcirc-uploader"):
        assert (installed.parent / f"{name}{ending}").is_file()
    script = installed.parent / f"offcirc{ending}"
    done = subprocess.run(
        [str(script), "--version"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=script.parent,
    )
    assert done.returncode == 0, done.stderr
    assert offcirc.__version__ in done.stdout
