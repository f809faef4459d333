"""The paired bootstrap against closed forms, a slow copy of its definition, and its symmetries."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.errors import DataError
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.paired import HIGHER_IS_BETTER, compare
from genrescope.evaluation.predictions import Predictions

GENRES = ("blues", "jazz", "metal")


def predictions(truth: np.ndarray, probabilities: np.ndarray, repeats: int = 1) -> Predictions:
    """Every song once a repeat, one split a repeat."""
    n = len(truth) // repeats
    return Predictions(
        ids=np.tile([f"song {i:03d}" for i in range(n)], repeats),
        truth=truth,
        probabilities=probabilities,
        split=np.repeat(np.arange(repeats), n),
        split_names=tuple(f"repeat {i + 1}" for i in range(repeats)),
        genres=GENRES[: probabilities.shape[1]],
    )


def drawn(seed: int, songs: int = 40, repeats: int = 1, genres: int = 3) -> Predictions:
    """Random predictions; the true genres are the same for all seeds."""
    truth = np.tile(np.random.default_rng(0).integers(genres, size=songs), repeats)
    chances = np.random.default_rng((1, seed)).dirichlet(np.ones(genres), size=len(truth))
    return predictions(truth, chances, repeats)


def shuffled(found: Predictions, seed: int) -> Predictions:
    order = np.random.default_rng(seed).permutation(len(found.ids))
    columns = ("ids", "truth", "probabilities", "split")
    return replace(found, **{name: getattr(found, name)[order] for name in columns})


def sure_predictions(truth: np.ndarray, right: np.ndarray, sure: float = 0.9) -> Predictions:
    """Two genres; the prediction is right where `right`."""
    chances = np.where((truth == 0) == right, sure, 1 - sure)
    return predictions(truth, np.column_stack([chances, 1 - chances]))


def test_identical_predictions_differ_by_nothing() -> None:
    for difference in compare(drawn(1), drawn(1), resamples=50).values():
        assert (difference.value, difference.low, difference.high) == (0, 0, 0)
        assert difference.a == difference.b
        assert difference.not_better == 1


def test_who_is_right_always_is_better_in_every_resample() -> None:
    truth = np.repeat([0, 1], [30, 10])
    best, worst = sure_predictions(truth, truth >= 0), sure_predictions(truth, truth < 0)
    for name, difference in compare(best, worst, resamples=200).items():
        if name == "calibration_error":
            assert (difference.a, difference.b) == (pytest.approx(0.1), pytest.approx(0.9))
        elif name == "log_loss":
            assert difference.value == pytest.approx(math.log(0.1) - math.log(0.9))
        else:
            assert difference.value == difference.low == difference.high == 1
        assert difference.not_better == 0
    assert all(item.not_better == 1 for item in compare(worst, best, resamples=200).values())


def test_the_interval_of_accuracy_is_that_of_the_paired_binomial() -> None:
    """Of 400 songs of one genre A alone is right on 60, B alone on 20."""
    truth, song = np.zeros(400, dtype=np.int64), np.arange(400)
    a, b = sure_predictions(truth, song < 200), sure_predictions(truth, (song >= 60) & (song < 220))
    found = compare(a, b, resamples=4000)["accuracy"]
    assert found.value == pytest.approx(0.1)
    half = 1.96 * math.sqrt((80 / 400 - 0.1**2) / 400)  # McNemar's table
    assert found.low == pytest.approx(0.1 - half, abs=0.006)
    assert found.high == pytest.approx(0.1 + half, abs=0.006)
    alone = evaluate(truth, a.probabilities, a.genres, resamples=4000).accuracy
    unpaired = math.sqrt(2) * (alone.high - alone.low)
    assert found.high - found.low < 0.7 * unpaired


def test_a_tie_is_not_better() -> None:
    """One song of each genre: A is right on the one, B on the other, in every resample."""
    truth = np.array([0, 1])
    found = compare(
        sure_predictions(truth, truth == 0), sure_predictions(truth, truth == 1), resamples=20
    )
    assert found["accuracy"].value == found["macro_recall"].value == 0
    assert found["accuracy"].not_better == found["macro_recall"].not_better == 1


def test_the_values_are_those_of_the_single_scores() -> None:
    a, b = drawn(1), drawn(2)
    for name, difference in compare(a, b, resamples=5).items():
        for found, mine in ((a, difference.a), (b, difference.b)):
            scores = evaluate(found.truth, found.probabilities, found.genres, resamples=0)
            assert mine == pytest.approx(getattr(scores, name).value)
        assert difference.value == difference.a - difference.b


def slow(a: Predictions, b: Predictions, name: str, resamples: int) -> np.ndarray:
    """Differences of resamples, song by song in Python, by the definition."""
    rng = np.random.default_rng(7)
    rows: dict[str, list[int]] = {}
    for row, song in enumerate(a.ids.tolist()):
        rows.setdefault(song, []).append(row)
    genre = {song: int(a.truth[found[0]]) for song, found in rows.items()}
    differences = []
    for _ in range(resamples):
        chosen: list[int] = []
        for index in sorted(set(genre.values())):
            songs = [song for song in genre if genre[song] == index]
            for song in rng.choice(songs, size=len(songs)):
                chosen += rows[str(song)]
        scores = [
            evaluate(x.truth[chosen], x.probabilities[chosen], x.genres, resamples=0)
            for x in (a, b)
        ]
        differences.append(getattr(scores[0], name).value - getattr(scores[1], name).value)
    return np.array(differences)


@pytest.mark.parametrize("name", HIGHER_IS_BETTER)
def test_agrees_with_a_slow_copy_of_its_definition(name: str) -> None:
    a, b = drawn(1, songs=60, repeats=2), drawn(2, songs=60, repeats=2)
    found = compare(a, shuffled(b, 3), resamples=1500)[name]
    expected = slow(a, b, name, 600)
    if name == "calibration_error":
        expected += found.value - expected.mean()
    spread = expected.std()
    assert found.low == pytest.approx(np.quantile(expected, 0.025), abs=0.3 * spread)
    assert found.high == pytest.approx(np.quantile(expected, 0.975), abs=0.3 * spread)
    worse = expected <= 1e-12 if HIGHER_IS_BETTER[name] else expected >= -1e-12
    assert found.not_better == pytest.approx(worse.mean(), abs=0.08)


@given(st.integers(0, 10_000), st.integers(6, 40), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_the_other_way_round_is_the_opposite(seed: int, songs: int, repeats: int) -> None:
    a, b = drawn(seed, songs, repeats), drawn(seed + 1, songs, repeats)
    there, back = compare(a, b, resamples=60), compare(shuffled(b, seed), a, resamples=60)
    for name, difference in there.items():
        other = back[name]
        assert (other.a, other.b) == (pytest.approx(difference.b), pytest.approx(difference.a))
        assert other.value == pytest.approx(-difference.value, abs=1e-12)
        assert other.low == pytest.approx(-difference.high, abs=1e-12)
        assert other.high == pytest.approx(-difference.low, abs=1e-12)
        assert difference.low <= difference.high
        assert difference.not_better + other.not_better >= 1 - 1e-12  # more where there are ties


def test_repeats_of_a_song_are_drawn_together() -> None:
    a, b = drawn(1, songs=60), drawn(2, songs=60)
    once = compare(a, b, resamples=1500)["accuracy"]
    again = [
        predictions(np.tile(x.truth, 4), np.tile(x.probabilities, (4, 1)), repeats=4)
        for x in (a, b)
    ]
    often = compare(*again, resamples=1500)["accuracy"]
    assert often.value == pytest.approx(once.value)
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"genres": ("blues", "jazz", "pop")}, "different genres"),
        ({"ids": np.array([f"tune {i:03d}" for i in range(40)])}, "80 songs are in one alone"),
        ({"truth": (drawn(1).truth + 1) % 3}, "40 predictions have different true genres"),
        ({"split_names": ("fold 9",)}, "40 predictions are of different splits"),
        ({"probabilities": np.full((40, 3), np.nan)}, "not finite"),
    ],
)
def test_refuses_what_cannot_be_compared(change: dict, words: str) -> None:
    with pytest.raises(DataError, match=words):
        compare(drawn(1), replace(drawn(2), **change), resamples=2)


def test_refuses_other_numbers_of_repeats() -> None:
    with pytest.raises(DataError, match="repeated differently"):
        compare(drawn(1), drawn(2, repeats=2), resamples=2)
