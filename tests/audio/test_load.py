from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from sounds import Write, noise, tone

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt, Span
from genrescope.audio.load import load_audio, load_windows
from genrescope.audio.mix import mono
from genrescope.audio.source import Block, Source
from genrescope.errors import UsageError

WHOLE = Excerpt.whole()
REFERENCE = Path(__file__).parent.parent / "data" / "reference" / "audio"


def test_sixteen_bits_are_exact(wav: Write) -> None:
    every = np.arange(-32768, 32768, dtype=np.int16)[:, None]
    for name in ("a.wav", "a.flac", "a.aiff"):
        audio = load_audio(wav(name, every), excerpt=WHOLE, rate=None)
        assert audio.samples.dtype == np.float32
        np.testing.assert_array_equal(audio.samples, every[:, 0] / 32768)


def test_mono_mix_of_sixteen_bit_stereo_is_exact(wav: Write) -> None:
    samples = noise()
    audio = load_audio(wav("a.wav", samples), excerpt=WHOLE, rate=None)
    np.testing.assert_array_equal(audio.samples, samples.astype(float).mean(axis=1) / 32768)
    assert audio.channels == 2


def test_mono_mix_of_six_channels(wav: Write) -> None:
    samples = noise(channels=6)
    audio = load_audio(wav("a.wav", samples), excerpt=WHOLE, rate=None)
    expected = samples.astype(float).mean(axis=1) / 32768
    np.testing.assert_allclose(audio.samples, expected, rtol=2e-7, atol=1e-9)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_sample_formats_of_wav(wav: Write, subtype: str) -> None:
    samples = noise(seconds=0.5)
    path = wav("a.wav", samples / 32768, subtype=subtype)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    step = 1 / 128 if subtype == "PCM_U8" else 2e-7
    expected = samples.astype(float).mean(axis=1) / 32768
    np.testing.assert_allclose(audio.samples, expected, rtol=0, atol=step)


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.flac")), ids=lambda path: path.stem)
def test_reference_signals_decode_to_their_integers(path: Path) -> None:
    integers, rate = soundfile.read(path, dtype="int16", always_2d=True)
    audio = load_audio(path, excerpt=WHOLE, rate=None)
    assert (audio.rate, audio.channels, audio.notes) == (rate, integers.shape[1], ())
    np.testing.assert_array_equal(audio.samples, integers.mean(axis=1) / 32768)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff", "a.mp3", "a.ogg"])
def test_excerpt_is_a_slice_of_the_whole(wav: Write, name: str) -> None:
    """Also in MP3, where libmpg123 decodes as many frames before as its memory needs.

    There the last bit of a float32 may depend on the frame in which decoding began.
    """
    rounding = 2.0**-22 if name == "a.mp3" else 0
    path = wav(name, noise(seconds=9))
    whole = load_audio(path, excerpt=WHOLE, rate=None)
    middle = load_audio(path, excerpt=Excerpt.middle(2.5), rate=None)
    start = (len(whole.samples) - len(middle.samples)) // 2
    assert len(middle.samples) == 110250
    assert middle.start == start / 44100
    expected = whole.samples[start : start + 110250]
    np.testing.assert_allclose(middle.samples, expected, rtol=0, atol=rounding)


def test_opus_excerpt_is_a_slice_of_the_whole_up_to_convergence(wav: Write) -> None:
    """An Opus decoder that starts midway has other memories than one that began at the start."""
    path = wav("a.opus", tone(16000, 9), 16000, format="OGG", subtype="OPUS")
    whole = load_audio(path, excerpt=WHOLE, rate=None)
    middle = load_audio(path, excerpt=Excerpt.middle(2.5), rate=None)
    start = round(middle.start * 16000)
    np.testing.assert_allclose(
        middle.samples, whole.samples[start : start + len(middle.samples)], rtol=0, atol=1e-4
    )


def test_windows_are_slices_of_the_whole(wav: Write) -> None:
    samples = noise(8000, 10, 1)
    windows = load_windows(wav("a.wav", samples, 8000), excerpt=Excerpt.windows(3, 2), rate=None)
    assert [window.start for window in windows] == [5333 / 8000, 4.0, 58666 / 8000]
    for window in windows:
        start = round(window.start * 8000)
        expected = samples[start : start + 16000, 0] / 32768
        np.testing.assert_array_equal(window.samples, expected)


def test_one_window_only_from_load_audio(wav: Write) -> None:
    with pytest.raises(UsageError, match="load_windows"):
        load_audio(wav("a.wav"), excerpt=Excerpt.windows(2, 1))


def test_impossible_rate_is_refused(wav: Write) -> None:
    with pytest.raises(UsageError, match="sampling rate"):
        load_audio(wav("a.wav"), rate=0)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 32000, 44100, 48000, 96000])
def test_resampling_is_soxr_in_one_piece_and_is_noted(wav: Write, rate: int) -> None:
    samples = tone(rate, 3.0, 1)
    audio = load_audio(wav("a.wav", samples, rate), excerpt=WHOLE, rate=22050)
    whole = soxr.resample(samples[:, 0].astype(np.float32) / 32768, rate, 22050, quality="HQ")
    assert (audio.rate, audio.original_rate) == (22050, rate)
    assert audio.notes == (f"resampled {rate} -> 22050 Hz",)
    assert abs(len(audio.samples) - 3 * 22050) <= 1
    np.testing.assert_allclose(audio.samples, whole[: len(audio.samples)], rtol=0, atol=1e-6)


