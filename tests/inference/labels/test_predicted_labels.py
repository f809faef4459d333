"""Labels of a song from its tags."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.backbones.family import BACKBONES
from genrescope.inference.labels.choose import MOST, shown
from genrescope.inference.labels.fits import label_fits, labels_of_tags, tag_logits
from genrescope.inference.labels.label import KINDS, Label, label_names
from genrescope.inference.prediction import Prediction
from genrescope.taxonomy.tables import read_table
from genrescope.taxonomy.vocabulary import LIBRARY

NETWORKS = ("audioset", "musicnn")


def tags_of(seed: int, networks: tuple[str, ...] = NETWORKS) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    return {
        name: dict(zip(BACKBONES[name].tag_names, rng.uniform(0, 1, 999).tolist(), strict=False))
        for name in networks
    }


def test_the_table_is_of_known_kinds_genres_and_tags() -> None:
    names = label_names()
    assert len({name[:2] for name in names}) == len(names)
    for kind, _, genre in names:
        assert kind in KINDS
        assert genre in (LIBRARY.genres if kind == "style" else ("",))
    for kind, name, network, tag, weight in read_table("label_tags"):
        assert (kind, name) in {item[:2] for item in names}
        assert tag in BACKBONES[network].tag_names
        assert float(weight)


def test_fits_rest_on_tags_of_their_networks() -> None:
    for networks, fits in label_fits().items():
        for fit in fits:
            assert set(fit.weights) <= set(networks)
            for network, weights in fit.weights.items():
                known = BACKBONES[network.removeprefix("student_")].tag_names
                assert set(weights) <= set(known)
            assert 0 < fit.threshold <= 1


def test_a_label_is_the_logistic_function_of_its_weighted_logits() -> None:
    tags = tags_of(1)
    for label, fit in zip(labels_of_tags(tags), label_fits()[NETWORKS], strict=True):
        logit = fit.bias + sum(
            weight * float(tag_logits(tags[network][tag]))
            for network, weights in fit.weights.items()
            for tag, weight in weights.items()
        )
        assert label.probability == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-12)
        assert (label.kind, label.name, label.genre) == fit.label


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_labels_do_not_depend_on_the_order_of_networks_and_tags(seed: int, chance) -> None:  # type: ignore[no-untyped-def]
    tags = tags_of(seed)
    turned = {}
    for name in chance.sample(list(tags), len(tags)):
        turned[name] = dict(chance.sample(list(tags[name].items()), len(tags[name])))
    expected, found = labels_of_tags(tags), labels_of_tags(turned)
    assert [label.name for label in found] == [label.name for label in expected]
    assert [label.probability for label in found] == pytest.approx(
        [label.probability for label in expected], abs=1e-9
    )


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
    assert labels_of_tags(tags | tags_of(3, ("musicnn-mtt",))) == labels_of_tags(tags)
    assert labels_of_tags(tags_of(3, ("musicnn-mtt",))) == ()


def test_a_style_goes_with_the_genre_that_is_named() -> None:
    techno = Label("style", "techno", 0.9, 0.5, "electronic")
    jazz = Label("style", "jazz", 0.8, 0.5, "jazz")
    shares = {"jazz": 0.97, "electronic": 0.03}
    assert shown([techno, jazz], "jazz", shares) == ()
    assert shown([techno, jazz], "unknown", shares) == (techno, jazz)
    assert shown([techno, jazz], "electronic", {"jazz": 0.3, "electronic": 0.7}) == (techno, jazz)
    assert shown([techno, jazz], "jazz", {"jazz": 0.8, "electronic": 0.2}) == (techno,)


def test_nothing_is_named_of_what_is_no_music_nor_of_silence() -> None:
    shares = np.array([0.4, 0.6])
    full = {name: dict.fromkeys(BACKBONES[name].tag_names, 0.9) for name in NETWORKS}
    assert Prediction(("rock", "jazz"), shares, 0.0, tags=full).labels
    assert Prediction(("rock", "jazz"), shares, 0.0, 0.4, tags=full).labels == ()
    assert Prediction(("rock", "jazz"), shares, 0.0, 0.0, tags=full).all_labels == ()
