from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from genrescope.data.song_labels import labels_of_folders, read_song_labels
from genrescope.errors import DataError, UsageError

FOLDER = Path("music")
FILES = [FOLDER / name for name in ("a/1.mp3", "a/2.flac", "b/1.wav", "blues.00001.au")]


def read(tmp_path: Path, text: str, group: str | None = None):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8-sig")
    return read_song_labels(path, FILES, FOLDER, group)


def test_the_first_folder_is_the_genre():
    files = [FOLDER / "Hip-Hop" / "x" / "1.mp3", FOLDER / "jazz" / "2.mp3", FOLDER / "3.mp3"]
    labels = labels_of_folders(files, FOLDER)
    assert labels.genres == {files[0]: "Hip-Hop", files[1]: "jazz"}
    assert labels.unlabelled == (files[2],)
    with pytest.raises(DataError, match="one folder a genre"):
        labels_of_folders(files[2:], FOLDER)


def test_songs_are_called_by_path_or_name_with_or_without_ending(tmp_path):
    labels = read(
        tmp_path,
        f"a/1.mp3,rock\n2,Pop\n{(FOLDER / 'b/1.wav').absolute()},jazz\n"
        "blues.00001,Blues|Rock\n\nnot there.mp3,folk\n",
    )
    assert list(labels.genres.values()) == ["rock", "Pop", "jazz", "Blues|Rock"]
    assert list(labels.genres) == FILES
    assert labels.without_file == ("not there.mp3",)


def test_named_columns_may_stand_in_any_order(tmp_path):
    text = "Artist;Genre;Path\nX;rock;a\\1.mp3\n;pop;b/1\nY;;a/2\n"
    labels = read(tmp_path, text, "artist")
    assert labels.genres == {FILES[0]: "rock", FILES[2]: "pop"}
    assert labels.groups == {FILES[0]: "X", FILES[1]: "Y"}
    assert labels.unlabelled == (FILES[1], FILES[3])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,rock\n", r"labels.csv:1: 1 fits 2 files"),
        ("a/1,rock\na/1.mp3,pop\n", r"labels.csv:2: a/1.mp3 is pop here, rock further up"),
        ("song,genre\na/1\n", r"labels.csv:2: no song with a genre"),
        ("\n", "nothing in it"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_a_missing_column_of_groups_is_named(tmp_path):
    with pytest.raises(UsageError, match="no column 'artist'"):
        read(tmp_path, "path,genre\na/1,rock\n", "artist")


def test_names_are_found_in_any_unicode_form_and_rows_end_at_line_feeds_only(tmp_path):
    files = [FOLDER / unicodedata.normalize("NFC", name) for name in ("Jóga.mp3", "é\u2028x.mp3")]
    path = tmp_path / "labels.csv"
    path.write_text(unicodedata.normalize("NFD", "Jóga.mp3,pop\né\u2028x.mp3,rock\n"), "utf-16")
    assert read_song_labels(path, files, FOLDER).genres == {files[0]: "pop", files[1]: "rock"}
