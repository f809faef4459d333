"""Genre tags as files have them, and their agreement with predictions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.inference.agreement import GenreAgreement, agreement
from genrescope.taxonomy.normalise import genres_of_tag, id3v1_names, spell_out
from genrescope.taxonomy.vocabulary import GTZAN, TOP_MAGD, VOCABULARIES


@pytest.mark.parametrize(
    ("tag", "genres"),
    [
        ("Rock", {"rock"}),
        ("  HIP HOP ", {"hiphop"}),
        ("Hip-Hop/Rap", {"hiphop"}),
        ("Alt. Rock", {"rock"}),
        ("Alternative", {"rock"}),
        ("Alternative & Punk", {"rock"}),
        ("Indie Rock", {"rock"}),
        ("Garage Rock", {"rock"}),
        ("Rock & Roll", {"rock"}),
        ("Classic Rock", {"rock"}),
        ("Death Metal", {"metal"}),
        ("Heavy Metal", {"metal"}),
        ("Symphonic Black Metal", {"metal"}),
        ("Metalcore", {"metal"}),
        ("Nu-Metal", {"metal"}),
        ("Pop/Rock", {"pop", "rock"}),
        ("Country Rock", {"country", "rock"}),
        ("Country & Western", {"country"}),
        ("Alt-Country", {"country"}),
        ("Bluegrass", {"country"}),
        ("Delta Blues", {"blues"}),
        ("Jazz+Funk", {"jazz"}),
        ("Acid Jazz", {"jazz"}),
        ("Be-Bop", {"jazz"}),
        ("Classical; Piano", {"classical"}),
        ("Classical\0Opera", {"classical"}),
        ("Chamber Music", {"classical"}),
        ("Gangsta Rap", {"hiphop"}),
        ("Dancehall", {"reggae"}),
        ("Ska", {"reggae"}),
        ("Italo-Disco", {"disco"}),
        ("K-Pop", {"pop"}),
        ("Synth-pop", {"pop"}),
        ("(17)", {"rock"}),
        ("17", {"rock"}),
        ("(8)", {"jazz"}),
        ("(4)Eurodisco", {"disco"}),
        ("(9)(17)", {"metal", "rock"}),
        ("(RX)", set()),
        ("(255)", set()),
        ("(18)", set()),
        ("", set()),
        ("House", set()),
        ("Techno", set()),
        ("Trance", set()),
        ("Folk", set()),
        ("R&B", set()),
        ("Rhythm and Blues", set()),
        ("R&B/Soul", set()),
        ("Classic Soul", set()),
        ("Indian Classical", set()),
        ("Soundtrack", set()),
        ("Latin", set()),
        ("90s", set()),
    ],
)
def test_tags_of_files_in_gtzan(tag: str, genres: set[str]) -> None:
    assert genres_of_tag(tag, GTZAN) == genres


@pytest.mark.parametrize(
    ("tag", "genres"),
    [
        ("Pop/Rock", {"Pop_Rock"}),
        ("Pop", {"Pop_Rock"}),
        ("Death Metal", {"Pop_Rock"}),
        ("Indie", {"Pop_Rock"}),
        ("House", {"Electronic"}),
        ("Deep House", {"Electronic"}),
        ("Drum & Bass", {"Electronic"}),
        ("Trip-Hop", {"Electronic"}),
        ("Electronica/Dance", {"Electronic"}),
        ("R&B/Soul", {"RnB"}),
        ("Rhythm & Blues", {"RnB"}),
        ("Neo-Soul", {"RnB"}),
        ("Hip-Hop", {"Rap"}),
        ("Folk Rock", {"Folk", "Pop_Rock"}),
        ("Bossa Nova", {"Latin"}),
        ("Latin Jazz", {"Jazz", "Latin"}),
        ("World Music", {"International"}),
        ("New Age", {"New Age"}),
        ("NewAge", {"New Age"}),
        ("(10)", {"New Age"}),
        ("Vocal", {"Vocal"}),
        ("Classical", set()),
        ("Soundtrack", set()),
    ],
)
def test_tags_of_files_in_top_magd(tag: str, genres: set[str]) -> None:
    assert genres_of_tag(tag, TOP_MAGD) == genres


def test_numbers() -> None:
    assert len(id3v1_names()) == 192
    assert (
        id3v1_names()[0],
        id3v1_names()[10],
        id3v1_names()[79],
        id3v1_names()[80],
        id3v1_names()[125],
    ) == (
        *("Blues", "New Age", "Hard Rock", "Folk"),
        "Dance Hall",
    )
    assert spell_out("1999 (17)") == "1999 Rock;"


@given(st.text(), st.sampled_from(list(VOCABULARIES.values())))
def test_any_text_is_read(tag: str, known) -> None:
    assert genres_of_tag(tag, known) <= set(known.genres)


@given(st.sampled_from(GTZAN.genres), st.sampled_from(["; ", "/", ",", "|", "\0", " / "]))
def test_several_genres_in_one_tag(genre: str, between: str) -> None:
    assert genres_of_tag(f"{genre.upper()}{between}Jazz", GTZAN) == {genre, "jazz"}


def test_counts() -> None:
    found = agreement(
        [
            ("Rock", "rock"),
            ("Indie Rock", "pop"),
            ("(17)", "pop"),
            ("Pop/Rock", "pop"),
            ("Jazz", "unknown"),
            ("House", "hiphop"),
            ("House ", "disco"),
            ("Audiobook", "unknown"),
        ],
        GTZAN,
    )
    assert (found.compared, found.agreed, found.undecided, found.share) == (4, 2, 1, 0.5)
    assert found.by_genre == {"pop": GenreAgreement(1, 1), "rock": GenreAgreement(4, 2)}
    assert found.confusions == ((("rock",), "pop", 2),)
    assert found.not_comparable == (("House", 2), ("Audiobook", 1))


def test_nothing_to_compare() -> None:
    found = agreement([], GTZAN)
    assert found.share is None
    assert found.by_genre == {}
