"""The fingerprint of sound and where two agree: values of simple sounds, and real encodings."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.errors import AudioError
from genrescope.similarity.alignment import Relation, align
from genrescope.similarity.fingerprint import (
    HOP,
    RATE,
    SECONDS_A_WORD,
    Bits,
    fingerprint,
    fingerprint_of,
)

BAND = Path(__file__).parents[1] / "data" / "reference" / "audio" / "band_22050_mono_60s.flac"


def random_bits(seconds: float, seed: int) -> Bits:
    count = round(seconds / SECONDS_A_WORD)
    return np.random.default_rng(seed).integers(0, 1 << 32, count, dtype=np.uint32)


def test_a_word_has_the_signs_of_the_differences_of_band_energies():
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(2048 + 3 * HOP).astype(np.float32)
    found = fingerprint(samples)
    edges = np.round(np.geomspace(300, 2000, 34) * 2048 / RATE).astype(int)
    window = np.hanning(2048)
    energies = np.array(
        [
            [(np.abs(np.fft.rfft(samples[at : at + 2048] * window)[low:high]) ** 2).sum()
             for low, high in pairwise(edges)]
            for at in range(0, 4 * HOP, HOP)
        ]
    )  # fmt: skip
    for time, word in enumerate(found.tolist()):
        for band in range(32):
            before, after = energies[time, band : band + 2], energies[time + 1, band : band + 2]
            grows = (after[0] - after[1]) - (before[0] - before[1]) > 0
            assert bool(word >> band & 1) == grows
    assert len(found) == 3


@pytest.mark.parametrize("samples", [0, 1, 2048, 2048 + HOP - 1])
def test_less_than_two_frames_have_no_word(samples):
    assert len(fingerprint(np.ones(samples, np.float32))) == 0


@settings(max_examples=20)
@given(st.floats(0.01, 100), st.integers(0, 1000))
def test_loudness_changes_nothing(gain, seed):
    samples = np.random.default_rng(seed).standard_normal(4096).astype(np.float32)
    differ = np.bitwise_count(fingerprint(samples) ^ fingerprint(samples * np.float32(gain)))
    assert differ.sum() <= 1  # rounding may turn a difference that is next to nothing


def test_silence_at_the_ends_is_left_out(tmp_path):
    sound, rate = soundfile.read(BAND, dtype="float32")
    quiet = np.zeros(rate, np.float32)
    soundfile.write(tmp_path / "padded.flac", np.concatenate([quiet, sound, quiet, quiet]), rate)
    padded, bare = fingerprint_of(tmp_path / "padded.flac"), fingerprint_of(BAND)
    assert len(padded) == len(bare)
    assert align(padded, bare).relation is Relation.SAME
    soundfile.write(tmp_path / "silent.wav", quiet, rate)
    assert len(fingerprint_of(tmp_path / "silent.wav")) == 0
    with pytest.raises(AudioError):
        fingerprint_of(Path(__file__))


@settings(max_examples=25)
@given(st.integers(0, 1000), st.floats(12, 60), st.floats(0, 25), st.floats(0, 0.2), st.booleans())
def test_what_is_in_common_is_found_at_any_offset_with_wrong_bits(seed, length, start, wrong, turn):
    song = random_bits(length, seed)
    rng = np.random.default_rng(seed)
    noise = np.packbits(rng.random((len(song), 32)) < wrong, axis=1).view("<u4")[:, 0]
    longer = np.concatenate([random_bits(start, seed + 1), song ^ noise])
    found = align(longer, song) if turn else align(song, longer)
    assert found.common == pytest.approx(length, abs=2)
    if start > 5:
        assert found.relation is Relation.EDIT
    if start < 1:
        assert found.relation is Relation.SAME


def test_a_cut_in_the_middle_leaves_two_stretches():
    song = random_bits(60, 1)
    cut = np.concatenate([song[:700], song[1000:]])
    found = align(song, cut)
    assert found.common == pytest.approx(len(cut) * SECONDS_A_WORD, abs=1)
    assert found.relation is Relation.EDIT


@pytest.mark.parametrize("lengths", [(60, 60), (60, 10), (5, 5), (0, 60), (0, 0), (3, 0.03)])
def test_other_songs_have_nothing_in_common(lengths):
    found = align(random_bits(lengths[0], 1), random_bits(lengths[1], 2))
    assert found.common == 0
    assert found.relation is Relation.OTHER


def test_half_of_a_song_in_common_is_the_limit_of_an_edit():
    one, two = random_bits(60, 1), random_bits(60, 2)
    for share, relation in [(0.4, Relation.OTHER), (0.6, Relation.EDIT)]:
        mixed = np.concatenate([one[: round(share * len(one))], two[round(share * len(two)) :]])
        assert align(one, mixed).relation is relation


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp3", {"bitrate_mode": "CONSTANT", "compression_level": 0.99}),
        (".mp3", {"bitrate_mode": "CONSTANT", "compression_level": 0.1}),
        (".ogg", {"compression_level": 0.9}),
    ],
)
def test_lossy_encodings_differ_in_few_bits(suffix, options, tmp_path):
    sound, rate = soundfile.read(BAND, dtype="float32")
    path = tmp_path / f"song{suffix}"
    soundfile.write(path, sound, rate, **options)
    own, encoded = fingerprint_of(BAND), fingerprint_of(path)
    assert align(own, encoded).relation is Relation.SAME
