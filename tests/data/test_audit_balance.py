"""Counts of genres and artists, in closed form and as properties."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genrescope.data.audit.balance import balance


def test_counted_by_hand():
    labels = np.array(["jazz", "rock", "rock", "", "rock", "blues", "jazz"])
    groups = np.array(["a", "b", "b", "a", "c", "", "c"])
    found = balance(labels, groups)
    assert found.counts == {"rock": 3, "jazz": 2, "blues": 1}
    assert (found.labelled, found.unlabelled) == (6, 1)
    assert found.majority == ("rock", 0.5)
    assert found.rarest == ("blues", 1)
    assert found.artists is not None
    assert (found.artists.artists, found.artists.songs) == (3, 6)
    assert (found.artists.median, found.artists.most, found.artists.largest) == (2.0, 2, "a")
    assert found.artists.by_genre == {"blues": 0, "jazz": 2, "rock": 2}


def test_without_artists():
    labels = np.array(["jazz", "rock"])
    assert balance(labels, None).artists is None
    assert balance(labels, np.array(["", ""])).artists is None


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["", "a", "b", "c"])), min_size=1)
)
def test_counts_agree_with_loops(rows):
    labels, groups = (np.array(column) for column in zip(*rows, strict=True))
    found = balance(labels, groups)
    assert dict(found.counts) == {g: labels.tolist().count(g) for g in set(labels.tolist())}
    artists = {artist for _, artist in rows if artist}
    assert (found.artists.artists if found.artists else 0) == len(artists)
    if found.artists:
        for genre, count in found.artists.by_genre.items():
            assert count == len({artist for g, artist in rows if g == genre and artist})
