"""The models that ship: they are there, small, whole, and predict as they were fitted."""

import json
from pathlib import Path

import numpy as np
import pytest

import genrescope
from genrescope.inference.card import DescribedModel
from genrescope.inference.model import GenreModel
from genrescope.inference.registry import BEST_FIRST, find_model
from genrescope.inference.salient_tags import salient_tags
from genrescope.inference.song import SongClassifier
from genrescope.inference.storage.packing import pack_tags, unpack_tags
from genrescope.similarity.neighbours import nearest_training_songs
from genrescope.sources import tagging_network
from genrescope.taxonomy.vocabulary import GTZAN, LIBRARY, TOP_MAGD

ROOT = Path(__file__).parents[2]
NAMES = BEST_FIRST
HERE = ("descriptors", "musicnn")  # without audioset, whose file cannot be had everywhere
SOUNDS = ROOT / "tests/data/reference/audio"


@pytest.fixture
def models(musicnn_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A models folder with musicnn in it."""
    monkeypatch.setenv("GENRESCOPE_MODELS", str(musicnn_models))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_whole_and_small(name: str) -> None:
    model = GenreModel.load(name)
    heads = {head.vocabulary: head.genres for head in model.card.all_heads}
    assert heads == {item.name: item.genres for item in (LIBRARY, TOP_MAGD, GTZAN)}
    assert next(iter(heads)) == "library"
    assert sum(file.stat().st_size for file in find_model(name).iterdir()) < 20e6


@pytest.mark.parametrize("name", NAMES)
def test_its_card_has_what_the_folds_gave(name: str) -> None:
    measured = json.loads((ROOT / "benchmarks/results/models.json").read_text())
    card = GenreModel.load(name).card
    assert card.card["scores"] == measured[name]
    assert card.threshold == measured[name]["library"]["threshold"]
    for vocabulary, head in card.heads.items():
        assert head.threshold == measured[name][vocabulary]["threshold"]
    for stated in ("data", "split", "unfair", "limits", "licence", "weak_genres", "command"):
        assert card.card[stated]


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("song", ["blues.00001", "metal.00003", "reggae.00002"])
def test_a_song_is_the_nearest_to_itself(name: str, song: str, shared: Path, models: None) -> None:
    """Among the embeddings that other code computed of the model's own songs."""
    path = next((shared / "data/gtzan_audio").glob(f"{song}.*"))
    prediction = SongClassifier(GenreModel.load(name)).classify(path).prediction
    [nearest] = nearest_training_songs(find_model(name), prediction.embedding, 1)
    assert nearest.id == song


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
def test_noise_sweeps_and_silence_are_of_no_genre(name: str, models: None) -> None:
    classifier = SongClassifier(GenreModel.load(name))
    for sound in ("noise_22050_mono_12s", "sweep_22050_mono_31s"):
        prediction = classifier.classify(SOUNDS / f"{sound}.flac").prediction
        assert prediction.genre == "unknown"
    silence = genrescope.classify(np.zeros(22050 * 10), rate=22050, model=name)
    assert silence.genre == "unknown"


@pytest.mark.slow
def test_the_backbone_is_the_default_once_it_is_there(models: None) -> None:
    assert genrescope.load_model().card.name == "musicnn"


def test_without_it_the_descriptors_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRESCOPE_MODELS", str(tmp_path))
    assert genrescope.load_model().card.name == "descriptors"


def test_descriptors_predict_tags_in_the_place_of_networks() -> None:
    model = GenreModel.load("descriptors")
    rng = np.random.default_rng(0)
    inputs = {name: rng.normal(size=(2, dims)) for name, dims in model.card.inputs.items()}
    batch = model.predict(inputs)
    found = batch.prediction(1, {"other": {"tag": 0.5}})
    assert list(found.tags) == ["other", *model.card.tag_sources]
    assert model.card.tag_sources == ("student_audioset", "student_musicnn")
    for source, tags in list(found.tags.items())[1:]:
        network = tagging_network(source)
        assert network is not None
        assert tuple(tags) == network.tag_names
        assert all(0 <= share <= 1 for share in tags.values())
    values = [share for source in model.card.tag_sources for share in found.tags[source].values()]
    assert values == batch.tags[1].tolist()
    assert set(unpack_tags(pack_tags(found.tags))) == set(model.card.tag_sources)
    salient = salient_tags(found.tags)
    assert all(tag.source in model.card.tag_sources for tag in salient)


def test_models_of_networks_predict_no_tags_themselves() -> None:
    for name in ("full", "audioset", "musicnn"):
        card = DescribedModel.read(find_model(name)).card
        assert card.predicted == ()
        assert card.tag_sources == card.networks
