"""The layouts of published corpora, in files written as theirs are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genrescope.data.layouts.ballroom import album_of
from genrescope.data.song_labels import labels_of_folders, read_song_labels
from genrescope.errors import DataError, UsageError

FMA = """\
,album,album,artist,artist,set,set,track,track,track,track
,id,title,id,name,split,subset,duration,genre_top,genres,genres_all
track_id,,,,,,,,,,
2,1,AWOL - A Way Of Life,1,AWOL,training,small,168,Hip-Hop,[21],[21]
10,6,"Constant, Hitmaker",6,Kurt Vile,validation,small,161,Pop,[10],[10]
1040,7,Niris,9,Nicky Cook,test,medium,311,,"[76, 103]","[17, 10, 76, 103]"
"""
FMA_GENRES = """\
genre_id,#tracks,parent,title,top_level
10,13845,0,Pop,10
17,14182,0,Folk,17
21,8389,0,Hip-Hop,21
76,3264,10,Experimental Pop,10
103,2619,17,Singer-Songwriter,17
"""
JAMENDO = "\n".join(
    "\t".join(cells)
    for cells in (
        ("TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"),
        ("track_0000214", "artist_000014", "album_000031", "14/214.mp3", "124.6", "genre---rock"),
        (
            *("track_0000215", "artist_000014", "album_000031", "15/215.mp3", "151.4"),
            *("genre---jazz", "genre---easylistening", "mood/theme---happy"),
        ),
    )
)


def files(folder: Path, *names: str) -> list[Path]:
    return [folder / name for name in names]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_fma_has_the_top_genre_artist_and_part_of_a_track(tmp_path):
    audio = files(tmp_path, *(f"fma_small/{n}.mp3" for n in ("000/000002", "000/000010")))
    found = read_song_labels(write(tmp_path, "tracks.csv", FMA), audio, tmp_path, "artist")
    assert found.genres == {audio[0]: "Hip-Hop", audio[1]: "Pop"}
    assert found.groups == {audio[0]: "1", audio[1]: "6"}
    assert found.parts == {audio[0]: "train", audio[1]: "valid"}
    assert found.without_file == ("001/001040.mp3",)


def test_fma_has_all_genres_where_their_names_lie_beside(tmp_path):
    audio = files(tmp_path, "001/001040.mp3", "000/000002.mp3")
    write(tmp_path, "meta/genres.csv", FMA_GENRES)
    found = read_song_labels(write(tmp_path, "meta/tracks.csv", FMA), audio, tmp_path)
    assert found.genres[audio[0]] == "Folk|Pop|Experimental Pop|Singer-Songwriter"
    assert found.genres[audio[1]] == "Hip-Hop"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("genre_top,genres,", "genre_top,genre,", None),
        ("split,subset", "part,subset", r"tracks.csv:2: FMA's tracks.csv without set split"),
        ("track_id,,", "2,,", r"tracks.csv:3: FMA's tracks.csv without track_id"),
        ("Hip-Hop,[21],[21]\n", "Hip-Hop\n", r"tracks.csv:4: no track of 11 columns .*unchanged"),
    ],
)
def test_a_wrong_fma_file_is_an_error_with_its_line(tmp_path, old, new, message):
    path = write(tmp_path, "tracks.csv", FMA.replace(old, new))
    if message is None:
        assert read_song_labels(path, [], tmp_path).genres == {}
        return
    with pytest.raises(DataError, match=message):
        read_song_labels(path, [], tmp_path)


def test_fma_genres_of_another_release_are_an_error(tmp_path):
    write(tmp_path, "genres.csv", FMA_GENRES.replace("21,", "22,", 1))
    with pytest.raises(DataError, match=r"tracks.csv:4: no genres in '\[21\]' .*same release"):
        read_song_labels(write(tmp_path, "tracks.csv", FMA), [], tmp_path)


def test_jamendo_has_tags_in_further_columns_and_parts_by_file(tmp_path):
    audio = files(tmp_path, "audio/14/214.mp3", "audio/15/215.low.mp3")
    folder = write(tmp_path, "split-0/autotagging_genre-train.tsv", JAMENDO).parent
    write(folder, "autotagging_genre-test.tsv", JAMENDO.split("\n")[0] + "\n")
    found = read_song_labels(folder, audio, tmp_path, "artist")
    assert found.genres == {audio[0]: "rock", audio[1]: "jazz|easylistening"}
    assert set(found.groups.values()) == {"artist_000014"}
    assert set(found.parts.values()) == {"train"}
    with pytest.raises(UsageError, match=r"no column 'singer' .*one of album, artist"):
        read_song_labels(folder, audio, tmp_path, "singer")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\tDURATION", "", r"train.tsv:1: columns are not TRACK_ID.*unchanged"),
        ("genre---rock", "rock", r"train.tsv:2: no track with tags .*separated by tabs"),
    ],
)
def test_a_wrong_jamendo_file_is_an_error_with_its_line(tmp_path, old, new, message):
    path = write(tmp_path, "autotagging_genre-train.tsv", JAMENDO.replace(old, new))
    with pytest.raises(DataError, match=message):
        read_song_labels(path, [], tmp_path)


def test_ballroom_is_sorted_by_dance_and_grouped_by_album(tmp_path):
    audio = files(
        tmp_path,
        "BallroomData/ChaChaCha/Albums-Cafe_Paradiso-05.wav",
        "BallroomData/Rumba-American/Media-103402.wav",
    )
    text = "./ChaChaCha/Albums-Cafe_Paradiso-05.wav\n./Rumba-American/Media-103402.wav\n"
    path = write(tmp_path, "allBallroomFiles", text)
    found = read_song_labels(path, audio, tmp_path, "album")
    assert found.genres == {audio[0]: "ChaChaCha", audio[1]: "Rumba-American"}
    assert found.groups[audio[0]] == "Albums-Cafe_Paradiso"
    assert album_of("Albums-Cafe_Paradiso-06") == found.groups[audio[0]]
    assert labels_of_folders(audio, tmp_path / "BallroomData").genres == found.genres
    with pytest.raises(DataError, match=r"allBallroomFiles:2: no path of an excerpt .*ChaChaCha"):
        read_song_labels(write(tmp_path, "allBallroomFiles", text[:44] + "x\n"), audio, tmp_path)


def test_gtzan_is_read_from_folders_or_from_names(tmp_path):
    sorted_ = files(tmp_path, "blues/blues.00000.wav", "jazz/jazz.00054.wav")
    flat = files(tmp_path, "blues.00000.mp3", "blues.00009.mp3", "hiphop.00010.mp3")
    assert list(labels_of_folders(sorted_, tmp_path).genres.values()) == ["blues", "jazz"]
    found = labels_of_folders(flat, tmp_path)
    assert list(found.genres.values()) == ["blues", "blues", "hiphop"]
    assert list(found.groups.values()) == ["blues.0000_", "blues.0000_", "hiphop.0001_"]


def test_a_mirdata_index_names_tracks_and_their_files(tmp_path):
    audio = files(tmp_path, "genres/blues/blues.00000.wav")
    tracks = {
        "blues.00000": {"audio": ["gtzan_genre/genres/blues/blues.00000.wav", "0" * 32]},
        "blues.00001": {"audio": ["gtzan_genre/genres/blues/blues.00001.wav", "0" * 32]},
        "blues.00002": {"audio": None},
    }
    text = json.dumps({"version": "1.0", "tracks": tracks}, indent=1)
    path = write(tmp_path, "gtzan_genre_index_1.0.json", text)
    found = read_song_labels(path, audio, tmp_path)
    assert found.genres == {audio[0]: "blues"}
    assert len(found.without_file) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version": "1.0",\n "tracks": }', r"index.json:2: no JSON"),
        ('{"version": "1.0"}', r"index.json:1: no mirdata index .*audio"),
        ('{"tracks": {\n "a": {"audio": 3}}}', r"index.json:2: no files of a .*md5"),
    ],
)
def test_a_wrong_index_is_an_error_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_song_labels(write(tmp_path, "index.json", text), [], tmp_path)


def test_a_cell_of_several_lines_keeps_the_count_of_lines(tmp_path):
    text = FMA.replace("Niris", '"Ni\n\nris"').replace("test,medium", "test,medium,more")
    (tmp_path / "tracks.csv").write_text(text)
    with pytest.raises(DataError, match=r"tracks.csv:6: no track of 11 columns"):
        read_song_labels(tmp_path / "tracks.csv", [tmp_path / "000002.mp3"], tmp_path)


@pytest.mark.parametrize("path", ["NaN", "true", "[1]", "{}", "[]", "7"])
def test_an_index_whose_path_is_no_text_is_refused(tmp_path, path):
    (tmp_path / "index.json").write_text(f'{{"tracks": {{"a": {{"audio": [{path}]}}}}}}')
    with pytest.raises(DataError, match=r"index.json:1: no files of a"):
        read_song_labels(tmp_path / "index.json", [tmp_path / "a.mp3"], tmp_path)
