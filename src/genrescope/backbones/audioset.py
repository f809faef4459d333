"""The AudioSet network `mn04_as`: samples to an embedding and the logits of 527 kinds of sound.

Schmid, Koutini, Widmer, "Efficient large-scale audio tagging via transformer-to-CNN knowledge
distillation", ICASSP 2023. About 65 of the 527 are genres, moods and voices of music, 70 are
instruments, most others are no music at all. The names, in `audioset_labels.csv` beside this file,
are those of AudioSet's ontology (CC BY 4.0).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError
from genrescope.session import open_session

RATE = 32000  # Hz
BANDS = 128
FEATURES, EMBEDDING, TAG_COUNT = 384, 512, 527
DIMS = EMBEDDING + TAG_COUNT
GRAPH = "audioset.onnx"
WEIGHTS = "audioset.weights"
SHA256 = "899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c"

_WINDOW_SECONDS = 10  # as it was trained
_SIZE, _WINDOW, _HOP = 1024, 800, 320  # 100 frames a second
_PRE_EMPHASIS = np.float32(0.97)
_HIGHEST = 15000.0  # Hz


class AudioSet:
    """The network, ready to run.

    Attributes:
        session: the `onnxruntime.InferenceSession`.
    """

    def __init__(self, session: Any) -> None:
        self.session = session

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> AudioSet:
        """Read graph and weights from `folder`.

        Raises:
            DataError: they are not there, or damaged.
        """
        try:
            return cls(open_session(folder / GRAPH, threads=threads))
        except ValueError as error:
            raise DataError(
                f"the AudioSet network cannot be loaded: {error}",
                place=folder,
                remedy="fetch it again: genrescope models add audioset",
            ) from error

    def describe(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Means over equal windows of about 10 s.

        Args:
            samples: (n,) float32 at 32,000 Hz, n > 0, full scale 1.

        Returns:
            (1039,) float32: 512 values of the embedding, then 527 logits in the order of
            `tag_names`.
        """
        parts = [self.windows(log_mel(window)[None])[1:] for window in _windows(samples)]
        return np.concatenate([np.mean(values, axis=(0, 1)) for values in zip(*parts, strict=True)])

    def windows(self, mel: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """(n, 128, frames) to features (n, 384), embedding (n, 512) and logits (n, 527)."""
        found: list[NDArray[np.float32]] = self.session.run(
            ["features", "embedding", "logits"], {"mel": mel[:, None]}
        )
        return found


@cache
def tag_names() -> tuple[str, ...]:
    """The 527 names of AudioSet, in the order of the logits."""
    with Path(__file__).with_name("audioset_labels.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) samples at 32,000 Hz, n > 513, to (128, 1 + (n - 1) // 320): log energy of mel bands."""
    emphasised = samples[1:] - _PRE_EMPHASIS * samples[:-1]
    padded = np.pad(emphasised, _SIZE // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    edge = (_SIZE - _WINDOW) // 2  # the window is zero there
    spectra = np.fft.rfft(frames[:, edge:-edge] * _hann(), _SIZE, axis=1)  # power is shift-free
    power = np.square(spectra.real) + np.square(spectra.imag)
    energy = power.astype(np.float32, copy=False) @ mel_filters().T
    return np.ascontiguousarray(((np.log(energy + np.float32(1e-5)) + np.float32(4.5)) / 5).T)


def _windows(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Equal stretches of 7 to 15 s; a clip shorter than that is one, repeated up to a second."""
    samples = samples.astype(np.float32, copy=False)
    if len(samples) < RATE:
        samples = np.resize(samples, RATE)
    return np.array_split(samples, max(1, round(len(samples) / (_WINDOW_SECONDS * RATE))))


@cache
def _hann() -> NDArray[np.float32]:
    """The symmetric Hann window, (800,)."""
    return np.hanning(_WINDOW).astype(np.float32)


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
