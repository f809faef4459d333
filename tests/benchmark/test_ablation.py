"""What sets contribute, where it is known: sets that predict all, nothing, or one genre."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ablation import (
    Contributions,
    Gain,
    contributions,
    forward_order,
    write_contributions,
)
from genrescope.benchmark.config import BenchmarkConfig, Task
from genrescope.benchmark.ensembles import combine
from genrescope.benchmark.out_of_fold import OutOfFold, OutOfFoldPredictions
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import UsageError
from genrescope.evaluation.protocols import Protocol, fixed, kfold
from genrescope.learning.ensembles.stacking import GeometricMean
from genrescope.taxonomy.vocabulary import GTZAN

VOCABULARY = GTZAN.restricted_to({"blues", "jazz", "pop"})
SONGS = 90
TRUTH = np.arange(SONGS) % 3
HALVES = Split("halves", np.arange(SONGS // 2), np.arange(SONGS // 2, SONGS))


class Unused:
    """A learner of which only the name is used: its predictions are given."""

    name = "silent"
    kind = "baseline"


def likelihoods(strength: np.ndarray | float, seed: int, noise: float = 1.0) -> np.ndarray:
    """(songs, genres) log-probabilities that favour the true genre by `strength`, (songs,)."""
    logits = noise * np.random.default_rng(seed).normal(size=(SONGS, 3))
    logits[np.arange(SONGS), TRUTH] += strength
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


def base(
    predicted: Mapping[str, np.ndarray], protocol: Protocol | None = None
) -> OutOfFoldPredictions:
    """One member a set, by its likelihoods of every song, whether that trains or tests."""
    ids = np.array([f"song{number:02d}" for number in range(SONGS)])
    labels = np.array(VOCABULARY.genres)[TRUTH]
    one = FeatureTable("one", ids, np.zeros((SONGS, 1), np.float32), labels=labels)
    protocol = protocol or fixed(HALVES)
    members = tuple(Task(Unused(), replace(one, feature_set=name)) for name in predicted)
    logs = [item.astype(np.float32) for item in predicted.values()]
    predictions = tuple(
        tuple(OutOfFold(log[split.train], log[split.test], 0.0) for log in logs)
        for split in protocol.splits
    )
    config = BenchmarkConfig("made up", VOCABULARY, protocol, 0, "a command", Path("nowhere"))
    return OutOfFoldPredictions(members, config, TRUTH.copy(), predictions)


def by_set(gains: tuple[Gain, ...]) -> dict[str, Gain]:
    return {gain.added[0]: gain for gain in gains}


MEMBERS = {
    "noise": likelihoods(0.0, 1),
    "perfect": likelihoods(12.0, 2),
    "hints": likelihoods(1.0, 3),
}


@pytest.fixture(scope="module")
def found() -> Contributions:
    return contributions(
        base(MEMBERS), pairs=[("noise", "hints"), ("noise", "absent")], resamples=200
    )


def quickly(made: OutOfFoldPredictions) -> Contributions:
    return contributions(made, GeometricMean(), resamples=100)


def test_what_predicts_everything_is_missed_and_noise_is_not(found: Contributions) -> None:
    without = by_set(found.without)
    assert without["noise"].macro_recall.value == 0
    assert without["noise"].macro_recall.a == 1
    assert without["noise"].log_loss.low <= 0 <= without["noise"].log_loss.high
    assert without["perfect"].macro_recall.low > 0.1
    assert without["perfect"].log_loss.high < 0
    assert without["perfect"].to == ("noise", "hints")
    assert all(gain.macro_recall.a == 1 for gain in found.without)


def test_alone_noise_predicts_nothing_and_the_others_add_all_to_it(found: Contributions) -> None:
    alone = {gain.to[0]: gain for gain in found.alone}
    assert alone["perfect"].macro_recall.b == 1
    assert alone["perfect"].macro_recall.value == 0
    assert alone["noise"].macro_recall.b < alone["hints"].macro_recall.b < 1
    assert alone["noise"].macro_recall.low > 0.2
    assert alone["noise"].log_loss.b == pytest.approx(np.log(3), abs=0.15)


def test_sets_are_added_in_order_of_what_they_gain(found: Contributions) -> None:
    steps = found.forward
    assert steps[0].added == ("perfect",)
    assert steps[0].to == ()
    assert steps[0].log_loss.b == pytest.approx(np.log(3))  # none: all genres as likely
    for before, after in pairwise(steps):
        assert after.to == (*before.to, *before.added)
        assert after.macro_recall.b == before.macro_recall.a
    assert steps[-1].log_loss.a == found.without[0].log_loss.a  # in the end all sets are there


def test_a_pair_is_compared_with_each_alone(found: Contributions) -> None:
    ((on_noise, on_hints),) = found.pairs
    assert (on_noise.to, on_noise.added) == (("noise",), ("hints",))
    assert (on_hints.to, on_hints.added) == (("hints",), ("noise",))
    assert on_noise.log_loss.a == on_hints.log_loss.a
    assert on_noise.log_loss.value < on_hints.log_loss.value


def test_the_gain_of_a_genre_is_that_of_its_recall() -> None:
    one_genre = likelihoods(np.where(TRUTH == 1, 9.0, 0.0), 4, noise=0.1)
    one_genre[TRUTH != 1] = likelihoods(0.0, 4, 0.1)[TRUTH != 1]
    predicts_pop = base({"hints": likelihoods(1.0, 3), "jazz": one_genre})
    found = quickly(predicts_pop)
    more = combine(predicts_pop, GeometricMean())
    fewer = combine(predicts_pop, GeometricMean(), [0])
    gain = by_set(found.without)["jazz"]
    assert list(gain.genres) == ["blues", "jazz", "pop"]
    for number, genre in enumerate(VOCABULARY.genres):
        rows = more.truth == number
        recalls = [(p.probabilities[rows].argmax(1) == number).mean() for p in (more, fewer)]
        assert [gain.genres[genre].a, gain.genres[genre].b] == pytest.approx(recalls)
    assert gain.genres["jazz"].a == 1
    assert gain.genres["jazz"].low > 0
    assert found.songs == {"blues": 15, "jazz": 15, "pop": 15}
    mean = np.mean([difference.value for difference in gain.genres.values()])
    assert gain.macro_recall.value == pytest.approx(mean)


def test_what_needs_a_missing_set_is_missing_too() -> None:
    joined = base(
        {"rh": likelihoods(1.0, 1), "rh+ssd": likelihoods(12.0, 2), "timbral": likelihoods(1.0, 3)}
    )
    assert joined.sets == ("rh", "ssd", "timbral")
    assert joined.within(["rh", "timbral"]) == (0, 2)
    assert joined.within(["ssd"]) == ()
    assert joined.within(joined.sets) == (0, 1, 2)
    found = quickly(joined)
    assert [gain.to for gain in found.alone] == [("rh",), ("timbral",)]  # no member of ssd alone
    without = by_set(found.without)
    assert without["ssd"].log_loss.b == pytest.approx(_log_loss(joined, [0, 2]))
    assert without["rh"].log_loss.b == pytest.approx(_log_loss(joined, [2]))
    assert found.members == ("rh-silent", "rh+ssd-silent", "timbral-silent")


def _log_loss(made: OutOfFoldPredictions, chosen: list[int]) -> float:
    combined = combine(made, GeometricMean(), chosen)
    own = combined.probabilities[np.arange(len(combined.truth)), combined.truth]
    return -float(np.log(own).mean())


def test_without_any_member_all_genres_are_as_likely() -> None:
    nothing = combine(base(MEMBERS), GeometricMean(), [])
    assert np.array_equal(nothing.probabilities, np.full((45, 3), 1 / 3))


def test_the_order_is_chosen_without_test_rows() -> None:
    tested = np.arange(SONGS) >= SONGS // 2
    gained = {"deceives": likelihoods(np.where(tested, 12.0, 0.0), 5), "hints": likelihoods(1.5, 6)}
    made = base({"noise": likelihoods(0.0, 1), **gained})
    order = forward_order(made)
    assert order[0] == "hints"  # though `deceives` would be right about every test song
    truth = made.truth.copy()
    truth[tested] = np.random.default_rng(0).permutation(truth[tested])
    assert not np.array_equal(truth, made.truth)
    assert forward_order(replace(made, truth=truth)) == order


def test_songs_that_are_tested_repeatedly_are_counted_once() -> None:
    table = base(MEMBERS).table
    repeats = quickly(base(MEMBERS, kfold(table, 3, repeats=2)))
    assert repeats.songs == dict.fromkeys(VOCABULARY.genres, SONGS // 3)  # songs, not predictions
    assert repeats.protocol == "2 x stratified 3-fold"


def test_pairs_that_are_there_are_looked_at_unasked() -> None:
    predicted = {
        "rp": likelihoods(1.0, 1),
        "marsyas_timbral": likelihoods(1.0, 2),
        "rh": likelihoods(0.0, 3),
    }
    ((first, second),) = quickly(base(predicted)).pairs
    assert (first.to, second.to) == (("marsyas_timbral",), ("rp",))


def test_one_set_has_nothing_to_contribute_to() -> None:
    with pytest.raises(UsageError, match="one set"):
        contributions(base({"rh": likelihoods(1.0, 1)}))


def test_sets_that_only_have_members_together_are_not_taken_apart() -> None:
    with pytest.raises(UsageError, match="of one set alone"):
        quickly(base({"rh+ssd": likelihoods(2.0, 1), "rh+ssd+mvd": likelihoods(2.0, 2)}))


def test_it_is_written_with_what_makes_it_again(tmp_path: Path, found: Contributions) -> None:
    write_contributions(tmp_path / "contributions.json", found)
    written = json.loads((tmp_path / "contributions.json").read_text(encoding="utf-8"))
    assert written["command"] == "a command"
    assert written["combiner"] == "logistic"
    assert written["members"] == ["noise-silent", "perfect-silent", "hints-silent"]
    gain = found.without[1]
    kept = written["without"][1]
    assert kept["added"] == ["perfect"]
    assert kept["macro_recall"]["low"] == pytest.approx(gain.macro_recall.low, abs=1e-6)
    assert kept["genres"]["jazz"]["value"] == pytest.approx(gain.genres["jazz"].value, abs=1e-6)
    assert len(written["pairs"]) == 1


def test_progress_reaches_the_end() -> None:
    steps: list[tuple[float, int]] = []
    contributions(
        base(MEMBERS),
        GeometricMean(),
        resamples=1,
        progress=lambda at: steps.append((at.done, at.total)),
    )
    assert steps[0][0] == 0
    assert steps[1:] == [(number, 9) for number in range(1, 10)]
