"""Music or not: one small network on a few sets, taught with sounds that are no music."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.learning.backend import keras
from genrescope.learning.layers import Standardise
from rows import NO_MUSIC, Rows

layers = keras.layers

INPUTS = ("ssd", "rh", "marsyas_timbral", "jmir_mfcc")
_STEPS, _BATCH = 800, 128
_ODDS = 9  # music to anything else among the audio files of a person; in training they are even


def train_music(rows: Rows, inputs: dict[str, int], seed: int) -> Any:
    """A `keras.Model` from raw vectors to (n, 1): the logit that it is music."""
    keras.utils.set_random_seed(seed)
    rows = rows.take(rows.has("rp"))
    given = [keras.Input((dims,), name=name) for name, dims in inputs.items()]
    parts = [
        Standardise(name=f"music_{name}")(tensor)
        for name, tensor in zip(inputs, given, strict=True)
    ]
    x = layers.Dropout(0.2)(layers.Concatenate()(parts))
    x = layers.Dropout(0.3)(layers.Dense(48, activation="silu")(x))
    model = keras.Model(given, layers.Dense(1, name="music")(x))
    for name in inputs:
        model.get_layer(f"music_{name}").adapt(rows.vectors[name])
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, _STEPS)
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=3e-2),
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.02),
        jit_compile=False,
    )
    rng = np.random.default_rng(seed)
    music, other = (
        _by_genre(rows, rows.genres != NO_MUSIC),
        _by_genre(rows, rows.genres == NO_MUSIC),
    )
    for _ in range(_STEPS):
        chosen = np.concatenate([_draw(music, rng), _draw(other, rng)])
        target = (rows.genres[chosen] != NO_MUSIC).astype(np.float32)[:, None]
        model.train_on_batch([rows.vectors[name][chosen] for name in inputs], target)
    kernel, bias = model.get_layer("music").get_weights()
    model.get_layer("music").set_weights([kernel, bias + np.log(_ODDS)])
    return model


def music_logits(model: Any, rows: Rows, inputs: dict[str, int]) -> NDArray[np.float64]:
    """(n,) logits."""
    given = [np.nan_to_num(rows.vectors[name]) for name in inputs]
    return np.asarray(model.predict(given, 1024, verbose=0)[:, 0], dtype=np.float64)


def _by_genre(rows: Rows, chosen: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Positions by genre, or by kind of what is no music."""
    names = np.array([name.partition(".")[0] for name in rows.songs.tolist()])
    return [np.flatnonzero(chosen & (names == name)) for name in np.unique(names[chosen])]


def _draw(pools: list[NDArray[np.int64]], rng: np.random.Generator) -> NDArray[np.int64]:
    kinds = rng.integers(0, len(pools), _BATCH // 2)
    return np.array([pools[kind][rng.integers(len(pools[kind]))] for kind in kinds])
