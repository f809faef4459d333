"""Predictions in other genres."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genrescope.errors import DataError, UsageError
from genrescope.inference.mapping import own_names, to_vocabulary, unreachable_genres
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.taxonomy.vocabulary import GTZAN, LIBRARY, MASD, TOP_MAGD

UNREACHABLE = ("Folk", "International", "Latin", "New Age", "RnB", "Vocal")


def _prediction(**shares: float) -> Prediction:
    """Of the ten; what `shares` leaves is divided evenly among the others."""
    rest = (1 - sum(shares.values())) / max(1, 10 - len(shares))
    return Prediction(
        GTZAN.genres,
        np.array([shares.get(genre, rest) for genre in GTZAN.genres]),
        threshold=0.6,
        music=0.9,
        embedding=np.ones(3, np.float32),
        members=np.zeros((2, 10)),
    )


def _shares(prediction: Prediction) -> dict[str, float]:
    return dict(zip(prediction.genres, prediction.probabilities.tolist(), strict=True))


@pytest.mark.parametrize("name", ["gtzan", "GTZAN"])
def test_the_models_own_genres_are_left_alone(name: str) -> None:
    before = _prediction(rock=0.9)
    assert to_vocabulary(before, name) is before
    assert unreachable_genres(GTZAN.genres, name) == ()


def test_top_magd_without_tags_adds_up() -> None:
    shares = dict(zip(GTZAN.genres, np.arange(1, 11) / 55, strict=True))
    after = to_vocabulary(_prediction(**shares), "topmagd")
    assert after.genres == (*TOP_MAGD.genres, UNKNOWN)
    expected = dict.fromkeys(after.genres, 0.0) | {
        "Blues": 1 / 55,
        UNKNOWN: 2 / 55,
        "Country": 3 / 55,
        "Electronic": 4 / 55,
        "Rap": 5 / 55,
        "Jazz": 6 / 55,
        "Pop_Rock": (7 + 8 + 10) / 55,
        "Reggae": 9 / 55,
    }
    assert _shares(after) == pytest.approx(expected)
    assert (after.threshold, after.music, after.members) == (0.6, 0.9, None)
    assert after.embedding is not None


def test_what_has_no_place_is_unknown() -> None:
    assert to_vocabulary(_prediction(classical=0.95), "topMAGD").genre == UNKNOWN


def test_unreachable_genres_are_named() -> None:
    assert unreachable_genres(GTZAN.genres, "topMAGD") == UNREACHABLE
    assert unreachable_genres(TOP_MAGD.genres, "topMAGD") == ()
    assert unreachable_genres(LIBRARY.genres, "topMAGD") == ()
    assert unreachable_genres(LIBRARY.genres, "gtzan") == ()


@settings(max_examples=60)
@given(
    p=arrays(np.float64, 10, elements=st.floats(0, 1)).filter(lambda p: p.sum() > 0),
)
def test_remains_a_distribution(p: np.ndarray) -> None:
    after = to_vocabulary(Prediction(GTZAN.genres, p / p.sum(), 0.5), "topMAGD")
    assert after.probabilities.sum() == pytest.approx(1, rel=1e-12)
    assert after.probabilities.min() >= 0
    assert not any(_shares(after)[genre] for genre in UNREACHABLE)


def test_a_model_of_styles_is_mapped_to_genres() -> None:
    before = Prediction(MASD.genres, np.full(25, 1 / 25), 0.5)
    after = to_vocabulary(before, "topMAGD")
    shares = _shares(after)
    assert shares["Jazz"] == pytest.approx(2 / 25)
    assert shares[UNKNOWN] == pytest.approx(3 / 25)  # Experimental, Folk_International, Gospel
    assert "Folk" in unreachable_genres(MASD.genres, "topMAGD")


def _written(tmp_path: Path, text: str, name: str = "own.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_own_list(tmp_path: Path) -> None:
    path = _written(tmp_path, "genre,mine\nRock,Loud\nheavy metal,Loud\nclassic,Quiet\n*,Other\n")
    after = to_vocabulary(_prediction(rock=0.3, metal=0.2, classical=0.1), path)
    assert after.genres == ("Loud", "Quiet", "Other")
    assert after.probabilities == pytest.approx([0.5, 0.1, 0.4])
    assert unreachable_genres(GTZAN.genres, path) == ()
    assert to_vocabulary(_prediction(rock=0.3), str(path)).genres == after.genres


def test_what_a_list_does_not_name_stays_as_it_is(tmp_path: Path) -> None:
    path = _written(tmp_path, "rock,Loud\nmetal,Loud\njazz,unknown\n")
    after = to_vocabulary(_prediction(rock=0.3, metal=0.2, blues=0.1), path)
    others = [name for name in GTZAN.genres if name not in ("rock", "metal", "jazz")]
    assert after.genres == ("Loud", *others, UNKNOWN)
    assert (_shares(after)["Loud"], _shares(after)["blues"]) == pytest.approx((0.5, 0.1))
    assert own_names(path) == {"Loud", "unknown"}
    assert own_names("gtzan") == own_names(None) == frozenset()


def test_own_list_as_json_with_unknown(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"rock": "Loud", "jazz": "Unknown", "*": "Rest"}', "own.json")
    after = to_vocabulary(_prediction(jazz=0.9), path)
    assert after.genres == ("Loud", "Rest", UNKNOWN)
    assert after.genre == UNKNOWN


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = _written(tmp_path, "*,One")
    assert to_vocabulary(_prediction(), path).genres == ("One",)
    path.write_text("*,Two", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert to_vocabulary(_prediction(), path).genres == ("Two",)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("rok,Loud\n*,Rest", ":1", "did you mean 'rock'"),
        ("rock,Loud\nRock,Quiet\n*,Rest", ":2", "mapped twice"),
        ("rock,\n*,Rest", ":1", "no name of yours"),
        ("rock,Loud,3", ":1", "3 columns"),
    ],
)
def test_names_what_is_wrong_in_a_mapping(
    tmp_path: Path, text: str, place: str, message: str
) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(DataError, match=message) as caught:
        unreachable_genres(GTZAN.genres, path)
    assert caught.value.place == f"{path}{place}"


def test_names_a_target_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no vocabulary 'mine', and no such file"):
        to_vocabulary(_prediction(), "mine")
    with pytest.raises(DataError, match="cannot be read"):
        to_vocabulary(_prediction(), str(tmp_path / "none.csv"))


def test_names_a_way_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="cannot be mapped to MASD"):
        to_vocabulary(_prediction(), "MASD")
    own = Prediction(("a", "b"), np.array([0.5, 0.5]), 0.5)
    with pytest.raises(UsageError, match="mapping file"):
        to_vocabulary(own, "topMAGD")


def test_genres_of_nobody_are_mapped_by_their_names() -> None:
    own = Prediction(("Techno", "Swing", "Birdsong"), np.array([0.5, 0.3, 0.2]), 0.5)
    shares = _shares(to_vocabulary(own, "library"))
    assert {name: share for name, share in shares.items() if share} == pytest.approx(
        {"electronic": 0.5, "jazz": 0.3, UNKNOWN: 0.2}
    )
