"""A library of any size: one song under many names, and an index with predictions of all kinds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from tones import write_tone

from genrescope.calibration.temperature import Calibration
from genrescope.inference.card import ModelCard
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.labels.fits import find_fit
from genrescope.inference.prediction import Prediction
from genrescope.library.index.database import FileFacts, FileState, Index, default_index
from genrescope.library.index.models import note_model
from genrescope.library.index.results import store_result
from genrescope.sources import networks_among
from genrescope.taxonomy.vocabulary import GTZAN

GENRES = GTZAN.genres
NETWORKS = {"audioset": 1039, "musicnn": 250}
LABELS = (
    (("style", "techno"), ("mood", "happy")),
    (("style", "ambient"), ("instrument", "piano")),
    (),
)
"""What is named of every third song, beside what goes with it."""

_EMBEDDING = 16


def fill_index(root: Path, data: Path, songs: int, seed: int = 7, model: str = "toy") -> None:
    """Make a library in `root`, and its index where a server with the user's `data` looks."""
    song = write_tone(root / "tone.flac", 330.0)
    for number in range(songs):
        place = root / _path(number)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(song)
    song.unlink()
    path = data / "genrescope" / "libraries" / default_index(root).name
    rng = np.random.default_rng(seed)
    plain = Calibration(1.0, (0.0,) * 10)
    card = ModelCard(model, "A toy", GENRES, NETWORKS, (0.1,) * 10, plain)
    with Index(root, path) as index:
        status = (root / _path(0)).stat()  # of all of them: they are one file
        index.add(_facts(number, status) for number in range(songs))
        index.database.execute("UPDATE about SET scanned = '2026-11-01T12:00:00+00:00'")
        used = note_model(index, card, "a digest")
        with index.transaction():
            for number, prediction in enumerate(_predictions(songs, rng)):
                row = ClassifiedSong(root / "x", prediction, 30.0, 200.0, 0.1, ())
                store_result(index, used, _audio(number), row)


def _audio(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _path(number: int) -> str:
    return f"Artist {number // 100:03}/Album {number // 10:04}/{number % 10:02} Title.flac"


def _facts(number: int, status: os.stat_result) -> FileFacts:
    artist, album = f"Artist {number // 100:03}", f"Album {number // 10:04}"
    times = status.st_mtime_ns, status.st_ctime_ns
    state = FileState(os.fsencode(_path(number)), status.st_size, *times)
    genres = GENRES[number % 10].title() if number % 3 else ""
    return FileFacts(state, _audio(number), genres, album, artist, f"Title {number:05}")


def _predictions(songs: int, rng: np.random.Generator) -> list[Prediction]:
    """Genres of unequal frequency, each with a place of its own in the embedding."""
    places = rng.normal(0, 1.2, (len(GENRES), _EMBEDDING))
    shares = rng.dirichlet(np.full(len(GENRES), 3.0))
    truth = rng.choice(len(GENRES), songs, p=shares)
    logits = rng.normal(0, 1, (songs, len(GENRES)))
    logits[np.arange(songs), truth] += rng.gamma(2, 1.6, songs)
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    embedding = (places[truth] + rng.normal(0, 1, (songs, _EMBEDDING))).astype(np.float32)
    tags = [tags_of(labels) for labels in LABELS]
    return [
        Prediction(GENRES, row, 0.0, 1.0, place, tags=tags[number % len(tags)])
        for number, (row, place) in enumerate(zip(p, embedding, strict=True))
    ]


def tags_of(labels: tuple[tuple[str, str], ...]) -> dict[str, dict[str, float]]:
    """Tags of the networks of which these labels follow, and no others.

    The logits of least size by which the probabilities of all labels are far from a half.
    """
    names = {network.name: network.tag_names for network in networks_among(NETWORKS)}
    fit = find_fit(names)
    assert fit is not None
    places = [[one[:2] for one in fit.labels].index(label) for label in labels]
    wanted = np.full(len(fit.labels), -5.0)
    wanted[[*places, *(n for n in fit.within[places] if n >= 0)]] = 5
    logits = np.linalg.lstsq(fit.kernel.T, wanted - fit.bias)[0]
    shares = iter((1 / (1 + np.exp(-logits))).tolist())
    return {source: {tag: next(shares) for tag in fit.values[source]} for source in fit.values}
