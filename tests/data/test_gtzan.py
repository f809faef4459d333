"""The built-in songs."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from genrescope.data.corpora.gtzan import (
    _FOLDER,
    KNOWN_REPEATS,
    NEAR_REPEATS,
    fault_filtered_split,
    load_gtzan,
    of_whole_genres,
    with_proxy_artist_groups,
)
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.taxonomy.vocabulary import GTZAN

WITH_2012 = ("rp", "rh", "ssd", "tssd", "trh", "mvd")

DIGESTS = {  # of the values as the programs wrote them, however they are kept here
    ("rp", "default"): "5c940c84adbb84c4",
    ("rh", "default"): "7aac4aa41cd702dd",
    ("ssd", "default"): "7921f8c1b629ed69",
    ("tssd", "default"): "dbeacd7fc8aa77ac",
    ("trh", "default"): "0e5dffb16163d947",
    ("mvd", "default"): "2061073de689f993",
    ("marsyas_timbral", "default"): "ff7b544134dd07dd",
    ("jmir_spectral", "default"): "bc2412b94111bc77",
    ("jmir_derivatives", "default"): "1e6fd65add73e89f",
    ("jmir_mfcc", "default"): "5a3172207e1bb874",
    ("jmir_lpc", "default"): "d6c23496362d2aaa",
    ("jmir_moments", "default"): "c63dbe3e3873d6ee",
    ("jmir_area_moments", "default"): "2eec75b7d8967685",
    ("rp", "2012"): "ac4ee1a9bafc6edd",
    ("rh", "2012"): "1bde7b129278734f",
    ("ssd", "2012"): "1761e6883da9fa02",
    ("tssd", "2012"): "3d505443a5d9e65d",
    ("trh", "2012"): "83a14cfeb6c4c8bf",
    ("mvd", "2012"): "796e843bf03b9475",
}


@pytest.mark.parametrize(("name", "variant"), DIGESTS)
def test_every_value_is_what_the_programs_wrote(name: str, variant: str) -> None:
    values = load_gtzan(name, variant).source.astype("<f4").tobytes()
    assert hashlib.sha256(values).hexdigest()[:16] == DIGESTS[name, variant]


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_every_set_has_its_shape_and_finite_values(name: str) -> None:
    table = load_gtzan(name)
    assert table.source.shape == (len(table), FEATURE_SETS[name].dims)
    assert table.source.dtype == np.float32
    assert np.isfinite(table.source).all()
    assert len(set(table.ids.tolist())) == len(table)


@pytest.mark.parametrize("name", WITH_2012)
def test_the_2012_variant_has_the_same_songs_and_other_values(name: str) -> None:
    default, variant = load_gtzan(name), load_gtzan(name, "2012")
    assert (default.ids == variant.ids).all()
    assert default.source.shape == variant.source.shape
    assert not np.array_equal(default.source, variant.source)
    assert variant.provenance["variant"] == "2012"


def test_labels_are_the_genres_in_the_ids() -> None:
    table = load_gtzan("rh")
    assert table.labels is not None
    assert table.labels.tolist() == [name.partition(".")[0] for name in table.ids.tolist()]
    assert set(table.labels.tolist()) == set(GTZAN.genres)


def test_known_repeats_have_equal_vectors_and_one_group() -> None:
    table = load_gtzan("marsyas_timbral")
    row = {name: i for i, name in enumerate(table.ids.tolist())}
    assert table.groups is not None
    here = {copy: first for copy, first in KNOWN_REPEATS.items() if {copy, first} <= set(row)}
    for copy, original in here.items():
        assert (table.source[row[copy]] == table.source[row[original]]).all()
    for copy, original in (here | NEAR_REPEATS).items():
        assert table.groups[row[copy]] == table.groups[row[original]] == original
    assert (table.groups != "").sum() == 2 * (len(here) + len(NEAR_REPEATS))


def test_genres_are_whole_where_all_their_songs_are_here() -> None:
    table = load_gtzan("rh")
    whole = of_whole_genres(table)
    genres, songs = np.unique(np.asarray(whole.labels), return_counts=True)
    assert genres.tolist() == ["blues", "classical", "country", "jazz", "metal", "pop", "rock"]
    assert set(songs.tolist()) == {100}
    split = fault_filtered_split(whole)  # of the published split nothing of these genres is missing
    parts = (_FOLDER / "fault_filtered_split.csv").read_text().split()[1:]
    published = [row.partition(".")[0] in genres for row in parts]
    assert len(split.train) + len(split.test) == sum(published)
    with pytest.raises(DataError, match="1 genres of 'rh' have all their songs"):
        of_whole_genres(table.take(np.flatnonzero(table.labels == "blues")))


def test_the_fault_filtered_split_by_id() -> None:
    table = load_gtzan("rh")
    split = fault_filtered_split(table)
    train, test = set(table.ids[split.train].tolist()), set(table.ids[split.test].tolist())
    assert "blues.00000" in train  # its part is called valid
    assert not train & test
    again = table.take(np.arange(len(table))[::-1])
    turned = fault_filtered_split(again)
    assert set(again.ids[turned.train].tolist()) == train
    for copy, original in (
        KNOWN_REPEATS | NEAR_REPEATS
    ).items():  # it keeps at most one of each pair
        assert not {copy, original} <= train | test


def test_the_whole_split_has_its_published_sizes() -> None:
    ids = np.array([f"{genre}.{i:05d}" for genre in GTZAN.genres for i in range(100)])
    split = fault_filtered_split(FeatureTable("rh", ids, np.zeros((1000, 1), np.float32)))
    assert (len(split.train), len(split.test)) == (443 + 197, 290)


def test_errors_of_use() -> None:
    with pytest.raises(UsageError, match="no feature set 'tonality'"):  # there are no files of it
        load_gtzan("tonality")
    with pytest.raises(UsageError, match="no feature set 'chroma'"):
        load_gtzan("chroma")
    with pytest.raises(UsageError, match="choose from rp, rh, ssd, tssd, trh, mvd"):
        load_gtzan("jmir_lpc", "2012")
    stranger = FeatureTable("rh", np.array(["TRA"]), np.zeros((1, 1), np.float32))
    with pytest.raises(DataError, match="fault-filtered split"):
        fault_filtered_split(stranger)


def test_neighbours_are_groups_that_the_fault_filtered_split_does_not_divide() -> None:
    table = with_proxy_artist_groups(load_gtzan("rh"))
    assert table.groups is not None
    split = fault_filtered_split(table)
    assert not set(table.groups[split.train].tolist()) & set(table.groups[split.test].tolist())
    for group in set(table.groups.tolist()):
        ids = sorted(table.ids[table.groups == group].tolist())
        assert 1 <= len(ids) <= 10
        assert {name.partition(".")[0] for name in ids} == {ids[0].partition(".")[0]}
        assert int(ids[-1][-5:]) - int(ids[0][-5:]) < 10


def test_neighbours_sound_more_alike_than_other_songs_of_their_genre() -> None:
    # What the grouping rests on: the nearest of a genre's hundred songs is often a neighbour.
    table = with_proxy_artist_groups(load_gtzan("ssd"))
    rows = np.flatnonzero(np.isin(table.labels, ["blues", "classical", "country", "metal"]))
    values = np.log1p(np.abs(table.read(rows)))
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    apart = ((values[:, None] - values[None]) ** 2).sum(axis=2)
    labels, groups = np.asarray(table.labels)[rows], np.asarray(table.groups)[rows]
    apart[labels[:, None] != labels] = np.inf
    np.fill_diagonal(apart, np.inf)
    shared = groups[apart.argmin(axis=1)] == groups
    by_chance = np.mean([((groups == own).sum() - 1) / 99 for own in groups])
    assert shared.mean() > 3 * by_chance
