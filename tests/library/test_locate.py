"""A file or folder finds the library that it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest
from knowledge import add_song, make_index, prediction

from genrescope.errors import UsageError
from genrescope.library.index.database import Index
from genrescope.library.index.exporting import StoredPredictions
from genrescope.library.index.locate import Place, find_place
from genrescope.library.index.models import indexed_model
from genrescope.library.index.results import genres_in_tags
from genrescope.library.index.status import status
from genrescope.library.tagging.planning import PlanOptions, make_plan


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path


def scanned(root: Path, index: Path | None = None) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with Index(root, index) as opened:
        opened.database.execute("UPDATE about SET scanned = 'now'")


def test_the_nearest_index_upward_is_found(home: Path):
    album = home / "music" / "Artist" / "Album"
    album.mkdir(parents=True)
    song = album / "1.mp3"
    song.touch()
    assert find_place(album) == Place(album)
    with pytest.raises(UsageError, match="lies in no scanned library"):
        find_place(song)
    scanned(home / "music")
    with Index(album):  # opened, but never scanned
        pass
    assert find_place(album) == Place(home / "music", "Artist/Album")
    assert find_place(song) == Place(home / "music", "Artist/Album/1.mp3")
    assert find_place(home / "music") == Place(home / "music")
    scanned(home / "music" / "Artist")
    assert find_place(song).root == home / "music" / "Artist"
    with pytest.raises(UsageError, match="no such file"):
        find_place(home / "music" / "nothing")


def test_a_named_index_names_its_folder(home: Path):
    index = home / "own.sqlite"
    (home / "music" / "Artist").mkdir(parents=True)
    scanned(home / "music", index)
    assert find_place(home / "music" / "Artist", index) == Place(home / "music", "Artist")
    assert find_place(home / "music" / "Artist") == Place(home / "music" / "Artist")


def test_plan_status_and_export_are_of_what_is_below(tmp_path: Path):
    with make_index(tmp_path) as index:
        for path in ("a/1.mp3", "a/b/2.mp3", "ab/3.mp3", "a%/4.mp3"):
            add_song(index, path, prediction(rock=0.9))
        add_song(index, "a/5.mp3", prediction(jazz=0.9), genres=("Polka",))
        plan = make_plan(index, PlanOptions(), "a")
        assert [row.path for row in plan.rows] == ["a/1.mp3", "a/b/2.mp3"]
        assert (plan.files, plan.kept) == (3, 1)
        assert [row.path for row in make_plan(index, PlanOptions(), "a/b/2.mp3").rows] == [
            "a/b/2.mp3"
        ]
        found = StoredPredictions(indexed_model(index), within="a/b").songs(index)
        assert [song.path for song, *_ in found] == ["a/b/2.mp3"]
        below = status(index, "a")
        assert (below.files, below.tagged, dict(below.genres)) == (3, 1, {"Polka": 1})
        assert [(model.classified, model.failed) for model in below.models] == [(3, 0)]
        assert status(index).files == 5
        assert genres_in_tags(index, "ab") == {}
