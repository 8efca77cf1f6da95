"""What kind of place a folder is in, and what that means for what is to be kept there.

The journal wants a disk of this PC: on a network neither locks nor flushes can be trusted, a stick
is pulled out, a synchronised folder is replaced behind our back, and a PC that restores its disk
forgets the whole day when it is switched off. All of this is told at start, and none of it refused:
the library may have its reasons, and hints may be wrong.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from offcirc.disk.machine import Machine, Mount
from offcirc.i18n import _


class PlaceKind(StrEnum):
    """Where a folder is."""

    FIXED = "fixed"
    REMOVABLE = "removable"
    NETWORK = "network"
    MEMORY = "memory"
    """In memory, or in a layer over a disk that is thrown away."""
    UNKNOWN = "unknown"


class PlaceRole(StrEnum):
    """What is to be kept there."""

    DATA = "data"
    """The data folder with the journal."""
    FALLBACK = "fallback"
    """The folder in which work goes on when the data folder fails."""
    COLLECTION = "collection"
    """The folder to which copies go; or OffCirc.dat itself, when it is not in the data folder."""


class Risk(StrEnum):
    """What may go wrong there."""

    NETWORK = "network"
    REMOVABLE = "removable"
    SYNCED = "synced"
    FORGOTTEN = "forgotten"
    """What is written there may be gone after a restart."""


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """What is known of a folder's place.

    Attributes:
        path: the folder.
        kind: where it is.
        synced: the service that synchronises it with other computers; empty if none is known.
        restored: what restores the disk when the PC starts; empty if nothing is known to.
    """

    path: Path
    kind: PlaceKind
    synced: str = ""
    restored: str = ""


_NETWORK_SYSTEMS = re.compile(
    r"nfs\d?|cifs|smb\w*|smbfs|ncpfs?|afpfs|afs|coda|9p|ceph|glusterfs|lustre|webdav|davfs|"
    r"fuse\.(sshfs|davfs2?|rclone|glusterfs|cifs|smbnetfs|gvfsd-fuse|s3fs|curlftpfs|nfs)"
)
_MEMORY_SYSTEMS = re.compile(r"tmpfs|ramfs|rootfs|overlay|overlayfs|aufs|unionfs|fuse\.unionfs.*")
_PORTABLE = ("/media/", "/run/media/", "/Volumes/")

# Folders as the services' own programs name them.
_SYNCED_NAMES = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "pclouddrive": "pCloud",
    "seafile": "Seafile",
    "synologydrive": "Synology Drive",
    "kdrive": "kDrive",
    "box sync": "Box",
}
# What the programs leave in the top folder of what they synchronise.
_SYNCED_MARKS = {
    ".dropbox": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".stfolder": "Syncthing",
    ".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
}
_ONEDRIVE_VARIABLES = ("OneDriveCommercial", "OneDriveConsumer", "OneDrive")

# Services and drivers of what brings a Windows disk back to an earlier state at each start.
_RESTORERS = {
    "DFServ": "Deep Freeze",
    "DeepFrz": "Deep Freeze",
    "uwfvol": "Unified Write Filter",
    "ewf": "Enhanced Write Filter",
    "fbwf": "File-Based Write Filter",
}

_REMOVABLE_DRIVE, _REMOTE_DRIVE, _CD_DRIVE, _RAM_DRIVE = 2, 4, 5, 6
_FIXED_DRIVE = 3


def examine(folder: Path, machine: Machine | None = None) -> FolderPlace:
    """Find out where a folder is; it need not exist.

    It asks about drives, not about the folder, but may still have to wait for a share that does not
    answer: not for a window's own thread when the folder may be on one.
    """
    machine = machine or Machine()
    if machine.platform == "win32":
        place = machine.path(str(folder))
        kind = _windows_kind(place, machine)
        restored = _windows_restorer(place, machine) if kind is PlaceKind.FIXED else ""
    else:
        place = machine.path(os.path.realpath(folder) if folder.is_absolute() else str(folder))
        kind = _posix_kind(place, machine)
        restored = ""
    return FolderPlace(folder, kind, _synced(place, kind, machine), restored)


def risks(place: FolderPlace, role: PlaceRole) -> tuple[Risk, ...]:
    """What may go wrong when this is kept there; nothing in a good place."""
    found = []
    if place.kind is PlaceKind.NETWORK and role is not PlaceRole.COLLECTION:
        found.append(Risk.NETWORK)
    if place.kind is PlaceKind.REMOVABLE and role is PlaceRole.DATA:
        found.append(Risk.REMOVABLE)
    if place.synced and role is not PlaceRole.COLLECTION:
        found.append(Risk.SYNCED)
    if place.kind is PlaceKind.MEMORY or place.restored:
        found.append(Risk.FORGOTTEN)
    return tuple(found)


def describe_risk(risk: Risk, place: FolderPlace) -> str:
    """One or two sentences for the staff: what may go wrong, what to do about it."""
    match risk:
        case Risk.NETWORK:
            text = _(
                "{folder} is on a network. When the network fails, nothing can be recorded there. "
                "Please choose a folder on a disk of this PC; copies can go to the network."
            )
        case Risk.REMOVABLE:
            text = _(
                "{folder} is on a drive that can be unplugged. Leave it plugged in until the day "
                "is over, or choose a folder on a disk of this PC."
            )
        case Risk.SYNCED:
            text = _(
                "{folder} is synchronised by {service}, which may lock or replace files while they "
                "are written. Please choose a folder that is not synchronised."
            )
        case Risk.FORGOTTEN if place.restored:
            text = _(
                "This PC seems to restore its disk whenever it starts ({product}): what is in "
                "{folder} may be gone then. Please choose a place that is kept, or have copies "
                "made to another one."
            )
        case Risk.FORGOTTEN:
            text = _(
                "What is in {folder} will be gone when this PC is switched off. Please choose a "
                "place that is kept, or have copies made to another one."
            )
    return text.format(folder=place.path, service=place.synced, product=place.restored)


def _windows_kind(place: PurePath, machine: Machine) -> PlaceKind:
    if place.drive.startswith("\\\\") and not place.drive.startswith(("\\\\?\\", "\\\\.\\")):
        return PlaceKind.NETWORK
    if "unc\\" in place.drive.lower():  # \\?\UNC\server\share
        return PlaceKind.NETWORK
    return {
        _REMOVABLE_DRIVE: PlaceKind.REMOVABLE,
        _CD_DRIVE: PlaceKind.REMOVABLE,
        _FIXED_DRIVE: PlaceKind.FIXED,
        _REMOTE_DRIVE: PlaceKind.NETWORK,
        _RAM_DRIVE: PlaceKind.MEMORY,
    }.get(machine.drive_type(f"{place.drive}\\"), PlaceKind.UNKNOWN)


def _windows_restorer(place: PurePath, machine: Machine) -> str:
    """Only of the system's own drive: others are left as they are, as often as not on purpose."""
    system = machine.environ.get("SystemDrive", "C:")
    if place.drive.lower() != system.lower():
        return ""
    for service, product in _RESTORERS.items():
        if machine.has_service(service):
            return product
    return ""


