"""What goes onto Windows: the parts that can be judged without one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from xml.etree.ElementTree import Element

import pytest
from helpers import TOP
from helpers.pages import manual

from offcirc.windows import taskbar

FOLDER = TOP / "installer" / "windows"


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


def load(name: str) -> ModuleType:
    """A module of the installer, which imports its neighbours by their bare names."""
    found = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    for name in ("_internal/PySide6", "_internal/offcirc", "licences"):
        (folder / name).mkdir(parents=True)
    for name in (
        *("offcirc.exe", "offcirc-desk.exe", "offcirc-uploader.exe", "licences/LICENSE"),
        *("_internal/python311.dll", "_internal/PySide6/Qt6Core.dll"),
        "_internal/offcirc/__init__.pyc",
    ):
        (folder / name).write_bytes(name.encode())
    return folder


def every(made: Element, tag: str) -> list[Element]:
    return list(made.iter(tag))


def test_the_msi_holds_every_file_of_the_bundle_once(bundle):
    made = load("msi").product(Path("bundle"), bundle, "busy.dll", "1.2.3")
    sources = [Path(file.attrib["Source"]) for file in every(made, "File")]
    there = {Path("bundle") / path.relative_to(bundle) for path in bundle.rglob("*.*")}
    there.add(Path("bundle/licences/LICENSE"))
    assert set(sources) == there
    assert len(sources) == len(there)
    assert len({file.attrib["Id"] for file in every(made, "File")}) == len(there)


def test_each_part_of_the_msi_is_wanted_and_has_one_key(bundle):
    made = load("msi").product(Path("bundle"), bundle, "busy.dll", "1.2.3")
    components = every(made, "Component")
    wanted = [each.attrib["Id"] for each in every(made, "ComponentRef")]
    assert sorted(each.attrib["Id"] for each in components) == sorted(wanted)
    for each in components:
        assert [file.attrib.get("KeyPath") for file in every(each, "File")].count("yes") == 1


def test_a_newer_msi_is_of_the_same_parts_and_takes_the_older_ones_place(bundle):
    msi = load("msi")
    one, two = (msi.product(Path("b"), bundle, "busy.dll", each) for each in ("1.0.0", "1.1.0"))
    guids = [[each.attrib["Guid"] for each in every(made, "Component")] for made in (one, two)]
    assert guids[0] == guids[1]
    assert len(set(guids[0])) == len(guids[0])
    (product,) = every(two, "Product")
    assert product.attrib["UpgradeCode"] == "9D0A6B52-0C4F-4F0B-9B43-6A1E9B1F2C70", "for ever"
    assert product.attrib["Id"] == "*"
    assert len(every(two, "MajorUpgrade")) == 1


@pytest.mark.promise("msi-takes-the-same-words")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_msi_takes_the_words_that_the_manual_names(bundle, language):
    msi = load("msi")
    made = msi.product(Path("bundle"), bundle, "busy.dll", "1.2.3")
    (settings,) = (each for each in every(made, "CustomAction") if each.attrib["Id"] == "Settings")
    script = (FOLDER / "offcirc.nsi").read_text(encoding="utf-8")
    for name, option in msi.PROPERTIES.items():
        assert f'{{{option} "[{name}]"}}' in settings.attrib["ExeCommand"]
        assert f'ReadOption "{name}"' in script
        assert f"<code>{name}</code>" in manual("admin", language).read_text(encoding="utf-8")
    # Once everything is there, and with the rights of the system.
    assert settings.attrib["Execute"] == "deferred"
    assert settings.attrib["Impersonate"] == "no"
    assert settings.attrib["Return"] == "check"


def test_the_menus_entries_bear_the_identities_that_the_windows_bear():
    rows = load("msi").identities().splitlines()[3:]
    said = {row.split("\t")[3] for row in rows}
    assert said == {taskbar.IDENTITY.format(program=each) for each in ("Desk", "Uploader")}


def test_an_older_bundle_says_so_and_the_real_one_is_left_alone(bundle, tmp_path, monkeypatch):
    payload = load("payload")
    older = payload.older(bundle, tmp_path / "older")
    monkeypatch.delitem(sys.modules, "offcirc_older", raising=False)
    module = older / "_internal" / "offcirc" / "__init__.pyc"
    found = importlib.util.spec_from_file_location("offcirc_older", module)
    assert found is not None
    assert found.loader is not None
    loaded = importlib.util.module_from_spec(found)
    found.loader.exec_module(loaded)
    assert loaded.__version__ == payload.OLDER
    assert loaded.RELEASED
    original = bundle / "_internal" / "offcirc" / "__init__.pyc"
    assert original.read_bytes() == b"_internal/offcirc/__init__.pyc"


def test_windows_gets_its_own_wheels_by_their_hashes_and_no_tools_of_developers():
    lock = """
one==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
two==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:cc
three==3.0 ; sys_platform == 'linux' \\
    --hash=sha256:dd
mypy==4.0 \\
    --hash=sha256:ee
"""
    lines = list(load("wheels").wanted(lock))
    assert lines == ["one==1.0 --hash=sha256:aa --hash=sha256:bb", "two==2.0 --hash=sha256:cc"]


SAID = """
tests/a/test_b.py::test_well
[gw0] [  9%] PASSED tests/a/test_b.py::test_well
[gw0] [ 50%] FAILED tests/a/test_b.py::test_ill[a b]
[gw0] [ 75%] ERROR tests/a/test_b.py::test_port
[gw0] [100%] SKIPPED tests/a/test_b.py::test_left
=========================== short test summary info ============================
SKIPPED [1] tests/a/test_b.py:12: only on Linux
FAILED tests/a/test_b.py::test_ill[a b] - assert False
===== 1 failed, 1 passed, 1 skipped, 1 error in 1.05s ======
"""


@pytest.mark.parametrize(("wine", "failed"), [(True, ["ill[a b]"]), (False, ["ill[a b]", "port"])])
def test_what_wine_is_no_judge_of_fails_on_windows_itself(monkeypatch, capsys, wine, failed):
    module = load("try_windows")
    monkeypatch.setattr(module, "NOT_JUDGED", {"b.py::test_port": "a reason"})
    judgement = module.Judgement(under_wine=wine)
    judgement.tests("a", SAID, 1, 1.0)
    assert judgement.failed == [f"tests/a/test_b.py::test_{each}" for each in failed]
    assert judgement.passed == 1
    assert judgement.close() == 1
    said = capsys.readouterr().out
    assert f"1 passed, {len(failed)} failed, {2 - len(failed)} not judged, 1 left out (1 s)" in said
    assert "left out: 1: only on Linux" in said


@pytest.mark.parametrize("code", [137, 2, 5, 1])
def test_a_room_that_did_not_come_to_its_end_has_failed(code):
    judgement = load("try_windows").Judgement(under_wine=True)
    judgement.tests("a", SAID.split("[gw0] [ 50%]", maxsplit=1)[0], code, 1.0)
    assert judgement.passed == 1
    assert judgement.failed == ["tests/a did not come to its end"]
    assert judgement.close() == 1


def test_each_thing_that_wine_cannot_judge_has_its_reason():
    module = load("not_judged")
    for name, reason in {**module.NOT_JUDGED, **module.NOT_JUDGED_TRIALS}.items():
        assert name
        assert len(reason.split()) > 3, name
