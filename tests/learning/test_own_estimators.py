"""The scikit-learn estimators, and `genrescope.learn` from files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

import genrescope
from genrescope.errors import DataError
from genrescope.learning.own.estimators import EmbeddingTransformer, GenreClassifier


def rows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    truth = np.arange(90) % 3
    x = np.random.default_rng(seed).normal(0, 1, (90, 12)) + truth[:, None] * 2
    return x.astype(np.float32), np.array(["a", "b", "c"])[truth]


@pytest.mark.parametrize("recipe", [None, "logistic"])
def test_a_classifier_in_cross_validation(recipe: str | None):
    x, y = rows()
    scores = cross_val_score(
        GenreClassifier(recipe), x, y, cv=GroupKFold(3), groups=np.arange(90) // 3
    )
    assert scores.mean() > 0.9
    fitted = GenreClassifier(recipe).fit(x, y)
    assert np.allclose(fitted.predict_proba(x).sum(axis=1), 1)
    assert fitted.classes_.tolist() == ["a", "b", "c"]


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="one class"):
        GenreClassifier().fit(np.zeros((4, 2)), ["a"] * 4)


@pytest.fixture
def songs(tmp_path: Path, models: Path) -> tuple[list[Path], list[str], list[str]]:
    """Tones and noises by artists of two songs."""
    rng, time = np.random.default_rng(0), np.arange(22050) / 22050
    files, labels = [], []
    for number in range(24):
        noise = rng.normal(0, 0.3, len(time))
        tone = np.sin(2 * np.pi * rng.uniform(200, 260) * time)
        kind = number // 2 % 2
        files.append(tmp_path / f"{number}.wav")
        soundfile.write(files[-1], 0.3 * (tone if kind else noise) + 0.01 * noise, 22050)
        labels.append("tone" if kind else "noise")
    return files, labels, [f"artist {number // 2}" for number in range(24)]


@pytest.mark.slow
def test_files_to_labels(songs, models: Path, tmp_path: Path):
    files, labels, groups = songs
    results = tmp_path / "kept.jsonl"
    columns = EmbeddingTransformer(models / "toy", results, jobs=1)
    pipeline = make_pipeline(columns, GenreClassifier("kernel discriminant")).fit(files, labels)
    assert pipeline.predict(files).tolist() == labels
    before = results.stat().st_size
    learned = genrescope.learn(
        *(files, labels, groups), model=models / "toy", results=results, jobs=1
    )
    assert results.stat().st_size == before  # nothing was computed again
    assert learned.folder == models / "mine"
    assert set(learned.card.genres) == {"tone", "noise", "unknown"}
    assert genrescope.classify(files[0], model="mine").best == "noise"


@pytest.mark.slow
@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames_go_in_and_out(songs, models: Path, tmp_path: Path, library: str):
    frames = pytest.importorskip(library)
    files, labels, groups = songs
    table = frames.DataFrame({"path": list(map(str, files)), "label": labels, "artist": groups})
    results = tmp_path / "kept.jsonl"
    learned = genrescope.learn(
        *(table["path"], table["label"], table["artist"]),
        model=models / "toy",
        results=results,
        jobs=1,
    )
    assert len(learned.assessment.songs) == len(files)
    assert set(learned.assessment.songs.groups) == set(groups)

    columns = EmbeddingTransformer(models / "toy", results, 1).set_output(transform=library)
    found = columns.fit_transform(table["path"])
    assert isinstance(found, frames.DataFrame)
    assert list(found.columns) == columns.get_feature_names_out().tolist()
    pipeline = make_pipeline(columns, GenreClassifier())
    assert pipeline.fit(table["path"], table["label"]).predict(table["path"]).tolist() == labels
    plain = make_pipeline(EmbeddingTransformer(models / "toy", results, 1), GenreClassifier())
    scores = cross_val_score(plain, files, labels, groups=groups, cv=GroupKFold(3))
    assert scores.mean() == 1
    suspects = frames.DataFrame([asdict(item) for item in learned.assessment.suspects])
    assert set(suspects["label"]) == {"tone", "noise"}


def test_labels_of_another_number_than_files():
    with pytest.raises(DataError, match="2 files, 1 labels"):
        genrescope.learn(["a.wav", "b.wav"], ["x"])
