"""Artist, album and title of songs that are brought to the page."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from genrescope.web.names import SongNames, names_of_path, song_names
from toymodel import song


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("song.mp3", ("", "", "")),
        ("Album/01 Song.mp3", ("", "Album", "")),
        ("Singer/Album/01 Song.mp3", ("Singer", "Album", "")),
        ("/Music/Singer/Album/01 Song.mp3", ("Singer", "Album", "")),
        ("Singer - Song.mp3", ("Singer", "", "Song")),
        ("03. Singer - Song - live.flac", ("Singer", "", "Song - live")),
        ("Various/Hits/12 - Singer - Song.ogg", ("Singer", "Hits", "Song")),
        ("1979.mp3", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_names_of_paths(path: str, names: tuple[str, str, str]) -> None:
    assert names_of_path(path) == SongNames(*names)


def test_tags_come_first_and_the_path_fills_in(tmp_path: Path) -> None:
    mutagen = pytest.importorskip("mutagen.flac")
    path = tmp_path / "1.flac"  # an upload has but a suffix of its own
    soundfile.write(path, song(1), 22050)
    assert song_names(path, "Singer/Album/01 x.flac") == SongNames("Singer", "Album", "")
    tags = mutagen.FLAC(path)
    tags["title"], tags["artist"] = "A title", "Another singer"
    tags.save()
    found = song_names(path, "Singer/Album/01 x.flac")
    assert found == SongNames("Another singer", "Album", "A title")


def test_what_cannot_be_read_has_the_name_of_its_path(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(b"no music")
    expected = SongNames("Singer", "", "Song")
    assert song_names(tmp_path / "1", "Singer - Song.mp3") == expected
    assert song_names(tmp_path / "gone", "Singer - Song.mp3") == expected
