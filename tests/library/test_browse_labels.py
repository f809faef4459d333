"""Labels in the table of a library, and songs that contradict others, as for one song alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from knowledge import add_song, card, make_index, prediction

from genrescope.calibration.label_shift import correct_prior
from genrescope.inference.labels.label import label_names
from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.labelled import (
    ids_labelled,
    label_counts,
    label_number,
    likeliest_labels,
)
from genrescope.library.browsing.query import Filter
from genrescope.library.index.models import indexed_model
from genrescope.library.index.results import songs
from genrescope.library.index.track_id import song_id
from genrescope.sources import networks_among

NETWORKS = ("audioset", "musicnn")
TAGGER = replace(card(), inputs={"audioset": 1039, "musicnn": 250})


def random_tags(seed: int) -> dict[str, dict[str, float]]:
    """Probabilities of which some are high, as those of songs are."""
    rng = np.random.default_rng(seed)
    return {
        network.name: {tag: float(rng.random() ** 6) for tag in network.tag_names}
        for network in networks_among(NETWORKS)
    }


@pytest.fixture
def browser(tmp_path: Path):
    with make_index(tmp_path) as index:
        for number in range(40):
            rng = np.random.default_rng(number)
            predicted = prediction(
                **{["rock", "jazz", "metal"][number % 3]: rng.uniform(0.2, 0.95)}
            )
            predicted = replace(
                predicted, tags=random_tags(number), music=1.0 if number % 7 else 0.3
            )
            add_song(index, f"{number:02}.mp3", predicted, card=TAGGER)
        add_song(index, "new.mp3", card=TAGGER)
        found = Browser(index)
        assert found.refresh()
        found.make_label_table()
        yield found


def test_the_labels_of_all_rows_are_those_that_each_prediction_names(browser):
    index = browser.index
    rows = {song.path: song for song in browser.page(Filter())[1]}
    named = Counter()
    for song in songs(index, indexed_model(index)):
        expected = song.prediction.labels if song.prediction else ()
        found = rows[song.path].labels
        assert [(one.kind, one.name) for one in found] == [(one.kind, one.name) for one in expected]
        assert [one.probability for one in found] == pytest.approx(
            [one.probability for one in expected]
        )
        named.update((one.kind, one.name) for one in found)
    assert len(named) > 10
    assert {(kind, name): count for kind, name, count in label_counts(index)} == named


def test_a_filter_by_labels_finds_the_songs_that_have_all_of_them(browser):
    rows = browser.page(Filter())[1]
    labels = [{f"{one.kind}:{one.name}" for one in row.labels} for row in rows]
    common = Counter(pair for one in labels for pair in [tuple(sorted(one)[:2])] if len(one) > 1)
    wanted = common.most_common(1)[0][0]
    for some in (wanted[:1], wanted):
        expected = [row.path for row, own in zip(rows, labels, strict=True) if own >= set(some)]
        numbers = tuple(map(label_number, some))
        assert [row.path for row in browser.page(Filter(labels=numbers))[1]] == expected
        assert expected
    ids = ids_labelled(browser.index, label_number(wanted[0]))
    assert ids == {row.id for row, own in zip(rows, labels, strict=True) if wanted[0] in own}
    assert browser.page(Filter(labels=(label_number("style:polka"),)))[0] == 0


def test_every_label_of_the_table_has_a_number_of_its_own():
    numbers = [label_number(f"{one.kind}:{one.name}") for one in label_names()]
    assert numbers == list(range(len(numbers)))
    assert {label_number(text) for text in ("", "style:", "style", "mood:techno")} == {-1}


@pytest.mark.parametrize("kind", ["style", "mood"])
def test_the_likeliest_label_of_a_kind(browser, kind):
    expected = {}
    for row in browser.page(Filter())[1]:
        own = [one for one in row.labels if one.kind == kind]
        expected |= {row.id: own[0].name} if own else {}
    assert expected
    assert likeliest_labels(browser.index, kind) == expected


def test_a_playlist_has_the_songs_that_are_wanted_byte_for_byte(tmp_path):
    with make_index(tmp_path) as index:
        add_song(index, "a/\udcff.mp3", prediction(rock=0.9))
        add_song(index, "b.mp3", prediction(jazz=0.9))
        add_song(index, "c\n.mp3", prediction(jazz=0.9))
        index.database.execute(
            "UPDATE files SET artist = 'A\nB', title = 'T' WHERE path = ?", (b"b.mp3",)
        )
        browser = Browser(index)
        browser.refresh()
        assert browser.playlist(Filter(genres=("rock",))) == b"#EXTM3U\na/\xff.mp3\n"
        every = browser.playlist(Filter(), descending=True)
        assert every == b"#EXTM3U\n#EXTINF:-1,A B - T\nb.mp3\na/\xff.mp3\n"


def test_songs_that_contradict_their_album_are_found_under_any_prior(tmp_path):
    with make_index(tmp_path) as index:
        for number in range(5):
            add_song(index, f"a/{number}.mp3", prediction(rock=0.9), album="One")
        add_song(index, "a/odd.mp3", prediction(jazz=0.8), album="One")
        browser = Browser(index)
        browser.refresh()
        plain = browser.find([song_id(b"a/odd.mp3")])[0]
        assert plain.contradicts == ()
        total, rows = browser.page(Filter(contradicting=True, threshold=0.5))
        assert (total, rows[0].path) == (1, "a/odd.mp3")
        assert rows[0].contradicts == ("album rock: 5 of 6",)
        old, new = np.full(10, 0.1), np.full(10, 0.01)
        new[browser.genres.index("rock")] = 0.91
        shares = prediction(jazz=0.8).probabilities
        assert browser.genres[correct_prior(shares, old, new).argmax()] == "rock"
        browser.use_shares((old, new))
        assert browser.page(Filter(contradicting=True, threshold=0.5))[0] == 0
