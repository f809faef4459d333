"""Training of one network: balanced, seeded, stopped early, resumable."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import genre_weights
from genrescope.data.table import FeatureTable, Positions
from genrescope.files.atomic import atomic_write
from genrescope.learning.backend import keras
from genrescope.learning.batches import Batch, chunks, minibatches, smooth_labels
from genrescope.learning.layers import Adaptive
from genrescope.learning.networks.network import Network, Recipe
from genrescope.progress import Progress, Report

_STATISTICS_ROWS = 20_000  # rows from which input statistics are taken
CHECKPOINT_SECONDS = 15.0


@dataclass(frozen=True)
class TrainingSet:
    """What a network is trained on.

    Attributes:
        table: the vectors.
        fit: positions of the rows that move the weights.
        validation: positions of the rows that choose the epoch; carved out of the training part.
        classes: (rows of the table,) index of each row's genre.
        genres: number of genres.
    """

    table: FeatureTable
    fit: Positions
    validation: Positions
    classes: NDArray[np.int64]
    genres: int

    def weights(self, positions: Positions) -> NDArray[np.float32]:
        """Weight of each row at `positions`, so that every genre weighs the same; mean 1."""
        return genre_weights(self.classes[positions]).astype(np.float32)


@dataclass
class History:
    """Learning curves, one value an epoch, and the 0-based epoch whose weights are kept.

    Kept is the latest epoch whose validation loss is within one standard error of the lowest
    (Breiman et al., "Classification and Regression Trees", 1984, rule of one standard error): on a
    few dozen validation songs the lowest loss is mostly luck, and later weights, made at a lower
    learning rate, are the better ones; on thousands it is the lowest loss or nearly so.
    """

    columns: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int = -1

    def add(self, values: dict[str, float]) -> None:
        """Append one epoch, and keep it if its validation loss is as good as the best."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)
        losses = self.columns["val_loss"]
        lowest = int(np.argmin(losses))
        if losses[-1] <= losses[lowest] + self.columns["val_loss_error"][lowest]:
            self.best_epoch = len(losses) - 1

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.columns.get("val_loss", ()))

    def should_stop(self, patience: int) -> bool:
        """Whether the last `patience` epochs brought nothing better."""
        return self.epochs - 1 - self.best_epoch >= patience


