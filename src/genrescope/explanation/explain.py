"""Why a model predicts what it predicts of a song."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import is_silent, load_windows
from genrescope.descriptors.tuwien import segment_samples
from genrescope.explanation.attribution import Attribution, Attributions, attribute
from genrescope.explanation.feature_groups import describe_input
from genrescope.explanation.label_tags import LabelTags, label_tags
from genrescope.explanation.profile import (
    RATE,
    AudioProfile,
    ProfileDeviation,
    deviations,
    genre_profile,
    song_profile,
)
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.registry import find_model
from genrescope.inference.salient_tags import SalientTag, salient_tags
from genrescope.inference.song import song_classifier
from genrescope.similarity.neighbours import Neighbour, nearest_training_songs
from genrescope.taxonomy.normalise import genres_of_tag
from genrescope.taxonomy.vocabulary import vocabulary_of

NEIGHBOURS = 10
"""Training songs that are looked at."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model predicts what it predicts of a song; what is not known is None, or empty.

    Attributes:
        song: the prediction.
        attributions: what each member of the model contributed.
        tags: of the pretrained networks, the most surprising first.
        neighbours: the training songs most similar to it.
        profile: its balance of bass and treble, and its beat.
        typical: those of songs of its likeliest genre.
        unusual: in what it differs from these.
    """

    song: ClassifiedSong
    attributions: Attributions | None
    tags: tuple[SalientTag, ...]
    neighbours: tuple[Neighbour, ...]
    profile: AudioProfile | None
    typical: AudioProfile | None
    unusual: tuple[ProfileDeviation, ...]

    @property
    def label_tags(self) -> tuple[LabelTags, ...]:
        """The styles, moods, voices and instruments that are named, with their tags."""
        return label_tags(self.song.prediction)

    @property
    def alike(self) -> float | None:
        """Share of the neighbours that are of the likeliest genre."""
        return self.neighbours_of_genre / len(self.neighbours) if self.neighbours else None

    @property
    def neighbours_of_genre(self) -> int:
        """Neighbours whose genres, as their corpus spells them, name the likeliest genre."""
        prediction = self.song.prediction
        vocabulary = vocabulary_of(prediction.genres)
        named = (genres_of_tag(item.genre, vocabulary) for item in self.neighbours)
        return sum(prediction.best in genres for genres in named)

    def as_json(self, top: int = 5) -> dict[str, Any]:
        """The explanation as JSON values, with the `top` likeliest genres."""
        found = None if self.attributions is None else _as_json(self.attributions)
        return {
            **self.song.as_json(top),
            "attribution": found,
            "why": found,
            "tags": [
                {
                    "source": tag.source,
                    "tag": tag.name,
                    "probability": round(tag.probability, 4),
                    "usually": tag.base_rate,
                }
                for tag in self.tags
            ],
            "label_tags": [found.as_json() for found in self.label_tags],
            "neighbours": [
                {"id": item.id, "genre": item.genre, "similarity": round(item.similarity, 4)}
                for item in self.neighbours
            ],
            "neighbours_alike": self.alike,
            "tempo": None if self.profile is None else round(self.profile.tempo, 1),
            "unusual": [item.words for item in self.unusual],
        }


def explain(
    path: str | os.PathLike[str],
    model: str | os.PathLike[str] | None = None,
    *,
    excerpt: Excerpt | None = None,
) -> Explanation:
    """Why a model predicts what it predicts of a file.

    Args:
        path: an audio file.
        model: a model's name or folder; the default model where None.
        excerpt: which part is analysed; by default the model's own.

    Raises:
        AudioError: the file cannot be read, or cannot be described.
        UsageError: there is no such model, or a part that it needs is missing.
        DataError: the model is damaged.
    """
    folder = find_model(model)
    classifier = song_classifier(folder, excerpt)
    song = classifier.classify(path)
    profile = _profile(Path(path), classifier.excerpt)
    best, music = song.prediction.best, song.prediction.music > 0
    typical = genre_profile(folder, best) if music else None
    return Explanation(
        song,
        attribute(song.prediction, classifier.samples_classifier.model.card),
        salient_tags(song.prediction.tags),
        nearest_training_songs(folder, song.prediction.embedding, NEIGHBOURS),
        profile,
        typical,
        deviations(profile, typical) if profile and typical else (),
    )


def _profile(path: Path, excerpt: Excerpt) -> AudioProfile | None:
    """The profile of the excerpt; None where it is silent, or too short."""
    windows = load_windows(path, excerpt=excerpt, rate=RATE)
    samples = np.concatenate([window.samples for window in windows])
    if len(samples) < segment_samples(RATE) or is_silent(samples):
        return None
    return song_profile(samples)


def _as_json(found: Attributions) -> dict[str, Any]:
    """Attributions by their keys, with the former ones for one version."""
    groups = [_item_as_json(item) for item in found.groups]
    inputs = [
        {**_item_as_json(item), "description": text, "measures": text}
        for item in found.inputs
        for text in [describe_input(item.name).description]
    ]
    intercept = round(found.intercept, 4)
    former = {"rather_than": found.runner_up, "aspects": groups, "leaning": intercept}
    return {
        "genre": found.genre,
        "runner_up": found.runner_up,
        "groups": groups,
        "inputs": inputs,
        "intercept": intercept,
        **former,
    }


def _item_as_json(item: Attribution) -> dict[str, Any]:
    return {
        "name": item.name,
        "predicted": item.predicted,
        "share": round(item.share, 4),
        "log_odds": round(item.log_odds, 4),
        "says": item.predicted,
    }
