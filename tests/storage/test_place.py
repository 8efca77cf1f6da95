"""What kind of place a folder is in, on this system for real and on others by what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from offcirc import i18n
from offcirc.disk import machine as machine_module
from offcirc.disk.machine import Machine, Mount, parse_macos_mounts, parse_mountinfo
from offcirc.disk.place import (
    FolderPlace,
    PlaceKind,
    PlaceRole,
    Risk,
    describe_risk,
    examine,
    risks,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")

LINUX = r"""
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
23 22 0:21 / /tmp rw - tmpfs tmpfs rw
24 22 0:50 / /srv/library rw - nfs4 server:/library rw
25 22 0:51 / /mnt/two\040words rw - cifs //server/share rw
26 22 8:17 / /media/agent/STICK rw - vfat /dev/sdb1 rw
27 22 0:52 / /home/agent/ssh rw - fuse.sshfs agent@server: rw
28 22 8:33 / /data rw - ext4 /dev/sdc1 rw
29 28 0:60 / /data rw - tmpfs over rw
30 22 0:70 / /live rw shared:2 master:1 - overlay overlay rw
31 22 8:49 / /backup rw - xfs /dev/sdd1 rw
not a mount
"""
MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//agent@server/Library on /Volumes/Library (smbfs, nodev, nosuid, mounted by agent)
/dev/disk4s1 on /Volumes/STICK (msdos, local, nodev, nosuid, noowners)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


class Described(Machine):
    """A computer as its facts describe it."""

    def __init__(self, platform: str, home: str, **facts: object) -> None:
        self.platform = platform
        self.environ = facts.get("environ", {})
        self.home = self.path(home)
        self.facts = facts

    def mounts(self) -> list[Mount]:
        return self.facts.get("mounts", [])

    def is_removable(self, device: str) -> bool:
        return device in self.facts.get("removable", ())

    def drive_type(self, root: str) -> int:
        return self.facts.get("drives", {}).get(root, 1)

    def volume_label(self, root: str) -> str:
        return self.facts.get("labels", {}).get(root, "")

    def has_service(self, name: str) -> bool:
        return name in self.facts.get("services", ())

    def exists(self, path: PurePath) -> bool:
        return str(path) in self.facts.get("files", {})

    def read(self, path: PurePath) -> str:
        return self.facts.get("files", {}).get(str(path), "")


def linux_pc(**facts) -> Described:
    return Described("linux", "/home/agent", mounts=parse_mountinfo(LINUX), **facts)


def windows_pc(**facts) -> Described:
    facts.setdefault("drives", {"C:\\": 3, "D:\\": 3, "E:\\": 2, "N:\\": 4, "R:\\": 6, "X:\\": 5})
    return Described("win32", "C:\\Users\\agent", **facts)


@posix
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/agent/.local/share/OffCirc", PlaceKind.FIXED),
        ("/backup/offcirc", PlaceKind.FIXED),
        ("/tmp", PlaceKind.MEMORY),
        ("/srv/library", PlaceKind.NETWORK),
        ("/srv/library/desks", PlaceKind.NETWORK),
        ("/srv/library2", PlaceKind.FIXED),
        ("/mnt/two words/x", PlaceKind.NETWORK),
        ("/media/agent/STICK/OffCirc", PlaceKind.REMOVABLE),
        ("/home/agent/ssh/x", PlaceKind.NETWORK),
        ("/data/x", PlaceKind.MEMORY),
        ("/live", PlaceKind.MEMORY),
    ],
)
def test_linux_places(folder, kind):
    assert examine(Path(folder), linux_pc()).kind is kind


@posix
def test_a_usb_disk_mounted_anywhere():
    assert examine(Path("/backup"), linux_pc(removable={"8:49"})).kind is PlaceKind.REMOVABLE


@posix
def test_macos_places():
    mac = Described("darwin", "/home/agent", mounts=parse_macos_mounts(MACOS))
    kinds = {
        "/System/Volumes/Data/x": PlaceKind.FIXED,
        "/Volumes/Library/x": PlaceKind.NETWORK,
        "/Volumes/STICK": PlaceKind.REMOVABLE,
        "/": PlaceKind.FIXED,
    }
    assert {folder: examine(Path(folder), mac).kind for folder in kinds} == kinds


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("C:\\ProgramData\\OffCirc", PlaceKind.FIXED),
        ("E:\\OffCirc", PlaceKind.REMOVABLE),
        ("N:\\OffCirc", PlaceKind.NETWORK),
        ("\\\\server\\share\\OffCirc", PlaceKind.NETWORK),
        ("\\\\?\\UNC\\server\\share\\OffCirc", PlaceKind.NETWORK),
        ("R:\\", PlaceKind.MEMORY),
        ("X:\\", PlaceKind.REMOVABLE),
        ("Q:\\OffCirc", PlaceKind.UNKNOWN),
    ],
)
def test_windows_places(folder, kind):
    place = examine(Path(folder), windows_pc())
    assert (place.kind, place.synced, place.restored) == (kind, "", "")


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("C:\\Users\\agent\\OneDrive - University\\OffCirc", "OneDrive"),
        ("C:\\Users\\agent\\Nextcloud\\OffCirc", "Nextcloud"),
        ("C:\\Users\\agent\\Documents\\OffCirc", "OneDrive"),
        ("C:\\Users\\agent\\Documents2\\OffCirc", ""),
        ("D:\\Box of things\\OffCirc", ""),
        ("D:\\cloud\\OffCirc", "Dropbox"),
        ("G:\\My Drive\\OffCirc", "Google Drive"),
        ("D:\\sync\\OffCirc", "Syncthing"),
        ("C:\\Users\\agent\\Roaming\\OffCirc", "the account’s roaming profile"),
    ],
)
def test_synchronised_on_windows(folder, service):
    dropbox = '{"personal": {"path": "D:\\\\cloud"}}'
    pc = windows_pc(
        environ={"OneDrive": "C:\\Users\\agent\\Documents", "APPDATA": "C:\\Users\\agent\\Roaming"},
        labels={"G:\\": "Google Drive"},
        files={
            "C:\\Users\\agent\\Roaming\\Dropbox\\info.json": dropbox,
            "D:\\sync\\.stfolder": "",
        },
    )
    assert examine(Path(folder), pc).synced == service


@posix
@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("/home/agent/Dropbox/OffCirc", "Dropbox"),
        ("/home/agent/.local/share/OffCirc", ""),
        ("/home/agent/cloud/OffCirc", "Dropbox"),
        ("/home/agent/Library/CloudStorage/GoogleDrive-agent@library/x", "Google Drive"),
        ("/home/agent/Library/Mobile Documents/x", "iCloud"),
        ("/home/agent/own/x", "ownCloud"),
        ("/srv/library/own", ""),
    ],
)
def test_synchronised_elsewhere(folder, service):
    pc = linux_pc(
        files={
            "/home/agent/.dropbox": "",
            "/home/agent/.dropbox/info.json": '{"business": {"path": "/home/agent/cloud"}}',
            "/home/agent/own/.owncloudsync.log": "",
            "/srv/library/.owncloudsync.log": "",
        }
    )
    assert examine(Path(folder), pc).synced == service


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"a": 1}', '{"a": {}}', "null"])
def test_nonsense_in_the_settings_of_others(text):
    pc = windows_pc(environ={"APPDATA": "C:\\A"}, files={"C:\\A\\Dropbox\\info.json": text})
    assert examine(Path("C:\\x"), pc).synced == ""


@pytest.mark.parametrize(
    ("service", "product"),
    [("DFServ", "Deep Freeze"), ("uwfvol", "Unified Write Filter"), ("Spooler", "")],
)
def test_a_pc_that_restores_its_disk(service, product):
    pc = windows_pc(services={service}, environ={"SystemDrive": "C:"})
    assert examine(Path("C:\\ProgramData\\OffCirc"), pc).restored == product
    # Another disk, as a rule, is there because it is kept.
    assert examine(Path("D:\\OffCirc"), pc).restored == ""
    assert examine(Path("E:\\OffCirc"), pc).restored == ""


def test_risks_depend_on_what_is_kept_there():
    folder = Path("x")
    expected = {
        FolderPlace(folder, PlaceKind.FIXED): ((), (), ()),
        FolderPlace(folder, PlaceKind.UNKNOWN): ((), (), ()),
        FolderPlace(folder, PlaceKind.NETWORK): ((Risk.NETWORK,), (Risk.NETWORK,), ()),
        FolderPlace(folder, PlaceKind.REMOVABLE): ((Risk.REMOVABLE,), (), ()),
        FolderPlace(folder, PlaceKind.MEMORY): ((Risk.FORGOTTEN,),) * 3,
        FolderPlace(folder, PlaceKind.FIXED, synced="Dropbox"): (
            (Risk.SYNCED,),
            (Risk.SYNCED,),
            (),
        ),
        FolderPlace(folder, PlaceKind.FIXED, restored="Deep Freeze"): ((Risk.FORGOTTEN,),) * 3,
    }
    for place, found in expected.items():
        assert tuple(risks(place, role) for role in PlaceRole) == found, place


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_risk_has_a_sentence(language):
    i18n.activate(language)
    told = set()
    for place in (
        FolderPlace(Path("folder"), PlaceKind.MEMORY),
        FolderPlace(Path("folder"), PlaceKind.NETWORK, "Dropbox", "Deep Freeze"),
    ):
        for risk in Risk:
            text = describe_risk(risk, place)
            assert "folder" in text
            assert "{" not in text
            told.add(text)
    assert len(told) == 6
    assert any("Dropbox" in text for text in told)
    assert any("Deep Freeze" in text for text in told)


@linux
def test_this_very_pc(tmp_path):
    place = examine(tmp_path)
    if any(mount.split()[1] == "/" for mount in Path("/proc/mounts").read_text().splitlines()):
        assert place.kind in {
            PlaceKind.FIXED,
            PlaceKind.MEMORY,
            PlaceKind.REMOVABLE,
            PlaceKind.NETWORK,
        }
    else:  # in a bare root (chroot, some containers) nothing tells what "/" stands on
        assert isinstance(place.kind, PlaceKind)
    if Path("/dev/shm").is_dir():
        assert examine(Path("/dev/shm") / "offcirc").kind is PlaceKind.MEMORY
    link = tmp_path / "link"
    link.symlink_to("/proc")
    assert examine(link).path == link


@linux
def test_a_disk_in_memory_mounted_just_now(tmp_path):
    folder = tmp_path / "two words"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "offcirc-test", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("only on machines where a test may mount a disk")
    try:
        assert examine(folder / "below" / "it").kind is PlaceKind.MEMORY
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_this_machine_answers_without_failing(tmp_path, monkeypatch):
    pc = Machine()
    assert pc.is_removable("999:999") is False
    assert pc.has_service("no such service") is False
    assert pc.read(tmp_path / "nothing") == ""
    assert pc.exists(tmp_path)
    assert not pc.exists(Path("nul\0"))
    assert isinstance(pc.drive_type("C:\\"), int)
    assert pc.volume_label("no such drive") == ""
    monkeypatch.setattr(machine_module, "_MOUNTS", tmp_path / "nothing")
    monkeypatch.setattr(machine_module, "_MACOS_MOUNT", str(tmp_path / "nothing"))
    for platform in ("linux", "darwin", "win32", "sunos5"):
        pc.platform = platform
        assert pc.mounts() == []
    if sys.platform != "win32":
        pc.platform = "linux"
        assert examine(Path("/x"), pc).kind is PlaceKind.UNKNOWN


@posix
def test_a_disk_says_that_it_can_be_pulled_out(tmp_path, monkeypatch):
    """As sysfs lays it out: the answer is the whole disk's, not the partition's."""
    for name, path, answer in (
        ("8:17", "pci0000:00/0000:00:14.0/usb1/1-1/block/sdb/sdb1", "0"),
        ("179:1", "platform/mmc_host/mmc0/block/mmcblk0/mmcblk0p1", "1"),
        ("8:1", "pci0000:00/ata1/block/sda/sda1", "0"),
        ("8:0", "pci0000:00/ata1/block/sda", "0"),
    ):
        place = tmp_path / path
        place.mkdir(parents=True, exist_ok=True)
        disk = place if place.parent.name == "block" else place.parent
        (disk / "removable").write_text(f"{answer}\n")
        (tmp_path / name).symlink_to(place)
    monkeypatch.setattr(machine_module, "_BLOCK_DEVICES", tmp_path)
    removable = {name: Machine().is_removable(name) for name in ("8:17", "179:1", "8:1", "8:0")}
    assert removable == {"8:17": True, "179:1": True, "8:1": False, "8:0": False}


def test_paths_are_those_of_the_described_system():
    assert isinstance(windows_pc().home, PureWindowsPath)
    assert isinstance(linux_pc().home, PurePosixPath)
