"""Heads around unfitted scores: labels, masks, fits of known results, the graph of a model."""

import numpy as np
import onnxruntime
import pytest

from evidence import SOURCES, Scaling, columns, unfitted
from figures import calibration_error, choose_threshold, macro_recall, one_genre
from fitting import RECIPES, fit, song_weights
from graph import Projection, build
from heads import Recipe, components, fit_head
from left_out import fit_temperature
from music import fit_music
from songs import VOCABULARIES, Songs, Targets, targets

LIBRARY = VOCABULARIES["library"]
GTZAN = VOCABULARIES["GTZAN"]


def toy_songs(count: int = 80) -> Songs:
    """GTZAN's ten genres in turn, and AllMusic's labels of as many songs."""
    labels = [(GTZAN[number % 10],) for number in range(count)]
    more = [("Jazz",), ("Pop/Rock",), ("Electronic", "Latin"), ("Holiday",)]
    labels += [more[number % 4] for number in range(count)]
    corpora = ["gtzan"] * count + ["allmusic"] * count
    ids = np.array([f"song{number:03}" for number in range(2 * count)])
    return Songs(ids, np.array(corpora), ids, tuple(labels))


def toy_vectors(songs: Songs, seed: int = 0) -> dict[str, np.ndarray]:
    """Raw vectors whose tags point to each song's first possible genre."""
    rng, known = np.random.default_rng(seed), targets(songs, "library")
    found = {}
    for name in ("audioset", "musicnn"):
        values = rng.normal(size=(len(songs), SOURCES[name].dims))
        unit = dict.fromkeys([name], np.eye(SOURCES[name].dims))
        names = unfitted(unit, np.full(len(unit[name]), 1 / len(unit[name])), "library")[name]
        values += 2 * known.right @ np.sign(names).T
        if SOURCES[name].probabilities:
            first = SOURCES[name].first_tag
            values[:, first:] = 1 / (1 + np.exp(-values[:, first:]))
        found[name] = values.astype(np.float32)
    return found


def test_labels_are_one_genre_several_or_none():
    songs = toy_songs(10)
    known = targets(songs, "library")
    names = [[LIBRARY[i] for i in np.flatnonzero(row)] for row in known.right]
    assert names[4] == ["hip-hop"]
    assert names[10:14] == [["jazz"], ["metal", "pop", "rock"], ["electronic", "latin"], []]
    assert not known.known[13]


def test_a_genre_that_a_corpus_does_not_have_is_no_candidate():
    known = targets(toy_songs(10), "library")
    assert [LIBRARY[i] for i in np.flatnonzero(known.candidates[0])] == sorted(
        ["hip-hop" if name == "hiphop" else name for name in GTZAN]
    )
    assert [LIBRARY[i] for i in np.flatnonzero(~known.candidates[10])] == ["disco"]


def test_corpora_weigh_the_same_and_genres_within_them():
    songs = toy_songs()
    known = targets(songs, "library")
    weights = song_weights(songs, known, known.known)
    assert weights[:80].sum() == pytest.approx(0.5)
    assert weights.sum() == pytest.approx(1)
    less = song_weights(songs, known, known.known, Recipe(corpora={"gtzan": 0.5}))
    assert less[:80].sum() == pytest.approx(1 / 3)


def test_unfitted_scores_have_variance_one_and_stand_in_for_a_missing_network():
    rng = np.random.default_rng(1)
    scaled = {name: rng.normal(size=(200, SOURCES[name].dims)) for name in ("audioset", "musicnn")}
    names = unfitted(scaled, np.full(200, 1 / 200), "library")
    scores = {name: scaled[name] @ kernel for name, kernel in names.items()}
    np.testing.assert_allclose(scores["musicnn"][:, LIBRARY.index("jazz")].std(), 1)
    assert not scores["musicnn"][:, LIBRARY.index("world")].any()
    np.testing.assert_allclose(scores["audioset"][:, LIBRARY.index("world")].std(), 2)


def test_every_genre_has_a_tag_and_every_tag_is_the_network_s():
    rng = np.random.default_rng(1)
    for name in ("audioset", "student_audioset"):
        scaled = {name: rng.normal(size=(50, SOURCES[name].dims))}
        for vocabulary in VOCABULARIES:
            kernel = unfitted(scaled, np.full(50, 1 / 50), vocabulary)[name]
            assert kernel.any(axis=0).all()


