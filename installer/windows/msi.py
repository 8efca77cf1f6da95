r"""The package for fleets, an MSI, made by wixl from a bundle: Group Policy and Intune take it.

    msiexec /i OffCirc-X.Y.Z.msi /qn CONFIG=\\server\offcirc.toml DESK="Desk 2" LIBRARY="BUC"

For everybody on the PC. CONFIG, DESK, LIBRARY and CIRCDESK are those of the setup; with settings
that are not in order everything is undone (1603). A running OffCirc is left alone (1603 too): the
log says why. INSTALLDIR is the folder. Debian packages: wixl msitools gcc-mingw-w64-x86-64.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent

UPGRADE_CODE = "9D0A6B52-0C4F-4F0B-9B43-6A1E9B1F2C70"
"""What all versions have in common; never to be changed."""

PROPERTIES = {
    "CONFIG": "--from",
    "DESK": "--desk",
    "LIBRARY": "--library",
    "CIRCDESK": "--circulation-desk",
}
"""What a fleet's tool may say, and what ``offcirc config install`` calls it."""

TOOLS = ("wixl", "msibuild", "x86_64-w64-mingw32-gcc")

MENU = {
    "offcirc-desk.exe": ("OffCirc", "OffCirc.Desk"),
    "offcirc-uploader.exe": ("OffCirc Upload", "OffCirc.Uploader"),
}
"""By program: its entry in the Start menu, and the identity of its button in the taskbar."""

KEPT = (
    "What was recorded stays after removal: in %LOCALAPPDATA%\\OffCirc of each account, or in the "
    "data folder that the settings name. The settings stay in %ProgramData%\\OffCirc."
)

_NAMES = uuid.UUID("0f5b1c86-8f0d-4b8e-a2a7-3f3f0d3b9c11")
_PUBLISHER = "The OffCirc contributors"
_FOLDER = "INSTALLDIR"
_SECURE = (*PROPERTIES, _FOLDER, "WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED")
_CORRECTIONS = (
    # wixl passes no property of ours on to the part of Windows that installs.
    (
        f"UPDATE Property SET Value = '{';'.join(_SECURE)}' "  # noqa: S608 - a package's own table
        "WHERE Property = 'SecureCustomProperties'"
    ),
    # The older version goes inside of what is undone when something fails, not before it.
    "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'",
)


def missing() -> list[str]:
    """The tools that this machine lacks."""
    return [name for name in TOOLS if shutil.which(name) is None]


def build(bundle: Path, out: Path, version: str) -> Path:
    """Make the package; returns it.

    It is signed by what ``OFFCIRC_SIGN_COMMAND`` names, as the setup is.

    Args:
        bundle: the folder with the programs.
        out: the folder to put it into.
        version: X.Y.Z.

    Raises:
        FileNotFoundError: a tool is missing.
        subprocess.CalledProcessError: one refused.
    """
    if lacking := missing():
        raise FileNotFoundError(", ".join(lacking))
    package = out / f"OffCirc-{version}.msi"
    with tempfile.TemporaryDirectory(prefix="offcirc-msi-") as name:
        work = Path(name)
        library, source, table = work / "busy.dll", work / "offcirc.wxs", work / "identity.idt"
        gcc = [TOOLS[-1], "-shared", "-municode", "-O1", "-s", "-o", str(library)]
        subprocess.run([*gcc, str(HERE / "busy.c"), "-lmsi"], check=True)
        # wixl knows no absolute paths.
        (work / "bundle").symlink_to(bundle.resolve(), target_is_directory=True)
        made = product(Path("bundle"), bundle, library.name, version)
        ElementTree.ElementTree(made).write(source, "utf-8")
        subprocess.run(["wixl", "-a", "x64", "-o", str(package), str(source)], check=True)
        table.write_text(identities(), encoding="ascii", newline="\r\n")
        subprocess.run(["msibuild", str(package), "-i", str(table)], check=True)
        for correction in _CORRECTIONS:
            subprocess.run(["msibuild", str(package), "-q", correction], check=True)
    if sign := os.environ.get("OFFCIRC_SIGN_COMMAND"):
        subprocess.run([*sign.split(), str(package)], check=True)
    return package


