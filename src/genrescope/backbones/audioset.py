"""The AudioSet network `mn04_as`: samples to an embedding and the logits of 527 kinds of sound.

Schmid, Koutini, Widmer, "Efficient large-scale audio tagging via transformer-to-CNN knowledge
distillation", ICASSP 2023. About 65 of the 527 are genres, moods and voices of music, 70 are
instruments, most others are no music at all. The names, in `audioset_tags.csv` beside this file,
are those of AudioSet's ontology (CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.backbone import Backbone, Origin, Samples, Tensors
from genrescope.backbones.mel import MelBands

RATE = 32000  # Hz
BANDS = 128

_WINDOW_SECONDS = 10  # as it was trained
_SIZE, _WINDOW, _HOP = 1024, 800, 320  # 100 frames a second
_PRE_EMPHASIS = np.float32(0.97)
_HIGHEST = 15000.0  # Hz


def windows(samples: Samples) -> Iterator[NDArray[np.float32]]:
    """Log-mel, (1, 1, 128, frames), of equal stretches of 7 to 15 s of a clip.

    A clip shorter than that is one stretch, repeated up to a second.
    """
    samples = samples.astype(np.float32, copy=False)
    if len(samples) < RATE:
        samples = np.resize(samples, RATE)
    count = max(1, round(len(samples) / (_WINDOW_SECONDS * RATE)))
    for part in np.array_split(samples, count):
        yield log_mel(part)[None, None]


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) samples at 32,000 Hz, n > 513, to (128, 1 + (n - 1) // 320): log energy of mel bands."""
    edge = _SIZE // 2
    padded = np.empty(len(samples) - 1 + _SIZE, np.float32)
    emphasised = padded[edge:-edge]
    np.multiply(samples[:-1], -_PRE_EMPHASIS, out=emphasised)
    emphasised += samples[1:]
    padded[:edge] = emphasised[edge:0:-1]  # mirrored at either end
    padded[-edge:] = emphasised[-2 : -edge - 2 : -1]
    energy = _bands().energies(padded)
    energy += np.float32(1e-5)
    level = np.log(energy, out=energy)
    level += np.float32(4.5)
    level *= np.float32(1 / 5)
    return np.ascontiguousarray(level.T)


@cache
def _bands() -> MelBands:
    """With the symmetric Hann window of 800 samples in the middle of the frame."""
    window = np.pad(np.hanning(_WINDOW), (_SIZE - _WINDOW) // 2).astype(np.float32)
    return MelBands(window, _HOP, mel_filters())


@cache
def mel_filters() -> NDArray[np.float32]:
    """(128, 513) triangles of height 1, linear in mel, from 0 to 15,000 Hz."""
    step = _mel(np.float64(_HIGHEST)) / (BANDS + 1)
    place = _mel(np.arange(_SIZE // 2) * RATE / _SIZE) / step
    centre = np.arange(1, BANDS + 1)[:, None]
    triangles = np.maximum(0.0, 1 - np.abs(place - centre))
    return np.pad(triangles, ((0, 0), (0, 1))).astype(np.float32)


def _mel(hz: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log1p(hz / 700))


def convert(checkpoint: bytes) -> tuple[Tensors, bytes]:
    """The graph's initialisers from the published file, and the text of the licence."""
    from genrescope.backbones.weights.audioset import graph_tensors
    from genrescope.backbones.weights.torch_checkpoint import read_torch_checkpoint

    licence = Path(__file__).with_name("audioset.LICENSE").read_bytes()
    return graph_tensors(read_torch_checkpoint(checkpoint, _FILE.sha256)), licence


_FILE = Origin(
    "mn04_as_mAP_432.pt",
    4_066_513,
    "899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c",
    url="https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/mn04_as_mAP_432.pt",
)

AUDIOSET = Backbone(
    name="audioset",
    title="AudioSet's 527 kinds of sound",
    rate=RATE,
    graph="audioset.onnx",
    weights="audioset.weights",
    embedding=512,
    tag_table="audioset_tags.csv",
    outputs=("embedding", "logits"),
    logits=True,
    inputs=windows,
    convert=convert,
    origin=_FILE,
    trained_on="AudioSet, taught by a transformer",
    licence="MIT",
    reference="Schmid, Koutini, Widmer, ICASSP 2023",
    milliseconds=70,
)