def known_of(right: np.ndarray) -> Targets:
    return Targets(right, np.ones_like(right))


@pytest.mark.parametrize("kernel", [False, True])
def test_without_labels_the_names_decide_and_labels_correct_them(kernel):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 6))
    truth = (x[:, :3] + 3 * x[:, 3:] * [1, -1, 0]).argmax(axis=1)
    right = np.eye(3, dtype=bool)[truth]
    names = {"audioset": np.eye(6, 3)}
    weights = np.full(300, 1 / 300)
    scaled = {"audioset": x}
    bound = fit_head(scaled, names, known_of(right), weights, Recipe(1e4, 1e4, 1e4, kernel))
    free = fit_head(scaled, names, known_of(right), weights, Recipe(1e-5, 1e-4, 1e-4, kernel))
    by_name = (bound.logits(scaled).argmax(axis=1) == x[:, :3].argmax(axis=1)).mean()
    assert by_name > 0.99
    assert (free.logits(scaled).argmax(axis=1) == truth).mean() > 0.95


def test_one_against_all_others_is_averaged_in_where_each_genre_has_songs():
    rng = np.random.default_rng(7)
    scaled, names = {"audioset": rng.normal(size=(200, 5))}, {"audioset": np.eye(5, 3)}
    truth, weights = rng.choice(3, 200, p=(0.8, 0.1, 0.1)), np.full(200, 1 / 200)
    right = np.eye(3, dtype=bool)[truth]
    heads = [
        fit_head(scaled, names, known_of(right), weights, Recipe(1e-3, kernel=True, rest=rest))
        for rest in (0.0, 1.0, 0.5)
    ]
    one, other, both = (head.logits(scaled) for head in heads)
    np.testing.assert_allclose(both, (one + other) / 2, atol=1e-6)
    # Each genre's songs and the others weigh alike, so a frequent genre is predicted less.
    assert (one.argmax(axis=1) == 0).mean() > (other.argmax(axis=1) == 0).mean()
    right[truth == 2] = False
    right[truth == 2, 0] = True
    some = [
        fit_head(scaled, names, known_of(right), weights, Recipe(1e-3, kernel=True, rest=rest))
        for rest in (0.0, 1.0)
    ]
    np.testing.assert_array_equal(*(head.logits(scaled) for head in some))


@pytest.mark.parametrize("source", ["audioset", "musicnn"])
def test_sounds_outside_the_subspace_of_songs_are_no_music_though_none_was_fitted_to(source):
    rng = np.random.default_rng(8)
    dims, plane = SOURCES[source].dims, rng.normal(size=(20, SOURCES[source].dims))
    songs = rng.normal(size=(300, 20)) @ plane + 0.1 * rng.normal(size=(300, dims))
    known, other = (scale * rng.normal(size=(40, dims)) for scale in (3, 2))
    kinds = np.array(["gtzan"] * 150 + ["allmusic"] * 150 + ["noise"] * 40)
    head = fit_music({source: np.concatenate([songs, known])}, np.arange(340) < 300, kinds)
    new = rng.normal(size=(50, 20)) @ plane + 0.1 * rng.normal(size=(50, dims))
    assert (head.logits({source: new}) > 0).all()
    assert (head.logits({source: other}) < 0).all()


def test_a_song_like_none_rests_on_the_names():
    rng = np.random.default_rng(3)
    scaled = {"audioset": rng.normal(size=(200, 5))}
    right = np.eye(2, dtype=bool)[rng.integers(0, 2, 200)]
    names, weights = {"audioset": np.eye(5, 2)}, np.full(200, 1 / 200)
    head = fit_head(scaled, names, known_of(right), weights, Recipe(1e-4, kernel=True))
    far = {"audioset": np.full((1, 5), 60.0)}
    assert head.likeness is not None
    np.testing.assert_allclose(head.likeness.logits(far), 0, atol=1e-6)


