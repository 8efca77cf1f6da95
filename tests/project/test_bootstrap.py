"""The set-up from nothing: what it looks for, what it installs, what it says when it cannot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import bootstrap
import pytest
from helpers import TOP
from helpers.chromium import Chromium
from helpers.processes import needs

APT = """#!/bin/sh
echo "$(basename "$0") $*" >> "{log}"
for word in "$@"; do
  case "$word" in newer-name) exit 0 ;; esac
done
{then}
"""


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """A machine whose apt-get writes down what it is asked, and installs the file it is told to."""
    if os.name == "nt":
        pytest.skip("only on systems with apt-get")
    log = tmp_path / "asked"
    programs = tmp_path / "bin"
    programs.mkdir()
    log.touch()

    def install(then: str = "") -> Path:
        for name in ("apt-get", "apt-cache"):
            program = programs / name
            # apt-cache prints nothing for a package it does not know.
            last = then if name == "apt-get" else 'case "$*" in *known*) echo Package ;; esac'
            program.write_text(APT.format(log=log, then=last))
            program.chmod(0o755)
        return log

    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return install


def need(flag: Path, *packages: str) -> bootstrap.Need:
    return bootstrap.Need("libthing.so.1", packages or ("libthing1",), flag.exists)


def test_when_all_is_there_nothing_is_asked(apt, tmp_path):
    log = apt()
    (tmp_path / "there").touch()
    bootstrap.provide(bootstrap.missing([need(tmp_path / "there")]))
    assert log.read_text() == ""


def test_without_root_the_very_command_is_told(apt, tmp_path, monkeypatch):
    log = apt()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lacking = [need(tmp_path / "a"), need(tmp_path / "b", "xvfb"), need(tmp_path / "c")]
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.provide(lacking)
    assert caught.value.code == bootstrap.MISSING
    typed = [line.strip() for line in str(caught.value).splitlines()[-2:]]
    assert typed == ["sudo apt-get update", "sudo apt-get install libthing1 xvfb"]
    assert log.read_text() == ""


def test_root_updates_once_and_installs_all_at_once(apt, tmp_path, monkeypatch):
    flag = tmp_path / "flag"
    log = apt(then=f"case $1 in install) touch {flag} ;; esac")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bootstrap.provide([need(flag), need(flag, "xvfb")])
    assert log.read_text().splitlines() == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends libthing1 xvfb",
    ]


def test_an_installation_that_did_not_help_is_no_success(apt, tmp_path, monkeypatch):
    apt()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(bootstrap.SetupError, match=r"Still missing.*libthing\.so\.1"):
        bootstrap.provide([need(tmp_path / "never")])


def test_a_failed_installation_is_told_with_its_command(apt, tmp_path, monkeypatch):
    apt(then="exit 100")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(bootstrap.SetupError, match="apt-get update -q"):
        bootstrap.provide([need(tmp_path / "never")])


@pytest.mark.parametrize(
    ("names", "chosen"),
    [(("knownt64", "thing"), "knownt64"), (("thingt64", "thing"), "thing"), (("a",), "a")],
)
def test_a_package_is_called_what_this_release_calls_it(apt, tmp_path, monkeypatch, names, chosen):
    apt()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(bootstrap.SetupError, match=rf"install {chosen}$"):
        bootstrap.provide([need(tmp_path / "never", *names)])


def test_elsewhere_the_libraries_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match=r"libthing\.so\.1") as caught:
        bootstrap.provide([need(tmp_path / "never")])
    assert "Fedora" in str(caught.value)
    assert caught.value.code == bootstrap.MISSING


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux: ldd")
def test_the_list_of_libraries_is_what_qt_asks_for():
    import PySide6

    folder = Path(PySide6.__file__).parent
    binaries = [folder / f"Qt{part}.abi3.so" for part in ("Gui", "Widgets", "Network", "Svg")]
    binaries += [folder / f"Qt/plugins/platforms/libq{name}.so" for name in ("xcb", "offscreen")]
    binaries += sorted((folder / "Qt/plugins/xcbglintegrations").glob("*.so"))
    asked = set()
    for binary in binaries:
        assert binary.exists()
        listed = subprocess.run(
            ["ldd", str(binary)], capture_output=True, encoding="utf-8", check=True
        )
        assert "not found" not in listed.stdout, listed.stdout
        asked |= set(re.findall(r"^\s+(\S+) => ", listed.stdout, re.MULTILINE))
    named = {library for library, _packages in bootstrap.QT_LIBRARIES}
    assert named <= asked, "named, though Qt does not ask for it"


def test_this_machine_has_what_the_tests_need():
    assert [need.what for need in bootstrap.missing(bootstrap.needs(tests=True))] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux: its packages")
@pytest.mark.parametrize(
    ("system", "has"),
    [
        ({"ID": "debian"}, True),
        ({"ID": "linuxmint", "ID_LIKE": "debian"}, True),
        ({"ID": "fedora"}, True),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, False),
        ({"ID": "pop", "ID_LIKE": "ubuntu debian"}, False),
    ],
)
def test_chromium_is_wanted_where_it_is_a_package(monkeypatch, tmp_path, system, has):
    monkeypatch.setattr(bootstrap.platform, "freedesktop_os_release", lambda: system)
    wanted = {need.what: need for need in bootstrap.needs(tests=True)}
    assert ("Chromium" in wanted) is has
    assert "Chromium" not in {need.what for need in bootstrap.needs(tests=False)}
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception) as skipped:
        Chromium(tmp_path)
    if not has:
        assert str(skipped.value).startswith("only on ")
        return
    assert skipped.value.msg == "needs chromium"
    assert not wanted["Chromium"].present()
    (tmp_path / "chromium").touch(mode=0o755)
    assert wanted["Chromium"].present()


def test_a_set_up_checkout_is_left_alone(tmp_path):
    """A finished set-up is recognised without network, pip or apt: it runs none of them."""
    copy = checkout(tmp_path)
    done = run(copy, "--tests")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("change", ["requirements.lock", "pyproject.toml"])
@pytest.mark.skipif(sys.platform == "win32", reason="only on Unix: a script is its Python")
def test_a_change_of_the_lock_sets_up_again(tmp_path, change):
    copy = checkout(tmp_path)
    with (copy / change).open("a") as stream:
        stream.write("\n# changed\n")
    # An environment in which nothing can be installed: it has to try, and to say that it failed.
    done = run(copy)
    assert done.returncode == bootstrap.FAILED
    assert "set-up: " in done.stdout
    assert "could not be" in done.stderr


def test_an_option_it_does_not_know_is_refused(tmp_path):
    done = run(checkout(tmp_path), "--test")
    assert done.returncode == 2
    assert "usage" in done.stderr


@pytest.mark.parametrize("target", ["demo", "test", "bench", "prove"])
def test_make_sets_up_first(target):
    needs("make")
    shown = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", target],
        cwd=TOP,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    steps = shown.stdout.strip().splitlines()
    assert "installer/bootstrap.py" in steps[0]
    assert ("--tests" in steps[0]) == (target != "demo")
    assert len(steps) > 1


def checkout(folder: Path) -> Path:
    """A checkout whose set-up has been finished, in an environment that pip cannot change."""
    copy = folder / "checkout"
    for name in ("installer/bootstrap.py", "installer/catalogue.py", "requirements.lock",
                 "installer/compile_catalogue.py", "pyproject.toml"):  # fmt: skip
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, target)
    python = copy / bootstrap.environment_python().relative_to(bootstrap.TOP)
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    code = "import bootstrap; bootstrap.STAMP.write_text(bootstrap.set_up(), encoding='ascii')"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(copy / "installer")}
    subprocess.run(command, cwd=copy, env=environment, check=True)
    return copy


def run(copy: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Set the checkout up, without a way to any package index."""
    command = [sys.executable, str(copy / "installer" / "bootstrap.py"), *options]
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        command,
        cwd=copy,
        env=os.environ | offline,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