class Trainer:
    """Trains one network any number of times; it is compiled once and started afresh each time."""

    def __init__(self, network: Network, genres: int) -> None:
        self.network = network
        self.genres = genres
        self.model = network.build(genres)
        self.model.compile(
            optimizer=_optimizer(network.recipe),
            loss=self._loss(),
            # TensorFlow's XLA is two to four times slower than its own kernels on a CPU.
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self._optimizer_start = _values(self.model.optimizer.variables)

    def train(
        self,
        data: TrainingSet,
        *,
        seed: int,
        checkpoint: Path | None = None,
        progress: Report | None = None,
    ) -> History:
        """Train from scratch, or from `checkpoint` where that file is; leaves the best weights.

        Args:
            data: rows and genres.
            seed: of initial weights, order of rows and dropout.
            checkpoint: written every few seconds while training, removed at the end.
            progress: called after each epoch.
        """
        recipe = self.network.recipe.fitted_to(len(data.fit))
        self._restart(data, seed)
        history, best = History(), _values(self.model.variables)
        if checkpoint is not None and checkpoint.exists():
            history, best = self._resume(checkpoint)
        saved = time.monotonic()
        while history.epochs < recipe.epochs and not history.should_stop(recipe.patience):
            epoch = history.epochs
            loss = self._epoch(data, recipe, seed, epoch)
            history.add({"loss": loss, **self._validate(data)})
            if history.best_epoch == epoch:
                best = _values(self.model.variables)
            if progress is not None:
                progress(Progress(epoch + 1, recipe.epochs))
            if checkpoint is not None and time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save(checkpoint, history, best)
                saved = time.monotonic()
        _assign(self.model.variables, best)
        if checkpoint is not None:
            checkpoint.unlink(missing_ok=True)
        return history

    def _loss(self) -> Any:
        """What training minimises."""
        return "categorical_crossentropy"

    def _row_losses(self, own: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) that loss of rows, by the (n,) probabilities of their genres."""
        return np.asarray(-np.log(own))

    def _augment(self, batch: Batch, _: np.random.Generator) -> Batch:
        """What is trained on instead of a batch."""
        return batch

    def weights(self) -> list[NDArray[Any]]:
        """A copy of all values of the model, for `set_weights`."""
        return _values(self.model.variables)

    def set_weights(self, weights: list[NDArray[Any]]) -> None:
        """Put a copy made by `weights` back."""
        _assign(self.model.variables, weights)

    def _restart(self, data: TrainingSet, seed: int) -> None:
        """Fresh weights, optimiser and input statistics; the compiled functions are kept."""
        keras.utils.set_random_seed(seed)
        _assign(self.model.variables, _values(self.network.build(self.genres).variables))
        _assign(self.model.optimizer.variables, self._optimizer_start)
        sample = data.fit
        if len(sample) > _STATISTICS_ROWS:
            rng = np.random.default_rng(seed)
            sample = np.sort(rng.choice(sample, _STATISTICS_ROWS, replace=False))
        for layer in self.model.layers:
            if isinstance(layer, Adaptive):
                layer.adapt(data.table.read(sample))

    def _epoch(self, data: TrainingSet, recipe: Recipe, seed: int, epoch: int) -> float:
        """One pass over the training rows in an order of its own; its mean loss."""
        rng = np.random.default_rng((seed, epoch))
        weights = data.weights(data.fit)
        self.model.optimizer.learning_rate = recipe.rate(epoch)
        losses = []
        order = rng.permutation(len(data.fit))
        for rows in chunks(minibatches(order, recipe.batch), data.table.dims):
            positions = data.fit[rows]
            x = data.table.read(positions.ravel()).reshape(*rows.shape, -1)
            data.table.release()
            y = smooth_labels(data.classes[positions], self.genres, recipe.label_smoothing)
            for batch in zip(x, y, weights[rows], strict=True):
                vectors, targets, w = self._augment(batch, rng)
                losses.append(self.model.train_on_batch(vectors, targets, sample_weight=w))
        return float(np.mean(losses))

    def _validate(self, data: TrainingSet) -> dict[str, float]:
        """Balanced loss with its standard error, and macro recall, on the validation rows.

        The loss is the one trained with, but of labels that are not smoothed.
        """
        classes = data.classes[data.validation]
        probabilities = predict(self.model, data.table, data.validation)
        own = np.maximum(probabilities[np.arange(len(classes)), classes], 1e-15)
        losses = self._row_losses(own)
        weights = data.weights(data.validation)
        loss = np.average(losses, weights=weights)
        error = np.sqrt((weights**2 * (losses - loss) ** 2).sum()) / weights.sum()
        right = probabilities.argmax(axis=1) == classes
        recalls = [right[classes == genre].mean() for genre in np.unique(classes)]
        return {
            "val_loss": float(loss),
            "val_loss_error": float(error),
            "val_macro_recall": float(np.mean(recalls)),
        }

    def _save(self, checkpoint: Path, history: History, best: list[NDArray[Any]]) -> None:
        """Everything that training goes on from, including the state of dropout's generators."""
        arrays = _named("model", _values(self.model.variables)) | _named("best", best)
        arrays |= _named("optimizer", _values(self.model.optimizer.variables))
        state = json.dumps({"columns": history.columns, "best_epoch": history.best_epoch})
        with atomic_write(checkpoint) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, history=np.array(state), **arrays)

    def _resume(self, checkpoint: Path) -> tuple[History, list[NDArray[Any]]]:
        model, optimizer = self.model.variables, self.model.optimizer.variables
        with np.load(checkpoint, allow_pickle=False) as saved:
            history = History(**json.loads(str(saved["history"])))
            _assign(model, [saved[f"model_{i}"] for i in range(len(model))])
            _assign(optimizer, [saved[f"optimizer_{i}"] for i in range(len(optimizer))])
            return history, [saved[f"best_{i}"] for i in range(len(model))]


def predict(
    model: Any, table: FeatureTable, positions: Positions, batch: int = 4096
) -> NDArray[np.float64]:
    """Genre probabilities of the rows at `positions`, (n, genres), read batch by batch."""
    parts = []
    for start in range(0, len(positions), batch):
        vectors = table.read(positions[start : start + batch])
        parts.append(np.asarray(model.predict_on_batch(vectors)))
        table.release()
    probabilities = np.concatenate(parts).astype(np.float64)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def _optimizer(recipe: Recipe) -> Any:
    if not recipe.weight_decay:
        return keras.optimizers.Adam(recipe.learning_rate)
    optimizer = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _values(variables: Any) -> list[NDArray[Any]]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _assign(variables: Any, values: list[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _named(prefix: str, values: list[NDArray[Any]]) -> dict[str, Any]:
    return {f"{prefix}_{i}": value for i, value in enumerate(values)}
