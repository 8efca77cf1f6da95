"""Who may read what a folder holds, where the system does not tell by mode bits: on Windows.

There files inherit the rights of their folder, so the folder that holds readers' identifiers is
closed when it is made: to its owner, the administrators and the system. One that was there keeps
the rights somebody gave it, and the doctor says whom they let in.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from offcirc.i18n import N_, _

_TRUSTEES = {
    "WD": N_("everybody"),
    "BU": N_("all users of this PC"),
    "AU": N_("every account that has signed in"),
    "IU": N_("whoever sits at this PC"),
    "BG": N_("guests"),
    "AN": N_("accounts without a name"),
    "DU": N_("all users of the domain"),
}
"""Whom the rights of a folder may let in, by the letters of Windows' security descriptors."""

_ENTRY = re.compile(r"\(A;([^;()]*);([^;()]*);[^;()]*;[^;()]*;([^;()]*)")
_READING = ("FA", "FR", "GA", "GR")
_READ_DATA = 0x1
_DACL = 4
_DACL_ALONE = 0x80000004
"""Its entries, and that it takes none over from the folder above."""
_REVISION = 1
_QUERY = 8
_TOKEN_USER = 1


def close_to_others(folder: Path) -> bool:
    """Close a folder that was just made to all but its owner, administrators and the system.

    Returns:
        Whether it is now; elsewhere than on Windows, where the mode does that, always.
    """
    if sys.platform != "win32":
        return True
    user = _user()
    entries = "".join(f"(A;OICI;FA;;;{who})" for who in (user, "BA", "SY"))
    return bool(user) and _set(folder, f"D:P{entries}") and others(folder) == ()


def make_closed(folder: Path) -> None:
    """Make a folder, and those above it, closed to others; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_new:
        close_to_others(folder)


def others(folder: Path) -> tuple[str, ...] | None:
    """Who besides named accounts and groups may read in a folder, in words; ``None``: not known."""
    if sys.platform == "win32":
        told = _get(folder)
        return None if told is None else tuple(map(_called, letting_in(told)))
    try:
        return (_called("WD"),) if folder.stat().st_mode & stat.S_IROTH else ()
    except OSError:
        return None


def _called(who: str) -> str:
    name = _TRUSTEES[who]
    return _(name)


def letting_in(descriptor: str) -> tuple[str, ...]:
    """Which wide groups a security descriptor lets read, by their letters.

    Args:
        descriptor: in Windows' own notation, such as ``D:(A;OICI;FA;;;SY)``.
    """
    found = []
    for _flags, rights, who in _ENTRY.findall(descriptor):
        if who in _TRUSTEES and who not in found and _reads(rights):
            found.append(who)
    return tuple(found)


def _reads(rights: str) -> bool:
    if rights.startswith("0x"):
        return bool(int(rights, 16) & _READ_DATA)
    return any(rights[at : at + 2] in _READING for at in range(0, len(rights), 2))


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    def _set(folder: Path, descriptor: str) -> bool:
        made = ctypes.c_void_p()
        advapi = ctypes.windll.advapi32
        convert = advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW
        if not convert(descriptor, _REVISION, ctypes.byref(made), None):
            return False
        try:
            return bool(advapi.SetFileSecurityW(str(folder), wintypes.DWORD(_DACL_ALONE), made))
        finally:
            ctypes.windll.kernel32.LocalFree(made)

    def _get(folder: Path) -> str | None:
        advapi, size = ctypes.windll.advapi32, wintypes.DWORD()
        advapi.GetFileSecurityW(str(folder), _DACL, None, 0, ctypes.byref(size))
        found = ctypes.create_string_buffer(max(size.value, 1))
        if not advapi.GetFileSecurityW(str(folder), _DACL, found, size.value, ctypes.byref(size)):
            return None
        return _text(
            advapi.ConvertSecurityDescriptorToStringSecurityDescriptorW, found, _REVISION, _DACL
        )

    def _user() -> str:
        """The account's own number; an administrator's files may belong to all administrators."""
        kernel, advapi = ctypes.windll.kernel32, ctypes.windll.advapi32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        token = wintypes.HANDLE()
        process = wintypes.HANDLE(kernel.GetCurrentProcess())
        if not advapi.OpenProcessToken(process, _QUERY, ctypes.byref(token)):
            return ""
        try:
            size = wintypes.DWORD()
            advapi.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
            told = ctypes.create_string_buffer(max(size.value, 1))
            if not advapi.GetTokenInformation(
                token, _TOKEN_USER, told, size.value, ctypes.byref(size)
            ):
                return ""
            sid = ctypes.cast(told, ctypes.POINTER(ctypes.c_void_p))[0]
            return _text(advapi.ConvertSidToStringSidW, ctypes.c_void_p(sid)) or ""
        finally:
            kernel.CloseHandle(token)

    def _text(convert: Callable[..., int], *given: object) -> str | None:
        """What a function of Windows says that gives a text to be freed."""
        text = wintypes.LPWSTR()
        more = (None,) if len(given) > 1 else ()
        if not convert(*given, ctypes.byref(text), *more):
            return None
        try:
            return text.value
        finally:
            ctypes.windll.kernel32.LocalFree(ctypes.cast(text, ctypes.c_void_p))

else:

    def _set(folder: Path, descriptor: str) -> bool:
        return False

    def _get(folder: Path) -> str | None:
        return None

    def _user() -> str:
        return ""
