"""Files whose headers have no length or a wrong one, and streams that were joined."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import Audio, load_audio
from genrescope.errors import AudioError

CASES = Path(__file__).parent.parent / "cases"
RATE = 24000  # Opus has it too
WHOLE = Excerpt.whole()


def tone(seconds: float, hertz: float, rate: int = RATE) -> NDArray[np.float32]:
    time = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def encoded(folder: Path, seconds: float, hertz: float, rate: int = RATE, **form: str) -> bytes:
    path = folder / "encoded"
    soundfile.write(path, tone(seconds, hertz, rate), rate, **form)
    return path.read_bytes()


def id3(size: int) -> bytes:
    digits = [size >> shift & 127 for shift in (21, 14, 7, 0)]
    return b"ID3\x03\0\0" + bytes(digits) + bytes(size)


def pitch(samples: NDArray[np.float32], rate: int) -> float:
    """The frequency with most power, in Hz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(power)) * rate / len(samples)


def check_joined(path: Path) -> None:
    """3 s of 440 Hz, then 5 s of 660 Hz, with nothing missing, and the middle in the middle."""
    whole = load_audio(path, excerpt=WHOLE, rate=None)
    assert whole.seconds == pytest.approx(8, abs=0.1)
    assert whole.notes == ()
    middle = load_audio(path, excerpt=Excerpt.middle(1), rate=None)
    assert middle.start == pytest.approx((whole.seconds - 1) / 2, abs=0.01)
    rate = whole.rate
    assert pitch(whole.samples[rate : 2 * rate], rate) == pytest.approx(440, abs=2)
    assert pitch(whole.samples[4 * rate : 7 * rate], rate) == pytest.approx(660, abs=2)
    assert pitch(middle.samples, rate) == pytest.approx(660, abs=2)


FORMS = {
    "mp3": {"format": "MP3"},
    "vorbis": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
}
BETWEEN = {"nothing": b"", "tags": b"TAG" + bytes(125) + id3(40_000), "zeros": bytes(5000)}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("form", FORMS)
def test_joined_streams_are_decoded_whole(tmp_path: Path, form: str, between: str) -> None:
    first = encoded(tmp_path, 3, 440, **FORMS[form])
    second = encoded(tmp_path, 5, 660, **FORMS[form])
    path = tmp_path / "joined"
    path.write_bytes(first + BETWEEN[between] + second)
    check_joined(path)


def test_a_chain_of_other_rates_and_channels_is_brought_to_the_first(tmp_path: Path) -> None:
    first = encoded(tmp_path, 3, 440, **FORMS["vorbis"])
    soundfile.write(
        tmp_path / "second", np.tile(tone(5, 660, 44100)[:, None], 2), 44100, **FORMS["vorbis"]
    )
    path = tmp_path / "chain.ogg"
    path.write_bytes(first + (tmp_path / "second").read_bytes())
    check_joined(path)


def test_joined_mp3s_without_any_header_frame(tmp_path: Path) -> None:
    path = tmp_path / "joined.mp3"
    parts = [encoded(tmp_path, *part, **FORMS["mp3"]) for part in ((3, 440), (5, 660))]
    bare = [part[part.index(part[:2], 4) :] for part in parts]
    path.write_bytes(bare[0] + b"TAG" + bytes(125) + id3(9000) + bare[1])
    check_joined(path)


def test_the_same_mp3_twice() -> None:
    audio = load_audio(CASES / "concatenated_mp3" / "twice.mp3", excerpt=WHOLE, rate=None)
    assert audio.seconds == pytest.approx(2, abs=0.1)
    assert audio.notes == ()


@pytest.mark.parametrize(
    "before",
    [id3(3_000_000), id3(1000) + id3(5000), id3(1000) + bytes(300_000), bytes(20_000)],
    ids=["large tag", "two tags", "tag and padding", "padding"],
)
def test_an_mp3_behind_tags_and_padding(tmp_path: Path, before: bytes) -> None:
    song = encoded(tmp_path, 3, 440, **FORMS["mp3"])
    (tmp_path / "plain.mp3").write_bytes(song)
    (tmp_path / "behind.mp3").write_bytes(before + song)
    plain, behind = (
        load_audio(tmp_path / name, excerpt=WHOLE, rate=None)
        for name in ("plain.mp3", "behind.mp3")
    )
    np.testing.assert_allclose(behind.samples, plain.samples, rtol=0, atol=2.0**-22)


