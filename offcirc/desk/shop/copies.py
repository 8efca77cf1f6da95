"""Copies of OffCirc.dat in the collection folder: made in the background, told in the status line.

Nothing here can hold up the desk; when it is closed, the copy gets a moment to be finished.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from offcirc.desk.words import faultwords

if TYPE_CHECKING:
    from offcirc.core.identity import DeskIdentity
    from offcirc.desk.desk import DeskHost
    from offcirc.storage.copies.mirror import Mirror, MirrorState

PATIENCE = 2.0
"""Seconds that closing waits at most for the last copy."""


class Copies(QObject):
    """The copies of one desk; none while there is no collection folder.

    Attributes:
        mirror: the worker; ``None`` when no copies are made.
    """

    _changed = Signal(object, object)

    def __init__(self, desk: DeskHost) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._begun = False
        self._wanted: tuple[Path | None, DeskIdentity] | None = None
        self.mirror: Mirror | None = None
        self._changed.connect(self._show, Qt.ConnectionType.QueuedConnection)
        desk.saved.connect(self.wake)

    def use(self, folder: Path | None, identity: DeskIdentity) -> None:
        """Copy to this folder from now on, under the name of this desk; to none: no copies."""
        if self._wanted == (folder, identity):
            return
        self._wanted = (folder, identity)
        if self._begun:
            self.begin()

    def begin(self) -> None:
        """Begin to make copies; until then :meth:`use` only takes note."""
        self._begun = True
        self._end(0.0)
        folder, identity = self._wanted or (None, None)
        if folder is None or identity is None:
            return
        from offcirc.storage.copies.mirror import Mirror

        store = self._desk.store
        mirror = Mirror(store.folder, store.file, folder, identity, changed=self._changed_in_thread)
        self.mirror = mirror
        mirror.start()

    def wake(self) -> None:
        """OffCirc.dat has grown."""
        if self.mirror is not None:
            self.mirror.wake()

    def close(self) -> None:
        """The desk is closed: a last copy, if it takes no more than a moment."""
        self._begun = False
        self._end(PATIENCE)

    def _end(self, patience: float) -> None:
        mirror, self.mirror = self.mirror, None
        if mirror is not None:
            mirror.close(patience)
        self._desk.tally.copy(None)
        self._desk.tally.hint(faultwords.NOTHING, "copy")

    def _changed_in_thread(self, state: MirrorState) -> None:
        with suppress(RuntimeError):  # the window is gone
            self._changed.emit(state.folder, state)

    def _show(self, folder: Path, state: MirrorState) -> None:
        mirror = self.mirror
        if mirror is None or mirror.state.folder != folder:
            return  # of a folder that is not wanted any more
        self._desk.tally.copy(state)
        self._desk.tally.hint(faultwords.copy_hint(state), "copy")
