"""A trained network on disk: a model folder that the ladder takes, and what made it.

`model.onnx` and `model.json` are what `genrescope classify --model FOLDER` needs; `model.keras`,
`history.json` and `trained_ids.txt` serve evaluation and further training.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.record import EpochLog, Record
from genrescope.files.atomic import atomic_folder, recover_folder
from genrescope.inference.card import GRAPH, ModelCard
from genrescope.inference.model import SCORES
from genrescope.learning.backend import keras
from genrescope.learning.export.card import FORMAT, genre_shares, model_card
from genrescope.learning.export.convert import export_onnx
from genrescope.learning.learner import TrainedNetwork
from genrescope.learning.operating_point import fit_operating_point
from genrescope.learning.training import TrainingSet, predict
from genrescope.taxonomy.vocabulary import Vocabulary, vocabulary

_BATCH = 4096


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network read back, as `genrescope.evaluation.learner.Classifier`.

    Its probabilities are those that the record's scores are of: not calibrated, and assuming that
    all genres are equally common. The ladder's are calibrated.

    Attributes:
        model: the `keras.Model`, (batch, dims) raw descriptors to (batch, genres).
        card: the content of `model.json`.
        vocabulary: its genres, in the order of its probabilities.
        trained_ids: everything it saw in training or for its selection.
        history: learning curves.
    """

    model: Any
    card: ModelCard
    vocabulary: Vocabulary
    trained_ids: frozenset[str]
    history: EpochLog | None

    @property
    def parameters(self) -> int:
        """Trainable values."""
        return int(self.card.card["training"]["parameters"])

    def probabilities(self, table: FeatureTable, positions: Positions) -> NDArray[np.float64]:
        """(n, genres) probabilities of the rows of `table` at `positions`.

        Raises:
            DataError: the table is of another set than the network was trained on.
        """
        if (table.feature_set,) != self.card.sets:
            raise DataError(f"the model takes {self.card.sets[0]}, not {table.feature_set}")
        return predict(self.model, table, positions)


def save_model_folder(folder: Path, trained: TrainedNetwork, record: Record) -> None:
    """Write a trained network into `folder`, whole or not at all; what was there is replaced."""
    plain = trained.network.build(len(trained.vocabulary))  # without the optimiser's state
    plain.set_weights(trained.model.get_weights())
    with atomic_folder(folder) as part:
        plain.save(part / "model.keras")
        graph = part / GRAPH
        export_onnx(plain, graph, inputs=[trained.network.feature_set], outputs=[SCORES])
        scores, truth = _validation(graph, trained.data)
        decision = fit_operating_point(scores, truth, genre_shares(trained.data))
        model_card(folder.name, trained, record, decision).write(part)
        history = asdict(trained.history) if trained.history else None
        (part / "history.json").write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")
        ids = "".join(f"{name}\n" for name in sorted(trained.trained_ids))
        (part / "trained_ids.txt").write_text(ids, encoding="utf-8")


def load_model_folder(folder: Path) -> LoadedNetwork:
    """Read what `save_model_folder` wrote.

    Raises:
        DataError: the folder is no such model folder, or is of another format.
    """
    recover_folder(folder)
    try:
        ids = (folder / "trained_ids.txt").read_text(encoding="utf-8").splitlines()
        history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"not a trained network: {error}", place=folder) from error
    card = ModelCard.read(folder)
    found = card.card.get("training", {}).get("format")
    if found != FORMAT:
        remedy = "train it again with this version"
        raise DataError(f"format {found} is not {FORMAT}", place=folder, remedy=remedy)
    return LoadedNetwork(
        model=keras.saving.load_model(folder / "model.keras", compile=False),
        card=card,
        vocabulary=_vocabulary(card),
        trained_ids=frozenset(ids),
        history=None if history is None else EpochLog(**history),
    )


def _vocabulary(card: ModelCard) -> Vocabulary:
    return vocabulary(card.vocabulary) if card.vocabulary else Vocabulary(card.name, card.genres)


def _validation(graph: Path, data: TrainingSet) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores (n, genres) that the graph gives the validation songs, and their genres (n,)."""
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    parts = []
    for start in range(0, len(data.validation), _BATCH):
        vectors = data.table.read(data.validation[start : start + _BATCH])
        parts += session.run([SCORES], {data.table.feature_set: vectors})
        data.table.release()
    return np.concatenate(parts).astype(np.float64), data.classes[data.validation]
