"""Streams that FFmpeg seeks in wrongly, gives no length of, or ends with an error."""

from __future__ import annotations

import io
import os
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from genrescope.audio.containers.lengths import asf_has_length
from genrescope.audio.containers.wavpack import wavpack_parts
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.library.sound.audiohash import audio_hash

av = pytest.importorskip("av")
CASES = Path(__file__).parent.parent / "cases" / "odd_streams"
RATE = 44100
WHOLE = Excerpt.whole()
V1 = b"TAG" + b"Title".ljust(30, b"\0") + bytes(94) + b"\x11"
APE = b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0)


def chirp(seconds: float) -> NDArray[np.float32]:
    """A tone of 300 Hz that rises by 300 Hz a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * (300 * time + 150 * time**2))
    return (np.round(0.3 * 2**15 * wave) / 2**15).astype(np.float32)


def pitch(samples: NDArray[np.float32]) -> float:
    """The frequency with most power, in Hz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return float(np.argmax(power)) * RATE / (1 << 16)


def written(goal: object, samples: NDArray[np.float32], codec: str, form: str) -> None:
    """16 bits, one channel, by FFmpeg."""
    whole = np.round(samples * 2**15).astype(np.int16)[None]
    with av.open(goal, "w", format=form) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        formats = [item.name for item in stream.codec.audio_formats]
        stream.format = next(name for name in ("s16", "s16p", "fltp") if name in formats)
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for item in av.AudioResampler(stream.format.name).resample(frame):
            container.mux(stream.encode(item))
        container.mux(stream.encode(None))


def wavpack(path: Path, samples: NDArray[np.float32]) -> bytes:
    written(os.fspath(path), samples, "wavpack", "wv")
    return path.read_bytes()


def check_middle(path: Path, seconds: float, within: float) -> None:
    """The middle is that of the whole: the samples, and the frequency that a chirp has there."""
    whole = load_audio(path, excerpt=WHOLE, rate=None)
    middle = load_audio(path, excerpt=Excerpt.middle(0.5), rate=None)
    assert whole.seconds == pytest.approx(seconds, abs=0.06)
    assert (whole.notes, middle.notes) == ((), ())
    assert middle.start == pytest.approx((whole.seconds - 0.5) / 2, abs=0.001)
    assert middle.duration == whole.duration
    start = round(middle.start * RATE)
    there = whole.samples[start : start + len(middle.samples)]
    np.testing.assert_allclose(middle.samples, there, rtol=0, atol=within)


