"""A trained network on disk: read back as it was, by Keras and by the ladder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_training import ABC, blobs, short

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.corpora.tuwien_gtzan import load_tuwien_gtzan
from genrescope.data.table import FeatureTable
from genrescope.descriptors import Settings
from genrescope.errors import DataError
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.record import Record
from genrescope.evaluation.runner import run
from genrescope.inference.card import CARD
from genrescope.inference.model import GenreModel
from genrescope.learning.export.card import settings_of
from genrescope.learning.export.model_folder import load_model_folder, save_model_folder
from genrescope.learning.learner import NetworkLearner, TrainedNetwork
from genrescope.learning.operating_point import fit_operating_point

TABLE = blobs()
ROWS = np.arange(len(TABLE))


@pytest.fixture(scope="module")
def trained() -> tuple[TrainedNetwork, Record]:
    learner = NetworkLearner(short())
    record, _ = run(
        learner, TABLE, kfold(TABLE, 2), vocabulary=ABC, seed=0, command="the command", dataset="b"
    )
    assert learner.trained is not None
    return learner.trained, record


@pytest.fixture
def folder(trained: tuple[TrainedNetwork, Record], tmp_path: Path) -> Path:
    save_model_folder(tmp_path / "model", *trained)
    return tmp_path / "model"


def test_artefact_comes_back_as_it_was(trained, folder: Path) -> None:
    network, loaded = trained[0], load_model_folder(folder)
    np.testing.assert_allclose(
        loaded.probabilities(TABLE, ROWS), network.probabilities(TABLE, ROWS), atol=1e-6
    )
    assert loaded.trained_ids == network.trained_ids
    assert loaded.history == network.history
    assert loaded.vocabulary.genres == ABC.genres
    assert loaded.parameters == network.parameters
    assert loaded.card.card["command"] == "the command"
    with pytest.raises(DataError, match="takes jmir_lpc, not rh"):
        loaded.probabilities(replace(TABLE, feature_set="rh"), ROWS)


def test_the_ladder_gives_calibrated_probabilities_of_the_same_network(
    trained, folder: Path
) -> None:
    network, model = trained[0], GenreModel.load(folder)
    predictions = model.predict({"jmir_lpc": TABLE.read()})
    scores = np.log(network.probabilities(TABLE, ROWS))
    expected = model.card.calibration.apply(scores)
    np.testing.assert_allclose(predictions.probabilities, expected, atol=1e-5)
    held_out = network.data.validation
    decision = fit_operating_point(
        np.log(network.probabilities(network.data.table, held_out)),
        network.data.classes[held_out],
        np.asarray(model.card.prior),
    )
    assert model.card.calibration.temperature == pytest.approx(decision.calibration.temperature)
    assert model.card.threshold == pytest.approx(decision.threshold)
    assert len(model.card.coverage) == len(decision.coverage)


def test_the_card_has_what_the_model_is(trained, folder: Path) -> None:
    network, card = trained[0], GenreModel.load(folder).card
    assert card.name == "model"
    assert card.genres == ABC.genres
    assert card.vocabulary is None  # three of GTZAN's ten
    assert dict(card.inputs) == {"jmir_lpc": 20}
    assert card.level is None
    labels = network.data.table.labels
    np.testing.assert_allclose(card.prior, [(labels == genre).mean() for genre in ABC.genres])
    assert (
        card.card["data"] == "b: 102 songs to fit, 18 to choose the epoch, to calibrate and "
        "to choose the threshold"
    )
    assert "fold 2" in card.card["split"]
    assert set(card.card["scores"]["macro_recall"]) == {"value", "low", "high"}
    assert card.card["training"]["network"] == "perceptron"


def test_saving_again_replaces_all_and_leaves_nothing_beside(trained, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "stray").write_text("of an older version")
    save_model_folder(folder, *trained)
    assert {path.name for path in folder.iterdir()} == set(before)
    assert (folder / "model.onnx").read_bytes() == before["model.onnx"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_set_aside_by_a_killed_process_is_found(folder: Path) -> None:
    folder.rename(folder.with_name(".model.old"))
    assert load_model_folder(folder).vocabulary.genres == ABC.genres


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda card: card["card"]["training"].update(format=1), "format 1 is not 2"),
        (lambda card: card["card"].pop("training"), "format None is not 2"),
        (lambda card: card.pop("genres"), "not a model's card"),
    ],
)
def test_another_format_is_refused(folder: Path, edit, message: str) -> None:
    card = json.loads((folder / CARD).read_text())
    edit(card)
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(DataError, match=message):
        load_model_folder(folder)


def test_loading_what_is_no_model_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a trained network"):
        load_model_folder(tmp_path)


def table_of(provenance: dict[str, object]) -> FeatureTable:
    return replace(TABLE, provenance=provenance)


@pytest.mark.parametrize(
    ("table", "settings"),
    [
        (TABLE, Settings()),
        (load_gtzan("rh"), Settings()),
        (load_gtzan("rh", "2012"), Settings("2012")),
        (table_of({"dataset": "MSD", "file": "msd-rh-v1.0.arff"}), Settings("msd")),
        (
            table_of({"dataset": "MSD", "settings": Settings("2012", "float64").as_json()}),
            Settings("2012", "float64", False),
        ),
    ],
)
def test_settings_are_those_of_the_vectors(table: FeatureTable, settings: Settings) -> None:
    assert settings_of(table) == settings


def test_settings_of_published_gtzan_files(shared: Path) -> None:
    table = load_tuwien_gtzan(shared / "data" / "gtzan_tuwien_arff", "rh")
    assert settings_of(table) == Settings("2012")
