"""The Debian package: the bundle in /usr/lib/offcirc, and what makes it part of the desktop."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import manpages

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
PROGRAMS = ("offcirc", "offcirc-desk", "offcirc-uploader")
ICON_SIZES = (16, 32, 48, 64, 128, 256)
MAINTAINER = "The OffCirc contributors <offcirc@localhost.localdomain>"
# What the bundle asks of the system: everything else it brings along.
DEPENDS = (
    "libc6 (>= 2.36)",
    "libegl1",
    "libgl1",
    "libxcb1",
    "xkb-data",
    "fontconfig-config",
)
RECOMMENDS = ("pulseaudio-utils | alsa-utils",)
DESCRIPTION = """\
keep a library lending when its system is down
 A blue window for the circulation desk records loans and returns, scanner in
 hand, each one safe on the disk before it is shown. Once the library system is
 back, the files of all desks are uploaded in the order things happened, each
 line once, and every refused line is explained.
 .
 A practice server for training and drills is part of it."""


def build(bundle: Path, out: Path, version: str) -> Path:
    """Make the package from a bundle; returns it.

    Raises:
        subprocess.CalledProcessError: dpkg-deb refused.
    """
    root = TOP / "build" / "deb"
    if root.exists():
        shutil.rmtree(root)
    usr = root / "usr"
    shutil.copytree(bundle, usr / "lib" / "offcirc", symlinks=True)
    (usr / "bin").mkdir()
    for program in PROGRAMS:
        (usr / "bin" / program).symlink_to(f"../lib/offcirc/{program}")
    _desktop(usr, version)
    _documents(usr, bundle, version)
    manpages.write(usr / "share" / "man")
    rules = usr / "lib" / "udev" / "rules.d"
    rules.mkdir(parents=True)
    (rules / "70-offcirc-scanner.rules").write_text(udev_rules(), encoding="utf-8")
    _control(root, version)
    _modes(root)
    package = out / f"offcirc_{version}_amd64.deb"
    command = [
        "dpkg-deb",
        "--build",
        "--root-owner-group",
        "-Zxz",
        "-z9",
        "-Sextreme",
        str(root),
        str(package),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return package


def udev_rules() -> str:
    """Lets whoever sits at the screen read scanners of known makers, without being root."""
    from offcirc.scanning.serialids import MAKERS

    head = "# Barcode scanners on a serial line: for whoever sits at this PC.\n"
    rule = 'SUBSYSTEM=="tty", ATTRS{{idVendor}}=="{:04x}", TAG+="uaccess"\n'
    return head + "".join(rule.format(maker) for maker in sorted(MAKERS))


def _desktop(usr: Path, version: str) -> None:
    share = usr / "share"
    applications = share / "applications"
    applications.mkdir(parents=True)
    for name in ("offcirc-desk.desktop", "offcirc-uploader.desktop"):
        shutil.copy(HERE / "linux" / name, applications)
    text = (HERE / "linux" / "org.offcirc.OffCirc.metainfo.xml.in").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", version).replace("@DATE@", release_date().isoformat())
    metainfo = share / "metainfo"
    metainfo.mkdir()
    (metainfo / "org.offcirc.OffCirc.metainfo.xml").write_text(text, encoding="utf-8")
    icons = share / "icons" / "hicolor"
    for size in ICON_SIZES:
        target = icons / f"{size}x{size}" / "apps"
        target.mkdir(parents=True)
        shutil.copy(TOP / "resources" / "icons" / f"offcirc-{size}.png", target / "offcirc.png")
    scalable = icons / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy(TOP / "resources" / "icons" / "offcirc.svg", scalable)


def release_date() -> date:
    """When this version was made: of the last commit, so that a rebuild changes nothing."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    if stamp is None:
        asked = ["git", "-C", str(TOP), "log", "-1", "--format=%ct"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        stamp = done.stdout.strip()
    return datetime.fromtimestamp(int(stamp)).astimezone().date() if stamp else date.today()  # noqa: DTZ011


def _documents(usr: Path, bundle: Path, version: str) -> None:
    doc = usr / "share" / "doc" / "offcirc"
    doc.mkdir(parents=True)
    shutil.copy(TOP / "README.md", doc)
    licence = (TOP / "LICENSE").read_text(encoding="utf-8")
    notice = (HERE / "licence-texts" / "NOTICE.txt").read_text(encoding="utf-8")
    notice += "\nThe texts are in /usr/lib/offcirc/licences; those of the GNU licences also in\n"
    notice += "/usr/share/common-licenses/LGPL-3 and /usr/share/common-licenses/GPL-3.\n"
    (doc / "copyright").write_text(f"{licence}\n\n{notice}", encoding="utf-8")
    day = datetime.combine(release_date(), datetime.min.time()).astimezone()
    entry = (
        f"offcirc ({version}) unstable; urgency=medium\n\n  * What changed: see the project's"
        f" CHANGELOG.md.\n\n -- {MAINTAINER}  {day:%a, %d %b %Y %H:%M:%S %z}\n"
    )
    (doc / "changelog.gz").write_bytes(gzip.compress(entry.encode(), 9, mtime=0))
    overrides = usr / "share" / "lintian" / "overrides"
    overrides.mkdir(parents=True)
    shutil.copy(HERE / "linux" / "lintian-overrides", overrides / "offcirc")


def _control(root: Path, version: str) -> None:
    debian = root / "DEBIAN"
    debian.mkdir()
    size = sum(file.lstat().st_size for file in root.rglob("*")) // 1024
    fields = {
        "Package": "offcirc",
        "Version": version,
        "Section": "misc",
        "Priority": "optional",
        "Architecture": "amd64",
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size),
        "Depends": ", ".join(DEPENDS),
        "Recommends": ", ".join(RECOMMENDS),
        "Description": DESCRIPTION,
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (debian / "control").write_text(text, encoding="utf-8")
    for script in ("postinst", "postrm"):
        shutil.copy(HERE / "linux" / script, debian / script)


def _modes(root: Path) -> None:
    """Readable by all, writable by root alone, whatever the builder's umask was."""
    programs = {root / "usr/lib/offcirc" / program for program in PROGRAMS}
    programs |= {root / "DEBIAN" / script for script in ("postinst", "postrm")}
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)
