"""Heads: standardised columns to the genres of one vocabulary, fitted around unfitted scores.

The logits of a head are

    sum over sources of (alpha + a_genre) unfitted score + W x, + bias

where x are principal components of all columns, or their likeness to the songs fitted to (a
Gaussian kernel). alpha is free; a, W and the bias are pulled to zero. Without songs nothing but the
networks' own names is left, and a genre without songs rests on them; with the kernel so does a song
that is like none of them. The loss of a song is -log of the probability of all genres that may be
its own, among those that its corpus has.

With kernels the logits may be averaged with those of the same form that separate each genre from
all others one by one, a song's several genres each counting as one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from evidence import Floats
from songs import Targets

COMPONENTS = 120  # of all columns together
RANK = 300  # of the likenesses


@dataclass(frozen=True)
class Recipe:
    """How a head is fitted.

    Attributes:
        weights: penalty of W; the squares of x sum to about 1.
        slopes: penalty of a, each genre's trust in the names of a network.
        bias: penalty of the bias.
        kernel: whether x are likenesses rather than components.
        balance: 1 where all genres of a corpus weigh the same, 0 where all songs do.
        rest: share of the logits that separate each genre from all others, where each has songs.
        corpora: weight of a corpus where it is not 1.
    """

    weights: float = 4e-3
    slopes: float = 0.1
    bias: float = 0.1
    kernel: bool = False
    balance: float = 1.0
    rest: float = 0.0
    corpora: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Likeness:
    """exp(-d^2 / median d^2) for distances d between principal components, times coefficients.

    Attributes:
        basis: by source, (dims, components).
        centres: (songs, components).
        scale: what d^2 is multiplied by.
        coefficients: (songs, genres).
    """

    basis: Mapping[str, Floats]
    centres: Floats
    scale: float
    coefficients: Floats

    def kernel(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n, songs) of standardised columns by source."""
        x = sum(scaled[name] @ part for name, part in self.basis.items())
        return np.exp(-self.scale * _squared_distances(np.asarray(x), self.centres))

    def logits(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n, genres)."""
        return self.kernel(scaled) @ self.coefficients


@dataclass(frozen=True, eq=False)
class Head:
    """A fitted head.

    Attributes:
        kernels: by source, (dims, genres).
        bias: (genres,).
        likeness: to the songs fitted to, with its own (songs, genres); None where there is none.
    """

    kernels: Mapping[str, Floats]
    bias: Floats
    likeness: Likeness | None = None

    def logits(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n, genres) of standardised columns by source."""
        found = sum((scaled[name] @ kernel for name, kernel in self.kernels.items()), self.bias)
        return found if self.likeness is None else found + self.likeness.logits(scaled)


def fit_head(
    scaled: Mapping[str, Floats],
    names: Mapping[str, Floats],
    known: Targets,
    weights: Floats,
    recipe: Recipe,
) -> Head:
    """Fit a head to songs.

    Args:
        scaled: by source, (n, dims) standardised columns.
        names: by source, `evidence.unfitted`.
        known: targets of the songs, something known of each.
        weights: (n,) of sum 1.
        recipe: how.
    """
    basis = components(scaled, weights)
    x = np.asarray(sum(scaled[name] @ part for name, part in basis.items()))
    scores = np.stack([scaled[name] @ names[name] for name in scaled])
    if not recipe.kernel:
        w, bias, trust = _solve(x, scores, known, weights, recipe)
        parts = {name: basis[name] @ w + names[name] * trust[i] for i, name in enumerate(scaled)}
        return Head(parts, bias)
    distances = _squared_distances(x, x)
    scale = 1 / float(np.median(distances))
    sizes, axes = np.linalg.eigh(np.exp(-scale * distances))
    whitening = axes[:, -RANK:] / np.sqrt(np.maximum(sizes[-RANK:], 1e-6))
    features = np.exp(-scale * distances) @ whitening
    w, bias, trust = _solve(features, scores, known, weights, recipe)
    likeness = Likeness(basis, x, scale, whitening @ w)
    return Head({name: names[name] * trust[i] for i, name in enumerate(scaled)}, bias, likeness)


def _squared_distances(left: Floats, right: Floats) -> Floats:
    lengths = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)
    return np.maximum(lengths - 2 * left @ right.T, 0)


