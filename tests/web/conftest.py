"""A server with a toy model, a small library and results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from webserver import START, Served, serving, waited, write_wav

from toymodel import write_toy_model


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, make_results: Any) -> Iterator[Served]:
    """One server for many tests, which leave its library as it is."""
    home = tmp_path_factory.mktemp("served")
    write_toy_model(home / "models" / "toy")
    for number in range(6):
        write_wav(home / "music" / f"folder {number % 2}" / f"song {number}.flac", seed=number)
    (home / "music" / "broken.mp3").write_bytes(b"no music at all")
    results = make_results(home / "results")
    with serving(home, str(home / "music"), "--results", str(results)) as found:
        with httpx.Client(base_url=found.url, timeout=START) as client:
            client.get("/api/status").raise_for_status()
            client.post("/api/library/scan", json={"library": 0}).raise_for_status()
            waited(client, {"id": "j2"})
        yield found


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=START) as found:
        yield found


@pytest.fixture(scope="session")
def make_results() -> Callable[[Path], Path]:
    """Write two records, the first with its predictions, and one that is damaged."""
    from genrescope.evaluation.metrics import evaluate
    from genrescope.evaluation.predictions import Predictions
    from genrescope.evaluation.record import EpochLog, Record, write_record

    def make(folder: Path) -> Path:
        genres = ("blues", "jazz", "rock")
        rng = np.random.default_rng(4)
        truth = np.arange(60) % 3
        shares = rng.dirichlet(np.ones(3), 60) + np.eye(3)[truth]
        shares /= shares.sum(axis=1, keepdims=True)
        ids = np.array([f"{genres[t]}.{n:05d}" for n, t in enumerate(truth)])
        found = Predictions(ids, truth, shares, np.zeros(60, np.int64), ("fold 1",), genres)
        scores = evaluate(truth, shares, genres, resamples=20)
        log = EpochLog("fold 1", {"loss": [2.0, 1.0], "val_loss": [2.1, 1.5]}, 1)
        for name in ("student", "svm"):
            record = Record(
                *("toys", ("rp",), name, "student", "toys", genres, "one fold", scores),
                *("make toys", 1, None, float("nan"), (log,), ("few songs",)),
            )
            write_record(folder / "toys" / "records" / f"rp-{name}.json", record)
        found.save(folder / "toys" / "predictions" / "rp-student.npz")
        (folder / "toys" / "records" / "torn.json").write_text("{")
        return folder

    return make
