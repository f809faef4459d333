"""Labels around tags: calibration in closed form, thresholds, shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from genrescope.inference.labels.label import label_names
from label_fit import LEAST, NEVER, _platt, _shift, share_of, split_artists, threshold
from label_songs import genre_truth, own_truth
from songs import Songs, table_rows


def test_calibration_of_an_uninformative_label_is_the_share_of_songs() -> None:
    right = np.arange(400) % 4 == 0
    sign = np.where(right, 1.0, -1.0)[:, None]
    slope, offset = _platt(np.zeros((400, 1)), sign, np.ones((400, 1)))
    assert offset[0] == pytest.approx(logit(0.25), abs=1e-4)
    assert slope[0] == pytest.approx(1.0, abs=1e-4)


def test_calibration_finds_the_slope_of_logits_that_are_too_sure() -> None:
    # Of songs at logit 4 a share of 3/4 is right, at -4 a share of 1/4: the slope is log(3) / 4.
    logits = np.repeat([4.0, -4.0], 4000)[:, None]
    right = np.concatenate([np.arange(4000) % 4 != 0, np.arange(4000) % 4 == 0])
    slope, offset = _platt(logits, np.where(right, 1.0, -1.0)[:, None], np.ones((8000, 1)))
    assert slope[0] == pytest.approx(np.log(3) / 4, abs=1e-3)
    assert offset[0] == pytest.approx(0.0, abs=1e-3)


def test_a_share_is_met_in_closed_form() -> None:
    logits = np.full(10, 1.5)
    assert _shift(logits, 0.2, np.full(10, 0.1)) == pytest.approx(logit(0.2) - 1.5)


@given(st.floats(0.01, 0.99), st.integers(0, 1000))
def test_a_share_is_met(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, weights = rng.normal(0, 3, 50), rng.dirichlet(np.ones(50))
    found = weights @ expit(logits + _shift(logits, share, weights))
    assert found == pytest.approx(share, abs=1e-9)


def test_a_threshold_lies_where_songs_above_it_are_right() -> None:
    shares = np.array([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.5, 0.45])
    right = np.array([1, 1, 1, 1, 1, 1, 0, 0], bool)
    # With two songs more, one of them right: 7 of 8 at 0.7, 7 of 9 with the next one.
    assert threshold(shares, right, 0.85) == pytest.approx(0.6)
    assert threshold(shares, ~right, 0.85) == NEVER
    assert threshold(shares, np.ones(8, bool), 0.5) == pytest.approx((0.45 + LEAST) / 2)


def test_artists_are_in_one_fold() -> None:
    artists = np.array([f"artist {number % 17}" for number in range(100)])
    for train, test in split_artists(artists):
        assert not set(artists[train]) & set(artists[test])


def test_tables_name_labels_that_there_are() -> None:
    known = {label[:2] for label in label_names()}
    kinds = {label.kind for label in label_names()}
    for row in table_rows("label_shares.csv"):
        assert (row["kind"], row["name"]) in known or not row["name"]
        assert row["kind"] in kinds
        assert 0 < float(row["share"]) < 1
    assert share_of(label_names("style")[0]) > 0


def test_what_is_known_of_songs(tmp_path) -> None:
    folder = tmp_path / "data/allmusic_clips"
    folder.mkdir(parents=True)
    text = "id,genres,artist,title,moods\na,Jazz|Latin,x,t,Happy; Tender\nb,Pop/Rock,y,t,Angry\n"
    (folder / "songs.csv").write_text(text)
    songs = Songs(
        np.array(["a", "b", "c"]),
        np.array(["allmusic", "allmusic", "gtzan"]),
        np.array(["x", "y", "c"]),
        (("Jazz", "Latin"), ("Pop/Rock",), ("metal",)),
    )
    own, genres = own_truth(songs, tmp_path), genre_truth(songs)
    right = {
        label.name: own.right[:, place].tolist()
        for place, label in enumerate(own.labels)
        if label.kind != "voice"
    }
    known = {label.name: own.known[:, place].tolist() for place, label in enumerate(own.labels)}
    assert right["jazz"] == [True, False, False]
    assert right["latin"] == [True, False, False]
    assert right["happy"] == [True, False, False]
    assert right["angry"] == [False, True, False]
    assert right["pop/rock"] == [False, True, True]
    assert known["latin"] == [True, True, False]  # GTZAN has none
    assert known["happy"] == [True, True, False]
    assert known["jazz"] == [True, True, True]
    punk = [label.name for label in genres.labels].index("punk")
    assert genres.right[:, punk].tolist() == [False, True, True]
