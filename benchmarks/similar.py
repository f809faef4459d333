"""Exact search for similar songs: time and memory to a million songs; hubs by two distances.

    python benchmarks/similar.py

The vectors are random: an exact search takes as long whatever they are. Hubs are counted on the
built-in songs, whose standardised descriptors (SSD and RH) stand for an embedding.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.files.atomic import write_atomic
from genrescope.similarity.nearest import SongIndex, nearest
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "similar.json"
SONGS, DIMS, COUNT, QUERIES = (10_000, 100_000, 1_000_000), 64, 10, 11
NEIGHBOURS = 10


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), sys.argv[2])))
        return
    result = {
        "command": command_line(),
        "machine": machine(),
        "values of an embedding": DIMS,
        "wanted": COUNT,
        "search": [in_own_process(n, kind) for n in SONGS for kind in ("float32", "float16")],
        "hubs": hubs(),
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


def in_own_process(songs: int, kind: str) -> dict[str, object]:
    """`measure` where no other measurement has left memory behind."""
    command = [sys.executable, __file__, str(songs), kind]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def measure(songs: int, kind: str) -> dict[str, object]:
    rng = np.random.default_rng(1)
    before = peak_mib()
    units = np.empty((songs, DIMS), kind)
    for start in range(0, songs, 1 << 14):
        part = units[start : start + (1 << 14)]
        part[:] = SongIndex.build(range(len(part)), rng.standard_normal(part.shape, "f4")).units
    index = SongIndex(range(songs), units)
    queries = rng.standard_normal((QUERIES, DIMS), "f4")
    nearest(index, queries[0], COUNT)
    times = []
    for query in queries[1:]:
        begun = time.perf_counter(), time.process_time()
        nearest(index, query, COUNT)
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    wall, processor = 1000 * np.median(times, axis=0)
    return {
        "songs": songs,
        "index": kind,
        "index MiB": round(units.nbytes / 2**20, 1),
        "query ms": round(float(wall), 2),
        "query ms of processor": round(float(processor), 2),
        "peak MiB over start": round(peak_mib() - before, 1),
    }


def hubs() -> dict[str, dict[str, float]]:
    """How evenly songs turn up among others' ten nearest, and how often those share the genre."""
    tables = [load_gtzan(name) for name in ("ssd", "rh")]
    parts = [np.asarray(table.source, np.float64) for table in tables]
    rows = np.concatenate([standardised(part) / np.sqrt(part.shape[1]) for part in parts], axis=1)
    labels = np.asarray(tables[0].labels)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    squares = lengths**2
    return {
        "cosine": of_similarity(rows @ rows.T / (lengths * lengths.T), labels),
        "Euclidean": of_similarity(2 * rows @ rows.T - squares - squares.T, labels),
    }


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-12)


def of_similarity(similarity: NDArray[np.float64], labels: NDArray[np.str_]) -> dict[str, float]:
    np.fill_diagonal(similarity, -np.inf)
    found = np.argsort(-similarity, axis=1)[:, :NEIGHBOURS]
    times = np.bincount(found.ravel(), minlength=len(labels))
    same = labels[found] == labels[:, None]
    genres = [same[labels == genre].mean() for genre in np.unique(labels)]
    centred = times - times.mean()
    return {
        "same genre among 10 nearest, mean over genres": round(float(np.mean(genres)), 3),
        "most often among others' nearest": int(times.max()),
        "never among others' nearest": round(float((times == 0).mean()), 3),
        "skewness of how often": round(float((centred**3).mean() / centred.std() ** 3), 2),
    }


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
