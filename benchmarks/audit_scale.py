"""The audit of a large table: time, memory, and which of the planted copies it finds.

    python benchmarks/audit_scale.py
    python benchmarks/audit_scale.py --songs 100000

The songs are made up: sixty values of twelve hidden directions, positive and heavy-tailed as those
of a Rhythm Histogram. A thousand of them are copies of others, their values off by 0.3 to 10 %.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.audit import audit
from genrescope.data.audit.source import AuditInput
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import write_atomic
from genrescope.taxonomy.vocabulary import GTZAN
from provenance import command_line, machine

RESULT = Path(__file__).parent / "results" / "audit_scale.json"
HIDDEN, COPIES, CHANGES = 12, 1_000, (0.003, 0.01, 0.03, 0.1)
_BLOCK = 8_192


def made_up(songs: int) -> tuple[AuditInput, NDArray[np.int64]]:
    """A table with genres, artists of ten songs and a split; and (copies, 2) rows of the copies."""
    rng = np.random.default_rng(0)
    known = FEATURE_SETS["rh"]
    view = rng.normal(0, 0.5, (HIDDEN, known.dims))
    genre = rng.integers(len(GTZAN), size=songs)
    middle = 0.8 * rng.normal(size=(len(GTZAN), HIDDEN))
    vectors = np.empty((songs, known.dims), np.float32)
    for start in range(0, songs, _BLOCK):
        at = slice(start, start + _BLOCK)
        places = middle[genre[at]] + rng.normal(size=(len(genre[at]), HIDDEN))
        vectors[at] = np.exp(places @ view + rng.normal(0, 0.3, vectors[at].shape))
    pairs = rng.choice(songs, (COPIES, 2), replace=False)
    change = np.repeat(CHANGES, COPIES // len(CHANGES))[:, None]
    noise = np.exp(change * rng.standard_normal((COPIES, known.dims)))
    vectors[pairs[:, 1]] = vectors[pairs[:, 0]] * noise
    ids, artists = (np.arange(songs) // size for size in (1, 10))
    table = FeatureTable(
        known.name,
        ids.astype(str),
        vectors,
        labels=np.array(GTZAN.genres)[genre],
        groups=artists.astype(str),
    )
    part = rng.permutation(songs)
    split = Split("halves", np.sort(part[: songs // 2]), np.sort(part[songs // 2 :]))
    return AuditInput("made up", (table,), (known.columns,), GTZAN, split), np.sort(pairs, axis=1)


def measure(songs: int) -> dict[str, Any]:
    subject, pairs = made_up(songs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.perf_counter()
    found = audit(subject)
    seconds = time.perf_counter() - begun
    pairs_found = {(copy.first, copy.second) for copy in found.copies}
    hits = np.array([tuple(pair) in pairs_found for pair in pairs.tolist()])
    shares = hits.reshape(len(CHANGES), -1).mean(axis=1)
    near = found.sets[0].near
    return {
        "command": command_line(),
        "machine": machine(),
        "songs": songs,
        "values": subject.tables[0].dims,
        "copies planted": COPIES,
        "share found, by the change of values": dict(
            zip(map(str, CHANGES), shares.tolist(), strict=True)
        ),
        "pairs that were not planted": len(pairs_found) - int(hits.sum()),
        "intrinsic dimension": round(near.dimension, 1),
        "every pair compared": near.exhaustive,
        "labels checked": found.labels.rows if found.labels else 0,
        "seconds": round(seconds, 1),
        "seconds of": {name: round(value, 1) for name, value in found.seconds.items()},
        "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "MiB before, with the table": round(before),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, default=RESULT)
    chosen = parser.parse_args()
    text = json.dumps(measure(chosen.songs), indent=1)
    write_atomic(chosen.output, (text + "\n").encode())
    print(text)


if __name__ == "__main__":
    main()
