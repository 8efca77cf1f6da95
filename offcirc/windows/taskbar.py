"""The program's button in the taskbar of Windows: its identity, and how far an upload is.

Elsewhere nothing happens here: desktops know a window by its desktop file, and have no such button.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from PySide6.QtWidgets import QWidget

IDENTITY = "OffCirc.{program}"
"""What Windows groups windows by (AppUserModelID); entries of the Start menu may bear the same."""

_CLASS = "{56FDF344-FD6D-11D0-958A-006097C9A090}"
_INTERFACE = "{EA1AFB91-9E28-4B86-90E9-9E9F8A5EEFAF}"
_INIT, _SET_VALUE, _SET_STATE = 3, 9, 10
_IN_PROCESS = 1
_NO_PROGRESS, _NORMAL, _PAUSED = 0, 2, 8


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _TaskbarList:
        """``ITaskbarList3`` of Windows, by its place in the table of functions."""

        def __init__(self) -> None:
            class Guid(ctypes.Structure):
                _fields_ = (("bytes", ctypes.c_ubyte * 16),)

            ole = ctypes.OleDLL("ole32")
            wanted = []
            for text in (_CLASS, _INTERFACE):
                wanted.append(Guid())
                ole.CLSIDFromString(ctypes.c_wchar_p(text), ctypes.byref(wanted[-1]))
            self._this = ctypes.c_void_p()
            kind, interface = map(ctypes.byref, wanted)
            ole.CoCreateInstance(kind, None, _IN_PROCESS, interface, ctypes.byref(self._this))
            self.call(_INIT)

        def call(self, place: int, window: int = 0, *numbers: int) -> None:
            """Call one of its functions.

            Raises:
                OSError: it failed.
            """
            kinds = {
                _INIT: (),
                _SET_VALUE: (wintypes.HWND, ctypes.c_ulonglong, ctypes.c_ulonglong),
                _SET_STATE: (wintypes.HWND, ctypes.c_int),
            }[place]
            table = ctypes.cast(self._this, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
            function = ctypes.WINFUNCTYPE(ctypes.HRESULT, ctypes.c_void_p, *kinds)(table[place])
            function(self._this, *((window, *numbers) if kinds else ()))

else:

    class _TaskbarList:
        """There is none."""

        def call(self, place: int, window: int = 0, *numbers: int) -> None:
            """Does nothing."""


def identify(program: str) -> bool:
    """Tell Windows which program this is: else all of Python's windows share one button.

    Args:
        program: ``Desk`` or ``Uploader``.

    Returns:
        Whether it was told; where there is nothing to tell, it was not.
    """
    if sys.platform != "win32":
        return False
    import ctypes  # noqa: PLC0415 - Windows only

    with suppress(OSError, AttributeError):
        shell = ctypes.windll.shell32
        told = shell.SetCurrentProcessExplicitAppUserModelID(IDENTITY.format(program=program))
        return bool(told == 0)
    return False


class TaskbarProgress:
    """How far the work of a window is, shown in its button."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._list: _TaskbarList | None = None
        self.shown: tuple[int, int] = (0, 0)

    def show(self, done: int, total: int) -> None:
        """So much is done; ``total`` 0 takes the bar away."""
        self.shown = (done, total)
        self._tell(_SET_STATE, _NORMAL if total else _NO_PROGRESS)
        if total:
            self._tell(_SET_VALUE, done, total)

    def pause(self) -> None:
        """It stands still."""
        self._tell(_SET_STATE, _PAUSED)

    def _tell(self, what: int, *numbers: int) -> None:
        with suppress(OSError):  # no taskbar, as while the desktop is being started again
            self._list = self._list or _TaskbarList()
            self._list.call(what, int(self._window.window().winId()), *numbers)
