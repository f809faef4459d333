"""How far predictions agree with the genres that files already carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from genrescope.inference.prediction import UNKNOWN
from genrescope.taxonomy.normalise import ordered_genres
from genrescope.taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class GenreAgreement:
    """Agreement on the files that carry one genre: how many were compared, how many agreed."""

    compared: int
    agreed: int


@dataclass(frozen=True)
class Agreement:
    """Predictions beside the genres of tags.

    Attributes:
        compared: files whose tag names a genre of the vocabulary, with a predicted genre.
        agreed: of these, where the predicted genre is among the genres that the tag names.
        undecided: files with such a tag whose predicted genre is `unknown`.
        by_genre: by genre of the vocabulary, the files that carry it; one with two counts in both.
        confusions: (genres of the tag, predicted) and how often where they differ, commonest first.
        not_comparable: tags that name no genre of the vocabulary and how often, commonest first.
    """

    compared: int
    agreed: int
    undecided: int
    by_genre: dict[str, GenreAgreement]
    confusions: tuple[tuple[tuple[str, ...], str, int], ...]
    not_comparable: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float | None:
        """Share of the compared files that agree, 0 to 1; None where none could be compared."""
        return self.agreed / self.compared if self.compared else None


def agreement(pairs: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Agreement:
    """Compare tags with predictions.

    It measures agreement, not accuracy: either side may be wrong. Files without a tag are not to be
    among the pairs; an empty tag counts as one that names no genre.

    Args:
        pairs: of each file, the genre tag as it stands in it, and the predicted genre of
            `vocabulary` or "unknown".
        vocabulary: of the predictions.
    """
    not_comparable, confusions = Counter[str](), Counter[tuple[tuple[str, ...], str]]()
    carried, right, undecided = Counter[str](), Counter[str](), 0
    compared = agreed = 0
    for tag, predicted in pairs:
        genres = ordered_genres(tag, vocabulary)
        if not genres:
            not_comparable[tag.strip()] += 1
        elif predicted == UNKNOWN:
            undecided += 1
        else:
            compared += 1
            carried.update(genres)
            if predicted in genres:
                agreed += 1
                right.update(genres)
            else:
                confusions[genres, predicted] += 1
    return Agreement(
        compared,
        agreed,
        undecided,
        {g: GenreAgreement(carried[g], right[g]) for g in vocabulary.genres if carried[g]},
        tuple((*pair, count) for pair, count in confusions.most_common()),
        tuple(not_comparable.most_common()),
    )
