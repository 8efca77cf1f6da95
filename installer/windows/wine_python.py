"""Windows' own CPython and Qt on a wine PC: unpacked, and the few missing parts compiled."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from wine_pc import WinePC

SOURCES = Path(__file__).resolve().parent / "wine"
_MINGW = "x86_64-w64-mingw32"
COMPILERS = (f"{_MINGW}-gcc", f"{_MINGW}-windres", f"{_MINGW}-dlltool", "gendef")
_PANDA = "panda3d"
_LEFT_OUT = ("site-packages", "lib-dynload", "test", "__pycache__")


def install(pc: WinePC, wheels: list[Path], work: Path) -> None:
    """Put Python, its library and every wheel on the PC.

    Args:
        pc: it.
        wheels: the wheels for Windows, that of panda3d among them.
        work: a folder for what is made on the way.

    Raises:
        subprocess.CalledProcessError: a compiler refused.
    """
    home = pc.drive / "python"
    shutil.rmtree(home, ignore_errors=True)
    packages = home / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    (home / "DLLs").mkdir()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if wheel.name.startswith(_PANDA):
                _interpreter(archive, home)
            else:
                archive.extractall(packages)
    _library(home / "Lib")
    for name in ("vcruntime140.dll", "vcruntime140_1.dll"):
        shutil.copy(packages / "shiboken6" / name, home)
    _compile(home, work)
    fill_gaps(pc, work)
    (packages / "checkout.pth").write_text("C:\\offcirc\r\n", encoding="ascii")


def _interpreter(archive: zipfile.ZipFile, home: Path) -> None:
    wanted = re.compile(r"deploy_libs/(python311\.dll|[^/]+\.pyd|lib(ffi|crypto|ssl)[^/]*\.dll)")
    for name in archive.namelist():
        found = wanted.fullmatch(name)
        if found or name == "deploy_libs/sqlite3.dll":
            place = home if name.endswith("python311.dll") else home / "DLLs"
            (place / name.rpartition("/")[2]).write_bytes(archive.read(name))


def _library(to: Path) -> None:
    """The standard library in Python itself is the same on every system."""
    of = Path(sysconfig.get_path("stdlib"))
    for path in sorted(of.rglob("*")):
        inner = path.relative_to(of)
        if path.is_file() and not set(inner.parts) & set(_LEFT_OUT):
            target = to / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    # An earlier 3.11 of Debian's; the DLL is a later one, and calls this of the class.
    metadata = to / "importlib" / "metadata" / "__init__.py"
    late = "    def invalidate_caches(cls):"
    said = metadata.read_text(encoding="utf-8").replace(f"    @classmethod\n{late}", late)
    metadata.write_text(said.replace(late, f"    @classmethod\n{late}"), encoding="utf-8")


def fill_gaps(pc: WinePC, work: Path) -> None:
    """Libraries of Windows that wine 8 lacks, and Qt asks for: stubs of them.

    Args:
        pc: the PC.
        work: a folder for what is made on the way.

    Raises:
        subprocess.CalledProcessError: the compiler refused.
    """
    system = pc.drive / "windows" / "system32"
    _library_of(work, system / "icuuc.dll", str(SOURCES / "icuuc.c"))
    random = [str(SOURCES / "bcryptprimitives.c"), "-ladvapi32"]
    _library_of(work, system / "bcryptprimitives.dll", *random)
    devices = [str(SOURCES / "cfgmgr32.c"), str(SOURCES / "cfgmgr32.def")]
    _library_of(work, system / "cfgmgr32.dll", *devices)
    shutil.copy(SOURCES / "settings.reg", pc.drive / "settings.reg")
    pc.wine("regedit", r"C:\settings.reg")


def _run(work: Path, *words: str) -> str:
    work.mkdir(parents=True, exist_ok=True)
    return subprocess.run(words, cwd=work, check=True, capture_output=True, text=True).stdout


def _library_of(work: Path, target: Path, *sources: str) -> None:
    target.unlink(missing_ok=True)
    bare = ["-shared", "-nostdlib", "-e", "DllMainCRTStartup", "-s", "-o", str(target)]
    _run(work, f"{_MINGW}-gcc", *bare, str(SOURCES / "entry.c"), *sources)


def _compile(home: Path, work: Path) -> None:
    def run(*words: str) -> str:
        return _run(work, *words)

    gcc = f"{_MINGW}-gcc"
    work.mkdir(parents=True, exist_ok=True)
    names = run("gendef", "-", str(home / "python311.dll"))
    (work / "python311.def").write_text(names, encoding="ascii")
    link = ["-d", "python311.def", "-l", "libpython311.a", "-D", "python311.dll"]
    run(f"{_MINGW}-dlltool", *link)
    run(f"{_MINGW}-windres", "-I", str(SOURCES), str(SOURCES / "python.rc"), "manifest.o")
    start = ["-s", str(SOURCES / "python.c"), "manifest.o", "libpython311.a", "-municode"]
    run(gcc, *start, "-o", str(home / "python.exe"))
    run(gcc, *start, "-mwindows", "-o", str(home / "pythonw.exe"))
    (work / "python3.def").write_text(_forwarding(names), encoding="ascii")

    _library_of(work, home / "python3.dll", "python3.def")


def _forwarding(names: str) -> str:
    """python3.dll, the stable part of Python's library: every name goes on to python311.dll."""
    lines = ["LIBRARY python3.dll", "EXPORTS"]
    for line in names.partition("EXPORTS")[2].splitlines():
        if found := re.match(r"([A-Za-z_]\w*)( DATA)?", line):
            lines.append(f"{found[1]} = python311.{found[1]}{found[2] or ''}")
    return "\n".join(lines) + "\n"


def checkout(pc: WinePC, top: Path, files: list[Path]) -> None:
    """Put the project on drive C:, as it stands, and known as a package; what was there goes."""
    packages = pc.drive / "python" / "Lib" / "site-packages"
    own = distribution("offcirc")
    known = packages / f"offcirc-{own.version}.dist-info"
    known.mkdir(exist_ok=True)
    (known / "METADATA").write_text(own.read_text("METADATA") or "", encoding="utf-8")
    place = pc.drive / "offcirc"
    shutil.rmtree(place, ignore_errors=True)
    for path in files:
        target = place / path.relative_to(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


__all__ = ["COMPILERS", "checkout", "fill_gaps", "install"]
