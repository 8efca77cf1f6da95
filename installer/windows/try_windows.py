"""OffCirc as a Windows program, tried on Linux under wine: ``make windows``.

Windows' own CPython and Qt, from packages that are fetched once by their hashes; everything lies
below ``build/windows``, and a second run begins where the last one ended. It runs the doctor, both
smoke tests, the demonstration and the tests, and says what passed, what failed, and what wine is no
judge of. On Windows itself the same trials run on the real thing: ``python
installer/windows/try_windows.py --here``.

Debian packages: wine wine64 gcc-mingw-w64-x86-64 mingw-w64-tools xvfb xdotool fonts-liberation
locales.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE), str(TOP / "tests")]

import wheels  # noqa: E402 - found beside this file
import wine_pc  # noqa: E402
import wine_python  # noqa: E402
from helpers.checkout import project_files  # noqa: E402
from not_judged import NOT_JUDGED, NOT_JUDGED_TRIALS, SAID_BY_WINE  # noqa: E402

BUILD = TOP / "build" / "windows"
ROOMS = sorted(
    {path.relative_to(TOP / "tests").parts[0] for path in (TOP / "tests").glob("*/**/test_*.py")}
)
ROOM_SECONDS = 5400
_WITH_WINDOWS = ("desk", "drill", "referent", "windows")
"""Rooms whose windows take the keyboard from each other: one test at a time."""
_BECAME = re.compile(r"^\[gw\d+\] \[ *\d+%\] ([A-Z]+) (.+?) *$", re.MULTILINE)
_LEFT_OUT = re.compile(r"^SKIPPED \[(\d+)\] \S+?: (.+)$", re.MULTILINE)
_ENDED = re.compile(r"^=+ .* in [\d.]+s\b", re.MULTILINE)
"""The last line: a wine that was stopped ends its programs with the code of failed tests."""
_ALL_RUN = (0, 1)
"""Exit codes of pytest that say so: every test has passed, some have failed."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Judgement:
    """What came of the trials: counted, and said line by line.

    Attributes:
        failed: the names of what failed.
        under_wine: whether it is no real Windows.
    """

    def __init__(self, *, under_wine: bool) -> None:
        self.failed: list[str] = []
        self.passed = 0
        self.not_judged: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()
        self.under_wine = under_wine

    def trial(self, name: str, ok: bool, said: str) -> None:
        """A program was tried."""
        reason = NOT_JUDGED_TRIALS.get(name) if self.under_wine else None
        self._count(name, ok, reason)
        print(f"{'ok  ' if ok else 'look' if reason else 'FAIL'} {name}", flush=True)
        if not ok:
            print("    " + "\n    ".join(said.strip().splitlines()[-15:]), flush=True)

    def tests(self, room: str, said: str, code: int, seconds: float) -> None:
        """The tests of a room have run; pytest has said what became of each, line by line."""
        passed, unjudged, failed = self.passed, len(self.not_judged), len(self.failed)
        for became, name in _BECAME.findall(said):
            if became in ("FAILED", "ERROR"):
                self._count(name, False, self._excuse(name))
            elif became == "PASSED":
                self._count(name, True, None)
        left_out = Counter[str]()
        for number, reason in _LEFT_OUT.findall(said):  # a whole file counts as one
            left_out[reason] += int(number)
        self._left_out += left_out
        if code not in _ALL_RUN or not _ENDED.search(said):
            self._count(f"tests/{room} did not come to its end", False, None)
        named = self.failed[failed:]
        counts = f"{self.passed - passed} passed, {len(named)} failed, "
        counts += f"{len(self.not_judged) - unjudged} not judged, {left_out.total()} left out"
        print(f"{'FAIL' if named else 'ok  '} tests/{room}: {counts} ({seconds:.0f} s)", flush=True)
        for name in named:
            print(f"    {name}", flush=True)

    def close(self) -> int:
        """Say the sum; the exit code."""
        print(
            f"\n{self.passed} passed, {len(self.failed)} failed, {len(self.not_judged)} not judged"
        )
        for name, reason in sorted(self.not_judged.items()):
            print(f"  not judged: {name}: {reason}")
        for reason, number in self._left_out.most_common():
            print(f"  left out: {number}: {reason}")
        return bool(self.failed)

    def _excuse(self, name: str) -> str | None:
        if not self.under_wine:
            return None
        return next((why for part, why in NOT_JUDGED.items() if part in name), None)

    def _count(self, name: str, ok: bool, reason: str | None) -> None:
        if ok:
            self.passed += 1
        elif reason:
            self.not_judged[name] = reason
        else:
            self.failed.append(name)