def product(source: Path, bundle: Path, library: str, version: str) -> Element:
    """What the package holds and does, as wixl reads it.

    Args:
        source: what the folder with the programs is called for wixl.
        bundle: that folder.
        library: what looks whether OffCirc is running.
        version: X.Y.Z.
    """
    wix = Element("Wix", xmlns="http://schemas.microsoft.com/wix/2006/wi")
    about = {"Id": "*", "Name": "OffCirc", "Language": "1033", "Version": version}
    made = SubElement(wix, "Product", about, UpgradeCode=UPGRADE_CODE, Manufacturer=_PUBLISHER)
    machine = {"InstallerVersion": "500", "Compressed": "yes", "InstallScope": "perMachine"}
    SubElement(made, "Package", machine, Description="OffCirc", Comments=KEPT)
    SubElement(made, "Media", Id="1", Cabinet="offcirc.cab", EmbedCab="yes")
    older = "A newer OffCirc is installed; nothing was changed."
    SubElement(made, "MajorUpgrade", DowngradeErrorMessage=older)
    # wixl writes down no versions of libraries; without "amus" Windows would take those of the old
    # program for newer, leave the new ones out, and then remove the old ones.
    said = {"ARPCOMMENTS": KEPT, "ARPNOMODIFY": "1", "REINSTALLMODE": "amus"}
    for name, value in said.items():
        SubElement(made, "Property", Id=name, Value=value)
    components = _folders(made, source, bundle)
    feature = SubElement(made, "Feature", Id="Everything", Title="OffCirc", Level="1")
    for component in components:
        SubElement(feature, "ComponentRef", Id=component)
    _actions(made, library)
    return wix


def identities() -> str:
    """The table that gives the entries of the Start menu their taskbar's identities.

    wixl knows no such table; Windows' own installer does since Windows 7.
    """
    rows = [
        "MsiShortcutProperty\tShortcut_\tPropertyKey\tPropertyValue",
        "s72\ts72\ts255\ts255",
        "MsiShortcutProperty\tMsiShortcutProperty",
    ]
    for program, (_name, identity) in MENU.items():
        key = _id("identity", program)
        rows.append(f"{key}\t{_id('entry', program)}\tSystem.AppUserModel.ID\t{identity}")
    return "\n".join(rows) + "\n"


def _folders(made: Element, source: Path, bundle: Path) -> list[str]:
    """The folders with their files: a component each. Returns the components."""
    top = SubElement(made, "Directory", Id="TARGETDIR", Name="SourceDir")
    SubElement(top, "Directory", Id="ProgramMenuFolder")
    programs = SubElement(top, "Directory", Id="ProgramFiles64Folder")
    place = SubElement(programs, "Directory", Id=_FOLDER, Name="OffCirc")
    components: list[str] = []
    _fill(place, bundle, source, "", components)
    return components


def _fill(place: Element, folder: Path, source: Path, inside: str, components: list[str]) -> None:
    entries = sorted(folder.iterdir())
    files = [path for path in entries if path.is_file()]
    # A program is its component's key, so that entries of the menu may stand beside it.
    alone = [path for path in files if path.name in MENU]
    for name, members in [*((path.name, [path]) for path in alone), ("", files)]:
        rest = [path for path in members if name or path not in alone]
        if not rest:
            continue
        component = _id("c", f"{inside}{name}")
        components.append(component)
        guid = str(uuid.uuid5(_NAMES, f"{inside}{name}")).upper()
        holder = SubElement(place, "Component", Id=component, Guid=guid, Win64="yes")
        for number, path in enumerate(rest):
            key = {"KeyPath": "yes"} if number == 0 else {}
            where = _id("f", f"{inside}{path.name}")
            SubElement(
                holder, "File", key, Id=where, Source=str(source / path.name), Name=path.name
            )
        if name:
            _entry(holder, name)
    for path in entries:
        if path.is_dir():
            below = f"{inside}{path.name}/"
            inner = SubElement(place, "Directory", Id=_id("d", below), Name=path.name)
            _fill(inner, path, source / path.name, below, components)


def _entry(holder: Element, program: str) -> None:
    words = {"Directory": "ProgramMenuFolder", "Name": MENU[program][0]}
    target = {"Target": f"[{_FOLDER}]{program}", "WorkingDirectory": _FOLDER}
    SubElement(holder, "Shortcut", words, Id=_id("entry", program), **target)


def _actions(made: Element, library: str) -> None:
    """What is done besides copying: look whether it runs; put the settings in place."""
    SubElement(made, "Binary", Id="BusyLibrary", SourceFile=library)
    look = {"Id": "Busy", "BinaryKey": "BusyLibrary", "DllEntry": "Busy", "Execute": "immediate"}
    SubElement(made, "CustomAction", look, Return="check")
    words = " ".join(f'{{{option} "[{name}]"}}' for name, option in PROPERTIES.items())
    settings = {"Id": "Settings", "FileKey": _id("f", "offcirc.exe"), "Execute": "deferred"}
    order = {"ExeCommand": f"config install {words}", "Impersonate": "no", "Return": "check"}
    SubElement(made, "CustomAction", settings | order)
    sequence = SubElement(made, "InstallExecuteSequence")
    SubElement(sequence, "Custom", Action="Busy", After="CostFinalize")
    told = " OR ".join(PROPERTIES)
    action = SubElement(sequence, "Custom", Action="Settings", After="PublishProduct")
    action.text = f'({told}) AND NOT REMOVE="ALL"'


def _id(kind: str, text: str) -> str:
    """A name that the tables of a package allow."""
    return f"{kind}_{uuid.uuid5(_NAMES, text).hex}"
