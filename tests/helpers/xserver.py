"""A real X server with a window manager: for tests that type and click as a person does."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from helpers.processes import needs
from helpers.waiting import wait_until

PROGRAMS = ("Xvfb", "openbox", "xdotool")
MODIFIERS = ("Control_L", "Shift_L", "Alt_L", "Super_L", "Meta_L", "ISO_Level3_Shift")
TYPED = (*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Return", "Tab")


class XServer:
    """Xvfb on a free display, openbox in it, xdotool's hands on it.

    Use as a context manager. Everything it started is stopped at the end.

    Attributes:
        display: such as ``:7``.
    """

    def __init__(self, home: Path, *, manager: bool = True) -> None:
        self.display = ""
        self._manager = manager
        self._home = home
        self._running = ExitStack()

    def __enter__(self) -> XServer:
        needs(*PROGRAMS)
        try:
            self._open()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    def environment(self) -> dict[str, str]:
        """The environment for a program that shall open its windows here."""
        ours = {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}
        return {
            name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"
        } | ours

    def xdotool(self, *arguments: str, timeout: float = 60.0) -> str:
        """Run one xdotool command and return what it printed.

        Raises:
            subprocess.CalledProcessError: xdotool found no such window, for instance.
        """
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )
        return done.stdout.strip()

    def window(self, title: str, timeout: float = 30.0) -> str:
        """Wait for a visible window whose title matches, make it active, and return its id."""
        search = ("search", "--onlyvisible", "--name", title)
        found = wait_until(lambda: self._try(*search), timeout, what=f"a window {title!r}")
        window = found.splitlines()[0]
        self.xdotool("windowactivate", "--sync", window)
        # Active comes first, the keyboard a moment later; keys sent in between reach nobody.
        wait_until(
            lambda: self._try("getwindowfocus", "-f") == window, timeout, what=f"focus on {title!r}"
        )
        return window

    def type(self, text: str, delay_ms: int = 1) -> None:
        """Type a text into the active window; end a scan with ``\\r``, as scanners do."""
        self.xdotool("type", "--delay", str(delay_ms), text, timeout=600)

    def key(self, *keys: str) -> None:
        """Press keys by their X names: ``Return``, ``Tab``, ``ctrl+alt+l``."""
        self.xdotool("key", *keys)

    def let_go(self) -> None:
        """Release every key: an xdotool killed while it types leaves its last key pressed.

        With Ctrl held down for ever, what is typed later reaches windows as shortcuts.
        """
        self.xdotool("keyup", "--delay", "0", *MODIFIERS, *TYPED)

    def _try(self, *arguments: str) -> str:
        try:
            return self.xdotool(*arguments)
        except subprocess.CalledProcessError:
            return ""

    def _open(self) -> None:
        reading, writing = os.pipe()
        # The server itself picks a display that is free and says which: no race for a number.
        server = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24"]
        self._start([*server, "-nolisten", "tcp", "-noreset"], pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as stream:
            number = stream.readline().strip()
        assert number, "Xvfb did not start"
        self.display = f":{number}"
        if self._manager:
            self.start_manager()

    def start_manager(self) -> None:
        """Start the window manager."""
        self._start(["openbox", "--sm-disable"])
        wait_until(self._has_window_manager, what="openbox")

    def _has_window_manager(self) -> bool:
        return self._try("get_num_desktops").isdigit()

    def _start(self, command: list[str], pass_fds: tuple[int, ...] = ()) -> None:
        environment = self.environment() | {"HOME": str(self._home)}
        process = subprocess.Popen(
            command,
            env=environment,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._running.callback(_stop, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
