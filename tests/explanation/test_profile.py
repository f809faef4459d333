from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.errors import DataError
from genrescope.explanation.profile import (
    FILE,
    SOUND,
    STRENGTH,
    AudioProfile,
    ProfileDeviation,
    deviations,
    genre_profile,
    song_profile,
)
from genrescope.taxonomy.vocabulary import GTZAN

TIME = np.arange(22050 * 12) / 22050


def tone(hertz: float, pulses: float = 0.0, depth: float = 1.0) -> np.ndarray:
    swell = 1 + depth * np.cos(2 * np.pi * pulses * TIME) if pulses else 1.0
    return (0.2 * swell * np.sin(2 * np.pi * hertz * TIME)).astype(np.float32)


def share_of(feature_words: str, profile: AudioProfile) -> float:
    return next(v[0] for t, v in profile.features().items() if t.more == feature_words)


def test_shares_sum_to_one_whatever_the_loudness():
    loud = song_profile(tone(1000, 2))
    soft = song_profile(tone(1000, 2) / 30)

    assert loud.loudness.sum() == pytest.approx(1)
    assert loud.pulses.sum() == pytest.approx(1)
    np.testing.assert_allclose(loud.loudness, soft.loudness, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(loud.pulses, soft.pulses, rtol=1e-3, atol=1e-5)


def test_each_range_is_fullest_with_a_tone_in_it():
    described = [song_profile(tone(hertz)).features() for hertz in (80, 400, 1200, 3000, 7000)]
    shares = np.array([[features[feature][0] for feature in SOUND] for features in described])

    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_array_equal(shares.argmax(axis=0), range(5))


@pytest.mark.parametrize("minute", [61, 101, 151])
def test_the_tempo_of_a_swelling_tone(minute):
    assert song_profile(tone(1000, minute / 60)).tempo == pytest.approx(minute, abs=1)


def test_a_beat_pulses_more_strongly_than_a_steady_tone():
    steady, deep = song_profile(tone(1000, 2, 0.1)), song_profile(tone(1000, 2))

    assert deep.strength[0] > 2 * steady.strength[0]
    assert share_of("more beats of 55 to 180 a minute", deep) > 0.5


def test_every_genre_of_the_built_in_songs_has_its_profile():
    for genre in GTZAN.genres:
        found = genre_profile(Path(), genre)
        np.testing.assert_allclose(found.loudness.sum(axis=1), 1)
        np.testing.assert_allclose(found.pulses.sum(axis=1), 1)
    assert len(genre_profile(Path(), "blues").strength) == 100
    np.testing.assert_array_equal(
        genre_profile(Path(), "Hip-Hop").strength, genre_profile(Path(), "hiphop").strength
    )
    assert genre_profile(Path(), "Folk") is None


def test_profiles_of_genres_differ_as_expected():
    share = {
        genre: {t.more: np.median(v) for t, v in genre_profile(Path(), genre).features().items()}
        for genre in ("classical", "hiphop", "metal")
    }

    assert share["hiphop"]["more bass"] > share["classical"]["more bass"]
    assert share["metal"]["more upper midrange"] > share["classical"]["more upper midrange"]
    assert share["hiphop"]["a stronger pulse"] > share["classical"]["a stronger pulse"]


def made(strength: list[float]) -> AudioProfile:
    """One song is as even as can be, several scatter about it."""
    rng, count = np.random.default_rng(0), len(strength)
    scatter = 0.0 if count == 1 else 0.1
    parts = [1 + scatter * rng.normal(size=(count, n)) for n in (24, 60)]
    loudness, pulses = (part / part.sum(axis=1, keepdims=True) for part in parts)
    return AudioProfile(loudness, pulses, np.array(strength))


def test_what_nine_tenths_of_a_genre_do_not_have_is_unusual():
    genre = made(list(range(20)))

    assert deviations(made([17.5]), genre) == (ProfileDeviation(STRENGTH, 18, 2),)
    assert deviations(made([16.5]), genre) == ()
    [low] = deviations(made([-1.0]), genre)
    assert (low.words, ProfileDeviation(STRENGTH, 18, 2).words) == (
        "a weaker pulse than all 20",
        "a stronger pulse than 18 of 20",
    )


def test_a_model_keeps_profiles_of_its_own(tmp_path):
    rng = np.random.default_rng(1)
    genres = ["hum"] * 6 + ["buzz"] * 2
    np.savez(tmp_path / FILE, genres=genres, ssd=rng.random((8, 168)), rh=rng.random((8, 60)))

    assert len(genre_profile(tmp_path, "Hum").strength) == 6
    assert genre_profile(tmp_path, "buzz") is None  # too few
    assert genre_profile(tmp_path, "blues") is None
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE).write_bytes(b"PK no archive")
    with pytest.raises(DataError, match="not the profiles of a model"):
        genre_profile(tmp_path / "bad", "hum")
