"""The desk's sounds, played beside the work and never in its way.

:meth:`Sounder.play` hands the name of a sound to a thread and returns; everything that can take
time, looking for a player included, happens there. A sound that cannot be played is logged once
and never shown: the band and the screen reader say the same.
"""

from __future__ import annotations

import logging
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from offcirc import resources

_log = logging.getLogger(__name__)

AT_ONCE_LIMIT = 3
"""Most sounds heard at the same time. A fourth is left out: sounds that lag behind the scans
would tell of the wrong ones."""

PATIENCE_SECONDS = 5.0
"""A player still there after that hangs (the sounds last half a second) and is ended."""

PLAYERS: tuple[tuple[str, ...], ...] = (
    ("afplay",),
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
)
"""The players of macOS, PipeWire, PulseAudio and ALSA, in the order they are tried."""

_WATCH_SECONDS = 0.05


class Sound(StrEnum):
    """What a sound tells; the values name the files in ``resources/sounds``."""

    RECORDED = "recorded"
    NOTICE = "notice"
    KNOWN = "known"
    STOP = "stop"
    REFUSED = "refused"

    @property
    def file(self) -> Path:
        """The WAV file."""
        return resources.path(f"sounds/{self.value}.wav")


class Sounder(Protocol):
    """Plays the sounds of a desk."""

    def play(self, sound: Sound) -> None:
        """Play a sound; returns at once and never raises."""

    def close(self) -> None:
        """Nothing more will be played."""


class NullSounder:
    """Silence: sounds are switched off."""

    def play(self, sound: Sound) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def make_sounder(on: bool, beep: Callable[[], None] | None = None) -> Sounder:
    """The sounder for this PC.

    Args:
        on: whether the desk wants sounds.
        beep: what to do instead when the PC has no player. It is called from the sounder's
            thread, so a window hands in the ``emit`` of a signal that is connected to
            ``QApplication.beep``.
    """
    if not on:
        return NullSounder()
    if sys.platform == "win32":
        return ThreadSounder(WindowsVoice(), beep)
    return ThreadSounder(CommandVoice(), beep)


class NoVoiceError(Exception):
    """Nothing on this PC can play a sound; the message says why, for the log."""


class Voice(Protocol):
    """A way to play a file. Only the sounder's thread uses it."""

    def start(self, file: Path) -> None:
        """Begin to play a file and return.

        Raises:
            NoVoiceError: it cannot be played, and no other one could.
        """

    def busy(self) -> int:
        """How many files are being played.

        Raises:
            NoVoiceError: the last one failed, and there is no other way to play it.
        """

    def stop(self) -> None:
        """End whatever is still playing."""


class WindowsVoice:
    """The player built into Windows, which plays one file at a time: a new one ends the last."""

    def start(self, file: Path) -> None:
        """Begin to play a file.

        Raises:
            NoVoiceError: Windows says that it cannot.
        """
        import winsound  # type: ignore[import-not-found,unused-ignore]

        flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT  # type: ignore[attr-defined,unused-ignore]
        try:
            winsound.PlaySound(str(file), flags)  # type: ignore[attr-defined,unused-ignore]
        except RuntimeError as error:
            raise NoVoiceError("Windows cannot play the sound") from error

    def busy(self) -> int:
        """Nought: it looks after itself."""
        return 0

    def stop(self) -> None:
        """Nothing to do: what plays is over in half a second."""


class CommandVoice:
    """A player program, one process for each sound; the next program when one does not work."""

    def __init__(self) -> None:
        self._untried: list[Sequence[str]] = list(PLAYERS)
        self._player: list[str] | None = None
        self._playing: list[tuple[subprocess.Popen[bytes], Path, float]] = []
        self._why = "no player program was found"

    def start(self, file: Path) -> None:
        """Begin to play a file.

        Raises:
            NoVoiceError: there is no player program, or none that works.
        """
        while True:
            command = [*self._found(), str(file)]
            try:
                process = subprocess.Popen(  # noqa: S603 - a program of the list above
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                self._give_up(f"{command[0]}: {error.strerror}")
                continue
            self._playing.append((process, file, time.monotonic()))
            return

    def busy(self) -> int:
        """How many programs are playing; a failed one has its sound played by the next program.

        Raises:
            NoVoiceError: it failed, and there is no other program.
        """
        still, failed = [], None
        for process, file, since in self._playing:
            code = process.poll()
            if code is None and time.monotonic() - since > PATIENCE_SECONDS:
                process.kill()
                code = process.wait()
            if code is None:
                still.append((process, file, since))
            elif code:
                failed = (process, file, code)
        self._playing = still
        if failed is not None:
            process, file, code = failed
            program = str(process.args[0])  # type: ignore[index]
            # Others of the same program may have been on their way: they prove nothing anew.
            if self._player is not None and self._player[0] == program:
                self._give_up(f"{program} ended with code {code}")
                self.start(file)
        return len(self._playing)

    def stop(self) -> None:
        """End every program that is still playing."""
        for process, _file, _since in self._playing:
            process.kill()
            process.wait()
        self._playing = []

    def _found(self) -> list[str]:
        while self._player is None:
            if not self._untried:
                raise NoVoiceError(self._why)
            name, *options = self._untried.pop(0)
            if path := shutil.which(name):
                self._player = [path, *options]
        return self._player

    def _give_up(self, why: str) -> None:
        self._why = why
        self._player = None


class ThreadSounder:
    """Plays sounds in a thread of its own, which begins with the first of them."""

    def __init__(self, voice: Voice, beep: Callable[[], None] | None = None) -> None:
        """Prepare; nothing is looked for yet.

        Args:
            voice: how sounds are played.
            beep: what to do when they cannot be; called from the thread.
        """
        self._voice = voice
        self._beep = beep
        self._wanted: queue.Queue[Sound | None] = queue.Queue(AT_ONCE_LIMIT)
        self._thread: threading.Thread | None = None

    def play(self, sound: Sound) -> None:
        """Ask for a sound. With too many asked for already, it is left out."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)
            self._thread.start()
        try:
            self._wanted.put_nowait(sound)
        except queue.Full:
            return

    def close(self) -> None:
        """End the thread and whatever is still playing; waits no longer than a moment."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        while True:
            try:
                self._wanted.put_nowait(None)
                break
            except queue.Full:
                self._forget_one()
        thread.join(timeout=1.0)

    def _forget_one(self) -> None:
        try:
            self._wanted.get_nowait()
        except queue.Empty:
            return

    def _run(self) -> None:
        silent = False
        playing = 0
        while True:
            sound: Sound | None = None
            try:
                sound = self._wanted.get(timeout=_WATCH_SECONDS if playing else None)
                if sound is None:
                    self._voice.stop()
                    return
            except queue.Empty:
                pass
            if silent:
                self._beep_instead()
                continue
            try:
                playing = self._voice.busy()
                if sound is not None and playing < AT_ONCE_LIMIT:
                    self._voice.start(sound.file)
                    playing += 1
            except (NoVoiceError, FileNotFoundError) as error:
                _log.warning("no sounds: %s", error)
                silent, playing = True, 0
                self._beep_instead()

    def _beep_instead(self) -> None:
        if self._beep is not None:
            self._beep()
