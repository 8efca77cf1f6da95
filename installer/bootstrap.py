"""Set a checkout up from nothing: system libraries, virtual environment, locked packages, program.

``make demo`` and ``make test`` run this first; it needs only Python 3.11, reaches for the network
only for what is missing, and does nothing at all once everything is in place. What it cannot do
itself (system packages, without being root) it names, with the command to type, and stops.

Run it by hand with ``python3 installer/bootstrap.py`` (``--tests`` adds what the tests need).
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
STAMP = VENV / "offcirc-setup.stamp"
LOCK = TOP / "requirements.lock"
OLDEST_PYTHON = (3, 11)

# Exit codes: 1 something went wrong on the way, 3 something is missing that only a person can add.
FAILED = 1
MISSING = 3

# What ``ldd`` asks for on the Qt libraries and on the platform plugins "xcb" and "offscreen",
# and the Debian and Ubuntu packages that hold it. Several names: the first the system knows.
QT_LIBRARIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("libEGL.so.1", ("libegl1",)),
    ("libGL.so.1", ("libgl1",)),
    ("libX11.so.6", ("libx11-6",)),
    ("libX11-xcb.so.1", ("libx11-xcb1",)),
    ("libbrotlidec.so.1", ("libbrotli1",)),
    ("libdbus-1.so.3", ("libdbus-1-3",)),
    ("libfontconfig.so.1", ("libfontconfig1",)),
    ("libfreetype.so.6", ("libfreetype6",)),
    ("libglib-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0")),
    ("libgssapi_krb5.so.2", ("libgssapi-krb5-2",)),
    ("libgthread-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0")),
    ("libxcb-cursor.so.0", ("libxcb-cursor0",)),
    ("libxcb-glx.so.0", ("libxcb-glx0",)),
    ("libxcb-icccm.so.4", ("libxcb-icccm4",)),
    ("libxcb-image.so.0", ("libxcb-image0",)),
    ("libxcb-keysyms.so.1", ("libxcb-keysyms1",)),
    ("libxcb-randr.so.0", ("libxcb-randr0",)),
    ("libxcb-render-util.so.0", ("libxcb-render-util0",)),
    ("libxcb-render.so.0", ("libxcb-render0",)),
    ("libxcb-shape.so.0", ("libxcb-shape0",)),
    ("libxcb-shm.so.0", ("libxcb-shm0",)),
    ("libxcb-sync.so.1", ("libxcb-sync1",)),
    ("libxcb-util.so.1", ("libxcb-util1",)),
    ("libxcb-xfixes.so.0", ("libxcb-xfixes0",)),
    ("libxcb-xkb.so.1", ("libxcb-xkb1",)),
    ("libxcb.so.1", ("libxcb1",)),
    ("libxkbcommon-x11.so.0", ("libxkbcommon-x11-0",)),
    ("libxkbcommon.so.0", ("libxkbcommon0",)),
)
TEST_PROGRAMS = (
    ("Xvfb", "xvfb"),
    ("xdotool", "xdotool"),
    ("openbox", "openbox"),
    # They draw the sheet of control cards as a picture, and scan it back.
    ("pdftoppm", "poppler-utils"),
    ("zbarimg", "zbar-tools"),
    # It makes the system's own calls fail, as a bad disk does.
    ("strace", "strace"),
)
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class SetupError(Exception):
    """The set-up cannot go on; ``code`` becomes the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Need:
    """One thing the system must have.

    Attributes:
        what: the thing, as a person would look for it.
        packages: the Debian or Ubuntu package that holds it; older names follow newer ones.
        present: tells whether this machine has it.
    """

    what: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def main(arguments: list[str]) -> int:
    """Set everything up; returns the exit code."""
    unknown = [argument for argument in arguments if argument != "--tests"]
    if unknown:
        print("usage: bootstrap.py [--tests]", file=sys.stderr)
        return 2
    try:
        check_python()
        provide(missing(needs(tests="--tests" in arguments)), missing(needs(tests=True)))
        if set_up() != read_stamp():
            build_environment()
            STAMP.write_text(set_up(), encoding="ascii")
        compile_catalogue()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"\nThe set-up could not go on: {error}", file=sys.stderr)
        return FAILED
    return 0


