"""Figures of a head from songs that it was not fitted to; all of a card come from here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence import Floats
from songs import CORPORA, Songs, Targets

_LEAST_COVERAGE = 0.5

# Genres that both corpora have, as groups of the library's; songs of exactly one of them.
SHARED = {
    "blues": ("blues",),
    "country": ("country",),
    "hip-hop": ("hip-hop",),
    "jazz": ("jazz",),
    "reggae": ("reggae",),
    "pop, rock, metal": ("metal", "pop", "rock"),
}


def right_of(known: Targets, probabilities: Floats) -> NDArray[np.bool_]:
    """(n,) whether the likeliest genre may be the song's."""
    return known.right[np.arange(len(probabilities)), probabilities.argmax(axis=1)]


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error in ten bins."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = np.bincount(bins, right - confidence, minlength=10)
    return float(np.abs(gaps).sum() / len(right))


def choose_threshold(
    songs: Songs, known: Targets, probabilities: Floats, target: float, least: float = 0.5
) -> float:
    """The smallest threshold at which the named songs are right as often as `target`.

    But none at which less than half of the songs are named, as long as it is not below `least`: an
    genre under 0.5 is more often wrong than right. Shares are means over corpora, so that the
    largest does not decide.
    """
    confidence, right = probabilities.max(axis=1), right_of(known, probabilities)
    rows = [known.known & (songs.corpora == corpus) for corpus in CORPORA]
    chosen = least
    for threshold in np.arange(least, 1, 0.01).tolist():
        named = [part & (confidence >= threshold) for part in rows]
        coverage = np.mean(
            [some.sum() / part.sum() for some, part in zip(named, rows, strict=True)]
        )
        if coverage < _LEAST_COVERAGE:
            break
        chosen = threshold
        if np.mean([right[some].mean() for some in named]) >= target:
            break
    return round(float(chosen), 4)


def one_genre(known: Targets) -> NDArray[np.int64]:
    """(n,) the genre of songs with exactly one possible, -1 of others."""
    return np.where(known.right.sum(axis=1) == 1, known.right.argmax(axis=1), -1)


def macro_recall(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Mean recall over the classes that occur; rows of truth -1 are left out."""
    classes = np.unique(truth[truth >= 0])
    return float(np.mean([(predicted[truth == item] == item).mean() for item in classes]))


def shared_genres(
    songs: Songs, known: Targets, probabilities: Floats, genres: tuple[str, ...]
) -> tuple[NDArray[np.int64], Floats]:
    """Of the genres that both corpora have: each song's (-1: none, or several), and probabilities.

    Args:
        songs: all songs.
        known: what is known of them in the library's vocabulary.
        probabilities: (n, genres) in it.
        genres: its genres.
    """
    groups = [[genres.index(name) for name in group] for group in SHARED.values()]
    truth = np.full(len(songs), -1)
    for number, group in enumerate(groups):
        outside = np.delete(known.right, group, axis=1).any(axis=1)
        truth[known.right[:, group].any(axis=1) & ~outside] = number
    several = np.array([len(labels) > 1 for labels in songs.labels])
    truth[several] = -1
    found = np.stack([probabilities[:, group].sum(axis=1) for group in groups], axis=1)
    return truth, found / found.sum(axis=1, keepdims=True)


def head_figures(
    songs: Songs, known: Targets, probabilities: Floats, shipped: Floats, threshold: float
) -> dict[str, Any]:
    """By corpus: how often right, how sure, and what the threshold does.

    Args:
        songs: all songs.
        known: what is known of them.
        probabilities: (n, genres) at the temperature that the heads were fitted with.
        shipped: the same at the temperature that is shipped, to which the threshold belongs.
        threshold: least confidence with which a genre is named.
    """
    confidence, right = probabilities.max(axis=1), right_of(known, probabilities)
    single = one_genre(known)
    found = {}
    for corpus in CORPORA:
        rows = (songs.corpora == corpus) & known.known
        named = rows & (shipped.max(axis=1) >= threshold)
        found[corpus] = {
            "songs": int(rows.sum()),
            "right": float(right[rows].mean()),
            "songs of one genre": int((rows & (single >= 0)).sum()),
            "macro recall over songs of one genre": macro_recall(
                np.where(rows, single, -1), probabilities.argmax(axis=1)
            ),
            "calibration error": calibration_error(confidence[rows], right[rows]),
            "named": float(named.sum() / rows.sum()),
            "right of the named": float(right[named].mean()) if named.any() else 1.0,
        }
    return found


def shared_figures(
    songs: Songs, known: Targets, probabilities: Floats, genres: tuple[str, ...]
) -> dict[str, Any]:
    """By corpus: macro recall over the genres that both have, songs of exactly one."""
    truth, found = shared_genres(songs, known, probabilities, genres)
    predicted, result = found.argmax(axis=1), {}
    for corpus in CORPORA:
        rows = (songs.corpora == corpus) & (truth >= 0)
        result[corpus] = {
            "songs": int(rows.sum()),
            "macro recall": macro_recall(truth[rows], predicted[rows]),
            "recall": {
                name: float((predicted == number)[rows & (truth == number)].mean())
                for number, name in enumerate(SHARED)
            },
            "calibration error": calibration_error(
                found[rows].max(axis=1), (predicted == truth)[rows]
            ),
        }
    return result
