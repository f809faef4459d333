"""The models that ship: they are there, small, whole, and hear songs as they were taught."""

import json
from pathlib import Path

import numpy as np
import pytest

import genrescope
from genrescope.audio.excerpt import Excerpt
from genrescope.inference.model import GenreModel
from genrescope.inference.registry import find_model
from genrescope.inference.song import SongClassifier
from genrescope.similarity.neighbours import FILE
from genrescope.taxonomy.vocabulary import GTZAN

ROOT = Path(__file__).parents[2]
NAMES = ("descriptors", "musicnn")
SOUNDS = ROOT / "tests/data/reference/audio"


@pytest.fixture
def models(musicnn_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A models folder with musicnn in it."""
    monkeypatch.setenv("GENRESCOPE_MODELS", str(musicnn_models))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_whole_and_small(name: str) -> None:
    model = GenreModel.load(name)
    assert model.card.genres == GTZAN.genres
    assert sum(file.stat().st_size for file in find_model(name).iterdir()) < 20e6


@pytest.mark.parametrize("name", NAMES)
def test_its_card_says_what_the_folds_gave(name: str) -> None:
    measured = json.loads((ROOT / "benchmarks/results/models.json").read_text())
    measured = measured["backbone" if name == "musicnn" else name]
    card = GenreModel.load(name).card
    assert card.card["scores"]["macro_recall"] == measured["macro_recall"]
    assert card.card["weights"] == measured["weights"]
    assert card.threshold == pytest.approx(measured["threshold"], abs=1e-4)
    for told in ("data", "split", "unfair", "limits", "licence", "weak_genres", "command"):
        assert card.card[told]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("song", ["blues.00001", "metal.00003", "reggae.00002"])
def test_a_song_is_heard_as_in_training(name: str, song: str, shared: Path, models: None) -> None:
    """The embedding that the model's own songs were given, from other code, from vectors."""
    path = next((shared / "data/gtzan_audio").glob(f"{song}.*"))
    classifier = SongClassifier(GenreModel.load(name), excerpt=Excerpt.whole())
    prediction = classifier.classify(path).prediction
    with np.load(find_model(name) / FILE) as archive:
        taught = archive["embedding"][archive["ids"].tolist().index(song)]
    np.testing.assert_allclose(prediction.embedding, taught, atol=5e-3)
    assert prediction.best == song.partition(".")[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_noise_sweeps_and_silence_are_of_no_genre(name: str, models: None) -> None:
    classifier = SongClassifier(GenreModel.load(name))
    for sound in ("noise_22050_mono_12s", "sweep_22050_mono_31s"):
        prediction = classifier.classify(SOUNDS / f"{sound}.flac").prediction
        assert prediction.genre == "unknown"
        assert prediction.music < 0.5
    silence = genrescope.classify(np.zeros(22050 * 10), rate=22050, model=name)
    assert silence.genre == "unknown"


@pytest.mark.slow
def test_the_backbone_is_the_default_once_it_is_there(models: None) -> None:
    assert genrescope.load_model().card.name == "musicnn"


def test_without_it_the_descriptors_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRESCOPE_MODELS", str(tmp_path))
    assert genrescope.load_model().card.name == "descriptors"
