"""Kernel discriminant analysis on whitened ranks: a smooth boundary from few songs.

Mika, Raetsch, Weston, Schoelkopf, Mueller, "Fisher discriminant analysis with kernels", NNSP 1999.
Ranks are whitened first by the covariance within genres, shrunk towards a multiple of the identity:
the RBF then measures distances in units of how much songs of one genre differ anyway. Genres are
taken as equally common.

With kernel matrix K of n songs, centring within genres J and averaging over each genre A, a song x
has the scores k(x) W - diag(A K W) / 2, where (J K + ridge) W = n A^T: the discriminants of a
Gaussian model in the kernel's feature space, without coordinates of that space. The last term is
estimated without the products of songs with themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genrescope.data.table import Matrix
from genrescope.learning.baselines.baseline import (
    Baseline,
    BaselineClassifier,
    Classes,
    Floats,
    Scores,
    TrainingData,
    calibrated,
    expand_classes,
)
from genrescope.learning.quantiles import QuantileTransform


@dataclass(frozen=True)
class KernelDiscriminantLearner(Baseline):
    """Trains a kernel discriminant analysis; time grows with the cube of the rows.

    Attributes:
        shrinkage: share of the covariance that the multiple of the identity gets, 0 to 1.
        gamma: of the RBF, times the number of values.
        ridge: added to the covariance in the kernel's space, times the number of rows.
        max_rows: learn from a stratified sample of at most so many rows; None for all.
    """

    shrinkage: float = 0.9
    gamma: float = 0.5
    ridge: float = 0.1
    max_rows: int | None = 5000
    kind: str = "baseline"
    name: str = "kda"

    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Fit; the temperature is fitted as in `genrescope.learning.baselines.baseline.calibrated`.

        Raises:
            DataError: too few rows to hold some out.
        """
        return calibrated(self._fit, data, seed)

    def _fit(self, vectors: Matrix, truth: Classes, genres: int) -> Scores:
        ranks = QuantileTransform.of(vectors)
        trained, own = np.unique(truth, return_inverse=True)
        songs = ranks(vectors)
        white = whitening(songs, own, self.shrinkage)
        songs = songs @ white
        gamma = self.gamma / float(np.sum(songs.var(axis=0)) or 1.0)
        kernel = _rbf(songs, songs, gamma)
        weights, bias = _discriminants(kernel, own, self.ridge)

        def scores(new: Matrix) -> Floats:
            found = _rbf(ranks(new) @ white, songs, gamma) @ weights - bias
            return expand_classes(found, trained, genres)

        return scores


KDA = KernelDiscriminantLearner()


def whitening(values: Floats, truth: Classes, shrinkage: float) -> Floats:
    """(dims, dims) symmetric map that gives the shrunk covariance within genres unit variance.

    Args:
        values: (n, dims).
        truth: (n,) index of each row's genre, all of 0 to the greatest occurring.
        shrinkage: share of the multiple of the identity, above 0.
    """
    means = _averaging(truth) @ values
    rest = values - means[truth]
    covariance = rest.T @ rest / len(values)
    level = float(np.trace(covariance)) / len(covariance) or 1.0
    covariance = (1 - shrinkage) * covariance + shrinkage * level * np.eye(len(covariance))
    spectrum, axes = np.linalg.eigh(covariance)
    return np.asarray((axes / np.sqrt(spectrum)) @ axes.T)


def _discriminants(kernel: Floats, truth: Classes, ridge: float) -> tuple[Floats, Floats]:
    """(n, genres) weights of the kernel's values, and (genres,) what is taken from the scores.

    That is half the squared length of a genre's mean, as the mean product of two different songs
    of the genre: with the products of songs with themselves, the mean of few songs would look
    longer than it is, and their genre would be predicted too rarely.
    """
    average, counts = _averaging(truth), np.bincount(truth)
    centred = kernel - (average @ kernel)[truth]
    centred[np.diag_indices_from(centred)] += ridge
    inverse = len(truth) * np.linalg.inv(centred)
    weights = np.asarray(inverse @ average.T, dtype=np.float64)
    sums = counts**2 * np.einsum("gn,ng->g", average @ kernel, weights)
    own = np.bincount(truth, np.einsum("nm,mn->n", kernel, inverse))
    # Of a genre's only song there is no other product.
    squares = np.where(counts > 1, sums - own, own) / np.maximum(counts * (counts - 1), 1)
    return weights, squares / 2


def _averaging(truth: Classes) -> Floats:
    """(genres, n): times values of songs, the mean of each genre."""
    members = truth == np.arange(truth.max() + 1)[:, None]
    return np.asarray(members / members.sum(axis=1, keepdims=True))


def _rbf(some: Floats, others: Floats, gamma: float) -> Floats:
    """(n, m) exp(-gamma |x - y|^2)."""
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return np.asarray(np.exp(-gamma * np.maximum(squares - 2 * some @ others.T, 0.0)))
