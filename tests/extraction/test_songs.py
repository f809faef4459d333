from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.errors import UsageError
from genrescope.extraction.songs import Shard, common_root, listing_digest, name_songs, root_of


@given(songs=st.sets(st.text(max_size=20)), count=st.integers(1, 9))
def test_the_shards_cover_everything_exactly_once(songs, count):
    shards = [Shard(number, count) for number in range(1, count + 1)]

    assert all(sum(shard.holds(song) for shard in shards) == 1 for song in songs)


def test_shards_are_of_about_equal_size():
    shard = Shard.parse("3/10")
    assert 900 < sum(shard.holds(f"Artist/Album/{n:05}.mp3") for n in range(10_000)) < 1100


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/4/2", "-1/4", ""])
def test_a_shard_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="no shard"):
        Shard.parse(text)


def test_the_folders_of_shards_sort_in_their_order():
    folders = [Shard(number, 12).folder for number in range(1, 13)]
    assert folders == sorted(folders)
    assert folders[0] == "shard-01-of-12"


def test_names_are_relative_sorted_and_once(tmp_path):
    files = [
        tmp_path / "b" / "2.mp3",
        tmp_path / "a" / "1.mp3",
        tmp_path / "b" / ".." / "b" / "2.mp3",
    ]

    assert list(name_songs(files, tmp_path)) == ["a/1.mp3", "b/2.mp3"]


def test_a_file_outside_the_root_keeps_its_whole_path(tmp_path):
    assert list(name_songs([tmp_path / "x.mp3"], tmp_path / "music")) == [
        (tmp_path / "x.mp3").as_posix()
    ]


def test_names_do_not_depend_on_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list(name_songs([Path("music/x.mp3")], Path("music"))) == ["x.mp3"]


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_unicode_becomes_clean_text(tmp_path):
    [name] = name_songs([tmp_path / os.fsdecode(b"caf\xe9\n.mp3")], tmp_path)

    assert name == r"caf\xe9\x0a.mp3"
    name.encode()


def test_the_common_root_of_folders_and_files(tmp_path):
    (tmp_path / "music" / "a").mkdir(parents=True)
    song = tmp_path / "music" / "b" / "x.mp3"

    assert common_root([tmp_path / "music"]) == tmp_path / "music"
    assert common_root([tmp_path / "music" / "a", song]) == tmp_path / "music"
    assert common_root([song]) == song.parent


def test_a_digest_depends_on_the_names_and_nothing_else():
    assert listing_digest({"b": 1, "a": 2}) == listing_digest({"a": 3, "b": 4})
    assert listing_digest({"ab": 1}) != listing_digest({"a": 1, "b": 1})


def test_names_are_relative_to_what_was_named(tmp_path):
    deep = tmp_path / "music" / "a" / "b" / "x.mp3"
    deep.parent.mkdir(parents=True)
    deep.touch()

    assert root_of([str(tmp_path / "music")], [deep]) == tmp_path / "music"
    assert root_of([str(deep)], [deep]) == deep.parent
    assert root_of([str(tmp_path / "music"), str(deep)], [deep]) == tmp_path / "music"
    assert root_of(["-"], [deep]) == deep.parent
    assert root_of([str(tmp_path / "**" / "*.mp3")], [deep]) == deep.parent
