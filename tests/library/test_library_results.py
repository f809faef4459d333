"""Results: kept by the sound, whatever becomes of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.backbones.family import FOLDER_VARIABLE
from genrescope.errors import UsageError
from genrescope.inference import registry
from genrescope.inference.song import classify
from genrescope.library.index.database import Index
from genrescope.library.index.models import indexed_model, newer_model
from genrescope.library.index.results import classify_library, songs
from genrescope.library.index.scan import scan
from genrescope.library.index.status import status
from songfiles import write_song

pytest.importorskip("mutagen")
pytest.importorskip("onnx")
from genrescope.library.tagging.tagfile import write_field
from toymodel import write_toy_model


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two songs, one of them twice, and a file that is none."""
    write_toy_model(tmp_path / "models" / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    root = tmp_path / "music"
    root.mkdir()
    write_song(root / "one.flac", 1, 2.0)
    write_song(root / "two.ogg", 2, 2.0)
    (root / "copy.flac").write_bytes((root / "one.flac").read_bytes())
    (root / "text.mp3").write_bytes(b"no music")
    with Index(root, tmp_path / "index.sqlite") as opened:
        scan(opened)
        yield opened


def classify_all(index: Index, **options: bool) -> tuple[int, int]:
    found = classify_library(index, "toy", jobs=1, **options)
    return found.done, found.failed


def test_a_file_that_is_no_music_is_named_once(index: Index):
    assert [path for path, _ in status(index).problems] == ["text.mp3"]
    classify_all(index)
    [(path, why)] = status(index).problems
    assert path == "text.mp3"
    assert not why.startswith("tags: ")


def test_what_a_model_predicts_is_kept_and_not_computed_again(index: Index):
    assert classify_all(index) == (2, 1)
    assert classify_all(index) == (0, 0)
    assert classify_all(index, retry=True) == (0, 1)
    known = {song.path: song for song in songs(index, indexed_model(index))}
    for path in ("one.flac", "copy.flac", "two.ogg"):
        direct, kept = classify(index.root / path, model="toy"), known[path].prediction
        np.testing.assert_allclose(kept.probabilities, direct.probabilities, atol=1e-6)
        np.testing.assert_allclose(kept.embedding, direct.embedding, rtol=1e-3, atol=1e-3)
        assert kept.genres == direct.genres
        assert kept.music == pytest.approx(direct.music)
    assert known["text.mp3"].prediction is None
    assert known["text.mp3"].problem
    assert known["one.flac"].notes.startswith("short: 2.00 s")


def test_moved_retagged_and_returning_files_keep_their_results(index: Index):
    classify_all(index)
    kept = {song.path: song.prediction for song in songs(index, indexed_model(index))}
    (index.root / "folder").mkdir()
    (index.root / "two.ogg").rename(index.root / "folder" / "2.ogg")
    write_field(index.root / "one.flac", "genre", ("Rock",))
    (index.root / "copy.flac").rename(index.root.parent / "away.flac")
    scan(index)
    (index.root.parent / "away.flac").rename(index.root / "back.flac")
    scan(index)
    assert classify_all(index) == (0, 0)
    known = {song.path: song for song in songs(index, indexed_model(index))}
    assert known["one.flac"].genres == ("Rock",)
    for now, before in {"folder/2.ogg": "two.ogg", "back.flac": "copy.flac"}.items():
        np.testing.assert_array_equal(
            known[now].prediction.probabilities, kept[before].probabilities
        )


def test_other_sound_is_classified_again(index: Index):
    classify_all(index)
    write_song(index.root / "one.flac", 3, 2.0)
    scan(index)
    assert classify_all(index) == (1, 0)


def test_each_model_has_its_own_results(index: Index, tmp_path: Path):
    write_toy_model(tmp_path / "models" / "other", seed=2)
    with pytest.raises(UsageError, match="classified so far"):
        indexed_model(index)
    classify_all(index)
    assert classify_library(index, "other", jobs=1).done == 2
    assert indexed_model(index).name == "other"
    assert indexed_model(index, "toy").name == "toy"
    classify_all(index)
    assert indexed_model(index).name == "toy"


def test_until_all_is_classified_again_the_former_model_counts(index: Index, tmp_path: Path):
    write_toy_model(tmp_path / "models" / "other", seed=2)
    classify_all(index)
    with pytest.raises(KeyboardInterrupt):
        classify_library(index, "other", jobs=1, progress=_interrupt_at(1))
    assert indexed_model(index).name == "toy"
    assert sum(song.prediction is not None for song in songs(index, indexed_model(index))) == 3

    assert classify_library(index, "other", jobs=1).done == 1
    assert indexed_model(index).name == "other"
    assert (
        sum(song.prediction is not None for song in songs(index, indexed_model(index, "toy"))) == 3
    )


def test_results_of_an_earlier_bundled_model_are_known_as_such(index: Index, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "bundled")
    write_toy_model(tmp_path / "bundled" / "descriptors", seed=4)
    write_toy_model(tmp_path / "models" / "old" / "backbone", seed=5)
    assert newer_model(index) is None
    classify_all(index)
    assert newer_model(index) is None  # a model of one's own
    classify_library(index, tmp_path / "models" / "old" / "backbone", jobs=1)
    assert newer_model(index) == "descriptors"
    classify_library(index, jobs=1)
    assert newer_model(index) is None


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_index_of_an_earlier_version_is_read(index: Index, tmp_path: Path, version: int):
    classify_all(index)
    before = {song.path: song.prediction for song in songs(index, indexed_model(index))}
    tags = np.linspace(0, 1, 50, dtype=np.float32)
    with index.transaction():
        index.database.execute("UPDATE results SET tags = ?", (tags.tobytes(),))
    statements = ["ALTER TABLE files DROP COLUMN fields", f"PRAGMA user_version = {version}"]
    if version < 3:
        statements.append("ALTER TABLE models DROP COLUMN facts")
        statements.append("ALTER TABLE results DROP COLUMN heads")
    for statement in statements:
        index.database.execute(statement)
    with Index(index.root, index.path) as opened:
        found = {song.path: song.prediction for song in songs(opened, indexed_model(opened))}
        mtimes = set(opened.rows("SELECT mtime_ns FROM files"))
        scan(opened)
        assert classify_library(opened, "toy", jobs=1).done == 0
    assert mtimes == {(-1,)}  # all are read again
    for path in ("one.flac", "two.ogg"):
        np.testing.assert_array_equal(found[path].probabilities, before[path].probabilities)
        if version < 3:
            assert found[path].tags["musicnn"]["rock"] == 0.0
            assert found[path].tags["musicnn"]["happy"] == 1.0


def _interrupt_at(count: int):
    def progress(done: int, failed: int, total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return progress
