"""What is common to all that is fitted and evaluated within the training rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import genre_weights
from genrescope.data.splits import Split, stratified_kfold, train_validation_split
from genrescope.data.table import Positions, Strings

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def inner_folds(
    truth: _Ints, folds: int, *, seed: int, groups: Strings | None = None
) -> list[Split]:
    """Stratified folds of rows with genre indices `truth`, (n,); see `stratified_kfold`."""
    return stratified_kfold(truth.astype(np.str_), folds, seed=seed, groups=groups)


def out_of_fold(
    splits: Iterable[Split], shape: tuple[int, int], fit_predict: Callable[[Split], _Floats]
) -> _Floats:
    """(rows, genres) predictions of each row by models that were fitted without it.

    Args:
        splits: positions into the rows; predictions of one row in several splits are added up.
        shape: (rows, genres).
        fit_predict: of a split makes (test rows, genres), seeing no label of its test part.
    """
    result = np.zeros(shape)
    for split in splits:
        result[split.test] += fit_predict(split)
    return result


def stratified_sample(labels: NDArray[Any], max_rows: int, seed: int) -> Positions:
    """Positions of all rows, or of about `max_rows` of them with as large a share of every genre.

    Args:
        labels: (n,) genre of each row, by name or index.
        max_rows: about how many to take where there are more.
        seed: the same seed gives the same rows.
    """
    if len(labels) <= max_rows:
        return np.arange(len(labels))
    share = max_rows / len(labels)
    return train_validation_split(labels.astype(np.str_), None, fraction=share, seed=seed)[1]


def balanced_log_loss(logs: _Floats, truth: _Ints) -> float:
    """Mean log loss in nats, every genre that occurs in `truth` (n,) counting the same.

    Args:
        logs: (n, genres) log-probabilities, those of the true genres finite.
        truth: (n,) index of each row's genre.
    """
    own = logs[np.arange(len(truth)), truth]
    return -float(np.average(own, weights=genre_weights(truth)))
