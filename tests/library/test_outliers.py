"""Songs that contradict their tag, album or artist, on predictions that a test chooses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowledge import add_song, make_index, prediction

from genrescope.library.index.exporting import StoredPredictions
from genrescope.library.index.models import indexed_model
from genrescope.library.outliers import (
    Contradiction,
    NamedSong,
    contradictions,
    find_outliers,
)
from genrescope.taxonomy.vocabulary import GTZAN


def named_song(name: str, genre: str, *, other: str = "", share: float = 0.0, **more) -> NamedSong:
    values = np.zeros(10)
    values[GTZAN.genres.index(genre)] = 1 - share
    if other:
        values[GTZAN.genres.index(other)] = share
    facts = {"album": "Album", "artist": "", "tagged": ()} | more
    return NamedSong(name, facts["album"], facts["artist"], facts["tagged"], genre, values)


def found(named_songs: list[NamedSong]) -> dict[str, list[str]]:
    every = contradictions(named_songs, GTZAN.genres)
    pairs = zip(named_songs, every, strict=True)
    return {one.path: [str(item) for item in items] for one, items in pairs if items}


def test_the_song_is_shown_that_an_albums_other_songs_contradict():
    album = [named_song(f"a/{n}", "rock") for n in range(3)]
    assert found([*album, named_song("a/odd", "jazz")]) == {"a/odd": ["album rock: 3 of 4"]}


@pytest.mark.parametrize(
    ("genres", "odd"),
    [
        (["rock", "rock"], False),  # three songs are no album
        (["rock", "rock", "blues"], False),
        (["rock", "rock", "rock", "rock", "blues"], True),
        (["rock", "rock", "rock", "jazz"], False),  # as mixed as a compilation
        (["jazz", "jazz", "rock"], False),  # most are as this one is
    ],
)
def test_an_album_is_compared_with_where_two_thirds_of_four_songs_or_more_agree(genres, odd):
    others = [named_song(f"a/{n}", genre) for n, genre in enumerate(genres)]
    assert ("a/song" in found([*others, named_song("a/song", "jazz")])) == odd


def test_a_song_is_no_outlier_where_the_other_genre_is_likely():
    album = [named_song(f"a/{n}", "rock") for n in range(5)]
    for share, odd in [(0.09, True), (0.11, False)]:
        song = named_song("a/song", "jazz", other="rock", share=share)
        assert bool(found([*album, song])) == odd


def test_an_album_is_one_of_a_folder():
    elsewhere = [named_song(f"b/{n}", "rock") for n in range(5)]
    assert not found([*elsewhere, named_song("a/song", "jazz")])
    nowhere = [named_song(f"a/{n}", "rock", album="") for n in range(5)]
    assert not found([*nowhere, named_song("a/song", "jazz", album="")])


def test_an_artist_needs_nine_songs_and_a_name():
    for count, artist, odd in [
        (7, "Band", False),
        (8, "Band", True),
        (9, "Various Artists", False),
    ]:
        songs = [named_song(f"{n}/x", "rock", artist=artist.upper()) for n in range(count)]
        odds = found([*songs, named_song("z/x", "jazz", artist=artist)])
        assert odds == ({"z/x": [f"artist rock: {count} of {count + 1}"]} if odd else {})


@pytest.mark.parametrize(
    ("tagged", "text"),
    [
        (("Rock",), ["tag rock"]),
        (("Bebop",), []),
        (("Rock", "Jazz"), []),
        (("Blues; Metal",), ["tag blues / metal"]),
        (("Soundtrack",), []),
        ((), []),
    ],
)
def test_a_tag_is_contradicted_where_none_of_its_genres_is_likely(tagged, text):
    assert found([named_song("a", "jazz", tagged=tagged)]) == ({"a": text} if text else {})


def test_in_a_library_what_contradicts_most_comes_first_and_unsure_songs_do_not_count(
    tmp_path: Path,
):
    with make_index(tmp_path) as index:
        for number in range(4):
            add_song(index, f"a/{number}.mp3", prediction(rock=0.9), album="One", genres=("Rock",))
        add_song(index, "a/tag.mp3", prediction(rock=0.99), album="One", genres=("Jazz",))
        add_song(index, "a/both.mp3", prediction(jazz=0.8), album="One", genres=("Rock",))
        add_song(index, "a/unsure.mp3", prediction(jazz=0.4), album="One", genres=("Rock",))
        add_song(index, "a/new.mp3", album="One", genres=("Jazz",))
        songs = StoredPredictions(indexed_model(index)).songs(index)
        rows = find_outliers((song, predicted) for song, predicted, _ in songs)
    assert [row.as_json() for row in rows] == [
        {
            **dict.fromkeys(("artist", "title"), ""),
            "path": "a/both.mp3",
            "album": "One",
            "tagged": ("Rock",),
            "genre": "jazz",
            "confidence": 0.8,
            "contradicts": ["tag rock", "album rock: 5 of 6"],
        },
        {
            **dict.fromkeys(("artist", "title"), ""),
            "path": "a/tag.mp3",
            "album": "One",
            "tagged": ("Jazz",),
            "genre": "rock",
            "confidence": 0.99,
            "contradicts": ["tag jazz"],
        },
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(GTZAN.genres)), max_size=30))
def test_no_more_than_a_third_of_an_album_contradicts_it(songs):
    named_songs = [named_song(f"{folder}/{n}", genre) for n, (folder, genre) in enumerate(songs)]
    every = list(contradictions(named_songs, GTZAN.genres))
    for folder in "ab":
        odd = [
            bool(found)
            for one, found in zip(named_songs, every, strict=True)
            if one.path[0] == folder
        ]
        assert sum(odd) <= len(odd) / 3
    assert all(isinstance(item, Contradiction) for items in every for item in items)
