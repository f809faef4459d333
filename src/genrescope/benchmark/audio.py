"""A benchmark on anybody's audio: learners on a corpus under one protocol, each song scored once.

Scores of one genre a song (macro recall and the others) are over the songs with exactly one; hit,
average precision and area under the curve are over all. Probabilities are balanced: every genre is
taken as equally common. `by_shares` are the same predictions brought to the genres' shares in each
split's training part, which predict the common genres more often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import BenchmarkConfig, Task, make_tasks, run_tasks
from genrescope.benchmark.corpus import Corpus
from genrescope.benchmark.ensembles import run_ensembles
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_within_genres
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import Protocol, fixed, kfold
from genrescope.evaluation.record import Record, finite, write_record
from genrescope.evaluation.runner import true_genres
from genrescope.evaluation.several import SeveralScores, evaluate_several
from genrescope.files.atomic import write_json
from genrescope.progress import Report

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CorpusResult:
    """A learner's result on a corpus.

    Attributes:
        record: its scores are over the songs with one genre, by the balanced predictions.
        several: over all songs, by the balanced predictions.
        by_shares: over all songs, by the training part's shares.
        shares_recall: macro recall over the songs with one genre, by the training part's shares.
        predictions: of each song, once.
    """

    record: Record
    several: SeveralScores
    by_shares: SeveralScores
    shares_recall: float
    predictions: Predictions

    def as_json(self) -> dict[str, Any]:
        """JSON values: what a table of results shows."""
        record = self.record
        content: dict[str, Any] = finite(
            {
                "sets": "+".join(record.feature_sets),
                "learner": record.learner,
                "kind": record.kind,
                "songs": self.several.songs,
                "songs of one genre": record.scores.rows,
                "macro_recall": asdict(record.scores.macro_recall),
                "accuracy": asdict(record.scores.accuracy),
                "calibration_error": asdict(record.scores.calibration_error),
                "hit": asdict(self.several.hit),
                "mean_average_precision": asdict(self.several.mean_average_precision),
                "mean_roc_auc": asdict(self.several.mean_roc_auc),
                "by shares": {
                    "hit": asdict(self.by_shares.hit),
                    "macro_recall": self.shares_recall,
                    "mean_average_precision": asdict(self.by_shares.mean_average_precision),
                },
                "genres": [asdict(item) for item in self.several.genres],
                "recalls": {item.genre: item.recall for item in record.scores.genres},
            }
        )
        return content


def corpus_protocol(
    corpus: Corpus, name: str, *, folds: int = 5, repeats: int = 1, seed: int = 0
) -> Protocol:
    """How the rows of a corpus are split: `kfold`, by group where there are groups, or `given`.

    Raises:
        DataError: `given`, and the corpus has no parts of its own; or see `kfold`.
    """
    rows = corpus.rows(corpus.tables[0])
    if name == "kfold":
        grouped = bool((corpus.groups != "").any())
        has_groups = rows.groups is not None and bool((rows.groups != "").any())
        found = kfold(rows, folds, repeats=repeats, seed=seed, by_group=has_groups)
        title = found.title if grouped else found.title.replace("grouped ", "")
        return replace(found, title=title)
    part = corpus.parts[corpus.song_of_row]
    train, test = np.isin(part, ["train", "valid"]), part == "test"
    if not train.any() or not test.any():
        remedy = "only FMA's and MTG-Jamendo's labels have a training and a test part"
        raise DataError("the labels give no parts", place=corpus.name, remedy=remedy)
    split = Split("given", np.flatnonzero(train), np.flatnonzero(test))
    return fixed(split, title="the corpus' own split")


def corpus_tasks(
    corpus: Corpus, *, learners: Sequence[str] | None = None, baselines: bool = True
) -> list[Task]:
    """Learners on every table of a corpus; see `make_tasks`."""
    tables = [corpus.rows(table) for table in corpus.tables]
    return make_tasks(tables, learners=learners, baselines=baselines)


def run_corpus(
    corpus: Corpus,
    tasks: Sequence[Task],
    config: BenchmarkConfig,
    *,
    ensemble: bool = False,
    progress: Report | None = None,
) -> list[CorpusResult]:
    """Train and score; what has been done before is read from the output folder.

    Raises:
        UsageError: an ensemble of fewer than two members.
        DataError, LeakError: see `genrescope.evaluation.runner.run`.
    """
    records = run_tasks(tasks, config, progress)
    keys = [task.key for task in tasks]
    if ensemble:
        joint = run_ensembles(tasks, config, progress=progress)
        records, keys = records + joint, keys + [f"ensemble-{record.learner}" for record in joint]
    folder = config.output
    results = []
    for record, key in zip(records, keys, strict=True):
        found = Predictions.load(folder / "predictions" / f"{key}.npz")
        results.append(score_songs(corpus, record, found, config))
        write_record(folder / "records" / f"{key}.json", results[-1].record)
        results[-1].predictions.save(folder / "songs" / f"{key}.csv")
    return results


def score_songs(
    corpus: Corpus, record: Record, predictions: Predictions, config: BenchmarkConfig
) -> CorpusResult:
    """The scores of the songs, each once, from predictions of rows."""
    rows = corpus.rows(corpus.tables[0])
    song, split, first = _songs(corpus, rows, predictions)
    probabilities = predictions.probabilities[first]
    shared = _by_shares(corpus, rows, probabilities, split, config.protocol)
    truth, groups = corpus.truth[song], corpus.drawn_together[song]
    genres, seed = corpus.vocabulary.genres, config.seed
    one = truth.sum(axis=1) == 1
    if not one.any():
        raise DataError("no tested song has exactly one genre", place=corpus.name)
    single = truth[one].argmax(axis=1)
    drawn = drawn_within_genres(single, groups[one])
    scores = evaluate(single, probabilities[one], genres, songs=drawn, seed=seed)
    by_shares = evaluate(single, shared[one], genres, resamples=0)
    several = evaluate_several(truth, probabilities, genres, groups=groups, seed=seed)
    return CorpusResult(
        replace(record, scores=scores, rules=(), notes={**record.notes, **_notes(several)}),
        several,
        evaluate_several(truth, shared, genres, groups=groups, seed=seed),
        by_shares.macro_recall.value,
        Predictions(
            corpus.ids[song],
            truth.argmax(axis=1),
            probabilities,
            split,
            predictions.split_names,
            genres,
        ),
    )


def _songs(
    corpus: Corpus, rows: FeatureTable, predictions: Predictions
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Song, split and place of each prediction, one of each song and split."""
    place = {name: row for row, name in enumerate(rows.ids.tolist())}
    of_row = corpus.song_of_row
    song = np.array([of_row[place[name]] for name in predictions.ids.tolist()])
    pairs = np.stack([predictions.split, song])
    _, first = np.unique(pairs, axis=1, return_index=True)
    return song[first], predictions.split[first], first


