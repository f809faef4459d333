"""A student that predicts from descriptors what pretrained networks would: kernel ridge regression.

Descriptors become ranks, sets are weighted, principal components are kept; a Gaussian kernel
compares a clip with those learnt from. With some thousand clips this was better than the networks
that were tried (whose figures were not kept), trains in seconds and has a closed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from genrescope.learning.export.graph import Graph
from genrescope.learning.export.layers import write_polylines
from genrescope.learning.quantiles import QuantileTransform

Singles = NDArray[np.float32]
Vectors = Mapping[str, Singles]


@dataclass(frozen=True, eq=False)
class Coder:
    """Principal components of what the networks predict.

    Attributes:
        mean: (targets,).
        into: (targets, codes) from targets less their mean to codes.
        basis: (codes, targets) back.
    """

    mean: Singles
    into: Singles
    basis: Singles

    @classmethod
    def of(cls, targets: Singles, importance: Singles, count: int = 128) -> Coder:
        """Of (n, targets), each counting (targets,) `importance` times its deviation."""
        mean, deviation = targets.mean(axis=0), targets.std(axis=0) + 1e-6
        scale = importance / deviation
        standard = (targets - mean) * scale
        axes = randomized_svd(standard, min(count, *standard.shape), random_state=0)[2]
        parts = (mean, scale[:, None] * axes.T, axes / scale)
        return cls(*(part.astype(np.float32) for part in parts))

    def encode(self, targets: Singles) -> Singles:
        """(n, targets) to (n, codes)."""
        return (targets - self.mean) @ self.into

    def decode(self, codes: Singles) -> Singles:
        """(n, codes) to (n, targets)."""
        return codes @ self.basis + self.mean

    def first(self, count: int) -> Coder:
        """To the first targets only."""
        return Coder(self.mean[:count], self.into[:count], self.basis[:, :count])


@dataclass(frozen=True)
class StudentRecipe:
    """How a student is fitted.

    Attributes:
        sets: share of each descriptor set in the squared distance between clips, by name.
        components: principal components of the weighted ranks.
        gamma: of the kernel exp(-gamma d^2), in which the mean of d^2 is about 2.
        ridge: added to the kernel's diagonal for a row of weight 1.
    """

    sets: Mapping[str, float]
    components: int = 320
    gamma: float = 0.8
    ridge: float = 0.03


@dataclass(frozen=True, eq=False)
class KernelStudent:
    """Raw descriptors to codes, and codes to the targets.

    Attributes:
        inputs: values of each set, by name, in the order of the columns.
        ranks: of the D columns.
        projection: (D, components), with the sets' weights in it.
        shift: (components,) what is taken off.
        centres: (rows, components) of the clips fitted to, in `steps` and rounded: a byte a value.
        steps: (components,).
        coefficients: (rows, codes).
        coder: from codes to targets.
        gamma: of the kernel.
    """

    inputs: Mapping[str, int]
    ranks: QuantileTransform
    projection: Singles
    shift: Singles
    centres: NDArray[np.int8]
    steps: Singles
    coefficients: Singles
    coder: Coder
    gamma: float

    def codes(self, vectors: Vectors) -> Singles:
        """(n, codes): where the networks would put clips."""
        ranks = self.ranks(_joined(vectors, self.inputs)).astype(np.float32)
        places = ranks @ self.projection - self.shift
        kernel = np.exp(-self.gamma * _squared_distances(places, self.centres * self.steps))
        return np.asarray(kernel @ self.coefficients, dtype=np.float32)

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> tuple[str, str]:
        """Write the student into a graph, its large constants in half precision.

        Args:
            graph: that grows.
            inputs: the name of each set's tensor in the graph.

        Returns:
            The names of codes and targets.
        """
        joined = graph.add("Concat", *(inputs[name] for name in self.inputs), axis=1)
        ranks = write_polylines(graph, joined, self.ranks)
        places = graph.add("MatMul", ranks, _half(graph, self.projection))
        places = graph.add("Sub", places, graph.constant(self.shift))
        lengths = graph.constant(np.square(self.centres * self.steps).sum(axis=1))
        own = graph.add("ReduceSumSquare", places, axes=[1], keepdims=1)
        scaled = graph.add("Mul", places, graph.constant(self.steps))
        products = graph.add("MatMul", scaled, _stored(graph, self.centres.T, np.int8))
        distances = graph.add("Add", graph.add("Add", own, lengths), _times(graph, products, -2.0))
        distances = graph.add("Relu", distances)  # rounding may leave it below 0
        kernel = graph.add("Exp", _times(graph, distances, -self.gamma))
        codes = graph.add("MatMul", kernel, _half(graph, self.coefficients))
        spread = graph.add("MatMul", codes, _half(graph, self.coder.basis))
        return codes, graph.add("Add", spread, graph.constant(self.coder.mean))


def fit_student(
    vectors: Vectors,
    targets: Singles,
    coder: Coder,
    weights: Singles,
    same: NDArray[np.int64],
    recipe: StudentRecipe,
) -> KernelStudent:
    """The student of some rows.

    Args:
        vectors: (n, dims) by set.
        targets: (n, targets).
        coder: of the targets.
        weights: (n,) of the rows.
        same: (n,) the row of the same clip unchanged; its own where it is that.
        recipe: how.
    """
    inputs = {name: vectors[name].shape[1] for name in recipe.sets}
    joined = _joined(vectors, inputs)
    ranks = QuantileTransform.of(joined)
    ranked = ranks(joined).astype(np.float32)
    clean = same == np.arange(len(same))
    ranked_mean = ranked[clean].mean(axis=0)
    scale = _column_weights(ranked - ranked_mean, same, inputs, recipe.sets)
    weighted = (ranked - ranked_mean) * scale
    axes = randomized_svd(weighted, min(recipe.components, *weighted.shape), random_state=0)[2]
    projection = (scale[:, None] * axes.T).astype(np.float32)
    places = weighted @ axes.T
    steps = np.abs(places).max(axis=0) / 127
    centres = np.round(places / steps).astype(np.int8)
    places = centres * steps
    kernel = np.exp(-recipe.gamma * _squared_distances(places, places)).astype(np.float64)
    kernel[np.diag_indices(len(kernel))] += recipe.ridge / weights
    coefficients = scipy.linalg.solve(
        kernel, coder.encode(targets), assume_a="pos", overwrite_a=True
    )
    return KernelStudent(
        inputs=inputs,
        ranks=ranks,
        projection=projection,
        shift=(ranked_mean @ projection).astype(np.float32),
        centres=centres,
        steps=steps.astype(np.float32),
        coefficients=coefficients.astype(np.float32),
        coder=coder,
        gamma=recipe.gamma,
    )


def _column_weights(
    ranked: Singles, same: NDArray[np.int64], inputs: Mapping[str, int], sets: Mapping[str, float]
) -> Singles:
    """(D,) of centred ranks: columns that a changed recording moves count less, sets as named."""
    moved = ranked - ranked[same]
    changed = same != np.arange(len(same))
    within = np.square(moved[changed]).mean(axis=0) / 2 if changed.any() else 0 * ranked[0]
    reliable = np.clip(1 - within / np.maximum(ranked.var(axis=0), 1e-9), 0.02, 1.0)
    scale = np.sqrt(reliable)
    bounds = np.cumsum([0, *inputs.values()])
    for name, start, end in zip(inputs, bounds[:-1], bounds[1:], strict=True):
        part = ranked[~changed, start:end] * scale[start:end]
        length = np.sqrt(np.square(part).sum(axis=1).mean())
        scale[start:end] *= np.sqrt(sets[name] / sum(sets.values())) / length
    return np.asarray(scale, dtype=np.float32)


def _joined(vectors: Vectors, inputs: Mapping[str, int]) -> Singles:
    return np.concatenate([vectors[name] for name in inputs], axis=1)


def _squared_distances(left: Singles, right: Singles) -> Singles:
    products = left @ right.T
    lengths = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)
    return np.maximum(lengths - 2 * products, 0)


def _half(graph: Graph, values: Singles) -> str:
    """A constant that is stored in half precision and computed with in single."""
    return _stored(graph, values, np.float16)


def _stored(graph: Graph, values: NDArray[Any], kind: type[np.generic]) -> str:
    """A constant that is stored as another kind of number and computed with in single precision."""
    return graph.add("Cast", graph.constant(values, kind), to=1)


def _times(graph: Graph, tensor: str, factor: float) -> str:
    return graph.add("Mul", tensor, graph.constant(factor))
