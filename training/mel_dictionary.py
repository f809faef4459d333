"""The atoms of `descriptors/extra/mel_patches.py`, learnt from the log-mel spectra of clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.mel_patches import PatchAtoms, patches, unit

ATOMS = 256
COMPONENTS = 100
_EVERY = 37  # frames from one patch to the next: about 35 patches of a clip
_MOST = 40_000  # patches
_NOISE = 0.1  # added to variances, so that whitening does not blow up what hardly varies
_ROUNDS = 12


def learn_atoms(
    levels: Sequence[NDArray[np.float32]], *, atoms: int = ATOMS, seed: int = 0
) -> PatchAtoms:
    """Whitening and spherical k-means.

    Args:
        levels: (frames, 64) of `log_mel`, a clip each.
        atoms: how many are learnt.
        seed: of the choice of patches and of the first atoms.
    """
    rng = np.random.default_rng(seed)
    found = np.concatenate([patches(clip, _EVERY) for clip in levels])
    found = found[rng.permutation(len(found))[:_MOST]]
    mean = found.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((found - mean).T))
    variances, axes = variances[::-1][:COMPONENTS], axes[:, ::-1][:, :COMPONENTS]
    whitening = (axes / np.sqrt(variances + _NOISE)).astype(np.float32)
    white = unit((found - mean) @ whitening)
    centres = white[rng.permutation(len(white))[:atoms]]
    for _ in range(_ROUNDS):
        centres = _moved(centres, white, rng)
    return PatchAtoms(mean.astype(np.float32), whitening, centres.T.copy())


def _moved(
    centres: NDArray[np.float32], white: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Centres at the mean of what is nearest to them; an empty one at any patch."""
    nearest = (white @ centres.T).argmax(axis=1)
    sums = np.zeros_like(centres)
    np.add.at(sums, nearest, white)
    empty = np.bincount(nearest, minlength=len(centres)) == 0
    sums[empty] = white[rng.integers(len(white), size=int(empty.sum()))]
    return unit(sums)
