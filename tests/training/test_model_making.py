"""The scripts that make the bundled models: what they feed, and what they conclude."""

import numpy as np
import pytest
from numpy.typing import NDArray

import hearing
from augment import augment, low_pass_at
from conditions import CONDITIONS
from ensemble import balanced, fit_ensemble
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio
from genrescope.backbones.musicnn import DIMS
from genrescope.calibration.temperature import log_softmax
from genrescope.descriptors.extra import spectral_contrast
from genrescope.inference.samples import to_level
from hearing import EVERYTHING, LEVEL, hear
from level import LevelMap
from nonmusic import HELD_OUT, KINDS, make
from rows import GROUPS, INPUTS

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
    heard = load_audio(path, excerpt=Excerpt.whole())
    # A tone and its echo 20 ms later at 0.7, both halved: |1 + 0.7 exp(-2 pi i 440 / 50)| / 2.
    lost = {"20 dB softer": 20.0, "stereo, one side late": 3.18}.get(name, 0.0)
    exact = 0.6 if "MP3" in name else 0.1  # a codec keeps what is heard, not the samples
    assert decibels(heard.samples) == pytest.approx(decibels(song) - lost, abs=exact)
    if name == "MP3 at 64 kbit/s":
        assert path.stat().st_size * 8 / heard.duration == pytest.approx(64000, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_sounds_that_are_no_music(kind: str) -> None:
    sound = make(kind, np.random.default_rng(1))
    assert sound.shape == (441000,)
    assert np.isfinite(sound).all()
    assert 0.05 <= np.abs(sound).max() <= 0.9
    assert decibels(sound) > LEVEL - 60


def test_what_is_held_out_exists() -> None:
    assert set(HELD_OUT) < set(KINDS)


def test_every_genre_counts_the_same_and_within_it_every_song() -> None:
    truth = np.array([0, 0, 0, 1])
    songs = np.array(["a", "a", "b", "c"])
    np.testing.assert_allclose(balanced(truth, songs), [0.125, 0.125, 0.25, 0.5])


def test_a_member_that_knows_nothing_gets_little_weight() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 10, 800)
    wise = rng.normal(size=(800, 10))
    wise[np.arange(800), truth] += 3
    logs = {"wise": log_softmax(wise), "fool": log_softmax(rng.normal(size=(800, 10)))}
    songs = np.arange(800).astype(str)
    found = fit_ensemble(logs, truth, songs, ["wise", "fool"])
    # With unit noise and a lead of 3 the true odds are exp(3 times the difference).
    assert found.weights["wise"] == pytest.approx(3, rel=0.2)
    assert found.weights.get("fool", 0) < 0.15 * found.weights["wise"]
    own = found.probabilities(logs)[np.arange(800), truth]
    best = np.exp(log_softmax(3 * wise))[np.arange(800), truth]
    assert -np.log(own).mean() == pytest.approx(-np.log(best).mean(), abs=0.03)


def test_the_level_map_learns_how_a_level_moves_each_column() -> None:
    rng = np.random.default_rng(5)
    loudness = rng.uniform(0.3, 3, 300)
    sizes = rng.uniform(1, 2, (300, 6))
    shapes = rng.normal(size=(300, 4))
    natural = np.hstack([sizes * loudness[:, None], shapes]).astype(np.float32)
    levelled = np.hstack([sizes, shapes]).astype(np.float32)
    mapped = LevelMap(natural[:250], levelled[:250])(natural[250:])
    before = np.abs(np.log(natural[250:, :6] / levelled[250:, :6])).mean()
    after = np.abs(np.log(mapped[:, :6] / levelled[250:, :6])).mean()
    assert after < 0.35 * before
    np.testing.assert_allclose(mapped[:, 6:], levelled[250:, 6:], atol=0.2)


def test_what_is_missing_in_a_file_is_added_and_what_is_there_stays(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(hearing, "CLIPS", 2)
    known = hearing._heard("tone", "nonmusic", ["rh"], tmp_path)
    heard_before = {**known, "musicnn": np.full((2, DIMS), 7, np.float32)}
    np.savez(tmp_path / "tone.npz", **heard_before)

    hear("tone", kind="nonmusic", musicnn=tmp_path, output=tmp_path)

    with np.load(tmp_path / "tone.npz") as archive:
        found = dict(archive)
    assert set(found) == {"forms", *EVERYTHING}
    for name, values in heard_before.items():
        np.testing.assert_array_equal(found[name], values)
    for (_, samples), contrast in zip(
        hearing.nonmusic_forms("tone"), found["spectral_contrast"], strict=True
    ):
        expected = spectral_contrast(to_level(samples, LEVEL), RATE)
        np.testing.assert_allclose(contrast, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_forms_that_are_others_than_before_are_heard_anew(
    tmp_path, monkeypatch, musicnn_models
) -> None:
    monkeypatch.setattr(hearing, "CLIPS", 2)
    known = hearing._heard("rain", "nonmusic", ["rh"], tmp_path)
    old = np.full((2, DIMS), 7, np.float32)
    np.savez(tmp_path / "tone.npz", **known, musicnn=old)

    hear("tone", kind="nonmusic", musicnn=musicnn_models / "musicnn", output=tmp_path)

    with np.load(tmp_path / "tone.npz") as archive:
        assert not np.allclose(archive["rh"], known["rh"])
        assert (archive["musicnn"] != old).any()


def test_every_input_is_trained_in_one_group() -> None:
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(INPUTS)


@pytest.mark.slow
def test_columns_that_the_recording_decides_are_not_relied_on() -> None:
    from members import reliability  # loads Keras

    rng = np.random.default_rng(7)
    songs = np.repeat(np.arange(60).astype(str), 8)
    of_song = np.repeat(rng.normal(size=60), 8)
    noise = rng.normal(size=480)
    values = np.stack([of_song, noise, of_song + noise], axis=1)
    share = reliability(values, songs)
    assert share[0] == pytest.approx(1)
    assert share[1] < 0.25  # chance leaves an eighth: the spread of means of eight
    assert share[2] == pytest.approx(0.56, abs=0.12)
