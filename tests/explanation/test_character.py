from __future__ import annotations

import numpy as np
import pytest

from genrescope.explanation.profile import (
    SOUND,
    STRENGTH,
    Character,
    Difference,
    differences,
    song_character,
    typical_character,
)
from genrescope.taxonomy.vocabulary import GTZAN

TIME = np.arange(22050 * 12) / 22050


def tone(hertz: float, pulses: float = 0.0, depth: float = 1.0) -> np.ndarray:
    swell = 1 + depth * np.cos(2 * np.pi * pulses * TIME) if pulses else 1.0
    return (0.2 * swell * np.sin(2 * np.pi * hertz * TIME)).astype(np.float32)


def share_of(trait_words: str, character: Character) -> float:
    return next(v[0] for t, v in character.traits().items() if t.more == trait_words)


def test_shares_sum_to_one_whatever_the_loudness():
    loud = song_character(tone(1000, 2))
    soft = song_character(tone(1000, 2) / 30)

    assert loud.loudness.sum() == pytest.approx(1)
    assert loud.pulses.sum() == pytest.approx(1)
    np.testing.assert_allclose(loud.loudness, soft.loudness, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(loud.pulses, soft.pulses, rtol=1e-3, atol=1e-5)


def test_each_range_is_fullest_with_a_tone_in_it():
    heard = [song_character(tone(hertz)).traits() for hertz in (80, 400, 1200, 3000, 7000)]
    shares = np.array([[traits[trait][0] for trait in SOUND] for traits in heard])

    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_array_equal(shares.argmax(axis=0), range(5))


@pytest.mark.parametrize("minute", [61, 101, 151])
def test_the_tempo_of_a_swelling_tone(minute):
    assert song_character(tone(1000, minute / 60)).tempo == pytest.approx(minute, abs=1)


def test_a_beat_pulses_more_strongly_than_a_steady_tone():
    steady, deep = song_character(tone(1000, 2, 0.1)), song_character(tone(1000, 2))

    assert deep.strength[0] > 2 * steady.strength[0]
    assert share_of("more beats of 55 to 180 a minute", deep) > 0.5


def test_every_genre_of_the_built_in_songs_has_its_character():
    for genre in GTZAN.genres:
        found = typical_character(genre)
        np.testing.assert_allclose(found.loudness.sum(axis=1), 1)
        np.testing.assert_allclose(found.pulses.sum(axis=1), 1)
    assert len(typical_character("blues").strength) == 100
    np.testing.assert_array_equal(
        typical_character("Hip-Hop").strength, typical_character("hiphop").strength
    )
    assert typical_character("Folk") is None


def test_genres_differ_as_people_hear_them():
    share = {
        genre: {t.more: np.median(v) for t, v in typical_character(genre).traits().items()}
        for genre in ("classical", "hiphop", "metal")
    }

    assert share["hiphop"]["more bass"] > share["classical"]["more bass"]
    assert share["metal"]["more upper midrange"] > share["classical"]["more upper midrange"]
    assert share["hiphop"]["a stronger pulse"] > share["classical"]["a stronger pulse"]


def made(strength: list[float]) -> Character:
    """One song is as even as can be, several scatter about it."""
    rng, count = np.random.default_rng(0), len(strength)
    scatter = 0.0 if count == 1 else 0.1
    parts = [1 + scatter * rng.normal(size=(count, n)) for n in (24, 60)]
    loudness, pulses = (part / part.sum(axis=1, keepdims=True) for part in parts)
    return Character(loudness, pulses, np.array(strength))


def test_what_nine_tenths_of_a_genre_do_not_have_is_unusual():
    genre = made(list(range(20)))

    assert differences(made([17.5]), genre) == (Difference(STRENGTH, 18, 2),)
    assert differences(made([16.5]), genre) == ()
    [low] = differences(made([-1.0]), genre)
    assert (low.words, Difference(STRENGTH, 18, 2).words) == (
        "a weaker pulse than all 20",
        "a stronger pulse than 18 of 20",
    )
