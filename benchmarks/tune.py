"""Tune on train and validation alone: learners of a set side by side, or a search for a recipe.

The fault-filtered, artist-aware split of GTZAN has three parts. Learners are fitted to its train
part and scored on its validation part; songs of its test part are dropped before anything is read.
Scored are genres with five songs in both parts, each weighing the same.

    python benchmarks/tune.py --set ssd --shared ../shared     # TU Wien's file: rh, ssd, timbral
    python benchmarks/tune.py --set rp                         # a set of the built-in songs
    python benchmarks/tune.py --set ssd --shared ../shared --trials 40    # search (needs optuna)
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import genrescope.data.corpora.gtzan
from genrescope.benchmark.config import OPTIONAL_BASELINES
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.corpora.tuwien_gtzan import load_tuwien_gtzan
from genrescope.data.table import FeatureTable, Positions
from genrescope.evaluation.learner import Learner, TrainingRequest
from genrescope.evaluation.runner import true_genres, versions
from genrescope.evaluation.threads import on_one_thread
from genrescope.files.atomic import write_atomic
from genrescope.learning.baselines.svm import SVM_LINEAR, SVM_RBF
from genrescope.learning.layers import RankGaussian, Standardise
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks import Network, networks_for
from genrescope.learning.networks.perceptron import RECIPE, perceptron
from genrescope.taxonomy.vocabulary import GTZAN
from provenance import command_line
from tried_training import TriedLearner, TriedRecipe

RESULT = Path(__file__).parent / "results" / "tune.json"
LEAST = 5  # songs of a genre in both parts
_SPLIT = Path(genrescope.data.corpora.gtzan.__file__).with_name("builtin_gtzan")
Floats = NDArray[np.float64]


class Data:
    """Train and validation rows of a set."""

    def __init__(self, name: str, shared: Path | None) -> None:
        folder = shared and shared / "data" / "gtzan_tuwien_arff"
        table = load_tuwien_gtzan(folder, name) if folder else load_gtzan(name)
        with (_SPLIT / "fault_filtered_split.csv").open(encoding="utf-8", newline="") as handle:
            parts = {row["id"]: row["part"] for row in csv.DictReader(handle)}
        part = np.array([parts.get(song, "") for song in table.ids.tolist()])
        kept = np.flatnonzero(np.isin(part, ["train", "valid"]))
        self.table: FeatureTable = table.take(kept)
        self.train: Positions = np.flatnonzero(part[kept] == "train")
        self.classes = true_genres(self.table, GTZAN)
        valid = np.flatnonzero(part[kept] == "valid")
        counts = [np.bincount(self.classes[rows], minlength=10) for rows in (self.train, valid)]
        self.scored = valid[(np.minimum(*counts) >= LEAST)[self.classes[valid]]]

    def predict(self, learner: Learner, seeds: int) -> Floats:
        """(seeds, scored songs, genres) probabilities of the scored songs."""
        rows = []
        for seed in range(seeds):
            fitted = learner.fit(TrainingRequest(self.table, self.train, GTZAN, seed, "validation"))
            rows.append(fitted.probabilities(self.table, self.scored))
        return np.array(rows)

    def score(self, probabilities: Floats) -> tuple[float, float]:
        """Balanced log loss and macro recall of (scored songs, genres) probabilities."""
        truth = self.classes[self.scored]
        losses = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-15))
        right = probabilities.argmax(axis=1) == truth
        genres = [truth == genre for genre in np.unique(truth)]
        return (
            float(np.mean([losses[genre].mean() for genre in genres])),
            float(np.mean([right[genre].mean() for genre in genres])),
        )


def learners(table: FeatureTable) -> list[Learner]:
    networks = [NetworkLearner(network) for network in networks_for(table.feature_set)]
    return [*networks, SVM_LINEAR, SVM_RBF, *OPTIONAL_BASELINES]


def compare(data: Data, seeds: int) -> dict[str, Any]:
    """Every learner, mean of seeds, and the best averages of two and three of them."""
    by_name = {learner.name: data.predict(learner, seeds) for learner in learners(data.table)}
    rows = {
        name: np.mean([data.score(each) for each in found], axis=0)
        for name, found in by_name.items()
    }
    means = {name: found.mean(axis=0) for name, found in by_name.items()}
    averages = {
        " + ".join(names): data.score(np.mean([means[name] for name in names], axis=0))
        for several in (2, 3)
        for names in itertools.combinations(means, several)
    }
    best = sorted(averages, key=lambda names: averages[names][0])[:3]
    show(rows)
    show({name: averages[name] for name in best})
    return {
        "songs": [len(data.train), len(data.scored)],
        "genres": len(np.unique(data.classes[data.scored])),
        "learners": {name: rounded(row) for name, row in rows.items()},
        "averages": {name: rounded(averages[name]) for name in best},
    }


def rounded(row: Sequence[float]) -> dict[str, float]:
    return {"log loss": round(float(row[0]), 3), "macro recall": round(float(row[1]), 3)}


def show(rows: dict[str, Any]) -> None:
    for name, (loss, recall) in rows.items():
        print(f"{name:40} log loss {loss:.3f}  macro recall {100 * recall:.1f}", flush=True)


def search(data: Data, trials: int, seeds: int) -> None:
    """Perceptrons of other shapes and recipes; least is log loss minus macro recall."""
    import optuna

    def objective(trial: Any) -> float:
        network = suggested(trial, data.table)
        found = data.predict(TriedLearner(network), seeds)
        loss, recall = np.mean([data.score(each) for each in found], axis=0)
        trial.set_user_attr("log loss", round(float(loss), 3))
        trial.set_user_attr("macro recall", round(float(recall), 3))
        return float(loss - recall)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.enqueue_trial(
        {"scaling": "standard", "learning_rate": 3e-3, "weight_decay": 1e-2, "smoothing": 0.1}
        | {"mixup": 0.0, "steps": 400}
    )
    study.optimize(objective, n_trials=trials)
    for trial in sorted(study.trials, key=lambda each: each.value)[:5]:
        print(trial.user_attrs, trial.params)
    print("perceptron:", study.trials[0].user_attrs)


def suggested(trial: Any, table: FeatureTable) -> Network:
    scaling = trial.suggest_categorical("scaling", ["standard", "ranks"])
    recipe = TriedRecipe(
        epochs=RECIPE.epochs,
        cosine=True,
        learning_rate=trial.suggest_float("learning_rate", 5e-4, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-3, 1.0, log=True),
        label_smoothing=trial.suggest_float("smoothing", 0.0, 0.3),
        mixup=trial.suggest_categorical("mixup", [0.0, 0.3, 1.0]),
        min_steps=trial.suggest_int("steps", 200, 800, step=200),
    )
    scale = RankGaussian if scaling == "ranks" else Standardise
    build = partial(perceptron, dims=table.dims, scaling=scale)
    return Network("searched", "improved", table.feature_set, build, recipe)


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", required=True, help="name of the feature set")
    parser.add_argument("--shared", type=Path, help="folder of TU Wien's files; else built-in")
    parser.add_argument("--trials", type=int, default=0, help="search so many; 0 compares learners")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each")
    wanted = parser.parse_args()
    data = Data(wanted.set, wanted.shared)
    if wanted.trials:
        search(data, wanted.trials, wanted.seeds)
        return
    found = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    source = "TU Wien" if wanted.shared else "built-in"
    place = found.setdefault(source, {})
    place[wanted.set] = {"command": command_line(), **compare(data, wanted.seeds)}
    found["versions"] = versions()
    write_atomic(RESULT, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())


if __name__ == "__main__":
    main()