def test_components_weigh_sources_alike():
    rng = np.random.default_rng(4)
    scaled = {"few": rng.normal(size=(100, 4)), "many": rng.normal(size=(100, 400))}
    basis = components(scaled, np.full(100, 0.01), 100)
    lengths = {name: np.square(scaled[name] @ part).sum(axis=1) for name, part in basis.items()}
    assert sum(lengths.values()).mean() == pytest.approx(1, rel=0.1)


def test_the_temperature_that_made_the_labels_is_found():
    rng = np.random.default_rng(5)
    songs = Songs(np.arange(6000).astype(str), np.full(6000, "gtzan"), np.arange(6000), ())
    logits = rng.normal(size=(6000, 4)) * 3
    p = np.exp(logits / 2)
    p /= p.sum(axis=1, keepdims=True)
    truth = (p.cumsum(axis=1) > rng.random((6000, 1))).argmax(axis=1)
    known = known_of(np.eye(4, dtype=bool)[truth])
    assert fit_temperature(songs, known, logits, known.known) == pytest.approx(2, rel=0.05)


def test_figures_of_a_worked_example():
    known = known_of(np.array([[1, 0], [1, 1], [0, 1], [0, 1]], bool))
    assert one_genre(known).tolist() == [0, -1, 1, 1]
    assert macro_recall(np.array([0, -1, 1, 1]), np.array([0, 0, 1, 0])) == 0.75
    right = np.array([True, False, True, True])
    assert calibration_error(np.array([0.95, 0.95, 0.75, 0.75]), right) == pytest.approx(0.35)


def test_the_threshold_is_the_least_that_reaches_the_target():
    songs = Songs(np.arange(8).astype(str), np.array(["gtzan", "allmusic"] * 4), np.arange(8), ())
    p = np.repeat([0.6, 0.7, 0.8, 0.9], 2)
    truth = np.repeat([1, 1, 0, 0], 2)
    known = known_of(np.eye(2, dtype=bool)[truth])
    probabilities = np.stack([p, 1 - p], axis=1)
    assert choose_threshold(songs, known, probabilities, 0.6) == pytest.approx(0.61, abs=0.011)
    assert choose_threshold(songs, known, probabilities, 1.0) == pytest.approx(0.71, abs=0.011)


@pytest.mark.parametrize("sources", [("audioset", "musicnn"), ("audioset",), ("musicnn",)])
def test_the_graph_gives_what_was_fitted(sources):
    songs = toy_songs()
    vectors = {name: values for name, values in toy_vectors(songs).items() if name in sources}
    fitted = fit(songs, vectors, np.ones(len(songs), bool))
    scaled = fitted.scaled(vectors)
    rng = np.random.default_rng(6)
    noise = {name: rng.normal(size=(20, values.shape[1])) for name, values in vectors.items()}
    both = {name: np.concatenate([scaled[name], noise[name]]) for name in scaled}
    kinds = np.concatenate([songs.corpora, np.full(20, "noise")])
    music = fit_music(both, np.arange(len(kinds)) < len(songs), kinds)
    projection = Projection(scaled)
    session = onnxruntime.InferenceSession(build(fitted, music, projection, "library"))
    names = [item.name for item in session.get_outputs()]
    found = dict(zip(names, session.run(names, vectors), strict=True))
    for vocabulary in RECIPES:
        logits = fitted.logits(vectors, vocabulary)
        expected = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        name = "scores" if vocabulary == "library" else f"scores_{vocabulary}"
        np.testing.assert_allclose(found[name], expected, atol=2e-3)
    np.testing.assert_allclose(found["music"][:, 0], music.logits(scaled), atol=2e-3)
    np.testing.assert_allclose(found["embedding"], projection.places(scaled), atol=2e-3)
    assert found["members"].shape == (len(songs), len(sources), len(LIBRARY))


def test_columns_are_bounded_and_probabilities_become_logits():
    raw = np.full((1, SOURCES["musicnn"].dims), 0.5)
    raw[0, -1] = 0
    values = columns("musicnn", raw)
    assert values[0, -2] == pytest.approx(0)
    assert values[0, -1] == pytest.approx(np.log(1e-4), abs=1e-3)
    scaling = Scaling(np.zeros(2), np.ones(2))
    np.testing.assert_array_equal(scaling(np.array([[9.0, -9.0]])), [[4.0, -4.0]])
