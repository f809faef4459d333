"""Heads: standardised columns to the genres of one vocabulary, fitted around untaught scores.

The logits of a head are linear in the columns of every source:

    sum over sources of (alpha + a_genre) untaught score + W columns, + bias

alpha is free; a, W and the bias are pulled to zero. Without songs nothing but the networks' own
names is left, and a genre without songs rests on them. The loss of a song is -log of the
probability of all genres that may be its own, among those that its corpus has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from evidence import Floats
from songs import Targets

COMPONENTS = 120  # of all columns together, in which W lies


@dataclass(frozen=True)
class Penalties:
    """How strongly the labels' part is pulled to zero.

    Attributes:
        weights: of W, on columns whose squares sum to about 1.
        slopes: of a, each genre's trust in the names of a network.
        bias: of the bias.
    """

    weights: float = 4e-3
    slopes: float = 0.1
    bias: float = 0.1


@dataclass(frozen=True, eq=False)
class Head:
    """A fitted head.

    Attributes:
        kernels: by source, (dims, genres).
        bias: (genres,).
    """

    kernels: Mapping[str, Floats]
    bias: Floats

    def logits(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n, genres) of standardised columns by source."""
        return sum((scaled[name] @ kernel for name, kernel in self.kernels.items()), self.bias)


def fit_head(
    scaled: Mapping[str, Floats],
    names: Mapping[str, Floats],
    known: Targets,
    weights: Floats,
    penalties: Penalties,
) -> Head:
    """Fit a head to songs.

    Args:
        scaled: by source, (n, dims) standardised columns.
        names: by source, `evidence.untaught`.
        known: targets of the songs, something known of each.
        weights: (n,) of sum 1.
        penalties: how strongly the labels' part is pulled to zero.
    """
    basis = components(scaled, weights)
    x = sum(scaled[name] @ part for name, part in basis.items())
    scores = [scaled[name] @ names[name] for name in scaled]
    problem = _Problem(np.asarray(x), np.stack(scores), known, weights, penalties)
    w, bias, alpha, slopes = problem.solve()
    kernels = {
        name: basis[name] @ w + names[name] * (alpha[index] + slopes[index])
        for index, name in enumerate(scaled)
    }
    return Head(kernels, bias)


def components(scaled: Mapping[str, Floats], weights: Floats, count: int = COMPONENTS) -> Floats:
    """By source, (dims, count): from columns to the principal components of all of them.

    Every source counts the same, however many columns it has.
    """
    parts = {
        name: values / np.sqrt(values.shape[1] * len(scaled)) for name, values in scaled.items()
    }
    joined = np.concatenate(list(parts.values()), axis=1) * np.sqrt(weights)[:, None]
    axes = np.linalg.svd(joined, full_matrices=False)[2][:count].T
    ends = np.cumsum([values.shape[1] for values in parts.values()])[:-1]
    return {
        name: part / np.sqrt(len(part) * len(scaled))
        for name, part in zip(parts, np.split(axes, ends), strict=True)
    }


class _Problem:
    """The penalised loss and its gradient, for a quasi-Newton method."""

    def __init__(
        self, x: Floats, scores: Floats, known: Targets, weights: Floats, penalties: Penalties
    ) -> None:
        self.x, self.scores, self.weights, self.penalties = x, scores, weights, penalties
        self.never = np.where(known.candidates, 0.0, -np.inf)
        self.wrong = np.where(known.right, 0.0, -np.inf)
        genres, sources = known.right.shape[1], len(scores)
        self.shapes = ((x.shape[1], genres), (genres,), (sources, 1), (sources, genres))

    def solve(self) -> list[NDArray[np.float64]]:
        """W, bias, alpha and a."""
        start = [np.zeros(shape) for shape in self.shapes]
        start[2] += 1.0
        found = minimize(
            self._loss,
            np.concatenate([part.ravel() for part in start]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 300},
        )
        return self._parts(found.x)

    def _parts(self, vector: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        ends = np.cumsum([np.prod(shape) for shape in self.shapes])[:-1].astype(int)
        pieces = np.split(vector, ends)
        return [piece.reshape(shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def _loss(self, vector: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w, bias, alpha, slopes = self._parts(vector)
        told = ((alpha + slopes)[:, None] * self.scores).sum(axis=0)
        logits = self.x @ w + bias + told + self.never
        every = logsumexp(logits, axis=1, keepdims=True)
        right = logsumexp(logits + self.wrong, axis=1, keepdims=True)
        error = np.exp(logits - every) - np.exp(logits + self.wrong - right)
        error *= self.weights[:, None]
        by_slope = (error * self.scores).sum(axis=1)
        loss, gradient = float(self.weights @ (every - right)[:, 0]), []
        kinds = (self.penalties.weights, self.penalties.bias, 0.0, self.penalties.slopes)
        slopes_of = (self.x.T @ error, error.sum(axis=0), by_slope.sum(axis=1)[:, None], by_slope)
        parts = (w, bias, alpha, slopes)
        for part, slope, penalty in zip(parts, slopes_of, kinds, strict=True):
            loss += penalty / 2 * float(np.square(part).sum())
            gradient.append((slope + penalty * part).ravel())
        return loss, np.concatenate(gradient)
