"""Wrong labels, injected into training songs only: what they cost, and what helps.

    python benchmarks/label_noise.py --shared DIR [METHOD...]

Perceptrons on SSD vectors of GTZAN, trained on the train part of the fault-filtered split and
scored on the right labels of its validation part; the test part is not touched. Labels are wrong
song by song, or album by album (neighbours by number within a genre, ten at most, get one wrong
genre together), as Million Song Dataset labels are. Results of methods that are not run stay.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import genrescope.data.corpora.gtzan as builtin
from genrescope.data.corpora.tuwien_gtzan import load_tuwien_gtzan
from genrescope.data.table import FeatureTable
from genrescope.evaluation.learner import Classifier, Learner, TrainingRequest
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.runner import true_genres, versions
from genrescope.evaluation.threads import on_one_thread
from genrescope.files.atomic import write_atomic
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks import find_network
from genrescope.learning.networks.network import Recipe
from genrescope.learning.networks.perceptron import RECIPE
from genrescope.taxonomy.vocabulary import GTZAN
from pruned import PrunedClassifier, PrunedLearner
from tried_training import TriedLearner, TriedRecipe

COMMAND = "python benchmarks/label_noise.py --shared DIR"
RESULT = Path(__file__).parent / "results" / "label_noise.json"
SEEDS = range(3)
ALBUM, LEAST_ALBUMS = 10, 3
BASE = "smoothed labels"  # the recipe as it is
_CASE = ("songs", "wrong", "by", "method")
CONDITIONS = ((0.0, "none"), *((r, kind) for r in (0.1, 0.2, 0.4) for kind in ("songs", "albums")))


@dataclass(frozen=True)
class Case:
    """Training songs with labels, some of them wrong, and songs to score.

    Attributes:
        table: all songs; the labels of training songs may be wrong, the groups are albums.
        train, test: positions.
        flipped: (rows,) whether a song's label is wrong.
        truth: (rows,) index of the right genre.
        seed: of noise and training.
    """

    table: FeatureTable
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    flipped: NDArray[np.bool_]
    truth: NDArray[np.int64]
    seed: int


Method = Callable[[Case], Classifier]
Row = dict[str, Any]


def train(learner: Learner, case: Case) -> Classifier:
    rows = case.train
    return learner.fit(TrainingRequest(case.table, rows, GTZAN, case.seed, "train"))


def learner_of(recipe: Recipe) -> NetworkLearner:
    return NetworkLearner(replace(find_network("perceptron", "ssd"), recipe=recipe))


def methods() -> dict[str, Method]:
    """What is compared, by name; a network is compiled once for all its trainings."""
    bare = replace(RECIPE, label_smoothing=0.0)
    smooth, plain = learner_of(RECIPE), learner_of(bare)
    tried = TriedRecipe(**asdict(bare) | {"gce_q": 0.7})
    robust = TriedLearner(learner_of(tried).network)
    pruned = PrunedLearner(smooth, folds=3)
    return {
        "cross entropy": lambda case: train(plain, case),
        "smoothed labels": lambda case: train(smooth, case),
        "generalised cross entropy, q 0.7": lambda case: train(robust, case),
        "wrong labels known and left out": lambda case: train(smooth, _without_wrong(case)),
        "pruned": lambda case: train(pruned, case),
    }


@on_one_thread
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("methods", nargs="*", help="methods to run; all by default")
    options, known = parser.parse_args(), methods()
    chosen = {name: known[name] for name in options.methods or known}
    runs: list[Row] = []
    for name, table in datasets(options.shared).items():
        for case, facts in cases(table):
            for method, fit in chosen.items():
                runs.append({"songs": name, **facts, "method": method, **scored(fit(case), case)})
                print(json.dumps(runs[-1]), flush=True)
    earlier = json.loads(RESULT.read_text())["runs"] if RESULT.exists() else []
    write([row for row in earlier if row["method"] not in chosen] + runs)


def write(runs: list[Row]) -> None:
    result = {
        "command": COMMAND,
        "protocol": "fault-filtered split, train part to train, validation part to test",
        "versions": versions(),
        f"macro recall beyond {BASE}": gains(runs),
        "means": means(runs),
        "runs": runs,
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())


def datasets(shared: Path) -> dict[str, FeatureTable]:
    return {
        "all 1,000 songs": load_tuwien_gtzan(shared / "data" / "gtzan_tuwien_arff", "ssd"),
        "built-in songs, six genres rare": builtin.load_gtzan("ssd"),
    }


def cases(table: FeatureTable) -> Iterable[tuple[Case, Row]]:
    parts = _parts(table)
    rows, test = np.flatnonzero(parts == "train"), np.flatnonzero(parts == "valid")
    truth, albums = true_genres(table, GTZAN), _albums(table, rows)
    grouped = replace(table, groups=albums)
    for seed in SEEDS:
        for share, kind in CONDITIONS:
            units = np.arange(len(rows)) if kind != "albums" else _numbers(albums[rows])
            rng = np.random.default_rng((seed, int(100 * share), kind == "albums"))
            labels = truth.copy()
            labels[rows] = flipped(truth[rows], units, share, rng)
            named = replace(grouped, labels=np.array(GTZAN.genres)[labels])
            case = Case(named, rows, test, labels != truth, truth, seed)
            yield case, {"wrong": share, "by": kind, "seed": seed, "training songs": len(rows)}


def flipped(
    truth: NDArray[np.int64], units: NDArray[np.int64], share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Genres of which about `share` are wrong: whole units, each of one genre, change together."""
    labels, wrong = truth.copy(), 0
    for unit in rng.permutation(units.max() + 1):
        inside = units == unit
        if wrong + inside.sum() / 2 <= share * len(truth):
            labels[inside] = (truth[inside] + rng.integers(1, len(GTZAN))) % len(GTZAN)
            wrong += inside.sum()
    return labels