def test_a_header_frame_that_declares_too_little(tmp_path: Path) -> None:
    song = bytearray(encoded(tmp_path, 5, 440, **FORMS["mp3"]))
    place = song.index(b"Info") if b"Info" in song[:200] else song.index(b"Xing")
    song[place + 8 : place + 12] = (20).to_bytes(4, "big")  # frames
    song[place + 12 : place + 16] = (2000).to_bytes(4, "big")  # bytes
    path = tmp_path / "little.mp3"
    path.write_bytes(song)
    assert load_audio(path, excerpt=WHOLE, rate=None).seconds == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("frames", [1, 20, 100_000])
@pytest.mark.parametrize("size", [None, 2000])
def test_a_header_frame_that_miscounts_frames(tmp_path: Path, frames: int, size: int | None):
    song = bytearray(encoded(tmp_path, 5, 440, **FORMS["mp3"]))
    place = song.index(b"Info") if b"Info" in song[:200] else song.index(b"Xing")
    song[place + 8 : place + 12] = frames.to_bytes(4, "big")
    if size is not None:
        song[place + 12 : place + 16] = size.to_bytes(4, "big")
    path = tmp_path / "wrong.mp3"
    path.write_bytes(song)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert audio.seconds == pytest.approx(5, abs=0.1)
    assert audio.notes == ()


def test_an_mp3_whose_tag_would_end_behind_it(tmp_path: Path) -> None:
    song = encoded(tmp_path, 3, 440, **FORMS["mp3"])
    path = tmp_path / "tagged.mp3"
    path.write_bytes(id3(5_000_000)[:500] + song)
    assert load_audio(path, excerpt=WHOLE, rate=None).seconds == pytest.approx(3, abs=0.1)
    path.write_bytes(id3(5_000_000)[:500])
    with pytest.raises(AudioError, match="no sound can be decoded"):
        load_audio(path)


def with_total(flac: bytes, total: int) -> bytes:
    """A FLAC whose header declares `total` samples."""
    word = int.from_bytes(flac[21:26], "big") >> 36 << 36 | total
    return flac[:21] + word.to_bytes(5, "big") + flac[26:]


@pytest.mark.parametrize("total", [0, 1000, (1 << 36) - 1], ids=["unknown", "few", "years"])
@pytest.mark.parametrize("before", [b"", id3(1000) + id3(3000)], ids=["plain", "two tags"])
def test_flac_with_no_length_or_a_wrong_one(tmp_path: Path, total: int, before: bytes) -> None:
    flac = encoded(tmp_path, 3, 440, format="FLAC")
    path = tmp_path / "wrong.flac"
    path.write_bytes(before + with_total(flac, total))
    check_three_seconds(path)


def check_three_seconds(path: Path) -> None:
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    np.testing.assert_allclose(audio.samples, tone(3, 440), rtol=0, atol=2.0**-15)
    assert (audio.duration, audio.notes) == (3, ())
    middle = load_audio(path, excerpt=Excerpt.middle(1), rate=None)
    assert (middle.start, middle.seconds, middle.notes) == (1, 1, ())
    np.testing.assert_array_equal(middle.samples, audio.samples[RATE : 2 * RATE])


@pytest.mark.parametrize("lengths", [(3, 1), (1, 3), (2, 2)])
@pytest.mark.parametrize("between", BETWEEN)
def test_joined_flacs(tmp_path: Path, lengths: tuple[int, int], between: str) -> None:
    parts = [encoded(tmp_path, length, 440, format="FLAC") for length in lengths]
    path = tmp_path / "joined.flac"
    path.write_bytes(parts[0] + BETWEEN[between] + parts[1])
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert (audio.seconds, audio.notes) == (sum(lengths), ())
    wanted = np.concatenate([tone(length, 440) for length in lengths])
    np.testing.assert_allclose(audio.samples, wanted, rtol=0, atol=2.0**-15)


@pytest.mark.parametrize("form", [("flac", "ogg"), ("libspeex", "ogg")], ids=["flac", "speex"])
def test_chains_that_the_core_decoder_cannot_read(tmp_path: Path, form: tuple[str, str]) -> None:
    path = tmp_path / "chain.oga"
    path.write_bytes(
        b"".join(
            ogg_by_pyav(tmp_path, tone(seconds, hertz, 16000), form[0])
            for seconds, hertz in ((3, 440), (5, 660))
        )
    )
    check_joined(path)


