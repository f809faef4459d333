"""Genres are found by any spelling, and nothing is found that is not there."""

from __future__ import annotations

import unicodedata

import pytest

from genrescope.errors import DataError, UsageError
from genrescope.taxonomy.mappings import mapping
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tables import read_table
from genrescope.taxonomy.tag_names import tag_names
from genrescope.taxonomy.vocabulary import (
    GTZAN,
    LIBRARY,
    TOP_MAGD,
    VOCABULARIES,
    vocabulary,
    vocabulary_of,
)


@pytest.mark.parametrize("known", VOCABULARIES.values(), ids=VOCABULARIES)
def test_tables_name_only_genres(known) -> None:
    assert len(set(known.genres)) == len(known)
    for genre in known.genres:
        assert known.find(genre.upper()) == known.find_style(genre) == genre
    assert set(known.aliases.values()) <= set(known.genres)
    assert set(known.styles.values()) <= set(known.genres)


@pytest.mark.parametrize("pair", sorted({row[:2] for row in read_table("mappings")}))
def test_mappings_name_only_genres(pair) -> None:
    source, target = map(vocabulary, pair)
    found = mapping(*pair)
    assert found is not None
    assert set(found) <= set(source.genres)
    assert set(found.values()) <= set(target.genres)


def test_each_genre_has_a_spelling_for_tags() -> None:
    genres = {genre for known in VOCABULARIES.values() for genre in known.genres}
    written = tag_names(genres, {})
    assert not any("_" in name or name != name.strip() for name in written.values())
    assert all(name[0].isupper() for name in written.values())
    of_library = [written[genre] for genre in ("classical", "hip-hop", "R&B/soul", "new age")]
    assert of_library == ["Classical", "Hip-Hop", "R&B", "New Age"]
    assert tag_names(["R&B/soul"], {"RnB": 2, "R&B": 1, "Soul": 9}) == {"R&B/soul": "RnB"}
    assert tag_names(["warm up", "rock"], {"Warm-Up": 1}) == {"warm up": "Warm-Up", "rock": "Rock"}


def test_styles_are_for_tags_not_for_labels() -> None:
    assert TOP_MAGD.find_style("Bebop") == "Jazz"
    assert TOP_MAGD.find("Bebop") is None
    with pytest.raises(DataError):
        TOP_MAGD.canonical("Metal")


@pytest.mark.parametrize("known", [GTZAN, TOP_MAGD])
def test_a_model_is_known_by_its_genres(known) -> None:
    assert vocabulary_of(known.genres[::-1]) is known


def test_genres_of_nobody_are_a_vocabulary_too() -> None:
    own = vocabulary_of(("Loud", "Quiet"))
    assert own.find("LOUD") == "Loud"
    assert own.genres == ("Loud", "Quiet")


def test_vocabularies_are_found_in_any_case() -> None:
    assert vocabulary("topmagd") is TOP_MAGD
    with pytest.raises(UsageError, match="choose from"):
        vocabulary("none")


def test_a_restricted_vocabulary_has_none_of_the_other_genres() -> None:
    nine = GTZAN.restricted_to([genre.upper() for genre in GTZAN.genres if genre != "disco"])
    assert nine.name == "GTZAN (9)"
    assert nine.genres == tuple(genre for genre in GTZAN.genres if genre != "disco")
    assert GTZAN.find_style("italo disco") == "disco"
    assert nine.find("disco") is nine.find_style("italo disco") is None
    assert nine.index("Hip-Hop") == 3
    with pytest.raises(DataError, match="polka"):
        GTZAN.restricted_to(["rock", "polka"])


@pytest.mark.parametrize(
    ("label", "genre"),
    [
        ("Hip-Hop", "hip-hop"),
        ("hiphop", "hip-hop"),
        ("Rap", "hip-hop"),
        ("RnB", "R&B/soul"),
        ("R&B", "R&B/soul"),
        ("Soul", "R&B/soul"),
        ("r&b / SOUL", "R&B/soul"),
        ("New_Age", "new age"),
        ("International", "world"),
        ("World Music", "world"),
    ],
)
def test_spellings_of_the_library_vocabulary(label: str, genre: str) -> None:
    assert LIBRARY.find(label) == genre


@pytest.mark.parametrize("known", [GTZAN, TOP_MAGD])
def test_every_genre_finds_its_way_to_the_library_and_back(known) -> None:
    there, back = mapping(known.name, "library"), mapping("library", known.name)
    assert there is not None
    assert back is not None
    assert all(back[there[genre]] == genre for genre in there)
    assert set(back.values()) == set(known.genres)


def test_keys_keep_letters_of_every_script() -> None:
    assert spelling_key("Música Popular") == "músicapopular"
    assert spelling_key(unicodedata.normalize("NFD", "Música Popular")) == "músicapopular"
    assert spelling_key("हिप हॉप") == "हिपहॉप"  # vowels are marks, and tell names apart
    assert spelling_key("R&B") == spelling_key("rb")
    assert spelling_key("&") == "&"