def scored(classifier: Classifier, case: Case) -> Row:
    probabilities = classifier.probabilities(replace(case.table, labels=None), case.test)
    scores = evaluate(case.truth[case.test], probabilities, GTZAN.genres, resamples=0)
    row: Row = {
        "macro recall": round(scores.macro_recall.value, 4),
        "accuracy": round(scores.accuracy.value, 4),
        "log loss": round(scores.log_loss.value, 4),
    }
    if isinstance(classifier, PrunedClassifier):
        row |= {"suspects": found(classifier.suspects, case)}
        row |= {"dropped": found(classifier.dropped, case)}
    return row


def found(ids: Iterable[str], case: Case) -> dict[str, float | int | None]:
    """How many songs these are, the share of them that is wrong, and of the wrong ones found."""
    hit = np.isin(case.table.ids[case.train], list(ids))
    wrong = case.flipped[case.train]
    both = int((hit & wrong).sum())
    return {
        "songs": int(hit.sum()),
        "precision": round(both / hit.sum(), 4) if hit.any() else None,
        "recall": round(both / wrong.sum(), 4) if wrong.any() else None,
    }


def means(runs: list[Row]) -> list[Row]:
    """One row a data set, condition and method: means over the seeds."""
    scores = ("macro recall", "accuracy", "log loss")
    return [
        dict(zip(_CASE, group, strict=True))
        | {name: round(float(np.mean([row[name] for row in rows])), 4) for name in scores}
        for group, rows in _grouped(runs, _CASE).items()
    ]


def gains(runs: list[Row]) -> list[Row]:
    """How much better than the default recipe, case by case, over all shares but none."""
    case = ("songs", "wrong", "by", "seed")
    base = {_key(row, case): row["macro recall"] for row in runs if row["method"] == BASE}
    rows: list[Row] = []
    for (method, kind), group in _grouped(runs, ("method", "by")).items():
        more = np.array([row["macro recall"] - base[_key(row, case)] for row in group])
        error = more.std(ddof=1) / np.sqrt(len(more))
        facts = {"method": method, "wrong by": kind, "cases": len(more)}
        rows.append({**facts, "mean": round(more.mean(), 4), "standard error": round(error, 4)})
    return rows


def _grouped(runs: list[Row], names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in runs:
        groups.setdefault(_key(row, names), []).append(row)
    return groups


def _key(row: Row, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _without_wrong(case: Case) -> Case:
    return replace(case, train=case.train[~case.flipped[case.train]])


def _parts(table: FeatureTable) -> NDArray[np.str_]:
    """(rows,) `train`, `valid`, `test`, or "" of what the split leaves out."""
    path = Path(builtin.__file__).with_name("builtin_gtzan") / "fault_filtered_split.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        part = {row["id"]: row["part"] for row in csv.DictReader(stream)}
    return np.array([part.get(name, "") for name in table.ids.tolist()])


def _albums(table: FeatureTable, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """(all rows,) runs of neighbours by number among `rows`, each within a genre; else ""."""
    albums = np.full(len(table), "", dtype="U40")
    labels = np.asarray(table.labels)
    for genre in GTZAN.genres:
        own = rows[labels[rows] == genre]
        own = own[np.argsort(table.ids[own])]
        parts = max(LEAST_ALBUMS, round(len(own) / ALBUM))
        for number, album in enumerate(np.array_split(own, parts)):
            albums[album] = f"{genre} {number}"
    return albums


def _numbers(names: NDArray[np.str_]) -> NDArray[np.int64]:
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64)


if __name__ == "__main__":
    main()
