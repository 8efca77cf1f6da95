"""Where a desk PC keeps its knowledge: taking a new file, the last one kept, erasing both.

Installed files are named after their content and never change; which one holds is said by a small
file beside them. So one can be taken while the desk reads the one before, on any system.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import wording
from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
from offcirc.knowledge.keys import BadKeyError, KnowledgeKey, new_key, parse_key
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import KnowledgeFacts, KnowledgeLevel
from offcirc.knowledge.layout import NAMES_SUFFIX

FOLDER = "knowledge"
KEY_NAME = "knowledge.key"
_STATE = "state.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in the folder.

    Attributes:
        current: name of the file that holds; empty: none.
        kept: name of the one before.
        seen: size and time of the last file looked at on the share, and the key it was looked at
            with, so that it is looked at once, whatever came of it.
        erased: hash of a file that was erased: it is not taken again by itself.
    """

    current: str = ""
    kept: str = ""
    seen: str = ""
    erased: str = ""


def find_key(text: str, folder: Path) -> KnowledgeKey | None:
    """The library's key: from the settings, else from the data folder's own file.

    Args:
        text: the setting ``knowledge.key``; may be empty.
        folder: the data folder.

    Raises:
        BadKeyError: what is there is no key.
    """
    if text:
        return parse_key(text)
    try:
        return parse_key((folder / KEY_NAME).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise BadKeyError from None


def make_key(folder: Path) -> KnowledgeKey:
    """A new key, kept in a file of the data folder that its owner alone can read.

    Raises:
        StorageError: it cannot be written, or there is one.
    """
    key = new_key()
    durable.create(folder / KEY_NAME, f"{key.text}\n".encode("ascii"))
    return key


class KnowledgePlace:
    """The knowledge of a data folder."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is read or made yet."""
        self._folder = folder / FOLDER

    @property
    def current(self) -> Path | None:
        """The file that holds, if there is one."""
        name = self._state().current
        return self._folder / name if name else None

    def open(self, key: KnowledgeKey) -> KnowledgeFile | None:
        """The knowledge that holds, open; ``None`` if there is none.

        Raises:
            KnowledgeError: there is one that cannot be used: it is as if there were none.
        """
        path = self.current
        return None if path is None else KnowledgeFile(path, key)

    def install(self, source: Path, key: KnowledgeKey) -> KnowledgeFacts:
        """Take a file: copied, looked at byte by byte, then made the one that holds.

        Raises:
            KnowledgeError: it is absent, damaged or foreign; what holds stays as it is.
            StorageError: it cannot be written here.
        """
        durable.private_folder(self._folder)
        draft = self._folder / f".{os.getpid()}.tmp"
        names, draft_names = _names(source), _names(draft)
        try:
            self._copy(source, draft)
            with KnowledgeFile(draft, key) as file:
                file.check()
                facts = file.facts
            if facts.level >= KnowledgeLevel.NAMES and names.is_file():
                self._copy(names, draft_names)
            self._settle(draft, facts)
        finally:
            for each in (draft, draft_names):
                with suppress(OSError):
                    each.unlink(missing_ok=True)
        return facts

    def take(self, share: Path, key: KnowledgeKey) -> KnowledgeFacts | None:
        """Take the file of a share if it is another one than before; for a background thread.

        Returns:
            What was taken, or ``None``: nothing new is there.

        Raises:
            KnowledgeError: what is there cannot be used.
            StorageError: it cannot be written here.
        """
        try:
            status = share.stat()
        except OSError:
            return None  # no share, or no knowledge on it: what holds goes on to hold
        state, seen = self._state(), f"{status.st_size} {status.st_mtime_ns} {key.id}"
        if state.seen == seen:
            return None
        try:
            return None if _hash(share) == state.erased else self.install(share, key)
        except KnowledgeError as error:
            if error.fault is KnowledgeFault.ABSENT:
                seen = ""
            raise
        finally:
            durable.private_folder(self._folder)
            self._write(replace(self._state(), seen=seen))

    def erase(self) -> int:
        """Erase what is known, bytes and all, as when the outage is over; say how many files.

        What lies on the share is not taken again until the library makes a new one.

        Raises:
            StorageError: something could not be erased.
        """
        path, state = self.current, self._state()
        erased = _hash(path) if path is not None and path.is_file() else state.erased
        return self._forget(_State(seen="", erased=erased))

    def erase_due(self, days: int, now: datetime, key: KnowledgeKey | None) -> int:
        """Erase files that were made more than ``days`` ago; 0 keeps them.

        A file that cannot be read goes by the day on which it was installed.

        Raises:
            StorageError: something could not be erased.
        """
        if not days:
            return 0
        state = self._state()
        before = now - timedelta(days=days)
        old = {name for name in self._files() if self._made(name, now, key) < before}
        left = [name for name in (state.current, state.kept) if name and name not in old]
        if not old:
            return 0
        current = left[0] if left else ""
        kept = left[1] if len(left) > 1 else ""
        return self._forget(_State(current, kept, state.seen, state.erased))

    def _made(self, name: str, now: datetime, key: KnowledgeKey | None) -> datetime:
        path = self._folder / name
        if key is not None:
            with suppress(KnowledgeError), KnowledgeFile(path, key) as file:
                return file.facts.made
        with suppress(OSError):
            return datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)
        return now

    def _settle(self, draft: Path, facts: KnowledgeFacts) -> None:
        with wording(draft):
            state = self._state()
            name = f"{facts.digest[:16]}.knowledge"
            if name != state.current:
                if _names(draft).is_file():
                    os.replace(_names(draft), _names(self._folder / name))  # noqa: PTH105
                os.replace(draft, self._folder / name)  # noqa: PTH105 - as in durable
                durable.flush_folder(self._folder)
                state = _State(name, state.current, state.seen)
            self._forget(state)

    def _forget(self, state: _State) -> int:
        """Make a state hold, then erase every file it does not name."""
        if self._folder.is_dir():
            self._write(state)
        count = 0
        for name in self._files():
            if name not in (state.current, state.kept):
                _erase(_names(self._folder / name))
                count += _erase(self._folder / name)
        for left in self._folder.glob(".*.tmp*"):
            if not left.name.startswith(f".{os.getpid()}."):
                _erase(left)  # of an installation that was killed
        return count

    def _files(self) -> list[str]:
        with suppress(OSError):
            return sorted(path.name for path in self._folder.glob("*.knowledge"))
        return []

    def _copy(self, source: Path, target: Path) -> None:
        try:
            stream = source.open("rb")
        except OSError:
            raise KnowledgeError(KnowledgeFault.ABSENT, source) from None
        with wording(target), stream:
            fd = durable.open_private(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(fd, "wb") as copy:
                shutil.copyfileobj(stream, copy, _CHUNK)
                copy.flush()
                durable.flush(copy.fileno())

    def _state(self) -> _State:
        try:
            told = json.loads((self._folder / _STATE).read_text(encoding="utf-8"))
            state = _State(**{name: str(value) for name, value in told.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return _State()
        plain = all(Path(name).name == name for name in (state.current, state.kept))
        return state if plain else _State()

    def _write(self, state: _State) -> None:
        durable.replace(self._folder / _STATE, json.dumps(asdict(state)).encode())


def _names(path: Path) -> Path:
    return path.with_name(path.name + NAMES_SUFFIX)


def _hash(path: Path) -> str:
    with suppress(OSError), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
    return ""


def _erase(path: Path) -> int:
    """Write zeros over a file, then remove it; 1 if it was there.

    Raises:
        StorageError: it is still there.
    """
    if not path.exists():
        return 0
    with wording(path):
        fd = os.open(path, os.O_WRONLY)
        try:
            left = os.fstat(fd).st_size
            while left > 0:
                left -= durable.write(fd, bytes(min(left, _CHUNK)))
            durable.flush(fd)
        finally:
            os.close(fd)
        try:
            path.unlink()
        except PermissionError:
            if os.name != "nt":
                raise
            # Somebody still reads it: there is nothing in it any more, and it goes next time.
    return 1
