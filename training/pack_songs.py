"""The descriptors of the built-in songs as they are kept in the package.

    python training/pack_songs.py MATRICES.npz FEATURES.npz

MATRICES.npz holds `ids` and a float32 matrix (songs, values) for each set, variants as `rp_2012`;
FEATURES.npz belongs into `data/corpora/builtin_gtzan`. What another set contains is left out. The
lowest bytes of all numbers lie together, and so on to the highest: signs and exponents are alike,
and take less room when compressed side by side.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import CONTAINED


def planes(matrix: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(4, songs, values) the bytes of each number, the lowest first."""
    whole = np.ascontiguousarray(matrix, "<f4")
    return np.ascontiguousarray(np.moveaxis(whole[..., None].view(np.uint8), -1, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("matrices", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    with np.load(options.matrices) as archive:
        found = {name: archive[name] for name in archive.files}
    ids = found.pop("ids")
    kept = {n: planes(m) for n, m in found.items() if n.partition("_")[0] not in CONTAINED}
    np.savez_compressed(options.target, ids=ids, **kept)


if __name__ == "__main__":
    main()
