"""Lines that stand in two files: each is sent once.

Of a million lines eight bytes each are remembered; of those that say the same, their keys.
"""

from __future__ import annotations

from typing import NamedTuple

from offcirc.core.fingerprint import CONTENT, content_of, has_identity, same_as


class Twin(NamedTuple):
    """A line that was there before.

    Attributes:
        file: the index of the file in which it came first.
        sure: it is that very line; else one that says the same, and nothing tells them apart.
    """

    file: int
    sure: bool


class Twins:
    """Looks at the lines of several files that will be sent, in their one order."""

    def __init__(self) -> None:
        self._files: dict[bytes, int] = {}
        self._keys: dict[bytes, bytes] = {}
        self._more: dict[bytes, dict[bytes, int]] = {}
        self._taken: set[bytes] = set()

    def see(self, key: bytes, file: int) -> Twin | None:
        """The next line; where it came before, if it did.

        Args:
            key: its key.
            file: the index of its file.
        """
        said = key[:8]
        files = self._files
        if said not in files:
            files[said] = file
            if len(key) > CONTENT:
                self._keys[said] = key
            return None
        known = self._more.get(said)
        if known is None:
            first = self._keys.get(said, content_of(key))
            known = self._more[said] = {first: self._files[said]}
        # A line that has an identity is no other one of its own file.
        own = has_identity(key)
        others = [one for one, at in known.items() if at != file or not own]
        same = same_as(key, others, self._taken)
        if same is None:
            known[key] = file
            return None
        if same != key and own:
            self._taken.add(same)
        return Twin(known[same], own and same == key)
