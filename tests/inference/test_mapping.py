"""Predictions in other genres."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genrescope.backbones.musicnn import TAGS
from genrescope.errors import DataError, UsageError
from genrescope.inference.mapping import cannot_tell, to_vocabulary
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.inference.tag_rules import EVIDENCE, genre_odds
from genrescope.taxonomy.vocabulary import GTZAN, MASD, TOP_MAGD

TYPICAL = {tag: evidence.level for evidence in EVIDENCE.values() for tag in evidence.tags}
UNTOLD = ("International", "Latin", "New Age", "Vocal")


def _prediction(tags: dict[str, float] | None = None, **shares: float) -> Prediction:
    """Of the ten; what `shares` leaves is divided evenly among the others."""
    rest = (1 - sum(shares.values())) / max(1, 10 - len(shares))
    return Prediction(
        GTZAN.genres,
        np.array([shares.get(genre, rest) for genre in GTZAN.genres]),
        threshold=0.6,
        music=0.9,
        embedding=np.ones(3, np.float32),
        members=np.zeros((2, 10)),
        tags=tags or {},
    )


def _shares(prediction: Prediction) -> dict[str, float]:
    return dict(zip(prediction.genres, prediction.probabilities.tolist(), strict=True))


@pytest.mark.parametrize("name", ["gtzan", "GTZAN"])
def test_the_models_own_genres_are_left_alone(name: str) -> None:
    before = _prediction(rock=0.9)
    assert to_vocabulary(before, name) is before
    assert cannot_tell(GTZAN.genres, False, name) == ()


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
    tags = dict.fromkeys(TAGS, 0.01)
    assert to_vocabulary(_prediction(tags, classical=0.95), "topMAGD").genre == UNKNOWN


def test_says_which_genres_cannot_be_told() -> None:
    assert set(cannot_tell(GTZAN.genres, True, "topMAGD")) == set(UNTOLD)
    assert set(cannot_tell(GTZAN.genres, False, "topMAGD")) == {*UNTOLD, "Folk", "RnB"}
    assert cannot_tell(TOP_MAGD.genres, False, "topMAGD") == ()


def test_tags_at_their_typical_level_make_a_genre_as_likely_as_one_of_ten() -> None:
    assert genre_odds(TYPICAL) == pytest.approx(dict.fromkeys(EVIDENCE, 0.1))


def test_tag_odds_are_the_corrected_posterior() -> None:
    """Bayes' rule by hand: probability 0.5 under share s has, under share 1/11, odds (1-s)/10s."""
    odds = genre_odds({"House": 0.5, "electronic": 0.2, "folk": 0.0})
    level = EVIDENCE["Electronic"].level
    assert odds["Electronic"] == pytest.approx((1 - level) / level / 10)
    assert odds["Folk"] < 1e-5


@pytest.mark.parametrize(
    ("tag", "heard_as", "genre"),
    [
        ("electronic", "hiphop", "Electronic"),
        ("House", "disco", "Electronic"),
        ("folk", "country", "Folk"),
        ("soul", "pop", "RnB"),
        ("funk", "disco", "RnB"),
    ],
)
def test_tags_pull_towards_the_genres_that_the_ten_lack(
    tag: str, heard_as: str, genre: str
) -> None:
    after = to_vocabulary(_prediction({**TYPICAL, tag: 0.8}, **{heard_as: 0.6}), "topMAGD")
    assert after.best == genre


def test_typical_tags_leave_the_answer_of_the_ten() -> None:
    after = to_vocabulary(_prediction(TYPICAL, reggae=0.9), "topMAGD")
    assert after.best == "Reggae"
    assert _shares(after)["Reggae"] == pytest.approx(0.9 / 1.3)


def test_disco_is_divided_as_the_tags_are() -> None:
    tags = {**TYPICAL, "House": 0.0, "electronic": 0.0, "electronica": 0.0, "electro": 0.0}
    shares = _shares(to_vocabulary(_prediction(tags, disco=1.0), "topMAGD"))
    assert shares["RnB"] == pytest.approx(1.1 / 1.2, rel=1e-3)
    assert shares["Electronic"] < 1e-3


