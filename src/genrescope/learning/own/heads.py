"""Heads: scaled columns to scores of a person's labels.

A song of several labels is fitted as one of each, counting as its part: the loss whose predictions,
taken in their order, find most of a song's labels (Menon, Rawat, Reddi, Kumar, "Multilabel
reductions: what is my loss optimising?", NeurIPS 2019). Labels count the same, however many songs
they have; the calibration brings back how common they are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import MissingExtraError
from genrescope.learning.own.columns import Singles

LANDMARKS = 400
"""Songs that others are compared with by a kernel."""
_COMPONENTS = 120  # of all columns together
_MEASURED = 500  # songs whose distances set the kernel's width
_SHRINKAGE = 0.5  # of the covariance within labels
_RIDGE = 1.0  # beside the covariance of all songs
_NEVER = 30.0  # below all scores: a label that no song fitted to has

Has = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LabelHead:
    """A fitted head: kernel(x) weights + bias, or x weights + bias without landmarks.

    Attributes:
        weights: (landmarks or columns, labels).
        bias: (labels,).
        landmarks: (landmarks, columns) scaled columns of songs; None where it is linear.
        gamma: of the kernel exp(-gamma d^2).
    """

    weights: Singles
    bias: Singles
    landmarks: Singles | None = None
    gamma: float = 0.0

    def scores(self, x: Singles) -> NDArray[np.float64]:
        """(n, labels) of (n, columns) scaled columns."""
        values = x if self.landmarks is None else kernel(x, self.landmarks, self.gamma)
        return np.asarray(values @ self.weights + self.bias, dtype=np.float64)


def kernel(x: Singles, landmarks: Singles, gamma: float) -> Singles:
    """(n, landmarks) exp(-gamma d^2)."""
    return np.asarray(np.exp(-gamma * squared_distances(x, landmarks)), dtype=np.float32)


def squared_distances(x: Singles, others: Singles) -> Singles:
    """(n, m) of (n, columns) and (m, columns)."""
    lengths = np.square(x).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    return np.asarray(np.maximum(lengths - 2 * x @ others.T, 0), dtype=np.float32)


def fit_logistic(x: Singles, has: Has) -> LabelHead:
    """Multinomial logistic regression on principal components, with a squared penalty.

    Args:
        x: (n, columns) scaled.
        has: (n, labels), one at least in each row.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    components = min(_COMPONENTS, *x.shape)
    axes = _sklearn("decomposition").PCA(components, svd_solver="randomized", random_state=0).fit(x)
    into = axes.components_.T.astype(np.float32)
    machine = _sklearn("linear_model").LogisticRegression(C=1.0, max_iter=60, tol=1e-3)
    rows, labels = np.nonzero(has)
    part = 1 / has.sum(axis=1)[rows]
    counted = part / np.bincount(labels, part, minlength=has.shape[1])[labels]
    with warnings.catch_warnings():  # that there are many labels for so few songs
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        machine.fit((x @ into)[rows], labels, sample_weight=counted * len(x) / counted.sum())
    weights, bias = _expanded(machine, has.shape[1])
    return LabelHead(into @ weights, bias)


def fit_kernel_discriminant(x: Singles, has: Has) -> LabelHead:
    """Discriminant analysis on likenesses to some of the songs; see `fit_logistic`.

    Nystroem's map (Williams, Seeger, "Using the Nystroem method to speed up kernel machines", NIPS
    2000) and a linear discriminant with a shrunk covariance there.
    """
    places, into, landmarks, gamma = _likenesses(x)
    rows, labels = np.nonzero(has)
    weights, bias = _discriminant(places[rows], labels, has.shape[1])
    return LabelHead(into @ weights, bias, landmarks, gamma)


def fit_one_vs_rest(x: Singles, has: Has) -> LabelHead:
    """Each label against all songs that do not have it, whatever else they have.

    Ridge regression on likenesses to some of the songs (see `fit_kernel_discriminant`), of labels
    in units of their deviation, so that rare and common ones are on one scale.
    """
    places, into, landmarks, gamma = _likenesses(x)
    shares, middle = has.mean(axis=0), places.mean(axis=0)
    units = (has - shares) / np.sqrt(np.maximum(shares * (1 - shares), 1 / len(x)))
    rest = places - middle
    inside = rest.T @ rest
    inside[np.diag_indices_from(inside)] += _RIDGE
    weights = np.linalg.solve(inside, rest.T @ units)
    bias = (-middle @ weights).astype(np.float32)
    return LabelHead(into @ weights.astype(np.float32), bias, landmarks, gamma)


def _likenesses(x: Singles) -> tuple[NDArray[np.float64], Singles, Singles, float]:
    """Nystroem's map of (n, columns): (n, landmarks) places, what makes them of a kernel's values,
    the landmarks, and the kernel's gamma.
    """
    some = x[np.random.default_rng(0).permutation(len(x))[:_MEASURED]]
    gamma = 1 / float(np.median(squared_distances(some, some)) or 1.0)
    count = min(LANDMARKS, len(x))
    nystroem = _sklearn("kernel_approximation").Nystroem(
        gamma=gamma, n_components=count, random_state=0
    )
    places = nystroem.fit_transform(x).astype(np.float64)
    into = nystroem.normalization_.T.astype(np.float32)
    return places, into, nystroem.components_.astype(np.float32), gamma


def _discriminant(
    places: NDArray[np.float64], labels: NDArray[np.int64], count: int
) -> tuple[Singles, Singles]:
    """Weights (columns, labels) and bias (labels,) of a linear discriminant, labels as common.

    The covariance within labels, each counting the same, is shrunk towards a multiple of the
    identity.
    """
    counts = np.bincount(labels, minlength=count)
    members = (labels == np.arange(count)[:, None]) / np.maximum(counts, 1)[:, None]
    means = members @ places
    rest = (places - means[labels]) / np.sqrt(np.count_nonzero(counts) * counts[labels])[:, None]
    within = rest.T @ rest
    level = float(np.trace(within)) / len(within) or 1.0
    within *= 1 - _SHRINKAGE
    within[np.diag_indices_from(within)] += _SHRINKAGE * level
    weights = np.linalg.solve(within, means.T)
    bias = -np.einsum("lc,cl->l", means, weights) / 2
    bias[counts == 0] = bias.min() - _NEVER
    return weights.astype(np.float32), bias.astype(np.float32)


RECIPES: dict[str, Callable[[Singles, Has], LabelHead]] = {
    "kernel discriminant": fit_kernel_discriminant,
    "logistic": fit_logistic,
}
"""The kinds of heads, the first one preferred where they are equal."""


def _expanded(machine: Any, labels: int) -> tuple[Singles, Singles]:
    """(columns, labels) weights and (labels,) bias of a fitted linear classifier."""
    coefficients, intercept = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # it has the difference of both only
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    weights = np.zeros((coefficients.shape[1], labels), np.float32)
    bias = np.full(labels, intercept.min() - _NEVER, np.float32)
    weights[:, machine.classes_], bias[machine.classes_] = coefficients.T, intercept
    return weights, bias


def _sklearn(module: str) -> Any:
    """A module of scikit-learn."""
    from importlib import import_module

    try:
        return import_module(f"sklearn.{module}")
    except ImportError as error:
        raise MissingExtraError.of("train", "learning from labels") from error
