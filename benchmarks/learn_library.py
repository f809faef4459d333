"""What `learn.py` reads: clips of a corpus as if they were somebody's library."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))

from fitting import fit
from genrescope.inference.card import ModelCard
from genrescope.inference.registry import list_models
from genrescope.learning.own.columns import FLOOR, Columns
from graph import Projection
from songs import VOCABULARIES, Songs, allmusic_rows, read_songs
from vectors import song_embeddings

QUADRANTS = {
    "happy and lively": "Exciting Joyous Cheerful Happy Fun Lively Energetic Playful Exuberant "
    "Rousing Celebratory Giddy Rollicking Boisterous Party Fiery Confident Humorous Carefree",
    "angry and tense": "Angry Hostile Harsh Fierce Volatile Menacing Tense/Anxious Malevolent "
    "Outraged Aggressive Nihilistic Confrontational Intense Uncompromising Nervous/Jittery "
    "Bitter Rebellious Reckless Ominous",
    "sad": "Gloomy Sad Bleak Somber Melancholy Lonely Weary Wistful Plaintive Brooding Poignant "
    "Autumnal Bittersweet Anguished/Distraught Wintry Yearning Regretful",
    "calm": "Calm/Peaceful Soothing Delicate Gentle Relaxed Dreamy Soft/Quiet Elegant Warm "
    "Laid-Back/Mellow Intimate Refined Light Reverent Spiritual Pastoral Ethereal Smooth Innocent",
}
"""Moods by sign of valence and arousal, as dictionaries have the words."""


@dataclass(frozen=True, eq=False)
class Library:
    """Songs by a general model that was not fitted to them, and what is known of them.

    Attributes:
        columns: of the general model.
        rows: (n, columns).
        ids, artists: (n,).
        genres: (n,) of lists.
        moods: (n,) of lists with the quadrant of the song's moods, empty where none is known.
    """

    columns: Columns
    rows: NDArray[np.float32]
    ids: list[str]
    artists: list[str]
    genres: list[list[str]]
    moods: list[list[str]]

    @cached_property
    def embedding(self) -> NDArray[np.float32]:
        """(n, e) of the general model."""
        before = 0
        for block in self.columns.blocks:
            if block.kind == "embedding":
                break
            before += len(block.names)
        return self.rows[:, before : before + self.columns.embedding]


def read_library(shared: Path, corpus: str) -> Library:
    """The songs of a corpus, the general model fitted to the other one."""
    songs = read_songs(shared)
    own = songs.corpora == corpus
    columns, rows = _columns(shared, songs, own)
    moods = {row["id"]: moods_of(row["moods"]) for row in allmusic_rows(shared)}
    ids = songs.ids[own].tolist()
    genres = [list(labels) for labels, it in zip(songs.labels, own, strict=True) if it]
    known = [moods.get(name, []) for name in ids]
    return Library(columns, rows, ids, songs.artists[own].tolist(), genres, known)


def _columns(
    shared: Path, songs: Songs, own: NDArray[np.bool_]
) -> tuple[Columns, NDArray[np.float32]]:
    vectors = song_embeddings(shared, songs)
    fitted = fit(songs, vectors, ~own)
    scaled = fitted.scaled(vectors)
    embedding = Projection({name: part[~own] for name, part in scaled.items()}).places(scaled)
    columns = Columns(ModelCard.read(list_models()["full"]), embedding.shape[1])
    logs = [
        np.maximum(log_softmax(fitted.logits(vectors, head), axis=1), np.log(FLOOR))
        for head in (columns.card.vocabulary, *columns.card.heads)
        if head in VOCABULARIES
    ]
    most = np.log((1 - FLOOR) / FLOOR)
    tags = vectors["musicnn"][:, 200:].clip(FLOOR, 1 - FLOOR)
    odds = [vectors["audioset"][:, 512:].clip(-most, most), np.log(tags / (1 - tags))]
    rows = np.concatenate([*logs, embedding, *odds], axis=1)[own].astype(np.float32)
    return columns, rows


def moods_of(moods: str) -> list[str]:
    """The quadrant that most of a song's moods are of; none where two have as many."""
    words = set(moods.split("; "))
    counts = {name: len(words & set(each.split())) for name, each in QUADRANTS.items()}
    best = max(counts.values())
    found = [name for name, n in counts.items() if n == best]
    return found if best > 0 and len(found) == 1 else []
