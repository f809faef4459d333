"""A trained network on disk: `model.keras`, `model.json`, `history.json`, `trained_ids.txt`."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.record import EpochLog, Record
from genrescope.evaluation.runner import versions
from genrescope.learning.backend import keras
from genrescope.learning.learner import TrainedNetwork
from genrescope.learning.training import predict
from genrescope.taxonomy import Vocabulary, vocabulary

FORMAT = 1


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network read back, as `genrescope.evaluation.runner.Classifier`.

    Attributes:
        model: the `keras.Model`, (batch, dims) raw descriptors to (batch, genres).
        card: the content of `model.json`.
        vocabulary: its genres, in the order of its probabilities.
        trained_ids: everything it saw in training or for its selection.
        history: learning curves.
    """

    model: Any
    card: dict[str, Any]
    vocabulary: Vocabulary
    trained_ids: frozenset[str]
    history: EpochLog | None

    @property
    def parameters(self) -> int:
        """Trainable values."""
        return int(self.card["parameters"])

    def probabilities(self, table: FeatureTable, positions: Positions) -> NDArray[np.float64]:
        """(n, genres) probabilities of the rows of `table` at `positions`.

        Raises:
            DataError: the table is of another set than the network was trained on.
        """
        if [table.feature_set] != self.card["feature_sets"]:
            raise DataError(
                f"the model takes {self.card['feature_sets'][0]}, not {table.feature_set}"
            )
        return predict(self.model, table, positions)


def save_artefact(folder: Path, trained: TrainedNetwork, record: Record) -> None:
    """Write a trained network into `folder`, whole or not at all; what was there is replaced."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    plain = trained.network.build(len(trained.vocabulary))  # without the optimiser's state
    plain.set_weights(trained.model.get_weights())
    plain.save(part / "model.keras")
    history = asdict(trained.history) if trained.history else None
    _write_json(part / "history.json", history)
    _write_json(part / "model.json", _card(trained, record))
    (part / "trained_ids.txt").write_text(
        "".join(f"{name}\n" for name in sorted(trained.trained_ids)), encoding="utf-8"
    )
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)


def load_artefact(folder: Path) -> LoadedNetwork:
    """Read what `save_artefact` wrote.

    Raises:
        DataError: the folder is no such artefact, or is of another format.
    """
    try:
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        ids = (folder / "trained_ids.txt").read_text(encoding="utf-8").splitlines()
        history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"not a trained network: {error}", place=folder) from error
    if card.get("format") != FORMAT:
        raise DataError(f"format {card.get('format')} is not {FORMAT}", place=folder)
    return LoadedNetwork(
        model=keras.saving.load_model(folder / "model.keras", compile=False),
        card=card,
        vocabulary=vocabulary(card["vocabulary"]),
        trained_ids=frozenset(ids),
        history=None if history is None else EpochLog(**history),
    )


def _card(trained: TrainedNetwork, record: Record) -> dict[str, Any]:
    scores = record.scores
    return {
        "format": FORMAT,
        "network": trained.network.name,
        "kind": trained.network.kind,
        "recipe": asdict(trained.network.recipe),
        "feature_sets": [trained.network.feature_set],
        "dims": trained.model.input_shape[-1],
        "vocabulary": trained.vocabulary.name,
        "genres": trained.vocabulary.genres,
        "dataset": record.dataset,
        "protocol": record.protocol,
        "split": trained.history.split if trained.history else None,
        "seed": record.seed,
        "parameters": trained.parameters,
        "scores": {
            name: asdict(getattr(scores, name))
            for name in ("macro_recall", "accuracy", "macro_f1", "log_loss", "calibration_error")
        },
        "command": record.command,
        "versions": versions(),
    }


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