def _by_shares(
    corpus: Corpus,
    rows: FeatureTable,
    probabilities: _Floats,
    split: NDArray[np.int64],
    protocol: Protocol,
) -> _Floats:
    """(n, genres) balanced probabilities brought to the shares of each split's training rows."""
    index = true_genres(rows, corpus.vocabulary)
    shares = np.stack(
        [
            np.bincount(index[part.train], minlength=len(corpus.vocabulary)) / len(part.train)
            for part in protocol.splits
        ]
    )
    moved = probabilities * shares[split]
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def _notes(several: SeveralScores) -> dict[str, Any]:
    kept: dict[str, Any] = finite(asdict(several))
    return {"several": kept}


def write_results(path: Path, results: Sequence[CorpusResult], facts: dict[str, Any]) -> None:
    """Write all results as one JSON file.

    Args:
        path: the file.
        results: in the order of the rows.
        facts: what is true of all of them: command, counts.
    """
    write_json(path, {**facts, "results": [item.as_json() for item in results]})


def corpus_facts(corpus: Corpus, config: BenchmarkConfig) -> dict[str, Any]:
    """What is true of all results on a corpus: command, protocol, songs by genre, what is left."""
    return {
        "command": config.command,
        "protocol": config.protocol.title,
        "seed": config.seed,
        "warnings": list(config.protocol.warnings),
        **corpus.facts(),
    }
