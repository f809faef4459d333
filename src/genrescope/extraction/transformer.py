"""Feature sets as a scikit-learn transformer: audio files to rows of values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genrescope.engine import Failure, map_files
from genrescope.errors import AudioError, MissingExtraError
from genrescope.extraction.request import Request
from genrescope.extraction.single import extract_song, prepare
from genrescope.sources import find_source

try:
    from sklearn.base import BaseEstimator, TransformerMixin
except ImportError as error:
    raise MissingExtraError.of("train", "a transformer") from error


class DescriptorTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Audio files to the values of feature sets side by side, not scaled.

    `set_output(transform="pandas")` or `"polars"` makes frames of them.

    Args:
        sets: names from `genrescope.sources.SOURCES`, descriptor sets or pretrained networks; the
            thirteen of `FEATURE_SETS` where None.
        jobs: worker processes; by default as many as there are usable cores.
    """

    def __init__(self, sets: Sequence[str] | None = None, jobs: int | None = None) -> None:
        self.sets = sets
        self.jobs = jobs

    def fit(self, X: object = None, y: object = None) -> Self:
        """Nothing is learned from files."""
        del X, y
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: Iterable[str | os.PathLike[str]]) -> NDArray[np.float32]:
        """(n, values) of (n,) audio files, in their order; columns as `get_feature_names_out`.

        Raises:
            AudioError: a file cannot be read, or is too short for a set.
            UsageError: an unknown set, or a network that is not installed.
            DataError: a network is damaged.
        """
        request = Request.of(self.sets)
        paths = [Path(file) for file in np.asarray(X, dtype=object).ravel()]
        work = partial(extract_song, request=request)
        found: dict[Path, NDArray[np.float32]] = {}
        loaded = partial(prepare, request)
        for path, outcome in map_files(work, dict.fromkeys(paths), jobs=self.jobs, prepare=loaded):
            if isinstance(outcome, Failure):
                raise AudioError(outcome.reason, place=path, remedy=outcome.remedy)
            if missing := [name for name in request.sets if name not in outcome.vectors]:
                raise AudioError(
                    f"too short for {', '.join(missing)}", place=path, remedy="leave it out"
                )
            found[path] = np.concatenate([outcome.vectors[name] for name in request.sets])
        return np.stack([found[path] for path in paths])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """(values,) names: of the set, and of the value in it."""
        del input_features
        sets = Request.of(self.sets).sets
        names = [f"{name}: {column}" for name in sets for column in find_source(name).columns]
        return np.array(names, dtype=object)
