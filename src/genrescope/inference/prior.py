"""How common each genre is: probabilities for another collection than the one trained on.

A model's probabilities assume the genre shares (the prior) of its training songs. By Bayes' rule
they are moved to those of another collection, provided that songs of one genre sound alike in both:
p_new(y | x) is proportional to p_old(y | x) new(y) / old(y). Where the shares are not known, they
are estimated from the collection itself (Saerens, Latinne, Decaestecker, "Adjusting the outputs of
a classifier to new a priori probabilities", Neural Computation 14(1), 2002).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.inference.pairs import Pair, read_pairs
from genrescope.taxonomy import vocabulary_of

_Floats = NDArray[np.float64]

_FILES = (".csv", ".json", ".tsv", ".txt")
_OPTION = "prior"  # what errors call shares that are given as text
_SUM_TOLERANCE = 1e-6  # of shares that a person has rounded
_MODEL_TOLERANCE = 1e-3  # of shares that a program has written as float32


def correct_prior(probabilities: ArrayLike, old: ArrayLike, new: ArrayLike) -> _Floats:
    """Probabilities that assume genre shares `old`, moved to shares `new`.

    Args:
        probabilities: (..., k), sum 1 over the last axis.
        old: (k,) shares that they assume, all above 0, sum 1.
        new: (k,) shares to assume instead, sum 1; a genre of share 0 is never the answer.

    Returns:
        (..., k) float64, sum 1 over the last axis.

    Raises:
        DataError: shares that are none, or of another number of genres.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    old, new = (_shares(prior, probabilities.shape[-1:]) for prior in (old, new))
    if old.min() == 0:
        raise DataError("the model's own share of a genre is 0")
    # Zeros are lifted off zero: a song cannot rule out every genre that the new shares allow.
    moved = np.maximum(probabilities, np.finfo(np.float64).tiny) * (new / old)
    return np.asarray(moved / moved.sum(axis=-1, keepdims=True))


def estimate_prior(
    probabilities: ArrayLike,
    old: ArrayLike,
    *,
    pseudo_songs: float = 10.0,
    tolerance: float = 1e-6,
    iterations: int = 1000,
) -> _Floats:
    """Genre shares of a collection, estimated by EM from the probabilities of its songs.

    Repeats: correct the probabilities to the shares so far; take their mean as the new shares. This
    climbs to the most likely shares, if the probabilities are calibrated. Leave out what is not
    music before.

    The most likely share of a genre that does not occur is exactly 0, and no later song could be of
    it. Therefore the collection counts as if it had `pseudo_songs` more, of shares `old`: the mode
    under a Dirichlet prior with parameters 1 + pseudo_songs * old. In a handful of songs that keeps
    the shares near `old`; among thousands it is not felt.

    Args:
        probabilities: (songs, k), each row's sum 1, assuming shares `old`.
        old: (k,) shares, all above 0, sum 1.
        pseudo_songs: not negative; 0 is the estimate of Saerens and others.
        tolerance: largest change of a share at which it stops.
        iterations: most repetitions.

    Returns:
        (k,) float64, sum 1.

    Raises:
        DataError: no songs, or shares that are none, or of another number of genres.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or len(probabilities) == 0:
        raise DataError("there are no songs to estimate genre shares from")
    old = new = _shares(old, probabilities.shape[1:])
    for _ in range(iterations):
        songs = correct_prior(probabilities, old, new).sum(axis=0)
        before, new = new, (songs + pseudo_songs * old) / (len(probabilities) + pseudo_songs)
        if np.abs(new - before).max() <= tolerance:
            break
    return np.asarray(new / new.sum())


def parse_prior(source: str | Path, genres: tuple[str, ...]) -> _Floats:
    """Genre shares that a user gives.

    As text, `rock=0.5,jazz=20%`; or as a file, `NAME.csv` with lines `rock,0.5` or `NAME.json` with
    `{"rock": 0.5}`. Genres in any spelling. Genres that are not named share the remainder evenly.
    Where all are named, any positive numbers will do, such as counts of songs.

    Args:
        source: the text, or the file's path.
        genres: the model's genres.

    Returns:
        (genres,) float64, sum 1.

    Raises:
        UsageError: the text says no shares of these genres.
        DataError: the file says none, or cannot be read.
    """
    if isinstance(source, Path) or source.lower().endswith(_FILES):
        return _prior(read_pairs(Path(source)), genres, str(source))
    try:
        return _prior(_text_pairs(source), genres, _OPTION)
    except DataError as error:
        raise UsageError(error.message, place=error.place, remedy=error.remedy) from None


def _text_pairs(text: str) -> list[Pair]:
    pairs = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        genre, equals, share = part.partition("=")
        if not equals:
            raise DataError(
                f"'{part}' is no share", place=_OPTION, remedy="as in rock=0.5,jazz=0.2"
            )
        pairs.append(Pair(genre.strip(), share.strip(), _OPTION))
    if not pairs:
        raise DataError("no shares", place=_OPTION, remedy="as in rock=0.5,jazz=0.2")
    return pairs


def _prior(pairs: list[Pair], genres: tuple[str, ...], place: str) -> _Floats:
    known, shares = vocabulary_of(genres), np.full(len(genres), np.nan)
    for pair in pairs:
        try:
            index = genres.index(known.canonical(pair.key))
        except GenrescopeError as error:
            raise DataError(error.message, place=pair.place, remedy=error.remedy) from None
        if not np.isnan(shares[index]):
            raise DataError(f"'{pair.key}' has two shares", place=pair.place)
        shares[index] = _share(pair)
    return _filled(shares, place)


def _share(pair: Pair) -> float:
    number = pair.value.removesuffix("%")
    try:
        share = float(number) / (1 if number == pair.value else 100)
    except ValueError:
        share = math.nan
    if not 0 <= share < math.inf:
        raise DataError(
            f"'{pair.value}' is no share of '{pair.key}'",
            place=pair.place,
            remedy="write a number such as 0.2 or 20%",
        )
    return share


def _filled(shares: _Floats, place: str) -> _Floats:
    """Shares with sum 1: the genres without one (nan) share what the others leave."""
    unnamed, total = np.isnan(shares), float(np.nansum(shares))
    if (total > 1 + _SUM_TOLERANCE) if unnamed.any() else (total == 0):
        raise DataError(
            f"the shares sum to {total:g}, over {int((~unnamed).sum())} of {len(shares)} genres",
            place=place,
            remedy="at most 1; or name all genres, with any numbers",
        )
    filled = np.where(unnamed, max(0.0, 1 - total) / max(1, unnamed.sum()), shares)
    return np.asarray(filled / filled.sum())


def _shares(prior: ArrayLike, shape: tuple[int, ...]) -> _Floats:
    prior = np.asarray(prior, dtype=np.float64)
    if prior.shape != shape:
        raise DataError(f"{prior.shape} shares for {shape} genres")
    if not (
        np.isfinite(prior).all() and prior.min() >= 0 and abs(prior.sum() - 1) <= _MODEL_TOLERANCE
    ):
        raise DataError("genre shares are not negative and sum to 1")
    return np.asarray(prior / prior.sum())
