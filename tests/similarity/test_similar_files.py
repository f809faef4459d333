from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.errors import AudioError, UsageError
from genrescope.inference.song import SongClassifier, load_model
from genrescope.similarity.files import similar_songs
from toymodel import song, write_toy_model


@pytest.fixture
def music(models, tmp_path: Path) -> list[Path]:
    """Three songs, a copy of the first in another format, a silence, a text."""
    paths = [tmp_path / f"{number}.wav" for number in range(3)]
    for number, path in enumerate(paths):
        soundfile.write(path, song(7, seed=number), 22050)
    soundfile.write(tmp_path / "copy.flac", soundfile.read(paths[0])[0], 22050)
    soundfile.write(tmp_path / "silent.wav", np.zeros(22050 * 7), 22050)
    (tmp_path / "text.mp3").write_text("no sound")
    return [*paths, *(tmp_path / name for name in ("copy.flac", "silent.wav", "text.mp3"))]


def test_the_nearest_come_first_and_not_the_song_itself(music, tmp_path):
    (tmp_path / "link.wav").symlink_to(music[0])
    found = similar_songs(music[0], [*music, tmp_path / "link.wav"], "toy", jobs=1)
    classifier = SongClassifier(load_model("toy"))
    one, *others = (classifier.classify(path).prediction.embedding for path in music[:3])
    cosines = [other @ one / np.linalg.norm(other) / np.linalg.norm(one) for other in others]

    assert found.similar[0].path.name == "copy.flac"
    assert [item.same_sound for item in found.similar] == [True, False, False]
    assert [item.similarity for item in found.similar[1:]] == pytest.approx(
        sorted(cosines, reverse=True), abs=1e-5
    )
    assert found.compared == 3
    assert {row.path.name: row.reason for row in found.failed} == {
        "silent.wav": "it is silent or too short",
        "text.mp3": "not an audio file",
    }
    assert [item.path.name for item in similar_songs(music[0], music, "toy", count=1).similar] == [
        "copy.flac"
    ]


def test_what_is_kept_is_not_classified_again_unless_it_changed(music, tmp_path):
    index = tmp_path / "index.jsonl"
    first = similar_songs(music[0], music[:5], "toy", results=index, jobs=1)
    for path in music[1:4]:
        silence(path)
    again = similar_songs(music[0], music[:5], "toy", results=index, jobs=1)

    assert [item.path for item in again.similar] == [item.path for item in first.similar]
    assert [item.similarity for item in again.similar] == pytest.approx(
        [item.similarity for item in first.similar], abs=1e-3
    )
    os.utime(music[1], ns=(1, 1))
    later = similar_songs(music[0], music[:5], "toy", results=index, jobs=1)
    assert {item.path for item in again.similar} - {item.path for item in later.similar} == {
        music[1]
    }
    assert "1.wav" in {item.path.name for item in later.failed}


def silence(path: Path) -> None:
    """Take a file's content away, so that it cannot be classified, but leave size and time."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_song_or_a_model_that_cannot_be_compared_is_an_error(music, models):
    with pytest.raises(AudioError, match=r"silent.wav: it is silent"):
        similar_songs(music[4], music, "toy")
    with pytest.raises(AudioError, match="not an audio file"):
        similar_songs(music[5], music, "toy")
    write_toy_model(models / "bare", extras=False)
    with pytest.raises(UsageError, match="no embedding"):
        similar_songs(music[0], music, "bare")


def test_nothing_to_compare_with_is_no_error(music):
    found = similar_songs(music[0], music[:1], "toy")

    assert (found.similar, found.compared, found.failed) == ((), 0, ())
