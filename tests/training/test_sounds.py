"""The sounds that models are made from: changed songs, conditions, and what is no music."""

import numpy as np
import pytest
from numpy.typing import NDArray

from augment import augment, low_pass_at
from conditions import CONDITIONS
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from nonmusic import HELD_OUT, KINDS, make

RATE = 22050
TIME = np.arange(20 * RATE) / RATE


def tone(frequency: float) -> NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * frequency * TIME)).astype(np.float32)


def decibels(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


@pytest.mark.parametrize("seed", range(12))
def test_a_changed_song_is_still_samples_and_the_same_for_the_same_seed(seed: int) -> None:
    song = tone(220) + 0.3 * tone(3000)
    first, second = (augment(song, RATE, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert 0.1 < np.abs(first).max() <= 1
    assert len(first) >= 11 * RATE


def test_low_pass_takes_what_is_above_and_leaves_what_is_below() -> None:
    assert decibels(low_pass_at(tone(6000), RATE, 4000)) < decibels(tone(6000)) - 55
    assert decibels(low_pass_at(tone(3000), RATE, 4000)) == pytest.approx(
        decibels(tone(3000)), abs=0.1
    )


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_is_a_file_that_can_be_read(name: str, tmp_path) -> None:
    song = tone(440)
    path = tmp_path / "song"
    path.write_bytes(CONDITIONS[name](song, RATE))
    decoded = load_audio(path, excerpt=Excerpt.whole())
    # A tone and its echo 20 ms later at 0.7, both halved: |1 + 0.7 exp(-2 pi i 440 / 50)| / 2.
    lost = {"20 dB softer": 20.0, "stereo, one side late": 3.18}.get(name, 0.0)
    exact = 0.6 if "MP3" in name else 0.1  # a codec keeps what is decoded, not the samples
    assert decibels(decoded.samples) == pytest.approx(decibels(song) - lost, abs=exact)
    if name == "MP3 at 64 kbit/s":
        assert path.stat().st_size * 8 / decoded.duration == pytest.approx(64000, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_sounds_that_are_no_music(kind: str) -> None:
    sound = make(kind, np.random.default_rng(1))
    assert sound.shape == (441000,)
    assert np.isfinite(sound).all()
    assert 0.05 <= np.abs(sound).max() <= 0.9
    assert decibels(sound) > -78


def test_what_is_held_out_exists() -> None:
    assert set(HELD_OUT) < set(KINDS)
