"""Make the desk's sounds: ``python installer/make_sounds.py`` writes resources/sounds/*.wav.

They are told apart by pitch and by rhythm, so that one is enough: *recorded* is two quick rising
notes, *notice* the same note twice, *known* two falling notes, *refused* one long low falling note,
*stop* three low notes. Struck like wooden bars, short and soft: they sound hundreds of times a day
beside people who read.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sounds"
RATE = 22_050
"""Samples a second; one channel, 16 bits."""

PEAK = 0.55
"""Loudest sample of each sound, of 1; all are equally loud."""

_ATTACK = 0.004
_RELEASE = 0.020

BAR = ((1.0, 1.0, 1.0), (3.93, 0.22, 3.2), (9.2, 0.05, 7.0))
"""A wooden bar: each partial by frequency, strength and how much faster it dies away."""

REED = ((1.0, 1.0, 1.0), (2.0, 0.42, 1.0), (3.0, 0.30, 1.1), (5.0, 0.10, 1.4))
"""A softened reed: what is refused does not sound like what is recorded, even played low."""


@dataclass(frozen=True)
class Note:
    """One stroke.

    Attributes:
        at: when it is struck, in seconds.
        pitch: in hertz.
        decay: seconds until it has lost two thirds.
        timbre: its partials.
        fall: what its pitch is multiplied with by the time it ends.
        strength: relative to the other notes.
    """

    at: float
    pitch: float
    decay: float
    timbre: tuple[tuple[float, float, float], ...] = BAR
    fall: float = 1.0
    strength: float = 1.0


SOUNDS: dict[str, tuple[float, tuple[Note, ...]]] = {
    "recorded": (0.24, (Note(0.0, 784.0, 0.050, strength=0.8), Note(0.065, 1046.5, 0.065))),
    "notice": (0.36, (Note(0.0, 587.3, 0.060), Note(0.150, 587.3, 0.080, strength=0.9))),
    "known": (0.42, (Note(0.0, 698.5, 0.070), Note(0.170, 523.3, 0.090))),
    "stop": (0.48, tuple(Note(at, 277.2, 0.080, REED) for at in (0.0, 0.15, 0.30))),
    "refused": (0.46, (Note(0.0, 233.1, 0.220, REED, fall=0.72),)),
}
"""Each sound's length in seconds, and its notes."""


def samples(name: str) -> array[int]:
    """The samples of a sound."""
    length, notes = SOUNDS[name]
    count = round(length * RATE)
    mixed = [0.0] * count
    for note in notes:
        _strike(note, mixed)
    for back in range(round(_RELEASE * RATE)):
        mixed[count - 1 - back] *= back / (_RELEASE * RATE)
    loudest = max(map(abs, mixed))
    return array("h", (round(value / loudest * PEAK * 32_767) for value in mixed))


def _strike(note: Note, mixed: list[float]) -> None:
    first = round(note.at * RATE)
    phase = 0.0
    for number in range(len(mixed) - first):
        time = number / RATE
        done = number / (len(mixed) - first)
        # Summing the phase keeps a falling pitch free of clicks.
        phase += 2 * math.pi * note.pitch * note.fall**done / RATE
        attack = min(time / _ATTACK, 1.0)
        mixed[first + number] += (
            note.strength
            * attack
            * sum(
                part * math.exp(-time * faster / note.decay) * math.sin(phase * multiple)
                for multiple, part, faster in note.timbre
            )
        )


def write(folder: Path) -> None:
    """Write every sound into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SOUNDS:
        made = samples(name)
        if sys.byteorder == "big":
            made.byteswap()  # WAV is little-endian
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(made.tobytes())


if __name__ == "__main__":
    write(FOLDER)
