"""Every format, whatever its name, through every decoder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from sounds import Write, noise, sweep, tone, write_with_pyav

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import Audio, load_audio
from genrescope.audio.source import measure
from genrescope.errors import AudioError

WHOLE = Excerpt.whole()
LOSSLESS = [("a.m4a", "alac"), ("a.wv", "wavpack"), ("a.tta", "tta"), ("a.mkv", "flac")]
LOSSY = [
    ("a.m4a", "aac"),
    ("a.aac", "aac"),
    ("a.wma", "wmav2"),
    ("a.mp4", "aac"),
    ("a.mkv", "ac3"),
    ("a.ac3", "ac3"),
]


def assert_is_tone(audio: Audio, seconds: float) -> None:
    """440 Hz, amplitude (0.5 + 0.25) / 2, within what a lossy codec at a usual bitrate may do."""
    assert abs(audio.seconds - seconds) < 0.1  # priming and padding of codec frames
    middle = audio.samples[audio.rate // 2 : -audio.rate // 2].astype(float)
    time = np.arange(len(middle)) / audio.rate
    phasor = 2 * np.mean(middle * np.exp(-2j * np.pi * 440 * time))
    assert abs(phasor) == pytest.approx(0.375, rel=0.02)
    tone_power = abs(phasor) ** 2 / 2
    assert np.mean(middle**2) == pytest.approx(tone_power, rel=0.01)  # nothing but the tone


@pytest.mark.parametrize(
    ("name", "kwargs", "rate"),
    [
        ("a.mp3", {}, 44100),
        ("a.mp3", {}, 22050),
        ("a.ogg", {}, 44100),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}, 48000),
        ("a.flac", {"subtype": "PCM_24"}, 96000),
        ("a.aiff", {}, 44100),
        ("a.w64", {}, 44100),
        ("a.caf", {}, 44100),
        ("a.au", {}, 44100),
    ],
)
def test_core_formats(wav: Write, name: str, kwargs: dict[str, str], rate: int) -> None:
    audio = load_audio(wav(name, tone(rate, 3), rate, **kwargs), excerpt=WHOLE, rate=None)
    assert (audio.decoder, audio.rate, audio.channels) == ("soundfile", rate, 2)
    assert audio.notes == ()
    assert_is_tone(audio, 3)


@pytest.mark.parametrize(("name", "codec"), LOSSLESS)
def test_lossless_foreign_formats_are_exact(tmp_path: Path, name: str, codec: str) -> None:
    samples = noise(seconds=3)
    path = write_with_pyav(tmp_path / name, samples, 44100, codec)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert (audio.decoder, audio.rate, audio.channels) == ("PyAV", 44100, 2)
    np.testing.assert_array_equal(audio.samples, samples.mean(axis=1) / 32768)


@pytest.mark.parametrize(("name", "codec"), LOSSY)
def test_lossy_foreign_formats(tmp_path: Path, name: str, codec: str) -> None:
    path = write_with_pyav(tmp_path / name, tone(seconds=3), 44100, codec)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert audio.decoder == "PyAV"
    assert_is_tone(audio, 3)


@pytest.mark.parametrize(("name", "codec"), [*LOSSLESS, ("a.m4a", "aac")])
def test_foreign_excerpt_is_a_slice_of_the_whole(tmp_path: Path, name: str, codec: str) -> None:
    path = write_with_pyav(tmp_path / name, sweep(seconds=12), 44100, codec)
    whole = load_audio(path, excerpt=WHOLE, rate=None).samples
    middle = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    assert len(middle.samples) == 88200
    # Matroska's time stamps are whole milliseconds: there the place is not exact, the sound is.
    slack = 45 if name.endswith(".mkv") else 0
    start = round(middle.start * 44100)
    places = range(start - slack, start + slack + 1)
    differences = [np.abs(whole[at : at + 88200] - middle.samples).max() for at in places]
    assert min(differences) == 0


@pytest.mark.parametrize(("name", "codec"), [("a.aac", "aac"), ("a.ac3", "ac3")])
def test_raw_streams_are_measured(tmp_path: Path, name: str, codec: str) -> None:
    """They declare no length worth trusting."""
    path = write_with_pyav(tmp_path / name, noise(seconds=6), 44100, codec)
    source = open_source(path)
    assert source.frames is None
    whole = load_audio(path, excerpt=WHOLE, rate=None).samples
    middle = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    start = round(middle.start * 44100)
    np.testing.assert_array_equal(middle.samples, whole[start : start + 88200])
    assert measure(source) == len(whole)


@pytest.mark.parametrize(
    ("true", "false"), [("a.flac", "b.mp3"), ("a.mp3", "b.wav"), ("a.wav", "b"), ("a.ogg", "b.raw")]
)
def test_content_decides_not_the_name(wav: Write, true: str, false: str) -> None:
    path = wav(true, tone(seconds=3))
    audio = load_audio(path.rename(path.with_name(false)), excerpt=WHOLE, rate=None)
    assert audio.decoder == "soundfile"
    assert_is_tone(audio, 3)


def test_m4a_named_mp3(tmp_path: Path) -> None:
    path = write_with_pyav(tmp_path / "a.m4a", tone(seconds=3), 44100, "aac")
    audio = load_audio(path.rename(tmp_path / "b.mp3"), excerpt=WHOLE, rate=None)
    assert audio.decoder == "PyAV"
    assert_is_tone(audio, 3)


def test_video_without_sound_is_an_error(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 32
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), dtype=np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="no sound can be decoded"):
        load_audio(path)


def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "av", None)


@pytest.mark.parametrize(("name", "codec"), [*LOSSLESS[:2], ("a.m4a", "aac"), ("a.wma", "wmav2")])
def test_ffmpeg_stands_in_for_pyav(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str
) -> None:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("no ffmpeg on PATH")
    path = write_with_pyav(tmp_path / name, tone(seconds=6), 44100, codec)
    whole, middle = WHOLE, Excerpt.middle(2)
    reference = load_audio(path, excerpt=whole, rate=None)
    without_pyav(monkeypatch)
    audio = load_audio(path, excerpt=whole, rate=None)
    assert (audio.decoder, audio.channels, audio.rate) == ("ffmpeg", 2, 44100)
    assert_is_tone(audio, 6)
    if (name, codec) in LOSSLESS:
        np.testing.assert_array_equal(audio.samples, reference.samples)
    assert len(load_audio(path, excerpt=middle, rate=None).samples) == 88200


def test_no_decoder_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_with_pyav(tmp_path / "a.m4a", tone(), 44100, "aac")
    without_pyav(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioError, match="no decoder for MP4 or M4A") as caught:
        load_audio(path)
    assert "genrescope[av]" in str(caught.value)
    assert caught.value.place == str(path)


def headerless_vbr(wav: Write) -> tuple[Path, NDArray[np.int16]]:
    """An MP3 whose bitrate varies, its Xing header removed, as some old encoders wrote them."""
    quiet = np.zeros((44100 * 4, 2), dtype=np.int16)
    samples = np.concatenate([noise(seconds=4), quiet, noise(seconds=4)])
    path = wav("vbr.mp3", samples, bitrate_mode="VARIABLE", compression_level=0.5)
    data = path.read_bytes()
    assert b"Xing" in data[:200]
    path.write_bytes(data[data.index(data[:2], 100) :])
    return path, samples


def test_variable_bitrate_without_header_is_read_to_its_end(wav: Write) -> None:
    path, samples = headerless_vbr(wav)
    with soundfile.SoundFile(path) as file:
        assert abs(file.frames - len(samples)) > 44100  # what the decoder alone would take
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert abs(len(audio.samples) - len(samples)) < 4 * 1152
    assert audio.notes == ()
    middle = load_audio(path, excerpt=Excerpt.middle(2), rate=None)
    start = round(middle.start * 44100)
    expected = audio.samples[start : start + 88200]
    np.testing.assert_allclose(middle.samples, expected, rtol=0, atol=2.0**-22)
    assert middle.notes == ("silent",)


def test_decoding_keeps_standard_error_clean(wav: Write, tmp_path: Path) -> None:
    """A real process, since the messages come from C."""
    path = wav("a.mp3", noise(seconds=5))
    data = bytearray(path.read_bytes())
    for position in range(3000, len(data), 997):
        data[position] ^= 0xFF
    path.write_bytes(data)
    code = (
        "import sys, soundfile\n"
        "from genrescope.audio.load import load_audio\n"
        "if sys.argv[2:]: soundfile.read(sys.argv[1])\n"
        "else: load_audio(sys.argv[1])\n"
        "print('still here', file=sys.stderr)\n"
    )
    run = [sys.executable, "-c", code, os.fspath(path)]
    plain = subprocess.run([*run, "plain"], capture_output=True, text=True, check=True)
    assert "mpg123" in plain.stderr or "Note" in plain.stderr  # it would write
    ours = subprocess.run(run, capture_output=True, text=True, check=True)
    assert ours.stderr == "still here\n"