@settings(max_examples=60)
@given(
    p=arrays(np.float64, 10, elements=st.floats(0, 1)).filter(lambda p: p.sum() > 0),
    tags=st.fixed_dictionaries(dict.fromkeys(TAGS, st.floats(0, 1))),
)
def test_remains_a_distribution(p: np.ndarray, tags: dict[str, float]) -> None:
    after = to_vocabulary(Prediction(GTZAN.genres, p / p.sum(), 0.5, tags=tags), "topMAGD")
    assert after.probabilities.sum() == pytest.approx(1, rel=1e-12)
    assert after.probabilities.min() >= 0
    assert not any(_shares(after)[genre] for genre in UNTOLD)


@given(st.sampled_from(list(EVIDENCE)), st.floats(0, 0.98), st.floats(0.001, 0.02))
def test_a_stronger_tag_never_speaks_against_its_genre(
    genre: str, level: float, more: float
) -> None:
    tag = EVIDENCE[genre].tags[0]
    shares = [
        _shares(to_vocabulary(_prediction({**TYPICAL, tag: value}, rock=0.5), "topMAGD"))[genre]
        for value in (level, level + more)
    ]
    assert shares[1] >= shares[0]


def test_backbone_has_the_tags() -> None:
    assert set(TYPICAL) <= set(TAGS)


def test_a_model_of_styles_is_told_in_genres() -> None:
    before = Prediction(MASD.genres, np.full(25, 1 / 25), 0.5)
    after = to_vocabulary(before, "topMAGD")
    shares = _shares(after)
    assert shares["Jazz"] == pytest.approx(2 / 25)
    assert shares[UNKNOWN] == pytest.approx(3 / 25)  # Experimental, Folk_International, Gospel
    assert "Folk" in cannot_tell(MASD.genres, False, "topMAGD")


def _written(tmp_path: Path, text: str, name: str = "own.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_own_list(tmp_path: Path) -> None:
    path = _written(tmp_path, "genre,mine\nRock,Loud\nheavy metal,Loud\nclassic,Quiet\n*,Other\n")
    after = to_vocabulary(_prediction(rock=0.3, metal=0.2, classical=0.1), path)
    assert after.genres == ("Loud", "Quiet", "Other")
    assert after.probabilities == pytest.approx([0.5, 0.1, 0.4])
    assert cannot_tell(GTZAN.genres, True, path) == ()
    assert to_vocabulary(_prediction(rock=0.3), str(path)).genres == after.genres


def test_own_list_as_json_with_unknown(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"rock": "Loud", "jazz": "Unknown", "*": "Rest"}', "own.json")
    after = to_vocabulary(_prediction(jazz=0.9), path)
    assert after.genres == ("Loud", "Rest", UNKNOWN)
    assert after.genre == UNKNOWN


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = _written(tmp_path, "*,One")
    assert to_vocabulary(_prediction(), path).genres == ("One",)
    path.write_text("*,Two", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert to_vocabulary(_prediction(), path).genres == ("Two",)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("rock,Loud", "", "does not say what becomes of blues, classical"),
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
        cannot_tell(GTZAN.genres, True, path)
    assert caught.value.place == f"{path}{place}"


def test_names_a_target_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no vocabulary 'mine', and no such file"):
        to_vocabulary(_prediction(), "mine")
    with pytest.raises(DataError, match="cannot be read"):
        to_vocabulary(_prediction(), str(tmp_path / "none.csv"))


def test_names_a_way_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="cannot be told in MASD"):
        to_vocabulary(_prediction(), "MASD")
    own = Prediction(("a", "b"), np.array([0.5, 0.5]), 0.5)
    with pytest.raises(UsageError, match="mapping file"):
        to_vocabulary(own, "topMAGD")