def ogg_by_pyav(folder: Path, wave: NDArray[np.float32], codec: str) -> bytes:
    """A stream of 16000 Hz; skips where FFmpeg has no such encoder."""
    av = pytest.importorskip("av")
    path = folder / "link.ogg"
    with av.open(os.fspath(path), "w") as container:
        try:
            stream = container.add_stream(codec, rate=16000, layout="mono", format="s16")
        except av.codec.codec.UnknownCodecError:
            pytest.skip(f"no encoder {codec}")
        samples = np.round(wave * 2**15).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16000
        frame.pts = 0
        for item in [frame, None]:
            container.mux(stream.encode(item))
    return path.read_bytes()


def test_flac_written_to_a_pipe() -> None:
    audio = load_audio(CASES / "unknown_length" / "streamed.flac", excerpt=WHOLE, rate=None)
    assert (audio.seconds, audio.duration, audio.notes) == (1, 1, ())


def test_a_cut_flac_is_still_noted(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 10 * RATE)
    path = tmp_path / "cut.flac"
    soundfile.write(path, samples, RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    [note] = load_audio(path, excerpt=WHOLE, rate=None).notes
    assert note.startswith("truncated: ")


Change = Callable[[bytearray, int], None]


def _sizes(riff: int, data: int) -> Change:
    def change(content: bytearray, place: int) -> None:
        content[4:8] = riff.to_bytes(4, "little")
        content[place + 4 : place + 8] = data.to_bytes(4, "little")

    return change


@pytest.mark.parametrize(
    ("riff", "data"),
    [(0, 0), (36, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFFFFF, 0x7FFFFFDB), (1036, 1000)],
)
def test_wav_that_was_never_finished(tmp_path: Path, riff: int, data: int) -> None:
    content = bytearray(encoded(tmp_path, 3, 440, format="WAV"))
    _sizes(riff, data)(content, content.index(b"data"))
    path = tmp_path / "wrong.wav"
    path.write_bytes(content)
    check_three_seconds(path)


def test_chunks_behind_the_samples_are_no_samples(tmp_path: Path) -> None:
    content = encoded(tmp_path, 3, 440, format="WAV")
    path = tmp_path / "tagged.wav"
    path.write_bytes(content + b"LIST" + (4000).to_bytes(4, "little") + b"\x55" * 4000)
    check_three_seconds(path)
    path.write_bytes(content + id3(400))
    check_three_seconds(path)


def test_au_of_unknown_length(tmp_path: Path) -> None:
    content = bytearray(encoded(tmp_path, 3, 440, format="AU"))
    content[8:12] = b"\xff" * 4
    path = tmp_path / "wrong.au"
    path.write_bytes(content)
    check_three_seconds(path)


@pytest.mark.parametrize("name", ["eight.m4a", "eight.wv"])
def test_eight_planar_channels(name: str) -> None:
    pytest.importorskip("av")
    audio = load_audio(CASES / "multichannel" / name, excerpt=WHOLE, rate=None)
    assert audio.channels == 8
    assert "silent" not in audio.notes


@pytest.mark.parametrize("layout", ["7.1", "hexadecagonal"])
def test_the_mix_of_many_planar_channels_is_their_mean(tmp_path: Path, layout: str) -> None:
    av = pytest.importorskip("av")
    channels = len(av.AudioLayout(layout).channels)
    wave = np.round(tone(1, 440) * 2**15 / channels) * np.arange(1, channels + 1)[:, None]
    path = tmp_path / "many.wv"
    with av.open(os.fspath(path), "w") as container:
        stream = container.add_stream("wavpack", rate=RATE, layout=layout, format="s16p")
        interleaved = wave.T.astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
        frame.sample_rate = RATE
        frame.pts = 0
        planar = av.AudioResampler("s16p").resample(frame)
        for item in [*planar, None]:
            container.mux(stream.encode(item))
    audio: Audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert audio.channels == channels
    np.testing.assert_allclose(audio.samples, wave.mean(axis=0) / 2**15, rtol=0, atol=1e-6)
