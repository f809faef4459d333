"""Predictions in another vocabulary: GTZAN's ten genres, Top-MAGD's thirteen, or the user's own.

Probabilities of genres that become one are added. What has no genre in the target goes to a last
genre, `unknown`, rather than being shared out among genres that are certainly wrong. The threshold
stays as it is: a sum of calibrated probabilities is calibrated. Vocabularies that a model was
trained on are not mapped, see `options`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.taxonomy.mappings import mapping
from genrescope.taxonomy.pairs import read_pairs
from genrescope.taxonomy.vocabulary import VOCABULARIES, Vocabulary, vocabulary, vocabulary_of

_REST = "*"


def to_vocabulary(prediction: Prediction, target: str | Path) -> Prediction:
    """The same prediction in other genres.

    `target` is the name of a vocabulary ("gtzan", "topMAGD", in any case) or the path of a mapping
    file. That has two columns, the model's genre (any spelling) and the user's own name for it, as
    CSV or JSON (see `read_pairs`): several genres may have one name, `*` stands for all that are
    not named, and the name `unknown` for no genre. What the file does not name stays as it is.

    Args:
        prediction: of a model.
        target: name or path.

    Returns:
        The prediction in the genres of the target, in its order, then `unknown` where a genre of
        the model has no place in the target. `members` are None: they are of the model's genres.

    Raises:
        UsageError: there is no such vocabulary or file, or no way there from the model's genres.
        DataError: the file is not a mapping of the model's genres.
    """
    known = find_vocabulary(target)
    if known is not None and set(known.genres) == set(prediction.genres):
        return prediction
    becomes = _mapping(prediction.genres, known or Path(target))
    names = _names(becomes, known)
    probabilities = prediction.probabilities @ _table(prediction.genres, becomes, names)
    return replace(prediction, genres=names, probabilities=probabilities, members=None)


def unreachable_genres(genres: tuple[str, ...], target: str | Path) -> tuple[str, ...]:
    """Genres of the target that a model of `genres` can never predict.

    Call it before the first song: it raises what `to_vocabulary` would.

    Raises:
        UsageError: as `to_vocabulary`.
        DataError: as `to_vocabulary`.
    """
    known = find_vocabulary(target)
    if known is not None and set(known.genres) == set(genres):
        return ()
    reached = set(_mapping(genres, known or Path(target)).values())
    return () if known is None else tuple(name for name in known.genres if name not in reached)


def find_vocabulary(target: str | Path) -> Vocabulary | None:
    """The vocabulary of that name; None where `target` is a file.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(target, str):
        try:
            return vocabulary(target)
        except UsageError:
            if not Path(target).suffix and not Path(target).exists():
                raise UsageError(
                    f"no vocabulary '{target}', and no such file",
                    remedy=f"choose from {', '.join(VOCABULARIES)}, or name a mapping file",
                ) from None
    return None


def own_names(target: str | Path | None) -> frozenset[str]:
    """The names that a mapping file gives to genres; none where `target` is no file.

    Raises:
        UsageError: it is neither a vocabulary nor a file.
        DataError: the file is damaged.
    """
    if target is None or find_vocabulary(target) is not None:
        return frozenset()
    return frozenset(pair.value for pair in read_pairs(Path(target)))


def _mapping(genres: tuple[str, ...], target: Vocabulary | Path) -> Mapping[str, str]:
    """Each of the model's genres to its name in the target, `unknown` where it has none."""
    if isinstance(target, Path):
        try:
            status = target.stat()
        except OSError as error:
            raise DataError(
                f"cannot be read: {error.strerror}", place=target, remedy="check the name"
            ) from error
        return _read_mapping(target, status.st_mtime_ns, genres)
    source = vocabulary_of(genres).name
    found = mapping(source, target.name)
    if found is None and source not in VOCABULARIES:  # by their names alone
        found = {genre: name for genre in genres if (name := target.find_style(genre))}
    if not found:
        raise UsageError(
            f"the genres of this model cannot be mapped to {target.name}",
            remedy="name a mapping file, one line a genre: the model's, yours",
        )
    return {genre: found.get(genre, UNKNOWN) for genre in genres}


@lru_cache(maxsize=4)
def _read_mapping(path: Path, modified: int, genres: tuple[str, ...]) -> Mapping[str, str]:
    """The mapping in a file; `modified` makes a changed file be read again."""
    del modified
    source, named = vocabulary_of(genres), dict[str, str]()
    for pair in read_pairs(path):
        try:
            genre = _REST if pair.key == _REST else source.canonical(pair.key)
        except GenrescopeError as error:
            raise DataError(error.message, place=pair.place, remedy=error.remedy) from None
        if genre in named:
            raise DataError(f"'{genre}' is mapped twice", place=pair.place)
        if not pair.value:
            raise DataError(
                f"'{genre}' has no name of yours", place=pair.place, remedy=f"or '{UNKNOWN}'"
            )
        named[genre] = UNKNOWN if pair.value.casefold() == UNKNOWN else pair.value
    rest = named.pop(_REST, None)
    # In the file's order, which becomes that of the user's genres.
    return named | {genre: rest or genre for genre in genres if genre not in named}


def _names(becomes: Mapping[str, str], known: Vocabulary | None) -> tuple[str, ...]:
    """Genres of the prediction, `unknown` last if there is need for it."""
    names = dict.fromkeys(known.genres if known else becomes.values())
    names.pop(UNKNOWN, None)
    return (*names, UNKNOWN) if UNKNOWN in becomes.values() else tuple(names)


def _table(
    genres: tuple[str, ...], becomes: Mapping[str, str], names: tuple[str, ...]
) -> NDArray[np.float64]:
    """(genres, names) 1 where the genre becomes the name."""
    return np.array([[float(becomes[genre] == name) for name in names] for genre in genres])
