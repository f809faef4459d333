"""Labels that look wrong, told from out-of-fold predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.evaluation.confident import margins
from genrescope.learning.own.fitting import pairs, without_others
from genrescope.learning.own.labelled import LabelledSongs


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
    """Every label of every song, the one least like its label and most like another first."""
    rows, labels = pairs(songs.has)
    filtered = without_others(probabilities, songs.has)
    order = np.argsort(margins(labels, filtered), kind="stable")
    others = filtered.copy()
    others[np.arange(len(rows)), labels] = -1
    best = others.argmax(axis=1)
    return tuple(
        Suspect(
            *(str(songs.names[rows[at]]), songs.labels[labels[at]], songs.labels[best[at]]),
            *(float(filtered[at, labels[at]]), float(filtered[at, best[at]])),
        )
        for at in order.tolist()
    )
