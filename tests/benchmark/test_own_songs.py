from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.benchmark.own_songs import evaluate_songs, map_labels
from genrescope.data.song_labels import SongLabels
from genrescope.errors import DataError
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import Prediction
from genrescope.inference.storage.results import FailedSong
from toymodel import write_toy_model

GENRES = ("blues", "jazz", "rock")


@pytest.fixture
def options(tmp_path) -> PredictionOptions:
    card = write_toy_model(tmp_path / "toy", genres=GENRES, vocabulary=None)
    return PredictionOptions(card, threshold=0.6)


def row(name: str, *shares: float, music: float = 1.0) -> ClassifiedSong:
    return ClassifiedSong(Path(name), Prediction(GENRES, np.array(shares), 0, music), 30, 30, 0)


def test_scores_are_those_of_the_predictions(options):
    rows = [
        row("1", 0.75, 0.25, 0.0),
        row("2", 0.25, 0.50, 0.25),  # not named
        row("3", 0.0, 0.75, 0.25),
        row("4", 0.0, 0.75, 0.25),
        row("5", 1.0, 0.0, 0.0, music=0.0),
        FailedSong(Path("6"), "broken"),
    ]
    blues, jazz, rock = (("blues",), ("jazz",), ("rock",))
    truth = dict(zip(map(Path, "123456"), (blues, blues, jazz, rock, rock, rock), strict=True))
    found = evaluate_songs(rows, truth, options)

    assert found.scores.rows == 4
    assert found.scores.confusion == ((1, 1, 0), (0, 1, 0), (0, 1, 0))
    assert found.scores.macro_recall.value == pytest.approx((0.5 + 1 + 0) / 3)
    assert found.scores.accuracy.value == 0.5
    # In the bin of 0.75 two of three are right, in that of 0.5 none of one.
    assert found.scores.calibration_error.value == pytest.approx((3 * (0.75 - 2 / 3) + 0.5) / 4)
    assert (found.named, found.right, found.groups) == (3, 2, None)
    assert found.unread == {Path("6"): "broken"}
    assert found.empty == {Path("5"): "nothing to classify"}


def test_a_prediction_among_several_genres_is_right(options):
    rows = [row("1", 0.1, 0.8, 0.1), row("2", 0.5, 0.2, 0.3)]
    truth = {Path("1"): ("blues", "jazz"), Path("2"): ("jazz", "rock")}
    found = evaluate_songs(rows, truth, options)
    assert found.scores.confusion == ((0, 0, 0), (0, 1, 0), (1, 0, 0))  # rock is likelier than jazz
    assert (found.named, found.right) == (1, 1)


def test_a_group_is_drawn_as_one(options):
    rows = [row(str(n), 0.9 * (n < 4), 1 - 0.9 * (n < 4), 0.0) for n in range(8)]
    truth = {Path(str(n)): ("blues",) for n in range(8)}
    alone = evaluate_songs(rows, truth, options)
    groups = {Path(str(n)): f"artist {n // 4}" for n in range(8)}
    grouped = evaluate_songs(rows, truth, options, groups)

    assert grouped.groups == 2
    assert grouped.scores.accuracy.value == alone.scores.accuracy.value == 0.5
    # Of two artists, one right and one wrong, a quarter of the draws has only one of them.
    assert (grouped.scores.accuracy.low, grouped.scores.accuracy.high) == (0, 1)
    assert 0 < alone.scores.accuracy.low < 0.5 < alone.scores.accuracy.high < 1


def test_a_group_of_two_genres_is_drawn_within_each(options):
    rows = [row("1", 1.0, 0.0, 0.0), row("2", 0.0, 1.0, 0.0)]
    truth = {Path("1"): ("blues",), Path("2"): ("jazz",)}
    found = evaluate_songs(rows, truth, options, {Path("1"): "X", Path("2"): "X"})
    assert found.groups == 1
    assert found.scores.accuracy.value == 1


def test_labels_are_found_in_any_spelling(options):
    spelt = {"1": "BLUES", "2": "Jazz|Rock", "3": "Soundtrack", "4": "soundtrack ", "5": "rock"}
    labels = SongLabels({Path(name): genre for name, genre in spelt.items()})
    mapped = map_labels(labels, (*GENRES, "unknown"))
    assert mapped.genres == {
        Path("1"): ("blues",),
        Path("2"): ("jazz", "rock"),
        Path("5"): ("rock",),
    }
    assert mapped.unmapped == {"Soundtrack": 1, "soundtrack ": 1}
    with pytest.raises(DataError, match="no label names a genre of the model: Soundtrack"):
        map_labels(SongLabels({Path("3"): "Soundtrack"}), GENRES)


def test_nothing_predicted_is_an_error(options):
    with pytest.raises(DataError, match="no labelled song"):
        evaluate_songs([FailedSong(Path("1"), "broken")], {Path("1"): ("rock",)}, options)
