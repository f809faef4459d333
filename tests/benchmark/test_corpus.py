"""Corpora of audio: songs of one genre or several, scored once; transfer; repeats."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genrescope.benchmark.audio import corpus_protocol, corpus_tasks, run_corpus
from genrescope.benchmark.config import BenchmarkConfig
from genrescope.benchmark.corpus import Corpus, corpus_of
from genrescope.benchmark.repeats import Repeat, find_repeats
from genrescope.benchmark.transfer import run_transfer, shared_genres, transfer_document
from genrescope.data.song_labels import SongLabels
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.report.corpora.songs import repeats_table, several_table
from genrescope.report.corpora.transfer import transfer_page
from genrescope.taxonomy.vocabulary import TOP_MAGD

LABELS = ("Jazz", "Rap", "R&B", "Jazz|R&B")
CENTRES = {"Jazz": 0, "Rap": 1, "RnB": 2}


def corpus(name: str, songs: int = 48, seed: int = 0, shift: float = 0.0) -> Corpus:
    """Songs of three genres, four an artist; vectors around a centre a genre, moved by `shift`."""
    files = [Path(f"{name}/{n}.wav") for n in range(songs)]
    genres = {file: LABELS[n % 4] for n, file in enumerate(files)}
    groups = {file: f"artist {n // 4}" for n, file in enumerate(files)}
    labels = SongLabels(genres, groups)
    found = corpus_of(name, {file: file.stem for file in files}, labels, TOP_MAGD, 2)
    rng = np.random.default_rng(seed)
    centre = np.array([np.mean([CENTRES[g] for g in of], axis=0) for of in found.genres])
    values = np.eye(4)[centre.round().astype(int)] * 3 + rng.normal(size=(songs, 4)) + shift
    table = FeatureTable("ssd", found.ids, values.astype(np.float32))
    return replace(found, tables=(table,))


def test_labels_of_any_spelling_are_brought_to_a_vocabulary_and_rare_ones_left_out():
    names = ("Hip-Hop", "rap", "Jazz|Polka", "jazz", "Polka", "R&B")
    files = [Path(f"{n}.wav") for n in range(6)]
    labels = SongLabels(dict(zip(files, names, strict=True)), unlabelled=(Path("x"),))
    found = corpus_of("c", {file: file.name for file in files}, labels, TOP_MAGD, 2)
    assert found.genres == (("Rap",), ("Rap",), ("Jazz",), ("Jazz",))
    assert found.vocabulary.genres == ("Jazz", "Rap")
    assert found.left_out == {
        "no genre of the vocabulary: Polka": 1,
        "too rare: RnB": 1,
        "no label": 1,
    }
    spelt = corpus_of("c", {file: file.name for file in files}, labels, None, 1)
    assert spelt.genres[2] == ("Jazz", "Polka")


def test_spellings_of_one_label_are_one_genre_without_a_vocabulary():
    names = (
        "Rock",
        "rock",
        "Rock",
        "Música|ROCK",
        unicodedata.normalize("NFD", "Música"),
        "Música",
    )
    files = [Path(f"{n}.wav") for n in range(6)]
    labels = SongLabels(dict(zip(files, names, strict=True)))
    found = corpus_of("c", {file: file.name for file in files}, labels, None, 2)
    assert found.vocabulary.genres == ("Música", "Rock")
    assert found.genres == (("Rock",),) * 3 + (("Música", "Rock"), ("Música",), ("Música",))
    assert found.truth.sum(axis=0).tolist() == [3, 4]
    assert found.truth.any(axis=1).all()


def test_too_few_genres_are_an_error():
    labels = SongLabels({Path("a.wav"): "jazz"})
    with pytest.raises(DataError, match=r"0 genres of 2 .*--least"):
        corpus_of("c", {Path("a.wav"): "a"}, labels, TOP_MAGD, 2)


def test_a_song_of_two_genres_is_two_rows_in_one_group():
    songs = corpus("c", 8)
    rows = songs.rows(songs.tables[0])
    assert len(rows) == 10
    assert rows.ids[-2:].tolist() == ["7 [Jazz]", "7 [RnB]"]
    assert rows.labels.tolist()[-2:] == ["Jazz", "RnB"]
    assert rows.groups[-1] == "artist 1"
    assert np.array_equal(rows.read()[-1], rows.read()[-2])
    assert songs.truth.sum(axis=1).tolist() == [1, 1, 1, 2] * 2
    narrowed = songs.within(["Jazz", "Rap"])
    assert narrowed.genres == (("Jazz",), ("Rap",), ("Jazz",)) * 2


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    songs = corpus("c")
    config = BenchmarkConfig(
        "c",
        songs.vocabulary,
        corpus_protocol(songs, "kfold", folds=3),
        0,
        "the command",
        tmp_path_factory.mktemp("out"),
    )
    tasks = corpus_tasks(songs, learners=["lda"], baselines=False)
    return songs, config, tasks, run_corpus(songs, tasks, config)


def test_songs_are_scored_once_and_artists_are_never_divided(results):
    songs, config, _, (found,) = results
    rows = songs.rows(songs.tables[0])
    for split in config.protocol.splits:
        assert not set(rows.groups[split.train]) & set(rows.groups[split.test])
    assert found.several.songs == 48
    assert found.record.scores.rows == 36  # songs of one genre
    assert sorted(found.predictions.ids.tolist(), key=int) == [str(n) for n in range(48)]
    assert found.several.hit.value > 0.7
    assert found.record.scores.macro_recall.value > 0.6
    hits = found.predictions.probabilities.argmax(axis=1)
    place = [songs.ids.tolist().index(name) for name in found.predictions.ids.tolist()]
    right = songs.truth[place, hits]
    assert found.several.hit.value == pytest.approx(right.mean())


def test_a_second_run_gives_the_same_and_trains_nothing(results):
    songs, config, tasks, (found,) = results
    (again,) = run_corpus(songs, tasks, config)
    assert again.as_json() == found.as_json()
    assert (config.output / "songs" / "ssd-lda.csv").read_text().startswith("id,split,truth,Jazz")
    table = several_table([again])
    assert table.rows[0][:2] == ("ssd", "lda")


def test_the_corpus_own_split_is_taken_where_it_has_one():
    songs = corpus("c", 16)
    with pytest.raises(DataError, match="the labels give no parts"):
        corpus_protocol(songs, "given")
    parts = np.array(["train"] * 8 + ["valid"] * 4 + ["test"] * 4)
    (split,) = corpus_protocol(replace(songs, parts=parts), "given").splits
    assert len(split.train) == 15
    assert len(split.test) == 5


def test_repeats_are_found_across_corpora_and_left_out_of_training():
    one, other = corpus("one", 60, 1), corpus("other", 60, 2)
    vectors = [item.tables[0].read() for item in (one, other)]
    vectors[1][5] = vectors[0][9]
    one, other = (
        replace(item, tables=(replace(item.tables[0], source=values),))
        for item, values in zip((one, other), vectors, strict=True)
    )
    found = find_repeats([one, other])
    songs = (str(one.ids[9]), str(other.ids[5]))
    found = [item for item in found if item.songs == songs]
    assert [item.corpora for item in found] == [("one", "other")]
    assert found[0].distance == 0
    assert "1 of them across corpora" in repeats_table(found).note
    with_it, without = (
        run_transfer([one, other], learners=["lda"], least=4, folds=3, repeats=repeats)
        for repeats in ([], found)
    )
    trained = [
        next(r for r in run if not r.other and r.trained_on == "one").songs
        for run in (with_it, without)
    ]
    assert trained[0][0] == trained[1][0] + 1


def test_transfer_has_a_result_abroad_and_at_home_for_each_pair_and_a_page():
    one, other = corpus("one", 48, 1), corpus("other", 48, 2, shift=1.5)
    assert shared_genres(one, other, 4) == ("Jazz", "Rap", "RnB")
    with pytest.raises(DataError, match="one and other share 0 genres of 40"):
        shared_genres(one, other, 40)
    results = run_transfer([one, other], learners=["lda"], least=4, folds=3)
    keys = [(item.trained_on, item.tested_on, item.other, item.learner) for item in results]
    assert len(keys) == len(set(keys)) == 8
    value = {key: item.scores.macro_recall.value for key, item in zip(keys, results, strict=True)}
    assert value["other", "other", "one", "lda"] > value["one", "other", "", "lda"]
    repeat = Repeat(("one", "other"), ("1", "2"), ("Rap", "RnB"), ("ssd",), 0.1, False)
    page = transfer_page(transfer_document([one, other], results, [repeat], "the command"))
    assert "## Trained on one, tested on other" in page
    assert "the command" in page
    assert "| one: 1" in page
    again = run_transfer([one, other], learners=["lda"], least=4, folds=3)
    assert [item.as_json() for item in again] == [item.as_json() for item in results]
