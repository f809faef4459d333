"""Files that are broken, cut, empty or something else altogether."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sounds import Write, noise, write_with_pyav

from genrescope.audio.decoders.quiet import quiet_stderr
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.errors import AudioError

WHOLE = Excerpt.whole()


def refused(path: Path, message: str) -> None:
    with pytest.raises(AudioError, match=message) as caught:
        load_audio(path)
    assert caught.value.place == str(path)
    assert caught.value.remedy


def test_missing(tmp_path: Path) -> None:
    refused(tmp_path / "none.mp3", "no such file")


def test_name_too_long(tmp_path: Path) -> None:
    refused(tmp_path / ("x" * 5000), "no such file|cannot be read")


def test_folder(tmp_path: Path) -> None:
    refused(tmp_path, "a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    refused(tmp_path / "a.wav", "not a regular file")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_no_permission(wav: Write) -> None:
    path = wav("a.wav")
    path.chmod(0)
    refused(path, "cannot be read: Permission denied")


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.touch()
    refused(path, "empty")


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac", ".m4a", ".raw", ".gsm", ".vox", ""])
@pytest.mark.parametrize(
    "content", [b"not a sound at all\n" * 3000, bytes(100_000), b"x"], ids=["text", "zeros", "x"]
)
def test_not_audio(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    refused(path, "not an audio file")


def test_noise_named_mp3(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\0" + np.random.default_rng(3).bytes(100_000))
    refused(path, "not an audio file")


def test_only_a_header(wav: Write) -> None:
    path = wav("a.wav")
    path.write_bytes(path.read_bytes()[:44])
    refused(path, "no sound can be decoded")


def test_no_samples(wav: Write) -> None:
    refused(wav("a.aiff", np.zeros((0, 2), dtype=np.int16)), "no sound can be decoded")


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (22, b"\0\0", "no sound"),  # channels
        (24, b"\0\0\0\0", "no sound"),  # rate
        (24, b"\xff\xff\xff\x7f", "sampling rate of 2147483647 Hz"),
        (24, b"\1\0\0\0", "sampling rate of 1 Hz"),
    ],
)
def test_impossible_headers(wav: Write, offset: int, value: bytes, message: str) -> None:
    path = wav("a.wav")
    data = bytearray(path.read_bytes())
    data[offset : offset + len(value)] = value
    path.write_bytes(data)
    refused(path, message)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(wav: Write, bad: float) -> None:
    samples = np.zeros((44100, 2), dtype=np.float32)
    samples[30000, 1] = bad
    refused(wav("a.wav", samples, subtype="FLOAT"), "not finite")


CUT = {
    "a.wav": {},
    "a.aiff": {},
    "a.flac": {},
    "a.mp3": {},
    "a.ogg": {},
    "a.opus": {"format": "OGG", "subtype": "OPUS"},
}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("excerpt", [WHOLE, Excerpt.middle(3)], ids=str)
def test_cut_file_gives_what_is_there(wav: Write, name: str, excerpt: Excerpt) -> None:
    """The second half of the bytes is lost: of noise, that is about half of the time."""
    path = wav(name, noise(16000, seconds=10), 16000, **CUT[name])
    complete = load_audio(path, excerpt=WHOLE, rate=None).samples
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    audio = load_audio(path, excerpt=excerpt, rate=None)
    assert any(note.startswith("truncated") for note in audio.notes)
    assert audio.duration == pytest.approx(5, abs=1.1)
    assert audio.seconds == (3 if excerpt.seconds else audio.duration)
    if name != "a.opus":  # whose decoder's memory is not that of the whole
        start = round(audio.start * 16000)
        inner = slice(start, start + len(audio.samples) - 2304)  # the last frames are damaged
        rounding = 2.0**-22 if name == "a.mp3" else 0  # see test_load
        np.testing.assert_allclose(audio.samples[:-2304], complete[inner], rtol=0, atol=rounding)


def test_cut_matroska(tmp_path: Path) -> None:
    """It needs no index: what is there is decoded."""
    path = write_with_pyav(tmp_path / "a.mkv", noise(seconds=10), 44100, "flac")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    audio = load_audio(path, excerpt=Excerpt.middle(3), rate=None)
    assert audio.seconds == 3
    assert audio.duration == pytest.approx(5, abs=0.3)


def test_cut_m4a_without_its_index(tmp_path: Path) -> None:
    path = write_with_pyav(tmp_path / "a.m4a", noise(seconds=5), 44100, "aac")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    refused(path, "looks like MP4 or M4A, but no sound can be decoded")


def test_damage_elsewhere_does_not_touch_the_excerpt(wav: Write) -> None:
    path = wav("a.flac", noise(seconds=10))
    complete = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    data = bytearray(path.read_bytes())
    data[-20_000:-19_000] = bytes(1000)
    path.write_bytes(data)
    audio = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    np.testing.assert_array_equal(audio.samples, complete.samples)


def test_damage_inside_the_excerpt_moves_it_before_the_damage(wav: Write) -> None:
    path = wav("a.flac", noise(seconds=10))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1000] = bytes(1000)
    path.write_bytes(data)
    audio = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    assert audio.seconds == 2
    assert audio.duration == pytest.approx(5, abs=0.3)
    assert audio.notes[0].startswith("truncated: ")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
@given(data=st.data())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_flipped_bytes_never_do_worse_than_an_error(
    wav: Write, name: str, data: st.DataObject
) -> None:
    path = wav(name, noise(8000, 3, 1), 8000)
    content = bytearray(path.read_bytes())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=30)):
        content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        samples = load_audio(path, excerpt=Excerpt.middle(1)).samples
    except AudioError:
        return
    assert np.isfinite(samples).all()


def test_overlapping_threads_leave_standard_error_as_it_was() -> None:
    before = os.fstat(2)

    def nest(_: int) -> None:
        for _ in range(50):
            with quiet_stderr(), quiet_stderr():
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(nest, range(8)))
    after = os.fstat(2)
    assert (before.st_dev, before.st_ino) == (after.st_dev, after.st_ino)