@pytest.fixture(params=["PyAV", "ffmpeg"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of the decoders; for ffmpeg, PyAV is as not installed."""
    name = str(request.param)
    if name == "ffmpeg":
        if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
            pytest.skip("no ffmpeg on PATH")
        monkeypatch.setitem(sys.modules, "av", None)
    return name


def test_the_middle_of_musepack(decoder: str) -> None:
    check_middle(CASES / "chirp.mpc", 3, within=1e-4)
    middle = load_audio(CASES / "chirp.mpc", excerpt=Excerpt.middle(0.1), rate=None)
    assert pitch(middle.samples) == pytest.approx(300 + 300 * 1.5, abs=15)


def test_wavpack_that_ends_in_tags(tmp_path: Path) -> None:
    samples = chirp(3)
    sound = wavpack(tmp_path / "plain.wv", samples)
    for name, tags in {"v1": V1, "ape": APE, "both": APE + V1}.items():
        path = tmp_path / f"{name}.wv"
        path.write_bytes(sound + tags)
        audio = load_audio(path, excerpt=WHOLE, rate=None)
        np.testing.assert_allclose(audio.samples, samples, rtol=0, atol=2.0**-15)
        check_middle(path, 3, within=0)
        assert wavpack_parts(path) == []


@pytest.mark.parametrize("between", [b"", V1, APE + V1, bytes(5000)])
@pytest.mark.parametrize("lengths", [(3, 3), (1, 3), (3, 1)])
def test_joined_wavpack(tmp_path: Path, lengths: tuple[int, int], between: bytes) -> None:
    parts = [chirp(length) for length in lengths]
    sounds = [wavpack(tmp_path / "part.wv", part) for part in parts]
    path = tmp_path / "joined.wv"
    path.write_bytes(sounds[0] + between + sounds[1] + V1)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    np.testing.assert_allclose(audio.samples, np.concatenate(parts), rtol=0, atol=2.0**-15)
    check_middle(path, sum(lengths), within=0)


def test_joined_wavpack_by_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "joined.wv"
    first = wavpack(path, chirp(1)).partition(b"APETAGEX")[0]  # which ffmpeg would stop at
    path.write_bytes(first + wavpack(path, chirp(3)))
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("no ffmpeg on PATH")
    monkeypatch.setitem(sys.modules, "av", None)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    wanted = np.concatenate([chirp(1), chirp(3)])
    np.testing.assert_allclose(audio.samples, wanted, rtol=0, atol=2.0**-15)
    check_middle(path, 4, within=0)


@pytest.mark.parametrize("lengths", [(3, 3), (1, 3), (3, 1)])
@pytest.mark.parametrize("odd", [b"", b"odd"])
def test_joined_wav(tmp_path: Path, lengths: tuple[int, int], odd: bytes) -> None:
    parts = [chirp(length) for length in lengths]
    path = tmp_path / "joined.wav"
    data = []
    for part in parts:
        written(os.fspath(path), part, "pcm_s16le", "wav")
        sound = path.read_bytes()
        sound += b"zzzz" + struct.pack("<I", len(odd)) + odd + b"\0" if odd else b""
        data.append(sound[:4] + struct.pack("<I", len(sound) - 8) + sound[8:])
    path.write_bytes(data[0])
    first = audio_hash(path)
    path.write_bytes(b"".join(data))
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    np.testing.assert_allclose(audio.samples, np.concatenate(parts), rtol=0, atol=2.0**-15)
    check_middle(path, sum(lengths), within=0)
    assert audio_hash(path) != first


class Pipe(io.RawIOBase):
    """Bytes that are written and cannot be gone back to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


def test_wma_written_to_a_pipe(tmp_path: Path) -> None:
    pipe = Pipe()
    written(pipe, chirp(3), "wmav2", "asf")
    path = tmp_path / "streamed.wma"
    path.write_bytes(pipe.data)
    assert not asf_has_length(path)
    check_middle(path, 3, within=0.1)  # two samples off: time stamps are milliseconds
    middle = load_audio(path, excerpt=Excerpt.middle(0.1), rate=None)
    assert pitch(middle.samples) == pytest.approx(300 + 300 * 1.5, abs=15)


def test_wma_written_to_a_file_has_a_length(tmp_path: Path) -> None:
    path = tmp_path / "file.wma"
    written(os.fspath(path), chirp(3), "wmav2", "asf")
    assert asf_has_length(path)


def test_mp3_of_free_format() -> None:
    audio = load_audio(CASES / "free_format.mp3", excerpt=WHOLE, rate=None)
    assert audio.seconds == pytest.approx(0.4, abs=0.06)
    assert pitch(audio.samples) == pytest.approx(300 + 300 * 0.2, abs=60)


@pytest.mark.parametrize("before", [b"junk" * 40, b"HTTP/1.0 200 OK\r\nServer: icy\r\n\r\n"])
def test_ogg_behind_what_is_no_page(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, chirp(3), RATE, format="OGG", subtype="VORBIS")
    plain = load_audio(path, excerpt=WHOLE, rate=None)
    path.write_bytes(before + path.read_bytes())
    np.testing.assert_array_equal(load_audio(path, excerpt=WHOLE, rate=None).samples, plain.samples)
    check_middle(path, 3, within=0.01)