def test_resampled_tone_keeps_frequency_level_and_phase(wav: Write) -> None:
    audio = load_audio(wav("a.wav", tone(48000, 3, 1), 48000), excerpt=WHOLE, rate=22050)
    time = np.arange(len(audio.samples)) / 22050
    inner = slice(2000, -2000)
    expected = 0.5 * np.sin(2 * np.pi * 440 * time)
    np.testing.assert_allclose(audio.samples[inner], expected[inner], rtol=0, atol=2e-5)


def test_long_file_in_many_blocks_is_resampled_without_seams(wav: Write) -> None:
    audio = load_audio(wav("a.wav", tone(44100, 20, 2), 44100), excerpt=WHOLE, rate=22050)
    time = np.arange(len(audio.samples)) / 22050
    inner = slice(2000, -2000)
    expected = 0.375 * np.sin(2 * np.pi * 440 * time)
    np.testing.assert_allclose(audio.samples[inner], expected[inner], rtol=0, atol=3e-5)


def test_same_rate_is_left_alone(wav: Write) -> None:
    audio = load_audio(wav("a.wav", tone(22050), 22050))
    assert audio.notes == ()
    assert audio.duration == audio.seconds == 2.0


def test_silence_is_read_and_noted(wav: Write) -> None:
    audio = load_audio(wav("a.flac", np.zeros((44100, 2), dtype=np.int16)), rate=None)
    assert audio.notes == ("silent",)
    assert "silent" not in load_audio(wav("b.wav")).notes


def test_twice_the_same(wav: Write) -> None:
    path = wav("a.mp3", noise(seconds=5))
    first, second = (load_audio(path, excerpt=Excerpt.middle(2)) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)


@pytest.mark.parametrize("stem", ["Füße – 曲 🎵", "x" * 240, "a b;c'd\"e", "-n", "https:"])
def test_names_of_every_kind(wav: Write, stem: str) -> None:
    assert load_audio(wav(f"{stem}.flac")).seconds == 2.0


def test_name_that_is_not_unicode(wav: Write, tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.flac"  # the byte E9, as Latin-1 systems wrote it
    try:
        wav("plain.flac").rename(path)
    except (OSError, UnicodeEncodeError) as error:
        pytest.skip(f"this file system takes Unicode names only: {error}")
    assert load_audio(path).seconds == 2.0


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_windows_of_a_file_opened_once_are_those_of_a_file_opened_for_each(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    soundfile.write(path, noise(8000, 40.0), 8000)
    excerpt = Excerpt.windows(5, 3)
    windows = load_windows(path, excerpt=excerpt, rate=None)
    source = open_source(path)
    for window, span in zip(windows, excerpt.spans(source.frames, 8000), strict=True):
        alone = mono(joined(source.blocks(*span)))
        # A seek leaves the synthesis filter of MP3 as it was: the last bit differs.
        np.testing.assert_allclose(window.samples, alone, rtol=0, atol=2e-7 * (kind == "mp3"))


def test_windows_behind_damage_are_those_of_a_file_opened_for_each(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(8000, 40.0), 8000)
    content = bytearray(path.read_bytes())
    middle = len(content) * 3 // 10
    content[middle : middle + 3000] = bytes(3000)
    path.write_bytes(content)
    excerpt = Excerpt.windows(5, 3)
    source = open_source(path)
    together = [joined(blocks) for blocks in source.windows(spans_of(excerpt, source))]
    for window, span in zip(together, spans_of(excerpt, source), strict=True):
        np.testing.assert_array_equal(window, joined(source.blocks(*span)))


def spans_of(excerpt: Excerpt, source: Source) -> list[Span]:
    """The spans of a file that declares its length."""
    return excerpt.spans(source.frames or 0, source.rate)


def joined(blocks: Iterable[Block]) -> Block:
    """Blocks as one array; each is valid until the next is read."""
    return np.concatenate([block.copy() for block in blocks])


@pytest.mark.parametrize("channels", [2, 4])
def test_of_channels_that_cancel_each_other_the_first_is_taken(wav: Write, channels: int) -> None:
    one = noise(channels=1).astype(np.int16)
    signs = np.array([1, -1] * (channels // 2), np.int16)
    exact = one * signs
    rounded = np.clip(exact + np.random.default_rng(0).integers(-1, 2, exact.shape), -32768, 32767)
    for name, samples in (("exact.wav", exact), ("rounded.wav", rounded.astype(np.int16))):
        audio = load_audio(wav(name, samples), excerpt=WHOLE, rate=None)
        np.testing.assert_array_equal(audio.samples, samples[:, 0] / 32768)
        assert audio.notes == ("the channels cancel each other: the first one is taken",)


def test_what_channels_share_is_kept_though_most_of_them_differs(wav: Write) -> None:
    side, middle = noise(channels=1).astype(float), tone(channels=1).astype(float)
    samples = np.round(np.concatenate([side + 0.2 * middle, 0.2 * middle - side], 1) / 2)
    audio = load_audio(wav("a.wav", samples.astype(np.int16)), excerpt=WHOLE, rate=None)
    np.testing.assert_array_equal(audio.samples, samples.mean(axis=1) / 32768)
    assert audio.notes == ()
