"""Why a model says what it says of a song."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import is_silent, load_windows
from genrescope.descriptors.tuwien import segment_samples
from genrescope.explanation.attribution import Pull, Pulls, find_pulls
from genrescope.explanation.feature_groups import ASPECTS
from genrescope.explanation.profile import (
    RATE,
    Character,
    Difference,
    differences,
    song_character,
    typical_character,
)
from genrescope.explanation.salient_tags import HeardTag, remarkable_tags
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.registry import find_model
from genrescope.inference.song import song_classifier
from genrescope.similarity.neighbours import Neighbour, nearest_training_songs

NEIGHBOURS = 10
"""Training songs that are looked at."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model says what it says of a song; what cannot be told is None, or empty.

    Attributes:
        song: what it says.
        pulls: what each input of the model contributed.
        tags: what the backbone hears, the most remarkable first.
        neighbours: the training songs most similar to it.
        character: what it sounds like.
        typical: what the songs of its likeliest genre sound like.
        unusual: in what it differs from those.
    """

    song: ClassifiedSong
    pulls: Pulls | None
    tags: tuple[HeardTag, ...]
    neighbours: tuple[Neighbour, ...]
    character: Character | None
    typical: Character | None
    unusual: tuple[Difference, ...]

    @property
    def alike(self) -> float | None:
        """Share of the neighbours that are of the likeliest genre."""
        if not self.neighbours:
            return None
        best = self.song.prediction.best
        return sum(item.genre == best for item in self.neighbours) / len(self.neighbours)

    def as_json(self, top: int = 5) -> dict[str, Any]:
        """The explanation as JSON values, with the `top` likeliest genres."""
        return {
            **self.song.as_json(top),
            "why": None if self.pulls is None else _pulls_as_json(self.pulls),
            "tags": [
                {"tag": tag.name, "probability": round(tag.share, 4), "usually": tag.usually}
                for tag in self.tags
            ],
            "neighbours": [
                {"id": item.id, "genre": item.genre, "similarity": round(item.similarity, 4)}
                for item in self.neighbours
            ],
            "neighbours_alike": self.alike,
            "tempo": None if self.character is None else round(self.character.tempo, 1),
            "unusual": [item.words for item in self.unusual],
        }


def explain(
    path: str | os.PathLike[str],
    model: str | os.PathLike[str] | None = None,
    *,
    excerpt: Excerpt | None = None,
) -> Explanation:
    """Why a model says what it says of a file.

    Args:
        path: an audio file.
        model: a model's name or folder; the default model where None.
        excerpt: which part is heard; by default the model's own.

    Raises:
        AudioError: the file cannot be read, or cannot be described.
        UsageError: there is no such model, or a part that it needs is missing.
        DataError: the model is damaged.
    """
    folder = find_model(model)
    classifier = song_classifier(folder, excerpt)
    song = classifier.classify(path)
    heard = song.prediction.music > 0
    character = _character(Path(path), classifier.excerpt)
    typical = typical_character(song.prediction.best) if heard else None
    return Explanation(
        song,
        find_pulls(song.prediction, classifier.rung.model.card),
        remarkable_tags(song.prediction.tags),
        nearest_training_songs(folder, song.prediction.embedding, NEIGHBOURS),
        character,
        typical,
        differences(character, typical) if character and typical else (),
    )


def _character(path: Path, excerpt: Excerpt) -> Character | None:
    """What the excerpt sounds like; None where it is silent, or too short to tell."""
    windows = load_windows(path, excerpt=excerpt, rate=RATE)
    samples = np.concatenate([window.samples for window in windows])
    if len(samples) < segment_samples(RATE) or is_silent(samples):
        return None
    return song_character(samples)


def _pulls_as_json(pulls: Pulls) -> dict[str, Any]:
    return {
        "genre": pulls.best,
        "rather_than": pulls.other,
        "aspects": [_pull_as_json(item) for item in pulls.aspects],
        "inputs": [
            {**_pull_as_json(item), "measures": ASPECTS[item.name].phrase} for item in pulls.inputs
        ],
        "leaning": round(pulls.rest, 4),
    }


def _pull_as_json(item: Pull) -> dict[str, Any]:
    return {
        "name": item.name,
        "says": item.genre,
        "share": round(item.share, 4),
        "log_odds": round(item.log_odds, 4),
    }
