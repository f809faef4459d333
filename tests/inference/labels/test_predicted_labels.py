"""Labels of a song from its tags."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.backbones.family import BACKBONES
from genrescope.errors import UsageError
from genrescope.inference.labels.choose import MOST, shown
from genrescope.inference.labels.fits import LabelFit, find_fit, label_fits, tag_logits
from genrescope.inference.labels.label import KINDS, Label, find_label, label_names
from genrescope.inference.labels.listing import listed_labels
from genrescope.inference.prediction import Prediction
from genrescope.sources import tagging_network
from genrescope.taxonomy.tables import read_table
from genrescope.taxonomy.vocabulary import LIBRARY, TOP_MAGD

NETWORKS = ("audioset", "musicnn")


def tags_of(seed: int, networks: tuple[str, ...] = NETWORKS) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    return {
        name: dict(zip(BACKBONES[name].tag_names, rng.uniform(0, 1, 999).tolist(), strict=False))
        for name in networks
    }


def named_fit(values: dict[str, dict[str, float]]) -> LabelFit:
    fit = find_fit(values)
    assert fit is not None
    return fit


def test_the_table_is_of_known_kinds_genres_and_tags() -> None:
    names = label_names()
    wholes = {name.name for name in names if name.kind == "style" and not name.within}
    assert len({name[:2] for name in names}) == len(names)
    for kind, _, genre, within in names:
        assert kind in KINDS
        assert genre in (LIBRARY.genres if kind == "style" else ("",))
        wider = wholes if kind == "style" else {name.name for name in label_names(kind)}
        assert within in ("", *wider)
    for kind, name, source, tag, weight in read_table("label_tags"):
        assert (kind, name) in {item[:2] for item in names}
        network = tagging_network(source)
        assert tag in (network.tag_names if network else TOP_MAGD.genres)
        assert float(weight)


def test_every_genre_but_disco_has_a_style_of_its_whole() -> None:
    assert {name.genre for name in label_names("style")} == {*LIBRARY.genres} - {"disco"}


def test_fits_are_of_the_values_of_their_sources() -> None:
    for fit in label_fits():
        for source, names in fit.values.items():
            network = tagging_network(source)
            assert names == (network.tag_names if network else TOP_MAGD.genres)
        values = sum(map(len, fit.values.values()))
        assert fit.kernel.shape == (values, len(fit.labels))
        assert np.isfinite(fit.kernel).all()
        assert np.isfinite(fit.bias).all()
        assert ((fit.thresholds > 0) & (fit.thresholds <= 1)).all()
        assert [label.kind for label in fit.labels] == sorted(
            (label.kind for label in fit.labels), key=KINDS.index
        )


def test_a_label_is_the_logistic_function_of_its_weighted_logits() -> None:
    tags = tags_of(1)
    fit = named_fit(tags)
    order = [(source, name) for source, names in fit.values.items() for name in names]
    logits = np.array([float(tag_logits(tags[source][name])) for source, name in order])
    for column, (label, found) in enumerate(zip(fit.labels, fit.predict(tags), strict=True)):
        share = 1 / (1 + np.exp(-(fit.bias[column] + logits @ fit.kernel[:, column])))
        if label.kind == "style" and label.within:
            whole = next(it for it in fit.predict(tags) if it.name == label.within)
            share *= whole.probability
        assert found.probability == pytest.approx(share, abs=1e-12)
        assert (found.kind, found.name, found.genre) == label[:3]


def test_logits_are_bounded_and_the_inverse_of_the_logistic_function() -> None:
    assert tag_logits([0.5, 1 / (1 + np.exp(-2.0))]) == pytest.approx([0.0, 2.0])
    assert np.isfinite(tag_logits([0.0, 1.0])).all()


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_labels_do_not_depend_on_the_order_of_networks_and_tags(seed: int, chance) -> None:  # type: ignore[no-untyped-def]
    tags = tags_of(seed)
    turned = {}
    for name in chance.sample(list(tags), len(tags)):
        turned[name] = dict(chance.sample(list(tags[name].items()), len(tags[name])))
    assert named_fit(turned).predict(turned) == named_fit(tags).predict(tags)


@given(st.integers(0, 10**6))
def test_the_sure_labels_are_those_of_all_that_reach_their_thresholds(seed: int) -> None:
    tags = tags_of(seed)
    fit = named_fit(tags)
    assert fit.predict(tags, sure=True) == tuple(it for it in fit.predict(tags) if it.sure)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_what_is_named_does_not_depend_on_order(shares: list[float], chance) -> None:  # type: ignore[no-untyped-def]
    labels = [
        Label(KINDS[index % 4], f"name {index}", share, 0.5) for index, share in enumerate(shares)
    ]
    named = shown(labels)
    assert named == shown(chance.sample(labels, len(labels)))
    assert all(label.sure for label in named)
    assert all(sum(label.kind == kind for label in named) <= MOST[kind] for kind in KINDS)


def test_without_tags_there_are_no_labels() -> None:
    prediction = Prediction(("rock", "jazz"), np.array([0.4, 0.6]), 0.0)
    assert prediction.all_labels == prediction.labels == ()


def test_tags_of_other_networks_do_not_matter() -> None:
    tags = tags_of(2)
    more = tags | tags_of(3, ("musicnn-mtt",))
    assert named_fit(more).predict(more) == named_fit(tags).predict(tags)
    assert find_fit(tags_of(3, ("musicnn-mtt",))) is None


def test_a_label_is_found_in_any_spelling() -> None:
    assert find_label("style", "Drum & bass").name == "drum & bass"
    assert find_label("mood", "HAPPY").kind == "mood"
    with pytest.raises(UsageError, match="did you mean 'techno'"):
        find_label("style", "tecno")
    with pytest.raises(UsageError, match="no mood 'techno'"):
        find_label("mood", "techno")


def test_lines_of_the_list_of_labels_fit_a_terminal() -> None:
    for fit in label_fits():
        rows = listed_labels(fit)
        assert len(rows) == len(fit.labels)
        assert all(len(row.text) <= 80 for row in rows)


def test_a_style_goes_with_the_genre_that_is_named() -> None:
    techno = Label("style", "techno", 0.9, 0.5, "electronic")
    jazz = Label("style", "jazz", 0.8, 0.5, "jazz")
    shares = {"jazz": 0.97, "electronic": 0.03}
    assert shown([techno, jazz], "jazz", shares) == ()
    assert shown([techno, jazz], "unknown", shares) == (techno, jazz)
    assert shown([techno, jazz], "electronic", {"jazz": 0.3, "electronic": 0.7}) == (techno, jazz)
    assert shown([techno, jazz], "jazz", {"jazz": 0.8, "electronic": 0.2}) == (techno,)


def test_a_whole_genre_is_not_named_beside_a_narrower_style_or_the_genre_itself() -> None:
    rock = Label("style", "pop/rock", 0.9, 0.5, "rock")
    punk = Label("style", "punk", 0.8, 0.5, "rock")
    jazz = Label("style", "jazz", 0.7, 0.5, "jazz")
    assert shown([rock, jazz]) == (rock, jazz)
    assert shown([rock, punk, jazz]) == (punk, jazz)
    assert shown([rock, jazz], "metal", {"metal": 0.6, "rock": 0.2, "jazz": 0.2}) == (jazz,)


def test_an_instrument_is_not_named_beside_a_narrower_one() -> None:
    guitar = Label("instrument", "guitar", 0.9, 0.5)
    electric = Label("instrument", "electric guitar", 0.8, 0.5)
    piano = Label("instrument", "piano", 0.7, 0.5)
    assert shown([guitar, piano]) == (guitar, piano)
    assert shown([guitar, electric, piano]) == (electric, piano)


def test_nothing_is_named_of_what_is_no_music_nor_of_silence() -> None:
    shares = np.array([0.4, 0.6])
    full = {name: dict.fromkeys(BACKBONES[name].tag_names, 0.9) for name in NETWORKS}
    assert Prediction(("rock", "jazz"), shares, 0.0, tags=full).labels
    assert Prediction(("rock", "jazz"), shares, 0.0, 0.4, tags=full).labels == ()
    assert Prediction(("rock", "jazz"), shares, 0.0, 0.0, tags=full).all_labels == ()
