"""scikit-learn estimators: files to columns, and columns to a person's labels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.calibration.temperature import Calibration, fit_calibration, log_softmax
from genrescope.data.splits import Split
from genrescope.errors import DataError, MissingExtraError
from genrescope.evaluation.crossval import out_of_fold
from genrescope.inference.card import ModelCard
from genrescope.inference.collection import classify_files
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.storage.results import FailedSong
from genrescope.learning.own.columns import Columns, Scaling
from genrescope.learning.own.fitting import choose_recipe
from genrescope.learning.own.heads import RECIPES
from genrescope.learning.own.labelled import LabelledSongs

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise MissingExtraError.of("train", "an estimator") from error


class EmbeddingTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Audio files to what a general model predicts of them, a row of columns each.

    The columns are log-probabilities of its genres, its embedding, and log-odds of its networks'
    tags, each standardised over the files fitted to. `set_output(transform="pandas")` or
    `"polars"` makes frames of them.

    Args:
        model: a model's name or folder; the default model where None.
        results: a file that keeps what is computed of each song; see `classify_files`.
        jobs: worker processes; see `classify_files`.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        results: str | os.PathLike[str] | None = None,
        jobs: int | None = None,
    ) -> None:
        self.model = model
        self.results = results
        self.jobs = jobs

    def fit(self, X: Iterable[str | os.PathLike[str]], y: object = None) -> Self:
        """Learn mean and deviation of the columns.

        Args:
            X: (n,) audio files.
            y: is not looked at.

        Raises:
            DataError: a file cannot be classified.
        """
        del y
        predictions = self._predictions(X)
        card = ModelCard.read(find_model(self.model))
        self.columns_ = Columns.of(card, predictions)
        self.scaling_ = Scaling.of(self.columns_.rows(predictions), self.columns_.weights)
        return self

    def transform(self, X: Iterable[str | os.PathLike[str]]) -> NDArray[np.float32]:
        """(n, columns) of (n,) audio files.

        Raises:
            DataError: a file cannot be classified.
        """
        check_is_fitted(self)
        return self.scaling_(self.columns_.rows(self._predictions(X)))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """(columns,) names."""
        del input_features
        check_is_fitted(self)
        return np.array(self.columns_.names, dtype=object)

    def _predictions(self, files: Iterable[str | os.PathLike[str]]) -> list[Prediction]:
        paths = [os.fspath(file) for file in np.asarray(files, dtype=object).ravel()]
        rows = classify_files(
            dict.fromkeys(paths), self.model, results=self.results, jobs=self.jobs
        )
        found: dict[str, Prediction] = {}
        for row in rows:
            if isinstance(row, FailedSong):
                raise DataError(row.reason, place=row.path, remedy="leave this file out")
            found[str(row.path)] = row.prediction
        return [found[str(Path(path))] for path in paths]


class GenreClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Rows of columns to labels, by a kernel discriminant or logistic regression.

    Args:
        recipe: "kernel discriminant", "logistic", or None for what inner folds prefer.
    """

    def __init__(self, recipe: str | None = None) -> None:
        self.recipe = recipe

    def fit(self, X: ArrayLike, y: ArrayLike, groups: Sequence[str] | None = None) -> Self:
        """Fit to songs.

        Args:
            X: (n, columns), as `EmbeddingTransformer` gives them.
            y: (n,) labels.
            groups: (n,) such as artists, which inner folds do not divide; None: all differ.
        """
        x, y = validate_data(self, X, y, dtype=np.float32)
        self.classes_, truth = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("two classes are needed, here is one class")
        has = truth[:, None] == np.arange(len(self.classes_))
        songs = LabelledSongs(
            *(np.arange(len(x)).astype(np.str_), tuple(map(str, self.classes_)), has),
            np.array([""] * len(x) if groups is None else list(groups)),
            np.arange(len(x)),
        )
        ones = np.ones(x.shape[1], np.float32)
        self.recipe_ = self.recipe or choose_recipe(x, songs, ones)
        self.head_ = RECIPES[self.recipe_](x, has)
        self.calibration_ = _calibration(x, songs, self.recipe_)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """(n, classes) probabilities of (n, columns)."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float32, reset=False)
        return self.calibration_.apply(log_softmax(self.head_.scores(x)))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """(n,) the likeliest label of (n, columns)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def _calibration(x: NDArray[np.float32], songs: LabelledSongs, recipe: str) -> Calibration:
    """Fitted to scores out of fold; nothing is changed where there are too few songs to divide."""
    count = int(min(songs.has.sum(axis=0)))
    if count < 2:
        return Calibration(1.0, (0.0,) * songs.has.shape[1])

    def fit_predict(split: Split) -> NDArray[np.float64]:
        head = RECIPES[recipe](x[split.train], songs.has[split.train])
        return head.scores(x[split.test])

    folds = songs.folds(min(3, count))
    scores = log_softmax(out_of_fold(folds, songs.has.shape, fit_predict))
    return fit_calibration(scores, songs.has.argmax(axis=1))
