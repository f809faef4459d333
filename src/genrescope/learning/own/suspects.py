"""Labels that look wrong by out-of-fold predictions.

Ranked by logarithms of odds, each label predicted by itself and calibrated: differences of
probabilities are all near -1 where a model is sure, and near 0 where it is not. A song none of
whose labels fits stands before one with a label that does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.learning.own.columns import log_odds
from genrescope.learning.own.fitting import pairs
from genrescope.learning.own.labelled import LabelledSongs

OF_SONG = 0.5
"""Part that the best of a song's labels has in the rank of each of them."""
_LEAST = 1e-12  # probability, before its logarithm is taken


@dataclass(frozen=True)
class Suspect:
    """A label that looks wrong.

    Attributes:
        song: its name.
        label: that it has.
        predicted: the likeliest other label that it does not have.
        probability: that it has its label, whatever else it has.
        predicted_probability: that it has the other.
    """

    song: str
    label: str
    predicted: str
    probability: float
    predicted_probability: float


def suspects(probabilities: NDArray[np.float64], songs: LabelledSongs) -> tuple[Suspect, ...]:
    """Every label of every song, the one least like its label and most like another first.

    Args:
        probabilities: (n, labels) out of fold, that a song has each label, whatever else it has.
        songs: what labels they have.
    """
    rows, labels = pairs(songs.has)
    others = np.where(songs.has, -1.0, probabilities)
    best = others.argmax(axis=1)[rows]
    own, other = probabilities[rows, labels], others.max(axis=1)[rows]
    order = np.argsort(_ranks(own, other, rows), kind="stable")
    return tuple(
        Suspect(
            *(str(songs.names[rows[at]]), songs.labels[labels[at]], songs.labels[best[at]]),
            *(float(own[at]), float(other[at])),
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
    ratio = log_odds(own, _LEAST) - log_odds(other, _LEAST)
    best = np.full(int(rows.max()) + 1, -np.inf)
    np.maximum.at(best, rows, ratio)
    return np.asarray(ratio + OF_SONG * best[rows])
