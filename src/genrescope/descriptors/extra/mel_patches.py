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

from genrescope.descriptors.frames import frame_view, raised_cosine
from genrescope.errors import AudioError, UsageError

RATE = 22050  # Hz
BANDS = 64
ATOMS = 256
PATCH = 8  # frames of 23 ms: 0.2 s
FRAME, HOP = 1024, 512
SHORTEST = FRAME + (5 * PATCH - 1) * HOP  # samples of a second: five patches side by side

_HIGHEST = 10000.0  # Hz; what lies above tells the codec
_FLOOR = -40.0  # dB, of samples at -18 dB: below is hiss or nothing
_EVERY = 2  # frames from one patch to the next
_LEAST = np.float32(0.1)  # cosine below which a patch and an atom have nothing in common
_BLOCK = 4  # patches whose maximum is compared with the next block's

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

    def describe(self, levels: _Singles) -> _Singles:
        """(frames, 64) of `log_mel` to (3 * atoms,): mean, deviation and change of similarities."""
        white = (patches(levels, _EVERY) - self.mean) @ self.whitening
        cosines = unit(white) @ self.atoms
        similar = np.maximum(cosines - _LEAST, 0)
        blocks = similar[: len(similar) // _BLOCK * _BLOCK].reshape(-1, _BLOCK, similar.shape[1])
        change = np.diff(blocks.max(axis=1)[::_BLOCK], axis=0)
        moved = np.sqrt(np.square(change).mean(axis=0)) if len(change) else 0 * similar[0]
        return np.concatenate([similar.mean(axis=0), similar.std(axis=0), moved])


def mel_patches(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Mean, deviation and change over time of the similarity to each atom.

    Every band is taken relative to its mean over the clip, so that an equaliser changes nothing.

    Args:
        samples: shape (n,), floating point, full scale 1, at about -18 dB.
        rate: 22,050 Hz.

    Returns:
        Shape (768,), from 0 to 0.9: means of all atoms, then deviations, then changes.

    Raises:
        UsageError: not samples of one channel.
        AudioError: shorter than a second, not finite, or of another rate.
    """
    return shipped_atoms().describe(log_mel(samples, rate)).astype(np.float64)


def log_mel(samples: NDArray[Any], rate: int) -> _Singles:
    """(frames, 64) levels in dB of triangular mel bands up to 10 kHz; see `mel_patches`."""
    if samples.dtype.kind != "f" or samples.ndim != 1:
        raise UsageError(
            f"samples of type {samples.dtype} and shape {samples.shape} cannot be described",
            remedy="give floating-point samples of shape (n,)",
        )
    if rate != RATE:
        raise AudioError(f"mel patches of {rate} Hz are not known", remedy=f"resample to {RATE} Hz")
    if len(samples) < SHORTEST:
        raise AudioError(
            f"{len(samples) / rate:.2f} s is too short: {SHORTEST / rate:.2f} s needed",
            remedy="leave the file out",
        )
    window = raised_cosine(FRAME, symmetric=False).astype(np.float32)
    spectra = np.fft.rfft(frame_view(samples.astype(np.float32, copy=False), FRAME, HOP) * window)
    power = np.square(spectra.real) + np.square(spectra.imag)
    if not np.isfinite(power).all():
        raise AudioError(
            "a sample is not a finite number", remedy="decode the file again or leave it out"
        )
    return 10 * np.log10(power.astype(np.float32, copy=False) @ _bands() + np.float32(1e-10))


def patches(levels: _Singles, every: int) -> _Singles:
    """(frames, 64) to (patches, 512), `every` frames apart, less each band's mean."""
    audible = np.maximum(levels, _FLOOR)
    relative = audible - audible.mean(axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(relative, PATCH, axis=0)
    return windows[::every].reshape(-1, PATCH * levels.shape[1])  # a patch is bands by frames


def unit(rows: _Singles) -> _Singles:
    """Rows brought to length 1."""
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-6))


@cache
def shipped_atoms() -> PatchAtoms:
    """The atoms in the file beside this one."""
    with np.load(Path(__file__).with_name("mel_patches.npz"), allow_pickle=False) as archive:
        return PatchAtoms(**{name: archive[name].astype(np.float32) for name in archive.files})


@lru_cache(maxsize=1)
def _bands() -> _Singles:
    """(513, 64): triangles of height 1, even in 1127 ln(1 + f / 700)."""
    mel = 1127 * np.log1p(np.arange(FRAME // 2 + 1) * RATE / FRAME / 700)[:, None]
    edges = np.linspace(0, 1127 * np.log1p(_HIGHEST / 700), BANDS + 2)
    step = edges[1]
    triangles = np.minimum(mel - edges[:-2], edges[2:] - mel) / step
    return np.maximum(triangles, 0).astype(np.float32)
