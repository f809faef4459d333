"""How often short patches of the spectrogram look like each of 256 learnt ones.

Spherical k-means on whitened patches: Coates, Ng: Learning feature representations with k-means,
2012; for music: Dieleman, Schrauwen: Multiscale approaches to music audio feature learning, ISMIR
2013. The atoms lie in `mel_patches.npz` beside this file; no label went into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.magnitudes import (
    check_reach,
    frame_length,
    frequencies,
    magnitude_blocks,
)
from genrescope.descriptors.frames import Floats
from genrescope.errors import AudioError

FRAME = 0.046
"""Seconds of a frame: 1024 samples at 22,050 Hz."""

BANDS = 64
PATCH = 8  # frames, half overlapping: 0.2 s
FEWEST = 40  # frames of about a second

_HIGHEST = 10000.0  # Hz; what lies above depends on the codec
_FULL_SCALE = 48.16  # dB of a sine of amplitude 1: its power in a Hann window of 1024 samples
_FLOOR = -40.0  # dB: what is softer is hiss, or nothing
_EVERY = 2  # frames from one patch to the next
_LEAST = np.float32(0.1)  # cosine below which a patch and an atom have nothing in common
_BLOCK = 4  # patches whose maximum is compared with that of another block

_Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PatchAtoms:
    """What patches are compared with.

    Attributes:
        mean: (512,) the mean patch, band by band.
        whitening: (512, components).
        atoms: (components, atoms), columns of length 1.
    """

    mean: _Singles
    whitening: _Singles
    atoms: _Singles

    def describe(self, levels: Floats) -> Floats:
        """(frames, 64) of `log_mel` to (3 * atoms,): mean, deviation and change of similarities."""
        similar = unit(self._whitened(levels)) @ self.atoms
        similar -= _LEAST
        np.maximum(similar, 0, out=similar)
        blocks = similar[: len(similar) // _BLOCK * _BLOCK].reshape(-1, _BLOCK, similar.shape[1])
        change = np.diff(blocks[::_BLOCK].max(axis=1), axis=0)
        moved = np.sqrt(np.square(change).mean(axis=0)) if len(change) else 0 * similar[0]
        return np.concatenate([similar.mean(axis=0), similar.std(axis=0), moved])

    def _whitened(self, levels: Floats) -> Floats:
        """(patches, components): of `patches`, which are never laid out, less the mean patch."""
        relative = _relative(levels)
        count = (len(relative) - PATCH) // _EVERY + 1
        by_frame = self.whitening.reshape(levels.shape[1], PATCH, -1).swapaxes(0, 1)
        white = -self.mean @ self.whitening
        for later, weights in enumerate(by_frame):
            white = white + relative[later::_EVERY][:count] @ weights
        return white


def mel_patches(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Mean, deviation and change over time of the similarity to each atom.

    Every band is taken relative to its mean over the clip, so that an equaliser changes little.

    Args:
        samples: shape (n,), floating point, full scale 1. The atoms were learnt from clips of
            -18 dB: of much softer ones more falls below the floor.
        rate: Hz, at least 20,000.

    Returns:
        Shape (768,), from 0 to 0.9: means of all atoms, then deviations, then changes.

    Raises:
        UsageError: not samples of one channel.
        AudioError: shorter than a second, not finite, or of a lower rate.
    """
    levels = log_mel(samples, rate)
    if len(levels) < FEWEST:
        raise AudioError(
            f"{samples.size / rate:.2f} s is too short for mel patches: "
            f"{needed_samples(rate) / rate:.2f} s needed",
            remedy="leave the file out",
        )
    return shipped_atoms().describe(levels).astype(np.float64)


def needed_samples(rate: int) -> int:
    """Samples of the fewest frames."""
    length = frame_length(rate, FRAME)
    return length + (FEWEST - 1) * (length // 2)


def log_mel(samples: NDArray[Any], rate: int) -> Floats:
    """(frames, 64) levels in dB of triangular mel bands up to 10 kHz; see `mel_patches`."""
    hertz = frequencies(rate, FRAME)
    check_reach(hertz, _HIGHEST)
    bands = _bands(rate, len(hertz)).astype(samples.dtype)
    reached = slice(int(np.searchsorted(hertz, _HIGHEST)))
    blocks = magnitude_blocks(samples, rate, FRAME)
    power = np.concatenate([np.square(block[:, reached]) @ bands[reached] for block in blocks])
    levels: Floats = (10 * np.log10(power + 1e-15) + _FULL_SCALE).astype(np.float32)
    return levels


def patches(levels: Floats, every: int) -> Floats:
    """(frames, 64) to (patches, 512), `every` frames apart, less each band's mean."""
    windows = np.lib.stride_tricks.sliding_window_view(_relative(levels), PATCH, axis=0)
    return windows[::every].reshape(-1, PATCH * levels.shape[1])  # a patch is bands by frames


def _relative(levels: Floats) -> Floats:
    """Levels from the floor on, less each band's mean; (frames, bands)."""
    audible = np.maximum(levels, _FLOOR)
    audible -= audible.mean(axis=0)
    return audible


def unit(rows: Floats) -> Floats:
    """Rows brought to length 1."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-6)
    return np.asarray(rows / lengths)


@cache
def shipped_atoms() -> PatchAtoms:
    """The atoms in the file beside this one."""
    with np.load(Path(__file__).with_name("mel_patches.npz"), allow_pickle=False) as archive:
        return PatchAtoms(**{name: archive[name].astype(np.float32) for name in archive.files})


@lru_cache(maxsize=4)
def _bands(rate: int, bins: int) -> NDArray[np.float64]:
    """(bins, 64): triangles of height 1, even in 1127 ln(1 + f / 700)."""
    mel = 1127 * np.log1p(np.linspace(0, rate / 2, bins) / 700)[:, None]
    edges = np.linspace(0, 1127 * np.log1p(_HIGHEST / 700), BANDS + 2)
    triangles = np.minimum(mel - edges[:-2], edges[2:] - mel) / edges[1]
    return np.asarray(np.maximum(triangles, 0))
