"""The three sounds: what they are like, who plays them, and that nobody waits for them."""

from __future__ import annotations

import math
import os
import sys
import threading
import wave
from array import array
from itertools import pairwise

import make_sounds
import pytest
from helpers import wait_until

from offcirc.desk.face import sounder as room
from offcirc.desk.face.sounder import (
    AT_ONCE_LIMIT,
    CommandVoice,
    NullSounder,
    Sound,
    ThreadSounder,
    make_sounder,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on systems with a shell")


def read(sound: Sound) -> array[int]:
    with wave.open(str(sound.file)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        values = array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        values.byteswap()
    return values


def strength(values: array[int], hertz: float) -> float:
    """How strong a frequency is (a single term of the Fourier sum)."""
    turn = 2 * math.pi * hertz / 22_050
    return abs(
        sum(
            value * complex(math.cos(turn * n), math.sin(turn * n))
            for n, value in enumerate(values)
        )
    )


@pytest.mark.parametrize("sound", Sound)
def test_the_files_are_those_the_script_makes(sound):
    shipped, made = read(sound), make_sounds.samples(sound.value)
    assert len(shipped) == len(made)
    # Mathematics differ in the last place between systems.
    assert max(abs(a - b) for a, b in zip(shipped, made, strict=True)) <= 1


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_is_short_and_soft_and_begins_and_ends_without_a_click(sound):
    values = read(sound)
    assert 0.1 < len(values) / 22_050 < 0.5
    assert 0.4 < max(map(abs, values)) / 32_767 < 0.6
    assert abs(values[0]) < 300
    assert abs(values[-1]) < 300
    assert max(abs(b - a) for a, b in pairwise(values)) < 12_000


def test_the_sounds_differ_in_pitch():
    highest = {
        sound: max(range(180, 1300, 10), key=lambda hertz: strength(read(sound), hertz))
        for sound in Sound
    }
    assert highest[Sound.REFUSED] < 250 < highest[Sound.NOTICE] < 650 < highest[Sound.RECORDED]


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PC whose only programs are those a test puts there; each writes down what it is to play."""
    folder = tmp_path / "bin"
    folder.mkdir()
    heard = tmp_path / "heard"
    heard.touch()

    def put(name: str, then: str = "") -> None:
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $@" >> "{heard}"\n{then}\n')
        program.chmod(0o755)

    monkeypatch.setattr(
        room.shutil, "which", lambda name: str(folder / name) if (folder / name).exists() else None
    )
    put.heard = lambda: heard.read_text().splitlines()
    return put


@pytest.fixture
def sounder(programs):
    beeps = []
    made = make_sounder(True, lambda: beeps.append(threading.current_thread().name))
    made.beeps = beeps
    yield made
    made.close()


def test_each_sound_is_played_from_its_file(programs, sounder):
    programs("paplay")
    for number, sound in enumerate(Sound, start=1):
        sounder.play(sound)
        wait_until(lambda: len(programs.heard()) == number, what="the player")  # noqa: B023
    assert programs.heard() == [f"paplay {sound.file}" for sound in Sound]
    assert sounder.beeps == []


def test_a_player_that_fails_gives_way_to_the_next(programs, sounder):
    programs("pw-play", "exit 1")
    programs("aplay")
    sounder.play(Sound.NOTICE)
    wait_until(lambda: len(programs.heard()) == 2, what="the second player")
    assert programs.heard() == [f"pw-play {Sound.NOTICE.file}", f"aplay -q {Sound.NOTICE.file}"]
    sounder.play(Sound.RECORDED)
    wait_until(lambda: len(programs.heard()) == 3, what="the second player again")
    assert programs.heard()[2].startswith("aplay")


def test_a_player_that_cannot_be_started_gives_way_too(programs, sounder, tmp_path):
    (tmp_path / "bin" / "pw-play").write_text("no program at all")
    programs("aplay")
    sounder.play(Sound.NOTICE)
    wait_until(programs.heard, what="the player")
    assert programs.heard() == [f"aplay -q {Sound.NOTICE.file}"]


class TestNoPlayer:
    @pytest.fixture
    def expected_log(self):
        return ["^no sounds: "]

    def test_it_beeps_and_logs_once(self, programs, sounder, caplog):
        for number in (1, 2, 3):
            sounder.play(Sound.REFUSED)
            wait_until(lambda: len(sounder.beeps) == number, what="the beep")  # noqa: B023
        assert set(sounder.beeps) == {"sounds"}
        assert [record.getMessage() for record in caplog.records] == [
            "no sounds: no player program was found"
        ]

    def test_nor_when_every_player_fails(self, programs, sounder, caplog):
        programs("pw-play", "exit 1")
        programs("aplay", "exit 3")
        sounder.play(Sound.REFUSED)
        wait_until(lambda: sounder.beeps, what="the beep")
        assert len(programs.heard()) == 2
        (record,) = caplog.records
        assert record.getMessage().endswith("aplay ended with code 3")

    def test_a_missing_file_is_no_disaster(self, programs, sounder, monkeypatch):
        def gone(_name):
            raise FileNotFoundError("gone")

        programs("aplay")
        monkeypatch.setattr(room.resources, "path", gone)
        sounder.play(Sound.NOTICE)
        wait_until(lambda: sounder.beeps, what="the beep")


def test_nobody_waits_and_few_play_at_once(programs, sounder, tmp_path):
    programs("aplay", f'echo $$ >> "{tmp_path}/pids"\nexec sleep 60')
    for _ in range(200):
        sounder.play(Sound.RECORDED)  # would take 200 minutes if anybody waited
    wait_until(lambda: len(programs.heard()) == AT_ONCE_LIMIT, what="as many players as may be")
    for _ in range(20):
        sounder.play(Sound.RECORDED)
    wait_until(sounder._wanted.empty, what="the thread")
    sounder.close()
    assert len(programs.heard()) == AT_ONCE_LIMIT
    for pid in (tmp_path / "pids").read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_player_that_hangs_is_ended(programs, sounder, monkeypatch):
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.0)
    programs("pw-play", "exec sleep 60")
    programs("aplay")
    sounder.play(Sound.NOTICE)
    wait_until(lambda: len(programs.heard()) == 2, what="the other player")


def test_closing_ends_the_thread_and_a_new_sound_begins_a_new_one(programs, sounder):
    programs("aplay")
    sounder.play(Sound.NOTICE)
    thread = sounder._thread
    sounder.close()
    assert not thread.is_alive()
    sounder.close()
    before = len(programs.heard())
    sounder.play(Sound.NOTICE)
    wait_until(lambda: len(programs.heard()) == before + 1, what="the player")


def test_nothing_is_looked_for_before_the_first_sound(programs, monkeypatch):
    monkeypatch.setattr(room.shutil, "which", lambda name: pytest.fail("looked for"))
    sounder = make_sounder(True)
    assert isinstance(sounder, ThreadSounder)
    sounder.close()


def test_switched_off_is_silent(programs):
    programs("aplay")
    sounder = make_sounder(False)
    assert isinstance(sounder, NullSounder)
    sounder.play(Sound.REFUSED)
    sounder.close()
    assert programs.heard() == []


def test_windows_plays_by_itself(monkeypatch):
    calls = []

    class WinSound:
        SND_FILENAME, SND_ASYNC, SND_NODEFAULT = 1, 2, 4

        @staticmethod
        def PlaySound(name, flags):  # noqa: N802
            calls.append((name, flags, threading.current_thread().name))

    monkeypatch.setitem(sys.modules, "winsound", WinSound)
    monkeypatch.setattr(room.sys, "platform", "win32")
    sounder = make_sounder(True)
    sounder.play(Sound.NOTICE)
    wait_until(lambda: calls, what="Windows")
    sounder.close()
    assert calls == [(str(Sound.NOTICE.file), 7, "sounds")]


def test_the_voice_counts_what_plays(programs):
    programs("aplay", "exec sleep 60")
    voice = CommandVoice()
    voice.start(Sound.NOTICE.file)
    voice.start(Sound.NOTICE.file)
    assert voice.busy() == 2
    voice.stop()
    assert voice.busy() == 0
