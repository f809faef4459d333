"""Confident learning: which labels look wrong, by out-of-fold probabilities.

Northcutt, Jiang, Chuang, "Confident learning: Estimating uncertainty in dataset labels", JAIR 70,
2021. A row counts as confidently of a genre where it is given at least the probability that rows
labelled with that genre are given on average; off the diagonal of the counts stand the suspects.
The probabilities must come from models that saw neither the row nor its copies.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError

NOBODY = -1
"""The genre of a row that is confidently of none."""

_ROUNDING = 1e-9  # means are rounded; a row just at the mean is to count as there


def thresholds(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(genres,) mean probability of a genre among the rows labelled with it, infinite without one.

    Args:
        truth: (n,) index of the genre that each row is labelled with.
        probabilities: (n, genres) of models that did not see the row.

    Raises:
        DataError: there is no row, shapes do not fit, a probability is not finite, or a label is
            no column.
    """
    rows, genres = _checked(truth, probabilities)
    own = np.bincount(truth, weights=probabilities[np.arange(rows), truth], minlength=genres)
    counts = np.bincount(truth, minlength=genres)
    means = np.full(genres, np.inf)
    np.divide(own, counts, out=means, where=counts > 0)
    return means


def confident_genres(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(n,) the genre that each row looks like, `NOBODY` where it reaches no genre's threshold.

    Where it reaches several, the likeliest of them. Arguments and errors as for `thresholds`.
    """
    reached = probabilities + _ROUNDING >= thresholds(truth, probabilities)
    likeliest = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), likeliest, NOBODY)


def confident_joint(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(genres, genres) rows labelled with the row's genre that look like the column's.

    Rows that look like none are not counted. Arguments and errors as for `thresholds`.
    """
    looks = confident_genres(truth, probabilities)
    joint = np.zeros((probabilities.shape[1],) * 2, dtype=np.int64)
    np.add.at(joint, (truth[looks != NOBODY], looks[looks != NOBODY]), 1)
    return joint


def noise_rate(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Share of wrong labels estimated by the confident joint, each genre weighed by its rows.

    It counts the models' own errors, too, so it is an upper estimate where the models are weak. A
    genre none of whose rows looks like anything counts as sound. Arguments and errors as for
    `thresholds`.
    """
    joint = confident_joint(truth, probabilities)
    seen, counts = joint.sum(axis=1), np.bincount(truth, minlength=len(joint))
    wrong = (seen - joint.diagonal()) / np.maximum(seen, 1)
    return float((counts * wrong).sum() / counts.sum())


def margins(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) probability of the row's label minus that of the likeliest other genre, -1 to 1."""
    _checked(truth, probabilities)
    rows = np.arange(len(truth))
    others = probabilities.astype(np.float64)
    others[rows, truth] = -np.inf
    return np.asarray(probabilities[rows, truth] - others.max(axis=1))


def find_label_issues(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Positions of the rows that look like another genre, the most suspect (lowest margin) first.

    What they look like: `confident_genres(truth, probabilities)[positions]`. Arguments and errors
    as for `thresholds`.
    """
    looks = confident_genres(truth, probabilities)
    rows = np.flatnonzero((looks != NOBODY) & (looks != truth))
    return rows[np.argsort(margins(truth, probabilities)[rows], kind="stable")]


def _checked(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> tuple[int, int]:
    """(rows, genres) of arguments that are what they should be."""
    if probabilities.ndim != 2 or len(truth) != len(probabilities) or not len(truth):
        raise DataError(f"{len(truth)} labels for probabilities of shape {probabilities.shape}")
    if probabilities.shape[1] < 2:
        raise DataError("labels can be doubted between two genres or more, here is one")
    if truth.min() < 0 or truth.max() >= probabilities.shape[1]:
        raise DataError(f"a label is not one of the {probabilities.shape[1]} genres")
    if not np.isfinite(probabilities).all():
        raise DataError("probabilities that are not finite")
    return probabilities.shape
