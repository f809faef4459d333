"""Labels and salient tags of many songs at once are those of each song by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from knowledge import TOY, add_song, make_index, prediction

from genrescope.inference.labels.choose import shown
from genrescope.inference.salient_tags import salient_tags
from genrescope.library.index.models import indexed_model
from genrescope.library.index.results import songs
from genrescope.library.tagging.rows.batches import SALIENT, TagReader
from genrescope.sources import SOURCES

NETWORKS = ("audioset", "musicnn")
CARD = replace(TOY, inputs={name: SOURCES[name].dims for name in NETWORKS})


def test_facts_are_those_of_each_song(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    with make_index(tmp_path) as index:
        for number in range(40):
            tags = {
                name: {tag: float(rng.random() ** 5) for tag in SOURCES[name].tag_names}
                for name in NETWORKS
            }
            predicted = replace(prediction(rock=0.9), tags=tags)
            add_song(index, f"{number}.mp3", predicted if number % 7 else None, card=CARD)
        known = list(songs(index, indexed_model(index)))
        reader = TagReader.of(indexed_model(index), labelled=True)
        assert reader is not None
        found = reader.read(known)
    assert sum(facts is None for facts in found) == 6
    assert sum(len(facts.labels) for facts in found if facts) > 40
    for song, facts in zip(known, found, strict=True):
        predicted = song.prediction
        if predicted is None or facts is None:
            assert predicted is facts is None
            continue
        salient = salient_tags(predicted.tags, SALIENT)
        assert facts.salient == tuple(tag.name for tag in salient)
        sure = [label for label in predicted.all_labels if label.sure]
        assert [label.name for label in facts.labels] == [label.name for label in sure]
        np.testing.assert_allclose(
            [label.probability for label in facts.labels],
            [label.probability for label in sure],
            rtol=1e-9,
        )
        shares = dict(zip(predicted.genres, predicted.probabilities.tolist(), strict=True))
        named = shown(facts.labels, predicted.genre, shares)
        assert [label.name for label in named] == [label.name for label in predicted.labels]


def test_results_without_tags_have_no_reader(tmp_path: Path) -> None:
    with make_index(tmp_path) as index:
        add_song(index, "a.mp3", prediction(rock=0.9))
        assert TagReader.of(indexed_model(index), labelled=True) is None
