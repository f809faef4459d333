"""Labels that look wrong by out-of-fold predictions.

Ranked by logarithms: differences of probabilities are all near -1 where a model is sure, and near 0
where it is not. A song none of whose labels fits stands before one with a label that does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.learning.own.fitting import pairs, without_others
from genrescope.learning.own.labelled import LabelledSongs

OF_SONG = 0.5
"""Part that the best of a song's labels has in the rank of each of them."""


@dataclass(frozen=True)
class Suspect:
    """A label that looks wrong.

    Attributes:
        song: its name.
        label: that it has.
        predicted: the likeliest other label that it does not have.
        probability: of its label, the other labels that it has left out.
        predicted_probability: of the other.
    """

    song: str
    label: str
    predicted: str
    probability: float
    predicted_probability: float


def suspects(probabilities: NDArray[np.float64], songs: LabelledSongs) -> tuple[Suspect, ...]:
    """Every label of every song, the one least like its label and most like another first.

    Args:
        probabilities: (n, labels) out of fold, as if all labels were as common.
        songs: what labels they have.
    """
    rows, labels = pairs(songs.has)
    filtered = without_others(probabilities, songs.has)
    own = filtered[np.arange(len(rows)), labels]
    others = filtered.copy()
    others[np.arange(len(rows)), labels] = 0
    best = others.argmax(axis=1)
    order = np.argsort(_ranks(own, others.max(axis=1), rows), kind="stable")
    return tuple(
        Suspect(
            *(str(songs.names[rows[at]]), songs.labels[labels[at]], songs.labels[best[at]]),
            *(float(filtered[at, labels[at]]), float(filtered[at, best[at]])),
        )
        for at in order.tolist()
    )


def _ranks(
    own: NDArray[np.float64], other: NDArray[np.float64], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(pairs,) the lower, the more a label looks wrong.

    Args:
        own: (pairs,) probability of the label.
        other: (pairs,) of the likeliest that the song does not have.
        rows: (pairs,) the song, rising.
    """
    least = np.finfo(np.float64).tiny
    odds = np.log(np.maximum(own, least)) - np.log(np.maximum(other, least))
    best = np.full(int(rows.max()) + 1, -np.inf)
    np.maximum.at(best, rows, odds)
    return np.asarray(odds + OF_SONG * best[rows])
