"""One network for each input, all trained in one go; what the recording decides counts for less."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration import temperature as calibration
from genrescope.learning.backend import keras
from genrescope.learning.ensembles.stacking import LEAST
from genrescope.learning.layers import Standardise
from genrescope.learning.networks.perceptron import hidden
from rows import NO_MUSIC, Rows

layers = keras.layers

SMOOTHING = 0.1
NO_MUSIC_SHARE = 0.03  # of a batch: sounds of which no genre is to be said
OTHER_SHARE = 0.5  # of the draws of a genre that has songs known by SSD and RH only


@dataclass(frozen=True)
class Recipe:
    """How members are trained.

    Attributes:
        widths: of the hidden layers.
        steps: of training.
        batch: rows a step.
        rate: the highest learning rate.
        decay: weight decay.
        reliable: whether columns are scaled by how little the recording changes them.
    """

    widths: tuple[int, ...] = (192, 96)
    steps: int = 1200
    batch: int = 128
    rate: float = 3e-3
    decay: float = 1e-2
    reliable: bool = True


def train_members(rows: Rows, inputs: dict[str, int], recipe: Recipe, seed: int) -> Any:
    """A `keras.Model` from raw vectors to (n, genres) probabilities by each input."""
    keras.utils.set_random_seed(seed)
    model = build_members(inputs, recipe)
    for name in inputs:
        _adapt(model.get_layer(f"standardise_{name}"), rows, name, recipe.reliable)
    schedule = keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.decay)
    model.compile(optimizer, ["categorical_crossentropy"] * len(inputs), jit_compile=False)
    draws = _Draws(rows, inputs, np.random.default_rng(seed))
    for _ in range(recipe.steps):
        model.train_on_batch(*draws.batch(recipe.batch))
    return model


def build_members(inputs: dict[str, int], recipe: Recipe) -> Any:
    """The networks side by side, untrained."""
    given = [keras.Input((dims,), name=name) for name, dims in inputs.items()]
    outputs = []
    for tensor, name in zip(given, inputs, strict=True):
        scaling = partial(Standardise, name=f"standardise_{name}")
        x = hidden(tensor, scaling, widths=recipe.widths, momentum=0.98)
        outputs.append(layers.Dense(10, activation="softmax", name=f"genres_{name}")(x))
    return keras.Model(given, outputs)


def log_probabilities(
    model: Any, rows: Rows, inputs: dict[str, int]
) -> dict[str, NDArray[np.float64]]:
    """By input, (n, genres); NaN where a row has no such vector."""
    found = model.predict([np.nan_to_num(rows.vectors[name]) for name in inputs], 1024, verbose=0)
    found = found if isinstance(found, list) else [found]
    result = {}
    for name, values in zip(inputs, found, strict=True):
        logs = calibration.log_probabilities(values, LEAST)
        logs[~rows.has(name)] = np.nan
        result[name] = logs
    return result


def reliability(values: NDArray[np.float64], songs: NDArray[np.str_]) -> NDArray[np.float64]:
    """(dims,) 0 to 1: how much of a column's variance is between songs, not between forms of one.

    The intraclass correlation of standardised columns.
    """
    _, number, counts = np.unique(songs, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, number, values)
    within = values - (sums / counts[:, None])[number]
    weights = 1.0 / counts[number]  # every song once
    inside = weights @ np.square(within) / weights.sum()
    centre = weights @ values / weights.sum()
    total = weights @ np.square(values - centre) / weights.sum()
    return np.clip(1 - inside / np.maximum(total, 1e-12), 0.0, 1.0)


def _adapt(layer: Any, rows: Rows, name: str, reliable: bool) -> None:
    music = rows.has(name) & (rows.genres != NO_MUSIC)
    layer.adapt(rows.vectors[name][music])
    if reliable:
        heard = music & (np.char.startswith(rows.forms, "form") | (rows.forms == "clean"))
        several = np.isin(rows.songs, np.unique(rows.songs[rows.forms == "form00"]))
        part = np.flatnonzero(heard & several)
        values = keras.ops.convert_to_numpy(layer(rows.vectors[name][part]))
        share = reliability(values.astype(np.float64), rows.songs[part])
        layer.deviation.assign(np.asarray(layer.deviation) / np.sqrt(np.maximum(share, 0.01)))


class _Draws:
    """Batches in which genres are equally likely, within a genre songs, within a song forms."""

    def __init__(self, rows: Rows, inputs: dict[str, int], rng: np.random.Generator) -> None:
        self._rows, self._inputs, self._rng = rows, inputs, rng
        self._pools: dict[int, list[list[NDArray[np.int64]]]] = {}
        whole = rows.has("rp")
        for genre in np.unique(rows.genres).tolist():
            for pool in (whole, ~whole):
                mine = np.flatnonzero(pool & (rows.genres == genre))
                if len(mine):
                    by_song = [
                        mine[rows.songs[mine] == song] for song in np.unique(rows.songs[mine])
                    ]
                    self._pools.setdefault(genre, []).append(by_song)
        self._genres = [genre for genre in self._pools if genre != NO_MUSIC]
        self._filled = {name: np.nan_to_num(rows.vectors[name]) for name in inputs}
        self._has = {name: rows.has(name).astype(np.float32) for name in inputs}

    def _row(self) -> int:
        rng = self._rng
        genre = NO_MUSIC
        if NO_MUSIC not in self._pools or rng.random() >= NO_MUSIC_SHARE:
            genre = self._genres[rng.integers(len(self._genres))]
        pools = self._pools[genre]
        pool = pools[int(len(pools) > 1 and rng.random() < OTHER_SHARE)]
        forms = pool[rng.integers(len(pool))]
        return int(forms[rng.integers(len(forms))])

    def batch(self, size: int) -> tuple[list[Any], list[Any], list[Any]]:
        """Inputs, targets and weights, one of each an input."""
        chosen = np.array([self._row() for _ in range(size)])
        genres = self._rows.genres[chosen]
        targets = np.full((size, 10), SMOOTHING / 10, np.float32)
        music = np.flatnonzero(genres != NO_MUSIC)
        targets[music, genres[music]] += 1 - SMOOTHING
        targets[genres == NO_MUSIC] = 0.1
        weights = [self._has[name][chosen] for name in self._inputs]
        return (
            [self._filled[name][chosen] for name in self._inputs],
            [targets] * len(self._inputs),
            weights,
        )