def check_python() -> None:
    """Refuse a Python that Qt or the program cannot run on.

    Raises:
        SetupError: too old, or a 32-bit Python, for which Qt has no packages.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"OffCirc needs Python 3.11 or newer; this is {platform.python_version()}. If a newer"
            " one is installed, name it: make PYTHON=python3.12 test",
            MISSING,
        )
    if sys.maxsize < 2**32:
        raise SetupError("OffCirc needs a 64-bit Python: Qt has no 32-bit packages.", MISSING)


# --- what the system must have -------------------------------------------------------------------


def needs(*, tests: bool) -> list[Need]:
    """Everything this kind of system must bring along, present or not."""
    series = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = [Need("Python's venv module", (f"python{series}-venv", "python3-venv"), has_venv)]
    if not sys.platform.startswith("linux"):
        return found
    found.append(Need("certificates of the internet", ("ca-certificates",), has_certificates))
    found += [Need(name, packages, _loads(name)) for name, packages in QT_LIBRARIES]
    # The offscreen windows of the demo's screenshots draw their text with the system's fonts.
    found.append(Need("a font", ("fonts-dejavu-core",), has_font))
    if tests:
        found += [Need(name, (package,), _on_path(name)) for name, package in TEST_PROGRAMS]
        if has_chromium_package():
            found.append(Need("Chromium", ("chromium",), lambda: bool(chromium())))
    return found


def missing(wanted: Iterable[Need]) -> list[Need]:
    """The needs this machine does not meet."""
    return [need for need in wanted if not need.present()]


def has_venv() -> bool:
    """Whether this Python can make virtual environments: Debian splits that off."""
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def has_certificates() -> bool:
    """Whether there is a store of root certificates, or none is expected here (not Debian)."""
    return CERTIFICATES.exists() or "SSL_CERT_FILE" in os.environ or not has_apt()


def has_font() -> bool:
    """Whether the system has at least one outline font."""
    return any(
        next(folder.rglob(pattern), None) is not None
        for folder in (*FONT_FOLDERS, Path.home() / ".local/share/fonts")
        for pattern in ("*.ttf", "*.otf", "*.ttc")
    )


def chromium() -> str:
    """The browser that the tests can use; empty when there is none.

    A snap does not count: it sees neither the folders nor the pipes of a test.
    """
    found = (shutil.which(name) for name in ("chromium", "google-chrome"))
    return next((path for path in found if path and not path.startswith("/snap/")), "")


def has_chromium_package() -> bool:
    """Whether this system's packages have Chromium: Ubuntu and its kin have a snap instead."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return True
    return "ubuntu" not in (told["ID"], *told.get("ID_LIKE", "").split())


def has_apt() -> bool:
    """Whether this is Debian, Ubuntu or one of their kin."""
    return shutil.which("apt-get") is not None


def _loads(library: str) -> Callable[[], bool]:
    def present() -> bool:
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    return present


def _on_path(program: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None


# --- providing it --------------------------------------------------------------------------------


def provide(lacking: list[Need], ever: list[Need] | None = None) -> None:
    """Install what is missing, or say exactly what to type.

    Args:
        lacking: what is missing now.
        ever: what will be missing for anything that can be made here: who has to type, types once.

    Raises:
        SetupError: it cannot be installed from here.
    """
    if not lacking:
        return
    if not has_apt():
        raise SetupError(_advice(lacking), MISSING)
    if os.geteuid() != 0:
        install = ["sudo", "apt-get", "install", *_packages(ever or lacking)]
        raise SetupError(
            "Some system packages are missing. Type these two lines once, then start again:\n\n"
            f"    sudo apt-get update\n    {shlex.join(install)}",
            MISSING,
        )
    say("installing system packages")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], "The list of system packages could not be read", environment)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *_packages(lacking)]
    run(command, "System packages could not be installed", environment)
    importlib.invalidate_caches()
    still = missing(lacking)
    if still:
        names = ", ".join(need.what for need in still)
        raise SetupError(f"Still missing after the installation: {names}", MISSING)


