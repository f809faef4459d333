import numpy as np
import pytest

from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.report.genre_means import genre_means


def table_of(values, labels):
    ids = np.array([f"s{i}" for i in range(len(labels))])
    source = np.array(values, dtype=np.float32)
    return FeatureTable("rh", ids, source, labels=np.array(labels))


def test_means_and_differences_by_hand():
    """Two genres, means 1 and 5: centre 3; squares about it 4, 4 and (1 + 9) / 2."""
    typical = genre_means(table_of([[1], [1], [4], [6]], ["a", "a", "b", "b"]), ["b", "a"])
    assert typical.genres == ("b", "a")
    assert typical.songs == (2, 2)
    assert typical.means.tolist() == [[5], [1]]
    spread = np.sqrt((4 + (1 + 9) / 2) / 2)
    assert typical.differences == pytest.approx(np.array([[2 / spread], [-2 / spread]]))


def test_a_genre_with_more_songs_weighs_no_more():
    few = genre_means(table_of([[0], [2]], ["a", "b"]), ["a", "b"])
    many = genre_means(table_of([[0]] * 9 + [[2]], ["a"] * 9 + ["b"]), ["a", "b"])
    assert many.means.tolist() == few.means.tolist()
    assert many.differences.tolist() == few.differences.tolist()


def test_genres_without_songs_rows_without_labels_and_lost_values_are_left_out():
    values = [[1, np.nan], [3, 2], [100, 100], [5, 4]]
    typical = genre_means(table_of(values, ["a", "a", "", "b"]), ["a", "none", "b"])
    assert typical.genres == ("a", "b")
    assert typical.means.tolist() == [[2, 2], [5, 4]]


def test_a_constant_column_differs_nowhere():
    typical = genre_means(table_of([[0.1], [0.1], [0.1]], ["a", "a", "b"]), ["a", "b"])
    assert typical.differences.tolist() == [[0], [0]]


def test_no_song_of_any_genre_is_an_error():
    with pytest.raises(DataError, match="no song of c"):
        genre_means(table_of([[1]], ["a"]), ["c"])
