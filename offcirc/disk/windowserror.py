"""Why Windows refused a file, told by the system's own number.

Python knows that number for calls of Windows itself (``os.replace``), not for those that go through
the C library (``open``, ``os.write``), whose few error codes call a file that is in use "permission
denied". The C library still knows it, until its next failure in the same thread.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

ACCESS_DENIED = 5
_SHARING_VIOLATION = 32
_GENERIC_READ = 0x80000000
_OPEN_EXISTING = 3
_NOTHING = 2**64 - 1

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    # Found now: to look for it later could itself fail, and overwrite what it is asked for.
    _last = ctypes.CDLL("ucrtbase").__doserrno
    _last.restype = ctypes.POINTER(wintypes.ULONG)
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = [
        *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID),
        *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
    ]
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]

    def last_of_c_library() -> int:
        """Windows' number of the last failure of the C library in this thread; 0 elsewhere."""
        return int(_last()[0])

    def is_held(path: Path) -> bool:
        """Whether some program has a file open, so that it cannot be replaced."""
        handle = _kernel.CreateFileW(str(path), _GENERIC_READ, 0, None, _OPEN_EXISTING, 0, None)
        if handle in (None, _NOTHING):
            return ctypes.get_last_error() == _SHARING_VIOLATION
        _kernel.CloseHandle(handle)
        return False

else:

    def last_of_c_library() -> int:
        """Windows' number of the last failure of the C library in this thread; 0 elsewhere."""
        return 0

    def is_held(path: Path) -> bool:
        """Whether some program has a file open, so that it cannot be replaced; not so elsewhere."""
        return False


def number(error: OSError) -> int:
    """Windows' number for an error that has just come; 0 when there is none."""
    told = getattr(error, "winerror", None)
    if told:
        return int(told)
    told = last_of_c_library()
    # Else it is of an earlier failure. What a flush fails of, the C library calls a bad handle.
    return told if error.errno in (_errno_of(told), errno.EBADF) else 0


def _errno_of(told: int) -> int:
    """What the C library of Windows makes of a number, as far as we tell numbers apart."""
    if told == ACCESS_DENIED or 19 <= told <= 36 or told == 65:
        return errno.EACCES
    if told in (2, 3, 15, 53, 67, 161, 206):
        return errno.ENOENT
    if told in (80, 183):
        return errno.EEXIST
    if told == 112:
        return errno.ENOSPC
    return errno.EINVAL if told else 0
