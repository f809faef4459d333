"""Genres are found by any spelling, and nothing is found that is not there."""

from __future__ import annotations

import pytest

from genrescope.errors import DataError, UsageError
from genrescope.taxonomy.vocabulary import (
    GTZAN,
    MAPPINGS,
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


@pytest.mark.parametrize("pair", MAPPINGS)
def test_mappings_name_only_genres(pair) -> None:
    source, target = map(vocabulary, pair)
    assert set(MAPPINGS[pair]) <= set(source.genres)
    assert set(MAPPINGS[pair].values()) <= set(target.genres)


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


def test_a_restricted_vocabulary_knows_nothing_of_the_other_genres() -> None:
    nine = GTZAN.restricted_to([genre.upper() for genre in GTZAN.genres if genre != "disco"])
    assert nine.name == "GTZAN (9)"
    assert nine.genres == tuple(genre for genre in GTZAN.genres if genre != "disco")
    assert GTZAN.find_style("italo disco") == "disco"
    assert nine.find("disco") is nine.find_style("italo disco") is None
    assert nine.index("Hip-Hop") == 3
    with pytest.raises(DataError, match="polka"):
        GTZAN.restricted_to(["rock", "polka"])
