"""Vectors of the pretrained networks: of every clip of the corpora, and of sounds of no music.

    python training/extract.py --shared ../shared --networks FOLDER --output FOLDER

Writes `clips_NAME.npz` (`ids`, `vectors`) and `sounds_NAME.npz` (`kinds`, `vectors`) for each
network; what is there already is left as it is. `data/embeddings` holds vectors of the clips before
they were coded: they are taken where they are.
"""

from __future__ import annotations

import argparse
import io
import zlib
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import speech
from genrescope.audio.resample import resample
from genrescope.backbones.backbone import Network
from genrescope.backbones.family import BACKBONES
from genrescope.descriptors import Settings
from genrescope.engine import Failure, map_files
from genrescope.files.atomic import write_atomic
from genrescope.inference.samples import to_level
from nonmusic import KINDS, RATE, make
from vectors import read_embeddings

NETWORKS = ("audioset", "musicnn")
LEVEL = -18.0  # dB: about the middle of the songs
SETTINGS = Settings("2012", "float32")
CLIPS = 12  # of each kind of sound
_SEED = 20261128


def sounds(kind: str) -> Iterator[NDArray[np.float32]]:
    """The clips of one kind that is no music, at 22,050 Hz."""
    rng = np.random.default_rng([_SEED, zlib.crc32(kind.encode())])
    for _ in range(CLIPS):
        made = speech.make_speech(kind, rng) if kind in speech.KINDS else make(kind, rng)
        yield np.asarray(made, np.float32)


def describe_sounds(kind: str, *, name: str, folder: Path) -> NDArray[np.float32]:
    """(clips, dims) vectors of a kind of sound."""
    return np.stack([network_vector(samples, name, folder) for samples in sounds(kind)])


def network_vector(samples: NDArray[np.float32], name: str, folder: Path) -> NDArray[np.float32]:
    """(dims,) vector that a network of `folder` gives of samples at 22,050 Hz."""
    network = _loaded(name, folder)
    resampled = np.concatenate(list(resample([samples], RATE, network.backbone.rate)))
    return network.describe(to_level(resampled, LEVEL))


@cache
def _loaded(name: str, folder: Path) -> Network:
    return Network.load(BACKBONES[name], folder / name)


def main() -> None:
    """Extract what is missing in the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--shared", "--networks", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    for name in NETWORKS:
        path = options.output / f"clips_{name}.npz"
        if not path.exists():
            ids, vectors = read_embeddings(options.shared, name)
            _save(path, ids=ids, vectors=vectors)
        path = options.output / f"sounds_{name}.npz"
        if not path.exists():
            _save(path, **_all_sounds(name, options))


def _all_sounds(name: str, options: argparse.Namespace) -> dict[str, NDArray[np.generic]]:
    speech.check_tools()
    task = partial(describe_sounds, name=name, folder=options.networks)
    kinds: list[str] = []
    vectors: list[NDArray[np.float32]] = []
    for kind, result in map_files(task, [*KINDS, *speech.KINDS], jobs=options.jobs):
        if isinstance(result, Failure):
            raise SystemExit(f"{kind}: {result}")
        kinds += [str(kind)] * len(result)
        vectors.append(result)
        print(f"{name}: {kind}", flush=True)
    return {"kinds": np.array(kinds), "vectors": np.concatenate(vectors)}


def _save(path: Path, **arrays: NDArray[np.generic]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, buffer.getvalue())


if __name__ == "__main__":
    main()