def components(scaled: Mapping[str, Floats], weights: Floats, count: int = COMPONENTS) -> Floats:
    """By source, (dims, count): from columns to the principal components of all of them.

    Every source counts the same, however many columns it has.
    """
    parts = {
        name: values / np.sqrt(values.shape[1] * len(scaled)) for name, values in scaled.items()
    }
    joined = np.concatenate(list(parts.values()), axis=1) * np.sqrt(weights)[:, None]
    columns = joined.shape[1]
    last = (max(0, columns - count), columns - 1)
    axes = eigh(joined.T @ joined, subset_by_index=last)[1][:, ::-1]
    ends = np.cumsum([values.shape[1] for values in parts.values()])[:-1]
    return {
        name: part / np.sqrt(len(part) * len(scaled))
        for name, part in zip(parts, np.split(axes, ends), strict=True)
    }


def _solve(
    x: Floats, scores: Floats, known: Targets, weights: Floats, recipe: Recipe
) -> list[Floats]:
    """W, bias and trust in the names, averaged by the recipe."""
    found = _Problem(x, scores, known, weights, recipe).solve()
    if not recipe.rest or not known.right.any(axis=0).all():
        return list(found)
    rest = _AgainstRest(x, scores, known, weights, recipe).solve()
    return [(1 - recipe.rest) * a + recipe.rest * b for a, b in zip(found, rest, strict=True)]


class _Problem:
    """The penalised loss and its gradient, for a quasi-Newton method."""

    def __init__(
        self, x: Floats, scores: Floats, known: Targets, weights: Floats, recipe: Recipe
    ) -> None:
        self.x, self.scores, self.weights, self.recipe = x, scores, weights, recipe
        self.never = np.where(known.candidates, 0.0, -np.inf)
        self.wrong = np.where(known.right, 0.0, -np.inf)
        genres, sources = known.right.shape[1], len(scores)
        self.shapes = ((x.shape[1], genres), (genres,), (sources, 1), (sources, genres))

    def solve(self) -> tuple[Floats, Floats, Floats]:
        """W, bias, and alpha + a, (sources, genres)."""
        start = [np.zeros(shape) for shape in self.shapes]
        start[2] += 1.0
        found = minimize(
            self._loss,
            np.concatenate([part.ravel() for part in start]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 300},
        )
        w, bias, alpha, slopes = self._parts(found.x)
        return w, bias, alpha + slopes

    def _parts(self, vector: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        ends = np.cumsum([np.prod(shape) for shape in self.shapes])[:-1].astype(int)
        pieces = np.split(vector, ends)
        return [piece.reshape(shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def _loss(self, vector: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w, bias, alpha, slopes = self._parts(vector)
        named = ((alpha + slopes)[:, None] * self.scores).sum(axis=0)
        loss, error = self._likelihood(self.x @ w + bias + named)
        by_slope = (error * self.scores).sum(axis=1)
        gradient = []
        kinds = (self.recipe.weights, self.recipe.bias, 0.0, self.recipe.slopes)
        slopes_of = (self.x.T @ error, error.sum(axis=0), by_slope.sum(axis=1)[:, None], by_slope)
        parts = (w, bias, alpha, slopes)
        for part, slope, penalty in zip(parts, slopes_of, kinds, strict=True):
            loss += penalty / 2 * float(np.square(part).sum())
            gradient.append((slope + penalty * part).ravel())
        return loss, np.concatenate(gradient)

    def _likelihood(self, logits: Floats) -> tuple[float, Floats]:
        """The loss of the logits, and its slope by each."""
        logits = logits + self.never
        every = logsumexp(logits, axis=1, keepdims=True)
        right = logsumexp(logits + self.wrong, axis=1, keepdims=True)
        error = np.exp(logits - every) - np.exp(logits + self.wrong - right)
        return float(self.weights @ (every - right)[:, 0]), error * self.weights[:, None]


class _AgainstRest(_Problem):
    """The same with a logistic regression of each genre, songs of it and others weighing alike."""

    def _likelihood(self, logits: Floats) -> tuple[float, Floats]:
        sign = np.where(self.wrong == 0, 1.0, -1.0)
        margin = sign * logits
        shares = self._shares()
        loss = float((shares * np.logaddexp(0, -margin)).sum())
        return loss, -sign * shares * expit(-margin)

    def _shares(self) -> Floats:
        """(n, genres): weights of the songs whose corpus has the genre, each side half."""
        own = self.wrong == 0
        sides = (self.weights[:, None] * side for side in (own, ~own & (self.never == 0)))
        return np.asarray(sum(0.5 * side / side.sum(axis=0) for side in sides))
