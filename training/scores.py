"""What held-out songs say of an ensemble: every figure on a card comes from here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conditions import CONDITIONS
from ensemble import Ensemble, Logs, balanced, fit_ensemble
from genrescope.calibration.coverage import coverage_curve
from genrescope.evaluation.metrics import evaluate
from genrescope.taxonomy.vocabulary import GTZAN
from nonmusic import HELD_OUT
from rows import NO_MUSIC

_KEEP = 0.7  # share of the songs, the surest, whose accuracy is told


class Judged:
    """Rows judged by networks that never heard their songs.

    Attributes:
        logs: by input, (n, genres).
        music: (n,) probability that it is music.
        genres, songs, forms, fold: (n,).
    """

    def __init__(self, parts: list[Any], inputs: list[str], music: str) -> None:
        def column(name: str) -> NDArray[Any]:
            return np.concatenate([part[name] for part in parts])

        self.logs: Logs = {name: column(name) for name in inputs}
        self.music = 1 / (1 + np.exp(-column(f"music_{music}")))
        self.genres, self.songs, self.forms = column("genres"), column("songs"), column("forms")
        self.fold = np.repeat(np.arange(len(parts)), [len(part["genres"]) for part in parts])

    def rows(self, chosen: NDArray[np.bool_]) -> Logs:
        """The log-probabilities of some rows."""
        return {name: values[chosen] for name, values in self.logs.items()}

    @property
    def fitted(self) -> NDArray[np.bool_]:
        """(n,) the rows that ensembles are fitted to: songs as they are and in all their forms."""
        form = np.char.startswith(self.forms, "form") | (self.forms == "clean")
        return form & (self.genres != NO_MUSIC)


def fit_all(judged: Judged, inputs: list[str], chosen: NDArray[np.bool_] | None = None) -> Ensemble:
    """An ensemble fitted to the songs of the chosen rows."""
    rows = judged.fitted if chosen is None else judged.fitted & chosen
    return fit_ensemble(judged.rows(rows), judged.genres[rows], judged.songs[rows], inputs)


def crossfitted(judged: Judged, inputs: list[str]) -> NDArray[np.float64]:
    """(n, genres) probabilities; weights and calibration for a fold are fitted on the others."""
    probabilities = np.zeros((len(judged.fold), len(GTZAN.genres)))
    for fold in np.unique(judged.fold):
        ensemble = fit_all(judged, inputs, judged.fold != fold)
        mine = judged.fold == fold
        probabilities[mine] = ensemble.probabilities(judged.rows(mine))
    return probabilities


def report(judged: Judged, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    """Scores of the songs as they are, under each condition, and of what is no music."""
    clean = judged.forms == "clean"
    truth, p = judged.genres[clean], probabilities[clean]
    scores = evaluate(truth, p, GTZAN.genres, songs=judged.songs[clean])
    confidence, right = p.max(axis=1) * judged.music[clean], p.argmax(axis=1) == truth
    share = balanced(truth, judged.songs[clean])
    surest = np.argsort(-confidence)[: round(_KEEP * len(right))]
    figures = ("macro_recall", "accuracy", "macro_f1", "log_loss", "calibration_error")
    return {
        **{name: asdict(getattr(scores, name)) for name in figures},
        "balanced_calibration_error": _calibration_error(confidence, right, share),
        "recall": {genre.genre: genre.recall for genre in scores.genres},
        "accuracy_of_the_surest_70_percent": float(right[surest].mean()),
        "coverage": [asdict(point) for point in coverage_curve(confidence, right)],
        "conditions": _conditions(judged, probabilities),
    }


def _conditions(judged: Judged, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    """Accuracy and macro recall under each condition, and their loss against the song as it is."""
    found: dict[str, Any] = {}
    for name in CONDITIONS:
        rows = judged.forms == name
        truth, answer = judged.genres[rows], probabilities[rows].argmax(axis=1)
        recalls = [(answer[truth == genre] == genre).mean() for genre in np.unique(truth)]
        found[name] = {
            "accuracy": float((answer == truth).mean()),
            "recall": float(np.mean(recalls)),
        }
    plain = found["as it is"]
    for row in found.values():
        row["accuracy lost, points"] = round(100 * (plain["accuracy"] - row["accuracy"]), 1)
    return found


def refusals(
    judged: Judged, probabilities: NDArray[np.float64], threshold: float
) -> dict[str, dict[str, float]]:
    """Share of `unknown` by kind of sound that is no music, and of the songs as they are."""
    confidence = probabilities.max(axis=1) * judged.music
    refused = confidence < threshold
    by_kind: dict[str, dict[str, float]] = {"taught": {}, "held out": {}, "songs": {}}
    for kind in np.unique(judged.songs[judged.genres == NO_MUSIC]).tolist():
        group = "held out" if kind in HELD_OUT else "taught"
        by_kind[group][kind] = float(refused[judged.songs == kind].mean())
    clean = judged.forms == "clean"
    for index, genre in enumerate(GTZAN.genres):
        by_kind["songs"][genre] = float(refused[clean & (judged.genres == index)].mean())
    return by_kind


def _calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], share: NDArray[np.float64]
) -> float:
    """Expected calibration error in ten bins where rows weigh `share`."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = np.bincount(bins, share * (right - confidence), minlength=10)
    return float(np.abs(gaps).sum())
