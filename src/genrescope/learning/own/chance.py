"""Which labels are distinguished from the others better than by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.learning.own.labelled import LabelledSongs

_Floats = NDArray[np.float64]

DOUBT = 0.05
"""Probability that any label at all passes by chance where none can be distinguished."""


def distinguished(logs: _Floats, songs: LabelledSongs) -> NDArray[np.bool_]:
    """(labels,) which labels are distinguished from the others beyond doubt.

    A label's log-odds must rank its groups above the others' (Mann, Whitney, Annals of
    Mathematical Statistics 18(1), 1947), each group counting once, by Holm's step-down test at
    `DOUBT` over all labels (Scandinavian Journal of Statistics 6(2), 1979).
    """
    from scipy.stats import mannwhitneyu

    numbers = np.unique(songs.units, return_inverse=True)[1]
    odds = logs - np.log(np.maximum(-np.expm1(np.minimum(logs, -1e-9)), 1e-12))
    p = np.ones(len(songs.labels))
    for label in range(len(songs.labels)):
        with_it = _means(odds[:, label], numbers, songs.has[:, label])
        without = _means(odds[:, label], numbers, ~songs.has[:, label])
        if len(with_it) and len(without):
            p[label] = mannwhitneyu(with_it, without, alternative="greater").pvalue
    order = np.argsort(p, kind="stable")
    passed = p[order] * np.arange(len(p), 0, -1) <= DOUBT
    learned = np.zeros(len(p), dtype=bool)
    learned[order[: len(p) if passed.all() else int(passed.argmin())]] = True
    return learned


def _means(values: _Floats, numbers: NDArray[np.int64], some: NDArray[np.bool_]) -> _Floats:
    """(groups,) mean of some of the values (n,), by group."""
    counts = np.bincount(numbers[some])
    sums = np.bincount(numbers[some], values[some])
    return np.asarray(sums[counts > 0] / counts[counts > 0])
