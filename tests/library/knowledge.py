"""An index filled with predictions that a test chooses."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from genrescope.calibration.temperature import Calibration
from genrescope.inference.card import ModelCard
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.prediction import Prediction
from genrescope.library.index.database import FileFacts, FileState, Index
from genrescope.library.index.models import note_model
from genrescope.library.index.results import store_result
from genrescope.library.tagging.plan import join_values
from genrescope.taxonomy.vocabulary import GTZAN


def card(name: str = "toy", threshold: float = 0.5) -> ModelCard:
    return ModelCard(
        name,
        "A toy",
        GTZAN.genres,
        {"ssd": 168},
        (0.1,) * 10,
        Calibration(1.0, (0.0,) * 10),
        threshold=threshold,
    )


TOY = card()


def prediction(music: float = 1.0, **shares: float) -> Prediction:
    """The named shares; the others share the rest equally."""
    rest = (1 - sum(shares.values())) / (10 - len(shares))
    values = np.array([shares.get(genre, rest) for genre in GTZAN.genres])
    return Prediction(GTZAN.genres, values, 0.5, music, np.arange(4, dtype=np.float32))


def add_song(
    index: Index,
    path: str,
    predicted: Prediction | None = None,
    *,
    album: str = "",
    genres: tuple[str, ...] = (),
    tags_problem: str = "",
    card: ModelCard = TOY,
) -> None:
    """A file of audio of its own, and what the model predicts of it, that of `card`."""
    raw = os.fsencode(path)
    audio = raw.rjust(16, b"\0")[-16:]
    facts = FileFacts(
        FileState(raw, 1, 2, 3), audio, join_values(genres), album, "", "", tags_problem
    )
    index.add([facts])
    if predicted is not None:
        row = ClassifiedSong(index.root / path, predicted, 30.0, 30.0, 0.1, ("short",))
        store_result(index, note_model(index, card, "digest"), audio, row)


def make_index(folder: Path) -> Index:
    (folder / "music").mkdir()
    return Index(folder / "music", folder / "index.sqlite")
