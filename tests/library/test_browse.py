"""The table of a library: what SQLite finds is what a plain look at all rows finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from knowledge import add_song, make_index, prediction

from genrescope.calibration.label_shift import correct_prior
from genrescope.errors import DataError, UsageError
from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.folders import folders_in
from genrescope.library.browsing.query import SORTED_BY, Filter
from genrescope.library.index.database import Index
from genrescope.library.index.track_id import inside, song_id
from genrescope.taxonomy.vocabulary import GTZAN


@pytest.fixture
def index(tmp_path):
    with make_index(tmp_path) as found:
        add_song(found, "a/1.mp3", prediction(rock=0.9), album="Über", genres=("Rock",))
        add_song(found, "a/2.mp3", prediction(jazz=0.6), album="uber")
        add_song(found, "a/b/3.mp3", prediction(jazz=0.4, music=0.5), genres=("Jazz", "Soul"))
        add_song(found, "ab/4.mp3", prediction(music=0.0))
        add_song(found, "5%_.mp3", tags_problem="torn")
        add_song(found, "\udcff.mp3", prediction(blues=0.7))
        yield found


@pytest.fixture
def browser(index):
    found = Browser(index)
    assert found.refresh()
    return found


def paths(browser, *, sort="path", descending=False, **wanted):
    total, songs = browser.page(Filter(**wanted), sort=sort, descending=descending)
    assert total == len(songs)
    return [song.path for song in songs]


ALL = ["5%_.mp3", "a/1.mp3", "a/2.mp3", "a/b/3.mp3", "ab/4.mp3", "%FF.mp3"]


def test_rows_have_what_the_index_has(browser):
    assert paths(browser) == ALL
    [song] = browser.page(Filter(words="1.mp3"))[1]
    assert (song.album, song.tagged, song.best) == ("Über", ("Rock",), GTZAN.genres.index("rock"))
    assert song.confidence == pytest.approx(0.9)
    assert song.probabilities.sum() == pytest.approx(1)
    torn = browser.page(Filter(words="5%"))[1][0]
    assert (torn.problem, torn.best, torn.probabilities) == ("torn", None, None)


def test_words_folders_genres_and_confidence_filter(browser):
    assert paths(browser, words="ÜBER") == ["a/1.mp3"]
    assert paths(browser, words="a/ jazz") == ["a/b/3.mp3"]
    assert paths(browser, words="%_") == ["5%_.mp3"]
    assert paths(browser, folder="a") == ["a/1.mp3", "a/2.mp3", "a/b/3.mp3"]
    assert paths(browser, folder="a/b") == ["a/b/3.mp3"]
    assert paths(browser, genres=("jazz",)) == ["a/2.mp3", "a/b/3.mp3"]
    assert paths(browser, genres=("jazz",), threshold=0.5) == ["a/2.mp3"]
    assert paths(browser, genres=("unknown",), threshold=0.5) == ["a/b/3.mp3", "ab/4.mp3"]
    assert paths(browser, genres=("failed", "rock")) == ["5%_.mp3", "a/1.mp3"]
    assert paths(browser, genres=("none",)) == []
    assert paths(browser, genres=("polka",)) == []
    assert paths(browser, confidence=(0.5, 0.8)) == ["a/2.mp3", "%FF.mp3"]


@pytest.mark.parametrize("sort", SORTED_BY)
def test_sorting_keeps_all_and_puts_what_is_not_known_last(browser, sort):
    found = [paths(browser, sort=sort, descending=way) for way in (False, True)]
    assert [sorted(some) for some in found] == [sorted(ALL)] * 2
    if sort in ("genre", "confidence"):
        assert {some[-1] for some in found} == {"5%_.mp3"}
    with pytest.raises(UsageError):
        browser.page(Filter(), sort="raw; DROP TABLE shown")


def test_genres_sort_by_name_and_unknown_after_them(browser):
    assert paths(browser, sort="genre", threshold=0.5) == [
        *("%FF.mp3", "a/2.mp3", "a/1.mp3", "a/b/3.mp3", "ab/4.mp3", "5%_.mp3"),
    ]


def test_another_prior_moves_genre_and_confidence(browser):
    old, new = np.full(10, 0.1), np.full(10, 0.01)
    new[GTZAN.genres.index("rock")] = 0.91
    browser.use_shares((old, new))
    for song in browser.page(Filter())[1]:
        if song.probabilities is not None:
            moved = correct_prior(song.probabilities, old, new)
            assert song.best == moved.argmax()
            assert song.confidence == pytest.approx(song.music * moved.max(), abs=1e-6)
    browser.use_shares(None)
    assert browser.page(Filter(words="2.mp3"))[1][0].confidence == pytest.approx(0.6)
    with pytest.raises(DataError):
        browser.use_shares((old, new[:3]))
    assert browser.page(Filter(words="2.mp3"))[1][0].confidence == pytest.approx(0.6)


def test_counts_add_up(browser):
    counts = browser.counts(0.5)
    assert counts | {"jazz": 1, "rock": 1, "blues": 1, "unknown": 2, "failed": 1} == counts
    assert counts["none"] == 0
    assert sum(counts.values()) == 6
    assert browser.totals() | {"songs": 6, "classified": 5, "tagged": 2} == browser.totals()


def test_folders(browser):
    assert folders_in(browser.index, "") == (2, [("a", 3), ("ab", 1)])
    assert folders_in(browser.index, "a") == (2, [("b", 1)])
    assert folders_in(browser.index, "..") == folders_in(browser.index, "nothing") == (0, [])


def test_what_others_write_is_taken_in(browser, index):
    assert not browser.refresh(at_once=True)
    with Index(index.root, index.path) as other:
        add_song(other, "new.mp3")
    assert not browser.refresh()  # it was looked just now
    assert browser.refresh(at_once=True)
    assert "new.mp3" in paths(browser)


def test_embedded_songs_are_those_with_an_embedding(browser):
    found = browser.embedded()
    assert len(found.ids) == 5
    assert found.embedding.tolist() == [[0, 1, 2, 3]] * 5


def test_ids_lead_to_files_of_the_library_only(browser, index, tmp_path):
    name = song_id(b"a/1.mp3")
    assert browser.real_path(name) is None  # it is not there
    (index.root / "a").mkdir()
    (index.root / "a" / "1.mp3").write_bytes(b"x")
    assert browser.real_path(name) == index.root / "a" / "1.mp3"
    assert browser.real_path("../a/1.mp3") is None
    (tmp_path / "secret").write_bytes(b"x")
    (index.root / "link").symlink_to(tmp_path / "secret")
    (index.root / "loop").symlink_to(index.root / "loop")
    (index.root / "up").symlink_to(tmp_path)
    for path in ("link", "loop", "up/secret", "../secret", str(tmp_path / "secret"), "a", "a\0b"):
        assert inside(index.root, path) is None, path
    assert isinstance(inside(index.root, "a/../a/1.mp3"), Path)


def test_an_empty_library_has_an_empty_table(tmp_path):
    with make_index(tmp_path) as index:
        browser = Browser(index)
        browser.refresh()
        assert browser.page(Filter(genres=("rock", "unknown"))) == (0, [])
        assert len(browser.embedded().embedding) == 0
        assert browser.counts(0.5) == {"unknown": 0, "none": 0, "failed": 0}