def _packages(lacking: list[Need]) -> list[str]:
    """The packages to install, each once, under the name this release gives them."""
    return list(dict.fromkeys(_known_name(need.packages) for need in lacking))


def _known_name(names: tuple[str, ...]) -> str:
    for name in names[:-1]:
        shown = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", name], capture_output=True, check=False
        )
        if shown.returncode == 0 and shown.stdout.strip():
            return name
    return names[-1]


def _advice(lacking: list[Need]) -> str:
    names = "\n".join(f"    {need.what}" for need in lacking)
    return (
        f"This machine lacks, for OffCirc's windows and tests:\n\n{names}\n\n"
        "Install them with the system's package manager, then start again. Fedora: dnf install"
        " mesa-libEGL mesa-libGL libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image"
        " xcb-util-keysyms xcb-util-renderutil dejavu-sans-fonts (tests: xorg-x11-server-Xvfb"
        " xdotool openbox poppler-utils zbar chromium). Arch: pacman -S --needed mesa"
        " libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms"
        " xcb-util-renderutil ttf-dejavu (tests: xorg-server-xvfb xdotool openbox poppler zbar"
        " chromium)."
    )


# --- the virtual environment ---------------------------------------------------------------------


def environment_python() -> Path:
    """The Python of the virtual environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def set_up() -> str:
    """What a finished set-up looks like: changes when anything that was installed would change."""
    parts = [sys.version, str(TOP), str(Path(sys.base_prefix).resolve())]
    digest = hashlib.sha256("\n".join(parts).encode())
    for path in (LOCK, TOP / "pyproject.toml", TOP / "installer" / "compile_catalogue.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp() -> str:
    """What the last finished set-up looked like; empty when there was none or it was damaged."""
    if not environment_python().exists() or not STAMP.exists():
        return ""
    return STAMP.read_text(encoding="ascii", errors="replace")


def build_environment() -> None:
    """Make the virtual environment and install the locked packages and the program.

    Raises:
        SetupError: a step failed; its own words are already on the screen.
    """
    python = str(environment_python())
    if not _same_python():
        say(f"making the virtual environment {VENV.name} with Python {platform.python_version()}")
        command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        run(command, "The virtual environment could not be made")
    STAMP.unlink(missing_ok=True)
    say("installing the locked packages (the first time takes a minute or two)")
    install = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    run(
        [*install, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)],
        "The locked packages could not be installed. Is there a way to the internet?"
        " Behind a proxy, set HTTPS_PROXY",
    )
    run(
        [*install, "--no-deps", "--no-build-isolation", "--editable", str(TOP)],
        "OffCirc itself could not be installed",
    )


def _same_python() -> bool:
    """Whether the virtual environment is there, works, and is of this very Python series."""
    python = environment_python()
    if not python.exists():
        return False
    asked = [str(python), "-c", "import pip, sys; print(sys.version)"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def compile_catalogue() -> None:
    """Compile the translations again when a translator has changed them since.

    Raises:
        SetupError: the catalogue has a fault.
    """
    for source in sorted((TOP / "resources" / "locale").glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            command = [str(environment_python()), str(TOP / "installer" / "catalogue.py")]
            run([*command, "compile"], "The translations could not be compiled")
            return


# --- small things --------------------------------------------------------------------------------


def run(command: list[str], complaint: str, environment: dict[str, str] | None = None) -> None:
    """Run a command whose output the user sees.

    Raises:
        SetupError: it failed; the message is ``complaint`` and the command.
    """
    done = subprocess.run(command, cwd=TOP, env=environment, check=False)
    if done.returncode != 0:
        raise SetupError(f"{complaint}.\nThe command was: {shlex.join(command)}")


def say(step: str) -> None:
    """Announce a step that takes a while."""
    print(f"set-up: {step}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
