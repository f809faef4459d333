"""Genre shares that a user gives, as text or as a file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.taxonomy.pairs import Pair, read_pairs
from genrescope.taxonomy.vocabulary import vocabulary_of

_Floats = NDArray[np.float64]

_FILES = (".csv", ".json", ".tsv", ".txt")
_OPTION = "prior"  # what errors call shares that are given as text
_SUM_TOLERANCE = 1e-6  # of shares that a person has rounded


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
        UsageError: the text has no shares of these genres.
        DataError: the file has none, or cannot be read.
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