def _posix_kind(place: PurePath, machine: Machine) -> PlaceKind:
    mount = _mount_of(place, machine)
    if mount is None:
        return PlaceKind.UNKNOWN
    if mount.local is False or _NETWORK_SYSTEMS.fullmatch(mount.system):
        return PlaceKind.NETWORK
    if _MEMORY_SYSTEMS.fullmatch(mount.system):
        return PlaceKind.MEMORY
    if f"{mount.point}/".startswith(_PORTABLE) or machine.is_removable(mount.device):
        return PlaceKind.REMOVABLE
    return PlaceKind.FIXED


def _mount_of(place: PurePath, machine: Machine) -> Mount | None:
    """The mount nearest above a folder; of several in one place, the last covers the others."""
    over = [mount for mount in machine.mounts() if place.is_relative_to(mount.point)]
    nearest = max((len(mount.point.parts) for mount in over), default=0)
    return next((m for m in reversed(over) if len(m.point.parts) == nearest), None)


def _synced(place: PurePath, kind: PlaceKind, machine: Machine) -> str:
    service = _synced_by_settings(place, machine) or _synced_by_name(place, machine)
    if service or kind is PlaceKind.NETWORK:
        return service  # a share that does not answer is not asked for each mark
    return _synced_by_mark(place, machine)


def _synced_by_settings(place: PurePath, machine: Machine) -> str:
    for variable in _ONEDRIVE_VARIABLES:
        top = machine.environ.get(variable)
        if top and place.is_relative_to(machine.path(top)):
            return "OneDrive"
    # What lies there travels with the account when it signs in and out elsewhere.
    roaming = machine.environ.get("APPDATA") if machine.platform == "win32" else None
    if roaming and place.is_relative_to(machine.path(roaming)):
        return _("the account’s roaming profile")
    tops = _dropbox_folders(machine)
    return "Dropbox" if any(place.is_relative_to(machine.path(top)) for top in tops) else ""


def _synced_by_name(place: PurePath, machine: Machine) -> str:
    for part in place.parts:
        name = part.lower()
        # "OneDrive - University of X", "GoogleDrive-somebody@…" below Library/CloudStorage
        service = _SYNCED_NAMES.get(name) or _SYNCED_NAMES.get(re.split(r" ?- ?", name)[0])
        if service:
            return service
    if machine.platform != "win32":
        return ""
    return _SYNCED_NAMES.get(machine.volume_label(f"{place.drive}\\").lower(), "")


def _synced_by_mark(place: PurePath, machine: Machine) -> str:
    # Dropbox keeps its own settings in the home folder, which is not what it synchronises.
    folders = [folder for folder in (place, *place.parents) if folder != machine.home]
    for folder in folders:
        for mark, service in _SYNCED_MARKS.items():
            if machine.exists(folder / mark):
                return service
    return ""


def _dropbox_folders(machine: Machine) -> list[str]:
    """Where Dropbox says that its folders are."""
    settings = [machine.home / ".dropbox" / "info.json"]
    for variable in ("APPDATA", "LOCALAPPDATA"):
        if machine.platform == "win32" and machine.environ.get(variable):
            settings.append(machine.path(machine.environ[variable]) / "Dropbox" / "info.json")
    folders = []
    for file in settings:
        try:
            told = json.loads(machine.read(file) or "{}")
            folders += [str(each["path"]) for each in told.values()]
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return folders


def is_damaged(path: Path, *, used: bool) -> bool:
    """Whether a journal is damaged in a way that would make SQLite take it for a new one.

    Args:
        path: the journal.
        used: whether something shows that it has held rows.
    """
    if is_there(path.with_name(f"{path.name}.damaged")):
        return True  # it is being dealt with
    log = path.with_name(f"{path.name}-wal")
    return _size(path) == 0 and (used or bool(_size(log)))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def is_there(path: Path) -> bool:
    """Whether there is a file, as far as can be told."""
    try:
        return path.exists()
    except OSError:
        return False