def main(arguments: list[str] | None = None) -> int:
    """Set up what is missing, try everything; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--here", action="store_true", help="on Windows itself, with this Python")
    text = "the tests of these rooms alone, or of these files below tests"
    parser.add_argument("--only", nargs="*", metavar="ROOM", help=text)
    options = parser.parse_args(arguments)
    rooms = ROOMS if options.only is None else options.only
    if options.here:
        sys.stdout.reconfigure(encoding="utf-8")  # names of tests are in no code page of Windows
        judgement = Judgement(under_wine=False)
        _try(_run_here, judgement, rooms, trials=options.only is None)
        return judgement.close()
    if lacking := missing():
        print("\n".join(lacking), file=sys.stderr)
        return 3
    with wine_pc.WinePC(BUILD) as pc:
        set_up(pc)
        judgement = Judgement(under_wine=True)
        _try(pc.python, judgement, rooms, trials=options.only is None)
        return judgement.close()


def missing() -> list[str]:
    """What this machine lacks, in sentences."""
    programs = (*wine_pc.PROGRAMS, *wine_python.COMPILERS)
    lacking = [name for name in programs if shutil.which(name) is None]
    said = []
    if lacking:
        packages = " ".join((__doc__ or "").partition("Debian packages: ")[2].split()).rstrip(".")
        said.append(f"Missing: {', '.join(lacking)}. apt-get install {packages}")
    if f"{sys.version_info[0]}.{sys.version_info[1]}" != wheels.PYTHON:
        said.append(f"Needs Python {wheels.PYTHON}: its library is put beside the Windows one.")
    return said


def set_up(pc: wine_pc.WinePC) -> None:
    """Python on the PC, once; the checkout, anew each time."""
    started = time.monotonic()
    fetched = wheels.download(BUILD / "wheels")
    names = "\n".join(path.name for path in fetched)
    recipe = "".join(path.read_text(encoding="utf-8") for path in sorted(HERE.glob("wine*.py")))
    stamp = hashlib.sha256((names + recipe).encode()).hexdigest()
    done = BUILD / "python.txt"
    if not done.exists() or done.read_text(encoding="ascii") != stamp:
        wine_python.install(pc, fetched, BUILD / "made")
        done.write_text(stamp, encoding="ascii")
    files = [path for path in project_files() if "build" not in path.relative_to(TOP).parts]
    wine_python.checkout(pc, TOP, files)
    print(f"set up in {time.monotonic() - started:.0f} s", flush=True)


def _run_here(
    *words: str, limit: float = 300, at: str = "", env: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """The same trials with the Python that runs this program."""
    more = dict(each.split("=", 1) for each in env)
    try:
        return subprocess.run(
            [sys.executable, *words],
            cwd=TOP,
            env=os.environ | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 137, "killed: too slow")


def _try(run: Run, judgement: Judgement, rooms: Iterable[str], *, trials: bool) -> None:
    (BUILD / "said").mkdir(parents=True, exist_ok=True)
    run("installer/catalogue.py", "compile")
    if trials:
        for name, words in {
            "version": ("-m", "offcirc", "--version"),
            "doctor": ("-m", "offcirc", "doctor"),
            "desk --smoke": ("-m", "offcirc.desk.main", "--smoke"),
            "uploader --smoke": ("-m", "offcirc.referent.main", "--smoke"),
            "demo": ("-m", "offcirc", "demo", "--no-windows"),
        }.items():
            done = run(*words)
            judgement.trial(name, done.returncode == 0, done.stdout)
    for room in rooms:
        started = time.monotonic()
        # In a process of its own: a test that hangs is killed with it and told, the rest is run.
        hands = "1" if room in _WITH_WINDOWS else "2"
        words = ["-m", "pytest", "-v", "-p", "no:cacheprovider", "-n", hands, f"tests/{room}"]
        words += ["--dist", "loadfile"]
        if judgement.under_wine:
            words += ["-o", f"qt_log_ignore={SAID_BY_WINE}"]
        done = run(*words, limit=ROOM_SECONDS)
        (BUILD / "said" / f"{room.replace('/', '-')}.txt").write_text(done.stdout, encoding="utf-8")
        judgement.tests(room, done.stdout, done.returncode, time.monotonic() - started)


if __name__ == "__main__":
    raise SystemExit(main())
